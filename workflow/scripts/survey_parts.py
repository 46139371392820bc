"""Find what is to be done to each part of a text: repeated sentences, phrases, words left out."""

from mstar.corpus.corpora import Corpus
from mstar.corpus.revise import load_read_part, survey
from mstar.running.job import logged

with logged(snakemake.log[0]):
    corpus = Corpus.model_validate(snakemake.params.corpus)
    names = ("tokens", "documents", "vocabulary", "description", "sentences")
    files = zip(*(snakemake.input[name] for name in names), strict=True)
    survey(snakemake.output[0], corpus, [load_read_part(corpus, *each) for each in files])
