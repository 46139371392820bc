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
    rng, unit, units = _units(counts, seed)
    return _with_units(counts, unit, rng.binomial(units, share))


def halved(counts: Cooccurrence, seed: int) -> tuple[Cooccurrence, Cooccurrence]:
    """Return the counts of two halves of a text if its pairs were independent of each other.

    Each pair goes to either half with probability 1/2, and so do occurrences of words on average.
    Pairs are the units of `thinned`.

    Args:
        counts: integer counts.
        seed: of the draws.
    """
    rng, unit, units = _units(counts, seed)
    first = rng.binomial(units, 0.5)
    return _with_units(counts, unit, first), _with_units(counts, unit, units - first)


def _units(
    counts: Cooccurrence, seed: int
) -> tuple[np.random.Generator, NDArray[np.int64], NDArray[np.int64]]:
    """Return the generator, the size (nnz,) of the units of C_ij, and their number at random."""
    rng = np.random.default_rng(seed)
    diagonal = counts.rows() == counts.indices
    unit = round((2 * counts.window + 1) / 3) * np.where(diagonal, 2, 1)
    units, rest = np.divmod(counts.counts, unit)
    units += rng.random(rest.size) * unit < rest
    return rng, unit, units


def _with_units(
    counts: Cooccurrence, unit: NDArray[np.int64], kept: NDArray[np.int64]
) -> Cooccurrence:
    """Return ``counts`` with the number of units ``kept`` in each cell."""
    seen = kept > 0
    sizes = np.bincount(counts.rows()[seen], minlength=counts.vocabulary_size)
    return replace(
        counts,
        indptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        indices=counts.indices[seen],
        counts=(unit * kept)[seen].astype(np.int64),
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
