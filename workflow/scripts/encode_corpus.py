"""Encode a text, or some of its files, as integers."""

from pathlib import Path

from mstar.corpus.corpora import Corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import write_corpus
from mstar.corpus.folders import write_note
from mstar.running.job import logged

with logged(snakemake.log[0]):
    corpus = Corpus.model_validate(snakemake.params.corpus)
    only = snakemake.params.get("only")
    if corpus.path is not None:
        # First, so that a text never has results without a note. Parts are in deeper folders.
        folder = Path(snakemake.output.description).parent
        if only is not None:
            folder = next(above for above in folder.parents if above.name == "parts").parent
        write_note(folder, corpus.path)
    text = CorpusText(corpus, Path(snakemake.input[0]).parent, only, snakemake.threads)
    length = None if only is None else corpus.rule[1]
    write_corpus(corpus, encode_corpus(text), **dict(snakemake.output.items()), length=length)
