"""Count pairs in all documents, or in one shard of them."""

from mstar.corpus.encoded import load_encoded, read_description
from mstar.corpus.lost import of_lengths
from mstar.corpus.shards import document_shard
from mstar.counts.cooccurrence import save
from mstar.counts.counting import count
from mstar.files.writing import warn
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = [snakemake.input[name] for name in ("tokens", "documents", "description")]
    tokens, offsets = load_encoded(*given)
    described = read_description(given[2])
    shard = int(snakemake.wildcards.get("shard", 0))
    window = int(snakemake.wildcards.L)
    short = of_lengths(offsets, window, described["document_rule"])
    if snakemake.params.warned and shard == 0 and short:
        warn(short)
    own = document_shard(offsets, shard, snakemake.params.shards)
    counts = count(
        tokens,
        offsets[own.start : own.stop + 1],
        int(snakemake.wildcards.V),
        window,
        snakemake.params.out_of_vocabulary,
        snakemake.threads,
        described["types"],
    )
    save(snakemake.output.counts, counts)
