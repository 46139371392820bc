"""Draw Figure 5."""

from mstar.figures import fig5
from mstar.figures.drawing.style import save
from mstar.running.job import logged
from mstar.training.record import load_embedding

with logged(snakemake.log[0]):
    given = snakemake.input
    others = {"QWEM": load_embedding(given.qwem), "svd(PPMI)": load_embedding(given.ppmi)}
    word2vec = load_embedding(given.word2vec)
    table = fig5.table(word2vec, others, **snakemake.params.settings)
    save(fig5.draw(table), table, **dict(snakemake.output.items()))
