"""Integers to counts, of all documents or of one shard of them."""

from mstar.cooccurrence import save
from mstar.corpus_parts import read_description
from mstar.counting import count
from mstar.files import load_array
from mstar.jobs import logged
from mstar.shards import document_shard

with logged(snakemake.log[0]):
    tokens = load_array(snakemake.input.tokens, "list of tokens", mapped=True)
    offsets = load_array(snakemake.input.documents, "list of documents")
    shard = int(snakemake.wildcards.get("shard", 0))
    own = document_shard(offsets, shard, snakemake.params.shards)
    counts = count(
        tokens,
        offsets[own.start : own.stop + 1],
        int(snakemake.wildcards.V),
        int(snakemake.wildcards.L),
        snakemake.params.out_of_vocabulary,
        snakemake.threads,
        read_description(snakemake.input.description)["types"],
    )
    save(snakemake.output.counts, counts)
