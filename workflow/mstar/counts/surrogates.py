"""Surrogates of a text: its words shuffled, and counts as a shorter text would have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mstar.counts.cooccurrence import Cooccurrence, IntArray


def shuffled(tokens: IntArray, seed: int) -> IntArray:
    """Return the tokens (T,) in random order.

    With the documents' lengths unchanged, this is a text of unrelated words of the same
    frequencies: what its M* shows is sampling noise.
    """
    return np.asarray(np.random.default_rng(seed).permutation(tokens))


def thinned(counts: Cooccurrence, share: float, seed: int) -> Cooccurrence:
    """Keep each pair with probability ``share``, as a shorter text of the same words would.

    Pairs are units of (2L + 1)/3, rounded, of the counts' weight, which vary as independent pairs
    do (`mstar.counts.targets.independent_pairs`). C_ij is rounded at random, with its mean kept, to
    a whole number of units, and of these a binomial number is kept; on the diagonal units are twice
    as large, since each pair of positions counts twice. Occurrences of words are unchanged, so that
    pairs become rarer at the same P_i.

    Args:
        counts: integer counts.
        share: in [0, 1]; 1 returns the counts unchanged.
        seed: of the draws.
    """
    if share == 1:
        return counts
    rng, rows = np.random.default_rng(seed), counts.rows()
    unit = round((2 * counts.window + 1) / 3) * np.where(rows == counts.indices, 2, 1)
    units, rest = np.divmod(counts.counts, unit)
    units += rng.random(rest.size) * unit < rest
    kept = unit * rng.binomial(units, share)
    seen = kept > 0
    sizes = np.bincount(rows[seen], minlength=counts.vocabulary_size)
    return replace(
        counts,
        indptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        indices=counts.indices[seen],
        counts=kept[seen].astype(np.int64),
    )
