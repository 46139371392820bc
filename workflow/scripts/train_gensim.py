"""Train gensim's word2vec; record its input vectors, and the sums of input and output vectors."""

import logging

from mstar.corpus.encoded import EncodedCorpus, load_encoded
from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.analogies import accuracy_of
from mstar.running.job import logged
from mstar.training import record

with logged(snakemake.log[0]):
    from mstar.training import gensim_baseline  # which says why, where there is no gensim

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    given, made, size = snakemake.input, snakemake.output, int(snakemake.wildcards.V)
    tokens, offsets = load_encoded(given.tokens, given.documents)
    words, counts = read_vocabulary(given.vocabulary)
    inputs, sums = gensim_baseline.train(
        EncodedCorpus(tokens, offsets, words, counts, 0),
        size,
        snakemake.params.settings,
        *(int(snakemake.wildcards[key]) for key in ("dim", "seed")),
        accuracy_of(given.questions, words[:size]),
    )
    record.save(inputs, made.embedding, made.trace)
    record.save(sums, made.sum_embedding, made.sum_trace)
