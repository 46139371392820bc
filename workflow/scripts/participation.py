"""Draw the participation figure."""

from mstar.figures import participation
from mstar.figures.drawing.style import save
from mstar.files.tables import read_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    settings = {key: snakemake.params.settings[key] for key in ("families", "dims")}
    table = participation.table(read_table(snakemake.input.curves), **settings)
    save(participation.draw(table), table, **dict(snakemake.output.items()))
