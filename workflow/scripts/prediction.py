"""Draw the figure of what is predicted."""

from mstar.figures import inputs, prediction
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "curves": inputs.load(inputs.TABLE, files["curves"]),
        "reproducibility": inputs.load(inputs.TABLE, files["reproducibility"]),
    }
    figure, table = make(prediction, given, {})
    save(figure, table, **dict(snakemake.output.items()))
