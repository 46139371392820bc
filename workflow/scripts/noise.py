"""Draw the noise figure."""

from mstar.figures import inputs, noise
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "exact": inputs.load(inputs.TRACE, files["exact"]),
        "population": inputs.load(inputs.TRACE, files["population"]),
        "sampled": inputs.load(inputs.TRACES, files["sampled"]),
        "predicted": inputs.load(inputs.TABLE, files["predicted"]),
    }
    figure, table = make(
        noise, given, {"runs": snakemake.params.runs, "modes": snakemake.params.modes}
    )
    save(figure, table, **dict(snakemake.output.items()))
