"""Drop repeated sentences of a part of a text, join its phrases, and leave out words."""

from mstar.corpus.corpora import Corpus
from mstar.corpus.encoded import write_corpus
from mstar.corpus.revise import load_read_part, revise
from mstar.running.job import logged

with logged(snakemake.log[0]):
    corpus = Corpus.model_validate(snakemake.params.corpus)
    given = dict(snakemake.input.items())
    found = given.pop("survey")
    part = load_read_part(corpus, **given)
    revised = revise(found, corpus, part, int(snakemake.wildcards.part))
    write_corpus(corpus, revised, **dict(snakemake.output.items()), length=corpus.rule[1])
