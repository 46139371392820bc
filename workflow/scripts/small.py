"""Draw the figure of small starts."""

from mstar.figures import inputs, small
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "spectrum": inputs.load(inputs.SPECTRUM, files["spectrum"]),
    }
    figure, table = make(
        small,
        given,
        {"dim": snakemake.params.dim, "seed": snakemake.params.seed, **snakemake.params.settings},
    )
    save(figure, table, **dict(snakemake.output.items()))
