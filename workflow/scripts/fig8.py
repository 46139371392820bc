"""Draw Figure 8."""

from mstar.figures import fig8
from mstar.figures.drawing.style import save
from mstar.files.tables import read_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    settings = {key: snakemake.params.settings[key] for key in ("families", "dims")}
    table = fig8.table(read_table(snakemake.input.curves), **settings)
    save(fig8.draw(table), table, **dict(snakemake.output.items()))
