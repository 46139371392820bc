"""Add the counts of two sets of documents."""

from mstar.counts.cooccurrence import save
from mstar.counts.merge import add_files
from mstar.running.job import logged

with logged(snakemake.log[0]):
    save(snakemake.output.counts, add_files(*snakemake.input))
