"""Draw a figure: load what it reads, make its table, draw it, and write both."""

from importlib import import_module

from mstar.figures.drawing.style import make, save
from mstar.figures.inputs import load
from mstar.running.job import logged

with logged(snakemake.log[0]):
    params, labels = snakemake.params, snakemake.params.get("labels", {})
    given = {
        name: load(kind, snakemake.input[name], labels.get(name, ()))
        for name, kind in params.inputs.items()
    }
    figure, table = make(import_module(params.module), given, params.settings)
    save(figure, table, **dict(snakemake.output.items()))
