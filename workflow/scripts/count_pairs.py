"""Integers to counts."""

from mstar.cooccurrence import save
from mstar.counting import count
from mstar.files import load_array
from mstar.jobs import logged

with logged(snakemake.log[0]):
    counts = count(
        load_array(snakemake.input.tokens, "list of tokens"),
        load_array(snakemake.input.documents, "list of documents"),
        int(snakemake.wildcards.V),
        int(snakemake.wildcards.L),
        snakemake.params.out_of_vocabulary,
        snakemake.threads,
    )
    save(snakemake.output.counts, counts)
