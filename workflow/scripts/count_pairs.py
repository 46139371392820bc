"""Count pairs in all documents, or in one shard of them."""

from mstar.corpus.encoded import load_encoded, read_description
from mstar.corpus.shards import document_shard
from mstar.counts.cooccurrence import save
from mstar.counts.counting import count
from mstar.running.job import logged

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
