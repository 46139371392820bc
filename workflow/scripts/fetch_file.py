"""Fetch one file of a corpus."""

from mstar.fetch.sources import fetch_source
from mstar.running.job import logged

with logged(snakemake.log[0]):
    fetch_source(snakemake.params.request, snakemake.output[0])
