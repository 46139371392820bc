"""Draw Figure 1."""

from mstar.figures import fig1, inputs
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    chosen = snakemake.params.settings
    given = {
        "qwem": inputs.load(inputs.TRAINING, [files["qwem"], files["qwem_traces"][0]]),
        "word2vec": inputs.load(inputs.TRAINING, [files["word2vec"], files["word2vec_traces"][0]]),
        "qwem_traces": inputs.load(inputs.TRACES, files["qwem_traces"]),
        "word2vec_traces": inputs.load(inputs.TRACES, files["word2vec_traces"]),
        "theory": inputs.load(inputs.TRACE, files["theory"]),
        "vocabulary": inputs.load(inputs.WORDS, files["vocabulary"]),
    }
    figure, table = make(fig1, given, {key: chosen[key] for key in ("modes", "labels")})
    save(figure, table, **dict(snakemake.output.items()))
