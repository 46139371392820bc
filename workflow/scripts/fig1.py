"""Draw Figure 1."""

from mstar.figures import fig1
from mstar.figures.fig1_rows import row
from mstar.figures.style import save
from mstar.jobs import logged
from mstar.record import load, read_trace
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    given, chosen = snakemake.input, snakemake.params.settings
    theory = read_trace(given.theory)
    qwem = row(load(given.qwem, given.qwem_trace), theory)
    word2vec = row(load(given.word2vec, given.word2vec_trace))
    words = read_vocabulary(given.vocabulary)[0][: len(qwem.embedding)]
    table = fig1.table(qwem, word2vec, words, modes=chosen["modes"], labels=chosen["labels"])
    save(fig1.draw(table, labels=chosen["labels"]), table, **dict(snakemake.output.items()))
