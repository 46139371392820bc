"""Measure the geometry of words that have an order, also without their joint windows."""

from functools import reduce

import pandas as pd

from mstar.corpus.encoded_text import open_text
from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts import cooccurrence, targets
from mstar.counts.counting import count
from mstar.counts.merge import add
from mstar.counts.surrogates import unaccompanied
from mstar.features.ordered_words import WHOLE, WITHOUT
from mstar.features.sequences import measure, mstar_blocks, ordered
from mstar.files.tables import write_table
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.spectra.decomposition import decompose

with logged(snakemake.log[0]):
    given, params, settings = snakemake.input, snakemake.params, snakemake.params.settings
    size, window = int(snakemake.wildcards.V), int(snakemake.wildcards.L)
    words, occurrences = (each[:size] for each in read_vocabulary(given.vocabulary))
    sequences = [
        ordered(name, shape, sequence, words, settings["apart"])
        for shape, named in (("ring", settings["rings"]), ("line", settings["lines"]))
        for name, sequence in named.items()
    ]
    text = open_text(given.text, size, check=True)
    groups, types, rule = [s.ids for s in sequences], text.types, params.out_of_vocabulary
    left = (
        count(
            unaccompanied(tokens, offsets, groups, window, size, types, rule),
            offsets,
            size,
            window,
            rule,
            snakemake.threads,
            types + 1,
        )
        for tokens, offsets in text.parts()
    )
    whole, without = (
        targets.probabilities(c) for c in (cooccurrence.load(given.counts), reduce(add, left))
    )
    again = decompose(
        "mstar", without, params.dim, params.negative, threads=snakemake.threads, progress=print
    )
    texts = {WHOLE: (whole, spectrum.load(given.mstar)), WITHOUT: (without, again)}
    parts = []
    for name, (p, own) in texts.items():
        found = measure(
            sequences,
            own.embedding(params.dim),
            mstar_blocks(p, params.negative),
            occurrences,
            settings["draws"],
            settings["random_draws"],
            params.seed,
        )
        parts.append(found.assign(text=name))
    write_table(pd.concat(parts, ignore_index=True), snakemake.output[0])
