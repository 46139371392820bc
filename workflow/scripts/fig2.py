"""Draw Figure 2."""

from mstar.figures import fig2
from mstar.figures.drawing.style import save
from mstar.running.job import logged
from mstar.training.record import read_trace

with logged(snakemake.log[0]):
    start, horizon = snakemake.params.span
    roles = {"word2vec": "word2vec", "QWEM": "qwem", "Theory": "theory"}
    runs = {
        column: {
            row: [read_trace(path) for path in snakemake.input[f"{column}_{role}"]]
            for row, role in roles.items()
        }
        for column in snakemake.params.inits
    }
    table = fig2.table(runs, snakemake.params.inits, start=start, horizon=horizon)
    figure = fig2.draw(table, start=start, horizon=horizon)
    save(figure, table, **dict(snakemake.output.items()))
