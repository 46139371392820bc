"""QWEM's dynamics in closed form."""

from mstar import closed_form, devices, spectrum
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.vocabulary import read_vocabulary

needed = closed_form.demand(snakemake.params.run, int(snakemake.wildcards.V))
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result = closed_form.follow(
        spectrum.load(snakemake.input.spectrum),
        snakemake.params.run,
        int(snakemake.wildcards.dim),
        int(snakemake.wildcards.seed),
        accuracy_of(snakemake.input.google, words),
        device,
    )
    save(result, snakemake.output.embedding, snakemake.output.trace)
