"""Collect the values of claims on subsets of a text, and extrapolate them to the paper's size."""

import pandas as pd

from mstar.claims.claims import load_claims
from mstar.claims.outcomes import PAIRS_SEEN
from mstar.claims.trends import collect, lines, trends
from mstar.corpus.encoded import read_description
from mstar.counts import cooccurrence
from mstar.files.tables import read_table, write_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = snakemake.input
    texts = []
    for claimed, *counts in zip(given.claimed, given.static, given.dynamic, strict=True):
        shares = [cooccurrence.load(path).share_seen for path in counts]
        seen = pd.DataFrame({"id": PAIRS_SEEN.values(), "value": shares})
        texts.append(pd.concat([read_table(claimed), seen], ignore_index=True))
    tokens = read_description(given.description)["tokens"]
    sizes = collect(read_table(given.plan), texts, tokens)
    claims, params, made = load_claims(given.claims), snakemake.params, snakemake.output
    write_table(sizes, made.sizes)
    write_table(lines(claims, sizes), made.lines)
    dims = {"static": tuple(params.static), "dynamic": tuple(params.dynamic)}
    write_table(trends(claims, sizes, dims), made.trends)
