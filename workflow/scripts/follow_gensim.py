"""Predict what gensim's word2vec learns in which epoch, from the text and gensim's settings."""

import torch

from mstar.corpus.encoded_text import open_text
from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.analogies import build_questions
from mstar.evaluation.question_files import read_sections
from mstar.files.tables import write_table
from mstar.machine import devices
from mstar.prediction import gensim_flow, gensim_weights
from mstar.running.job import logged
from mstar.training import population

size, dim = int(snakemake.wildcards.V), int(snakemake.wildcards.dim)
needed = population.demand(size)
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    torch.set_num_threads(snakemake.threads)
    given, settings = snakemake.input, snakemake.params.gensim
    words, unigram = (each[:size] for each in read_vocabulary(given.vocabulary))
    pairs = gensim_weights.pair_numbers(
        open_text(given.text, size),
        unigram,
        settings["window"],
        settings["subsample"],
        settings["epochs"],
    )
    features, curves = gensim_flow.predict(
        gensim_weights.weights(pairs, unigram, settings["negative"], settings["negative_power"]),
        settings,
        dim,
        words,
        unigram,
        build_questions(read_sections(given.questions), words, "regenerated"),
        device=device,
        **snakemake.params.settings,
    )
    write_table(features, snakemake.output.features)
    write_table(curves, snakemake.output.curves)
