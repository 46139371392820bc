"""Train gensim's word2vec; record its input vectors, and the sums of input and output vectors."""

import logging

from mstar.corpus.encoded_text import open_text
from mstar.corpus.vocabulary import check_size, read_vocabulary
from mstar.evaluation.analogies import accuracy_of
from mstar.running.job import logged
from mstar.training import record

with logged(snakemake.log[0]):
    from mstar.training import gensim_baseline  # which says why, where there is no gensim

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    given, made, size = snakemake.input, snakemake.output, int(snakemake.wildcards.V)
    words, counts = read_vocabulary(given.vocabulary)
    check_size(size, len(words))
    inputs, sums = gensim_baseline.train(
        open_text(given.text, size),
        words[:size],
        counts[:size],
        snakemake.params.settings,
        *(int(snakemake.wildcards[key]) for key in ("dim", "seed")),
        accuracy_of(given.questions, words[:size]),
    )
    record.save(inputs, made.embedding, made.trace)
    record.save(sums, made.sum_embedding, made.sum_trace)
