"""Draw Figure 2."""

from mstar.figures import fig2, inputs
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "large_word2vec": inputs.load(inputs.TRACES, files["large_word2vec"]),
        "large_qwem": inputs.load(inputs.TRACES, files["large_qwem"]),
        "large_theory": inputs.load(inputs.TRACES, files["large_theory"]),
        "small_word2vec": inputs.load(inputs.TRACES, files["small_word2vec"]),
        "small_qwem": inputs.load(inputs.TRACES, files["small_qwem"]),
        "small_theory": inputs.load(inputs.TRACES, files["small_theory"]),
    }
    figure, table = make(
        fig2,
        given,
        {
            "inits": snakemake.params.inits,
            **dict(zip(("start", "horizon"), snakemake.params.span, strict=True)),
        },
    )
    save(figure, table, **dict(snakemake.output.items()))
