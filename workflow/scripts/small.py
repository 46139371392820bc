"""Draw the figure of small starts."""

from mstar.figures.drawing.style import save
from mstar.figures.small import draw, table
from mstar.prediction import small_start
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    settings = snakemake.params.settings
    found = spectrum.load(snakemake.input.spectrum)
    rows = small_start.compare(
        found, snakemake.params.dim, settings["inits"], snakemake.params.seed
    )
    numbers = table(rows, settings["modes"])
    save(draw(numbers), numbers, **dict(snakemake.output.items()))
