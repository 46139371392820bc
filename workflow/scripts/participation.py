"""Draw the participation figure."""

from mstar.figures import participation
from mstar.figures.style import save
from mstar.jobs import logged
from mstar.tables import read_table

with logged(snakemake.log[0]):
    settings = {key: snakemake.params.settings[key] for key in ("families", "dims")}
    table = participation.table(read_table(snakemake.input.curves), **settings)
    save(participation.draw(table), table, **dict(snakemake.output.items()))
