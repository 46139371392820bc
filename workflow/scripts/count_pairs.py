"""Integers to counts."""

import numpy as np

from mstar.cooccurrence import count, save
from mstar.jobs import logged

with logged(snakemake.log[0]):
    counts = count(
        np.load(snakemake.input.tokens),
        np.load(snakemake.input.documents),
        int(snakemake.wildcards.V),
        int(snakemake.wildcards.L),
        snakemake.params.out_of_vocabulary,
        snakemake.threads,
    )
    save(snakemake.output.counts, counts)
