"""Draw Figure 8."""

from mstar.figures import fig8, inputs
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    chosen = snakemake.params.settings
    given = {
        "curves": inputs.load(inputs.TABLE, files["curves"]),
    }
    figure, table = make(fig8, given, {key: chosen[key] for key in ("families", "dims")})
    save(figure, table, **dict(snakemake.output.items()))
