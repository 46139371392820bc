"""Counts to eigenpairs."""

from mstar import cooccurrence, spectrum, targets
from mstar.jobs import logged

with logged(snakemake.log[0]):
    matrix = targets.dense(
        snakemake.wildcards.target,
        targets.probabilities(cooccurrence.load(snakemake.input.counts)),
        **snakemake.params.settings,
    )
    found = spectrum.top_eigenpairs(matrix, snakemake.params.rank, progress=print)
    spectrum.save(snakemake.output.spectrum, found)
