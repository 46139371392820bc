"""Trained QWEM against its closed form."""

import pandas as pd

from mstar import agreement, spectrum
from mstar.evaluation import write_table
from mstar.jobs import logged
from mstar.record import load

with logged(snakemake.log[0]):
    given = snakemake.input
    found = spectrum.load(given.spectrum)
    tables = [pd.DataFrame(columns=list(agreement.COLUMNS))]
    for i, name in enumerate(snakemake.params.runs):
        trained = load(given.trained[i], given.trained_traces[i])
        exact = load(given.exact[i], given.exact_traces[i])
        tables.append(agreement.compare(name, trained, exact, found))
    write_table(pd.concat(tables), snakemake.output[0])
