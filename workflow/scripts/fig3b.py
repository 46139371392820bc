"""Draw Figure 3b."""

import pandas as pd

from mstar.figures import fig3b, fig3b_table
from mstar.figures.style import save
from mstar.jobs import logged

with logged(snakemake.log[0]):
    parts = []
    for name, path in zip(snakemake.params.models, snakemake.input.evaluations, strict=True):
        model, vocabulary, dim, seed = name.split()
        part = pd.read_csv(path, sep="\t", float_precision="round_trip")
        size = {"vocabulary": int(vocabulary), "dim": int(dim)}
        parts.append(part.assign(model=model, seed=int(seed), **size))
    comparisons = pd.read_csv(snakemake.input.comparisons, sep="\t", float_precision="round_trip")
    table = fig3b_table.table(pd.concat(parts), comparisons)
    save(fig3b.draw(table), table, **dict(snakemake.output.items()))
