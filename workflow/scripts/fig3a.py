"""Draw Figure 3a."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.features.components import words_table
from mstar.figures import fig3a
from mstar.figures.drawing.style import save
from mstar.running.job import logged
from mstar.training.record import load_embedding

with logged(snakemake.log[0]):
    given = snakemake.input
    models = {"word2vec": given.word2vec, "QWEM": given.qwem, "svd(PPMI)": given.ppmi}
    embeddings = {name: load_embedding(path) for name, path in models.items()}
    words = read_vocabulary(given.vocabulary)[0]
    table = fig3a.table(words_table(embeddings, words, **snakemake.params.settings))
    save(fig3a.draw(table), table, **dict(snakemake.output.items()))
