"""Score trained runs against their prediction."""

import pandas as pd

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.analogies import build_questions
from mstar.evaluation.question_files import read_sections
from mstar.files.tables import write_table
from mstar.prediction import scores
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.training.record import load

with logged(snakemake.log[0]):
    given, settings = snakemake.input, snakemake.params
    found = spectrum.load(given.spectrum)
    words = read_vocabulary(given.vocabulary)[0][: len(found.eigenvectors)]
    questions = scores.asked(build_questions(read_sections(given.questions), words, "regenerated"))
    tables, times = [], []
    for i, (name, seed) in enumerate(settings.runs):
        trained, init = load(given.embeddings[i], given.traces[i]), settings.inits[name]
        start = init, settings.seed
        table, learned = scores.compare(name, seed, trained, found, *start, questions)
        tables.append(table)
        times.append(learned)
    write_table(pd.concat(tables), snakemake.output.scores)
    write_table(pd.concat(times), snakemake.output.times)
