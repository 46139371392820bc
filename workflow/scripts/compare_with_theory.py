"""Compare training with the closed form."""

import pandas as pd

from mstar.files.tables import write_table
from mstar.prediction import scores
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.training.record import load, read_trace

with logged(snakemake.log[0]):
    given = snakemake.input
    mstar = spectrum.load(given.spectrum)
    tables = [pd.DataFrame(columns=scores.AGREEMENT)]
    for i, (name, seed) in enumerate(snakemake.params.runs):
        trained = load(given.trained[i], given.trained_traces[i])
        exact = load(given.exact[i], given.exact_traces[i])
        tables.append(scores.agreement(name, seed, trained, exact, mstar))
    for (name, seed), path in zip(snakemake.params.drawn, given.drawn_traces, strict=True):
        tables.append(scores.first_step(name, seed, read_trace(path)))
    write_table(pd.concat(tables), snakemake.output[0])
