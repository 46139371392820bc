"""Trained runs against what was predicted."""

import pandas as pd

from mstar import prediction_scores, spectrum
from mstar.evaluation import write_table
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import load
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    given, settings = snakemake.input, snakemake.params
    found = spectrum.load(given.spectrum)
    words = read_vocabulary(given.vocabulary)[0][: len(found.eigenvectors)]
    accuracy = accuracy_of(given.google, words)
    tables = []
    for i, (name, seed) in enumerate(settings.runs):
        trained, init = load(given.embeddings[i], given.traces[i]), settings.inits[name]
        tables.append(
            prediction_scores.compare(name, seed, trained, found, init, accuracy, settings.seed)
        )
    write_table(pd.concat(tables), snakemake.output[0])
