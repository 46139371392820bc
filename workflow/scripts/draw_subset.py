"""Write a random subset of a text as a text of its own."""

from mstar.corpus.corpora import Corpus
from mstar.corpus.encoded import write_corpus
from mstar.corpus.encoded_text import open_text
from mstar.corpus.subsets import as_corpus, draw_subset
from mstar.corpus.vocabulary import read_vocabulary
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = snakemake.input
    text = open_text(given.text, check=True)
    parts, draw = snakemake.wildcards.corpus.rpartition("/")[2].split("-")
    subset = draw_subset(text, int(parts), int(draw))
    words = read_vocabulary(given.vocabulary)[0]
    corpus = Corpus.model_validate(snakemake.params.corpus)
    corpus = corpus.model_copy(update={"name": snakemake.wildcards.corpus})
    write_corpus(corpus, as_corpus(*subset, words), **dict(snakemake.output.items()))
