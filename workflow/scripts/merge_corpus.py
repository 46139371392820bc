"""Merge the encoded parts of a text."""

from mstar.corpus.corpora import Corpus
from mstar.corpus.merge import merge_corpus, read_part
from mstar.running.job import logged

with logged(snakemake.log[0]):
    corpus = Corpus.model_validate(snakemake.params.corpus)
    names = ("tokens", "documents", "vocabulary", "description", "sentences")
    files = zip(*(snakemake.input[name] for name in names), strict=True)
    parts = [read_part(corpus, *each) for each in files]
    merge_corpus(corpus, parts, **dict(snakemake.output.items()))
