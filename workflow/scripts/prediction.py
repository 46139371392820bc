"""Draw the figure of what is predicted."""

from mstar.figures.drawing.style import save
from mstar.figures.prediction import draw, table
from mstar.files.tables import read_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    curves, halves = (read_table(snakemake.input[key]) for key in ("curves", "reproducibility"))
    numbers = table(curves, halves)
    save(draw(numbers), numbers, **dict(snakemake.output.items()))
