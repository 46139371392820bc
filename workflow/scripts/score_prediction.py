"""Score trained runs against their prediction."""

import pandas as pd

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.analogies import accuracy_of
from mstar.files.tables import write_table
from mstar.prediction import scores
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.training.record import load

with logged(snakemake.log[0]):
    given, settings = snakemake.input, snakemake.params
    found = spectrum.load(given.spectrum)
    words = read_vocabulary(given.vocabulary)[0][: len(found.eigenvectors)]
    accuracy = accuracy_of(given.google, words)
    tables = []
    for i, (name, seed) in enumerate(settings.runs):
        trained, init = load(given.embeddings[i], given.traces[i]), settings.inits[name]
        tables.append(scores.compare(name, seed, trained, found, init, accuracy, settings.seed))
    write_table(pd.concat(tables), snakemake.output[0])
