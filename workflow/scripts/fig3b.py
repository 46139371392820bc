"""Draw Figure 3b."""

import pandas as pd

from mstar.figures import fig3b
from mstar.figures.style import save
from mstar.jobs import logged

with logged(snakemake.log[0]):
    parts = []
    for name, path in zip(snakemake.params.models, snakemake.input.evaluations, strict=True):
        model, vocabulary, dim = name.split()
        part = pd.read_csv(path, sep="\t", float_precision="round_trip")
        parts.append(part.assign(model=model, vocabulary=int(vocabulary), dim=int(dim)))
    table = fig3b.table(pd.concat(parts))
    save(fig3b.draw(table), table, **dict(snakemake.output.items()))
