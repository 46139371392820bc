"""Draw the participation figure."""

from mstar.figures import inputs, participation
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    chosen = snakemake.params.settings
    given = {
        "curves": inputs.load(inputs.TABLE, files["curves"]),
    }
    figure, table = make(participation, given, {key: chosen[key] for key in ("families", "dims")})
    save(figure, table, **dict(snakemake.output.items()))
