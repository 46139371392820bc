"""Load the inputs of a figure, make its table, draw it, and write both."""

from importlib import import_module
from pathlib import Path

from mstar.figures.drawing.style import make, missing_characters_in_one_line, save
from mstar.figures.inputs import load
from mstar.running.job import logged

with logged(snakemake.log[0]), missing_characters_in_one_line():
    params, made = snakemake.params, snakemake.output
    given = {
        name: load(kind, snakemake.input[name], labels)
        for name, (kind, labels) in params.inputs.items()
    }
    figure, table = make(import_module(params.module), given, params.settings)
    pictures = {Path(path).suffix[1:]: path for path in (made.picture, made.other)}
    save(figure, table, csv=made.numbers, **pictures)
