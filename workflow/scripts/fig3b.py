"""Draw Figure 3b."""

import pandas as pd

from mstar.figures import fig3b, fig3b_table
from mstar.figures.drawing.style import save
from mstar.files.tables import read_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    parts = []
    for name, path in zip(snakemake.params.models, snakemake.input.evaluations, strict=True):
        model, vocabulary, dim, seed = name.split()
        size = {"vocabulary": int(vocabulary), "dim": int(dim)}
        parts.append(read_table(path).assign(model=model, seed=int(seed), **size))
    table = fig3b_table.table(pd.concat(parts), read_table(snakemake.input.comparisons))
    save(fig3b.draw(table), table, **dict(snakemake.output.items()))
