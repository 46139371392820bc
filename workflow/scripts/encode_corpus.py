"""Text, all of it or some of its files, to integers."""

from pathlib import Path

from mstar.corpus.corpora import Corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import write_corpus
from mstar.running.job import logged

with logged(snakemake.log[0]):
    corpus = Corpus.model_validate(snakemake.params.corpus)
    only = snakemake.params.get("only")
    text = CorpusText(corpus, Path(snakemake.input[0]).parent, only)
    write_corpus(corpus, encode_corpus(text), **dict(snakemake.output.items()))
