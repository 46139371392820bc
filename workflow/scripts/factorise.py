"""Make an embedding from leading eigenpairs."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.analogies import accuracy_of
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.training.closed_form import factorisation
from mstar.training.record import save

with logged(snakemake.log[0]):
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result = factorisation(
        spectrum.load(snakemake.input.spectrum),
        int(snakemake.wildcards.dim),
        accuracy_of(snakemake.input.questions, words),
    )
    save(result, snakemake.output.embedding, snakemake.output.trace)
