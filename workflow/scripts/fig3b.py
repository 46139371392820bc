"""Draw Figure 3b."""

from mstar.figures import fig3b, inputs
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "evaluations": inputs.load(inputs.SCORES, files["evaluations"], snakemake.params.models),
        "comparisons": inputs.load(inputs.TABLE, files["comparisons"]),
    }
    figure, table = make(fig3b, given, {})
    save(figure, table, **dict(snakemake.output.items()))
