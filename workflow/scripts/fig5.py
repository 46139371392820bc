"""Draw Figure 5."""

from mstar.figures import fig5, inputs
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "word2vec": inputs.load(inputs.EMBEDDING, files["word2vec"]),
        "qwem": inputs.load(inputs.EMBEDDING, files["qwem"]),
        "ppmi": inputs.load(inputs.EMBEDDING, files["ppmi"]),
    }
    figure, table = make(fig5, given, snakemake.params.settings)
    save(figure, table, **dict(snakemake.output.items()))
