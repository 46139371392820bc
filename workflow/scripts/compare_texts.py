"""Measure which features of each of two texts the other has, and how far words moved."""

import json

from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.tables import write_table
from mstar.files.writing import load_array
from mstar.prediction.comparison import compare
from mstar.prediction.two_texts import Counting, Text, prepare
from mstar.running.job import logged

with logged(snakemake.log[0]):
    read, params = snakemake.input, snakemake.params
    texts = []
    for tokens, documents, vocabulary, description in zip(
        read.tokens, read.documents, read.vocabularies, read.descriptions, strict=True
    ):
        with open(description, encoding="utf-8") as stream:
            about = json.load(stream)
        texts.append(
            Text(
                about["name"],
                load_array(tokens, "list of tokens", mapped=True),
                load_array(documents, "list of documents"),
                *read_vocabulary(vocabulary),
                title=about["title"],
            )
        )
    settings = params.settings
    counting = Counting(settings["window"], params.out_of_vocabulary, snakemake.threads)
    prepared = prepare(*texts, counting, settings["vocabulary"], settings["seed"])
    given = {key: settings[key] for key in ("negative", "init", "moved")}
    threads = snakemake.threads
    found = compare(prepared, settings["features"], **given, threads=threads, progress=print)
    write_table(found.features, snakemake.output.features)
    write_table(found.words, snakemake.output.words)
    write_table(prepared.table, snakemake.output.texts)
