"""Counts of two sets of documents to counts of both."""

from mstar.cooccurrence import save
from mstar.count_merging import add_files
from mstar.jobs import logged

with logged(snakemake.log[0]):
    save(snakemake.output.counts, add_files(*snakemake.input))
