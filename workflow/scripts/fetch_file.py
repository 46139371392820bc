"""Fetch one file of a corpus."""

from mstar.fetch import fetch_source
from mstar.jobs import logged

with logged(snakemake.log[0]):
    fetch_source(snakemake.params.request, snakemake.output[0])
