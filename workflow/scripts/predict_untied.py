"""Predict what gensim's word2vec learns, from the text, its counts and gensim's settings."""

import numpy as np

from mstar.corpus.encoded_text import open_text
from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts import cooccurrence, targets
from mstar.files.writing import atomic
from mstar.prediction import gensim_weights, untied_embeddings
from mstar.running.job import logged
from mstar.spectra.operators import matrix_free

with logged(snakemake.log[0]):
    given, settings = snakemake.input, snakemake.params.settings
    size, dim = int(snakemake.wildcards.V), int(snakemake.wildcards.dim)
    unigram = read_vocabulary(given.vocabulary)[1][:size]
    p = targets.probabilities(cooccurrence.load(given.counts))
    mstar = matrix_free("mstar", p, snakemake.params.negative, threads=snakemake.threads)
    found = {
        f"mstar_{order}": untied_embeddings.embedding(mstar, dim, order)
        for order in untied_embeddings.ORDERS
    }
    del mstar, p
    pairs = gensim_weights.pair_numbers(
        open_text(given.text),
        unigram,
        settings["window"],
        settings["subsample"],
        settings["epochs"],
    )
    power = settings["negative_power"]
    for negative in snakemake.params.negatives:
        matrix, scale = gensim_weights.symmetric(
            gensim_weights.weights(pairs, unigram, negative, power)
        )
        for order in untied_embeddings.ORDERS:
            name = f"prop2_k{negative}_{order}"
            found[name] = untied_embeddings.embedding(matrix, dim, order, scale)
        del matrix
    with atomic(snakemake.output[0]) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, **found)
