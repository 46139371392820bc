"""Draw Figure 1."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.figures import fig1
from mstar.figures.drawing.style import save
from mstar.figures.fig1_rows import row
from mstar.running.job import logged
from mstar.training.record import load, read_trace

with logged(snakemake.log[0]):
    given, chosen = snakemake.input, snakemake.params.settings
    theory = read_trace(given.theory)
    qwem, word2vec = (
        row(
            load(given[name], given[f"{name}_traces"][0]),
            [read_trace(path) for path in given[f"{name}_traces"]],
            theory if name == "qwem" else None,
        )
        for name in ("qwem", "word2vec")
    )
    words = read_vocabulary(given.vocabulary)[0][: len(qwem.embedding)]
    table = fig1.table(qwem, word2vec, words, modes=chosen["modes"], labels=chosen["labels"])
    save(fig1.draw(table, labels=chosen["labels"]), table, **dict(snakemake.output.items()))
