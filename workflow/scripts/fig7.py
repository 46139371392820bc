"""Draw Figure 7."""

from mstar.figures import fig7, inputs
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "sgns_traces": inputs.load(inputs.TRACES, files["sgns_traces"]),
        "sgns_scores": inputs.load(inputs.TABLES, files["sgns_scores"]),
        "quartic_traces": inputs.load(inputs.TRACES, files["quartic_traces"]),
        "quartic_scores": inputs.load(inputs.TABLES, files["quartic_scores"]),
        "setting31_traces": inputs.load(inputs.TRACES, files["setting31_traces"]),
        "setting31_scores": inputs.load(inputs.TABLES, files["setting31_scores"]),
        "qwem_traces": inputs.load(inputs.TRACES, files["qwem_traces"]),
        "qwem_scores": inputs.load(inputs.TABLES, files["qwem_scores"]),
    }
    figure, table = make(fig7, given, {"negative": snakemake.params.negative})
    save(figure, table, **dict(snakemake.output.items()))
