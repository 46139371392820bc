"""Merge the vocabularies of the parts of a text."""

from mstar.corpus.corpora import Corpus
from mstar.corpus.merge import merge_vocabularies, read_part
from mstar.running.job import logged

with logged(snakemake.log[0]):
    corpus = Corpus.model_validate(snakemake.params.corpus)
    given = snakemake.input
    files = zip(given.vocabulary, given.description, strict=True)
    parts = (read_part(corpus, *each) for each in files)
    merge_vocabularies(corpus, parts, given.tokens, **dict(snakemake.output.items()))
