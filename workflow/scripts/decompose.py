"""Counts to eigenpairs."""

from mstar import cooccurrence, devices, spectrum, targets
from mstar.decomposition import decompose
from mstar.jobs import logged

with logged(snakemake.log[0]):
    found = decompose(
        snakemake.wildcards.target,
        targets.probabilities(cooccurrence.load(snakemake.input.counts)),
        snakemake.params.rank,
        threads=snakemake.threads,
        progress=print,
        device=devices.used(snakemake.resources.device),
        **snakemake.params.settings,
    )
    spectrum.save(snakemake.output.spectrum, found)
