"""Text to integers."""

from pathlib import Path

from mstar.corpora import Corpus
from mstar.corpus_text import CorpusText, write_corpus
from mstar.jobs import logged
from mstar.vocabulary import encode_corpus

with logged(snakemake.log[0]):
    corpus = Corpus.model_validate(snakemake.params.corpus)
    text = CorpusText(corpus, Path(snakemake.input[0]).parent)
    write_corpus(text, encode_corpus(text), **dict(snakemake.output.items()))
