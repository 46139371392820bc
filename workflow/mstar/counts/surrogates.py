"""Surrogates of a text: shuffled, thinned as a shorter text, or with words kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

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


def unaccompanied(
    tokens: IntArray,
    offsets: NDArray[np.int64],
    groups: Sequence[NDArray[np.int64]],
    window: int,
    size: int,
    types: int,
    out_of_vocabulary: str,
) -> IntArray:
    """Take two words of one group out of the text where they stand within ``window`` of each other.

    What is left has no window with two different words of a group: whatever its counts say of the
    group was learned from other words. A taken word becomes the word ``types``, which is outside
    every vocabulary.

    Args:
        tokens: (T,) ids of words.
        offsets: (documents + 1,) document offsets.
        groups: ids of the words of each group.
        window: L.
        size: V; words from V on are not counted.
        types: number of distinct words of the text.
        out_of_vocabulary: ``removed`` or ``gap``, as in `mstar.counts.counting.count`.
    """
    taken = np.array(tokens, dtype=np.int64)
    document = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    members = []
    for group in groups:
        member = np.zeros(types + 1, dtype=bool)
        member[group] = True
        members.append(member)
    found = True
    while found:  # words of one group that are taken can bring those of another nearer
        found = False
        place = np.arange(len(taken))
        if out_of_vocabulary == "removed":
            place = np.cumsum(taken < size)
        for member in members:
            at = np.flatnonzero(member[taken])
            near = (np.diff(place[at]) <= window) & (np.diff(document[at]) == 0)
            near &= np.diff(taken[at]) != 0
            # Neighbours alone are compared: between any two of the group that are near and differ,
            # there are two neighbours that do.
            taken[at[:-1][near]] = types
            taken[at[1:][near]] = types
            found |= bool(near.any())
    return taken.astype(np.uint32)
