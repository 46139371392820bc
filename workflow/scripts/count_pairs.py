"""Count pairs in all documents, or in one shard of them."""

from mstar.corpus.encoded import load_encoded, read_description
from mstar.corpus.encoded_text import read_part
from mstar.corpus.lost import of_lengths
from mstar.corpus.shards import document_shard
from mstar.counts.cooccurrence import save
from mstar.counts.counting import count
from mstar.files.writing import warn
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files, size = snakemake.input.text, int(snakemake.wildcards.V)
    part, shard, shards = snakemake.params.shard
    described = read_description(files[-1])
    # Of the shards of a part the first one checks its bytes, for all of them.
    if part is None:
        tokens, offsets = load_encoded(*(files if shard == 0 else files[:2]))
    else:
        tokens, offsets = read_part(*files, part, size, check=shard == 0)
    window = int(snakemake.wildcards.L)
    short = of_lengths(offsets, window, described["document_rule"])
    # Once is enough. The V of the configuration is no parameter, since counts do not depend on it.
    first = not part and not shard and size == snakemake.config["vocabulary"]
    if snakemake.params.warned and first and short:
        warn(short)
    own = document_shard(offsets, shard, shards, some_empty=part is not None)
    counts = count(
        tokens,
        offsets[own.start : own.stop + 1],
        size,
        window,
        snakemake.params.out_of_vocabulary,
        snakemake.threads,
        described["types"],
    )
    save(snakemake.output.counts, counts)
