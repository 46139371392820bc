"""Draw Figure 7."""

import pandas as pd

from mstar.figures import fig7
from mstar.figures.drawing.style import save
from mstar.running.job import logged
from mstar.training.record import read_trace

with logged(snakemake.log[0]):
    given = snakemake.input
    runs = {}
    for name, negative in snakemake.params.negative.items():
        traces = [read_trace(path) for path in given[f"{name}_traces"]]
        scores = [
            pd.read_csv(path, sep="\t", float_precision="round_trip")
            for path in given[f"{name}_scores"]
        ]
        runs[name] = fig7.Ablation(traces, scores, negative)
    table = fig7.table(runs)
    save(fig7.draw(table), table, **dict(snakemake.output.items()))
