"""Draw the learning movie."""

from mstar.figures import inputs, movie
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "qwem": inputs.load(inputs.TRAINING, [files["qwem"], files["qwem_trace"]]),
        "word2vec": inputs.load(inputs.TRAINING, [files["word2vec"], files["word2vec_trace"]]),
        "vocabulary": inputs.load(inputs.WORDS, files["vocabulary"]),
    }
    figure, table = make(
        movie, given, {"modes": snakemake.params.modes, **snakemake.params.settings}
    )
    save(figure, table, **dict(snakemake.output.items()))
