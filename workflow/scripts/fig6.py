"""Draw Figure 6."""

from mstar.figures import fig6, inputs
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "gram": inputs.load(inputs.TABLE, files["gram"]),
        "fits": inputs.load(inputs.TABLE, files["fits"]),
        "shares": inputs.load(inputs.TABLE, files["modes"]),
        "curves": inputs.load(inputs.TABLE, files["curves"]),
    }
    figure, table = make(fig6, given, snakemake.params.settings)
    save(figure, table, **dict(snakemake.output.items()))
