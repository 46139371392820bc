"""Measure the noise of a text's counts, and what it says of features, against its halves."""

import numpy as np
import pandas as pd

from mstar.corpus.encoded_text import open_text
from mstar.corpus.subsets import part_of_documents
from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts import cooccurrence
from mstar.evaluation.analogies import pairs_in_vocabulary
from mstar.evaluation.question_files import read_sections
from mstar.files.tables import read_table, write_table
from mstar.prediction.count_noise import COLUMNS, measure
from mstar.prediction.halves import count_documents
from mstar.prediction.reproducibility import TOO_FEW
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    size, window = int(snakemake.wildcards.V), int(snakemake.wildcards.L)
    text = open_text(given.text, size)
    reproducible = read_table(given.reproducible)
    if reproducible.empty:
        table = pd.DataFrame([{"panel": "missing", "note": TOO_FEW}]).reindex(columns=COLUMNS)
    else:
        # The halves are those whose features were compared.
        part = part_of_documents(text.offsets, 2, params.seed)
        options = size, window, params.out_of_vocabulary, snakemake.threads
        first, second = (
            count_documents(text, text.offsets, part == number, *options) for number in (0, 1)
        )
        words = read_vocabulary(given.vocabulary)[0][:size]
        pairs = pairs_in_vocabulary(read_sections(given.google), words)
        table = measure(
            cooccurrence.load(given.counts),
            (first, second),
            spectrum.load(given.mstar),
            spectrum.load(given.shuffled).eigenvalues,
            reproducible,
            {family: np.unique(ids) for family, ids in pairs.items()},
            read_table(given.curves),
            params.negative,
            params.seed,
        )
    write_table(table, snakemake.output[0])
