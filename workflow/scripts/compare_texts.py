"""Measure which features of each of two texts the other has, and how far words moved."""

from mstar.corpus.encoded import read_description
from mstar.corpus.encoded_text import open_text
from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.tables import write_table
from mstar.prediction.comparison import compare
from mstar.prediction.two_texts import Counting, Text, prepare
from mstar.running.job import logged

with logged(snakemake.log[0]):
    read, params = snakemake.input, snakemake.params
    texts = []
    for files, vocabulary in zip((read.here, read.there), read.vocabularies, strict=True):
        about, text = read_description(files[-1]), open_text(files)
        known = read_vocabulary(vocabulary)
        texts.append(Text(about["name"], text.tokens(), text.offsets, *known, title=about["title"]))
    settings = params.settings
    counting = Counting(settings["window"], params.out_of_vocabulary, snakemake.threads)
    prepared = prepare(*texts, counting, settings["vocabulary"], settings["seed"])
    given = {key: settings[key] for key in ("negative", "init", "moved")}
    threads = snakemake.threads
    found = compare(prepared, settings["features"], **given, threads=threads, progress=print)
    write_table(found.features, snakemake.output.features)
    write_table(found.words, snakemake.output.words)
    write_table(prepared.table, snakemake.output.texts)
