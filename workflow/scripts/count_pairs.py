"""Integers to counts, of all documents or of one shard of them."""

from mstar.cooccurrence import save
from mstar.counting import count
from mstar.encoded_text import load_encoded, read_description
from mstar.jobs import logged
from mstar.shards import document_shard

with logged(snakemake.log[0]):
    given = [snakemake.input[name] for name in ("tokens", "documents", "description")]
    tokens, offsets = load_encoded(*given)
    shard = int(snakemake.wildcards.get("shard", 0))
    own = document_shard(offsets, shard, snakemake.params.shards)
    counts = count(
        tokens,
        offsets[own.start : own.stop + 1],
        int(snakemake.wildcards.V),
        int(snakemake.wildcards.L),
        snakemake.params.out_of_vocabulary,
        snakemake.threads,
        read_description(given[2])["types"],
    )
    save(snakemake.output.counts, counts)
