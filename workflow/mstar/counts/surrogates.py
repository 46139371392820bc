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
    """Keep each unit of weight of the counts with probability ``share``, independently.

    C_ij becomes binomial, with mean share C_ij and variance share (1 - share) C_ij (twice that on
    the diagonal, where each pair of positions counts twice). Occurrences of words are unchanged, so
    that pairs become rarer at the same P_i.

    Args:
        counts: integer counts.
        share: in [0, 1].
        seed: of the draws.
    """
    rows = counts.rows()
    ends = np.where(rows == counts.indices, 2, 1)
    kept = ends * np.random.default_rng(seed).binomial(counts.counts // ends, share)
    seen = kept > 0
    sizes = np.bincount(rows[seen], minlength=counts.vocabulary_size)
    return replace(
        counts,
        indptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        indices=counts.indices[seen],
        counts=kept[seen].astype(np.int64),
    )
