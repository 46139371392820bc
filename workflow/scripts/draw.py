"""Draw one figure of the registry, and write the numbers that it draws."""

from mstar.running.job import logged

with logged(snakemake.log[0]):
    raise NotImplementedError
