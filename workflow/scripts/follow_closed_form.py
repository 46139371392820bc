"""Follow QWEM's dynamics in closed form."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.analogies import accuracy_of
from mstar.machine import devices
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.training import closed_form
from mstar.training.record import save

needed = closed_form.demand(snakemake.params.run, int(snakemake.wildcards.V))
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result = closed_form.follow(
        spectrum.load(snakemake.input.spectrum),
        snakemake.params.run,
        int(snakemake.wildcards.dim),
        int(snakemake.wildcards.seed),
        accuracy_of(snakemake.input.questions, words),
        device,
    )
    save(result, snakemake.output.embedding, snakemake.output.trace)
