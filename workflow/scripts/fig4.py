"""Draw Figure 4."""

from mstar.figures import fig4
from mstar.figures.drawing.style import save
from mstar.files.tables import read_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    frames = [read_table(snakemake.input[name]) for name in ("gram", "fits", "modes", "curves")]
    table = fig4.table(*frames, **snakemake.params.settings)
    save(fig4.draw(table), table, **dict(snakemake.output.items()))
