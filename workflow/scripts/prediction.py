"""Draw the figure of what is predicted."""

from mstar.figures.prediction import draw, table
from mstar.figures.style import save
from mstar.jobs import logged
from mstar.tables import read_table

with logged(snakemake.log[0]):
    curves, halves = (read_table(snakemake.input[key]) for key in ("curves", "reproducibility"))
    numbers = table(curves, halves)
    save(draw(numbers), numbers, **dict(snakemake.output.items()))
