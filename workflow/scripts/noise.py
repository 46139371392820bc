"""Draw the noise figure."""

from mstar.figures.drawing.style import save
from mstar.figures.noise import draw, table
from mstar.files.tables import read_table
from mstar.running.job import logged
from mstar.training.record import read_trace

with logged(snakemake.log[0]):
    runs, given = snakemake.params.runs, snakemake.input
    numbers = table(
        read_trace(given.exact),
        read_trace(given.population),
        dict(zip(runs, map(read_trace, given.sampled), strict=True)),
        runs,
        read_table(given.predicted),
        snakemake.params.modes,
    )
    save(draw(numbers), numbers, **dict(snakemake.output.items()))
