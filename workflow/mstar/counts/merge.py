"""Exact sums of counts of different documents."""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np

from mstar.counts.cooccurrence import Cooccurrence, load
from mstar.files.writing import UserError


@numba.njit(nogil=True, cache=True)
def _merge_rows(  # type: ignore[no-untyped-def]
    indptr_a, indices_a, counts_a, indptr_b, indices_b, counts_b, indptr, indices, counts
):
    """Add two CSR matrices with ascending columns; only fill ``indptr`` if ``indices`` is empty."""
    write = indices.size > 0
    total = 0
    for row in range(indptr.size - 1):
        a, b = indptr_a[row], indptr_b[row]
        end_a, end_b = indptr_a[row + 1], indptr_b[row + 1]
        while a < end_a or b < end_b:
            from_a = b == end_b or (a < end_a and indices_a[a] <= indices_b[b])
            from_b = a == end_a or (b < end_b and indices_b[b] <= indices_a[a])
            if write:
                indices[total] = indices_a[a] if from_a else indices_b[b]
                counts[total] = (counts_a[a] if from_a else 0) + (counts_b[b] if from_b else 0)
            a += from_a
            b += from_b
            total += 1
        indptr[row + 1] = total


def add(first: Cooccurrence, second: Cooccurrence) -> Cooccurrence:
    """Return the counts of the union of two sets of documents.

    Raises:
        UserError: V or L differ, or a sum would exceed int64.
    """
    settings = [(each.vocabulary_size, each.window) for each in (first, second)]
    if settings[0] != settings[1]:
        (a, b), (c, d) = settings
        raise UserError(f"counts of {a:,} words at window {b} and of {c:,} at {d} do not add up")
    largest = sum(int(each.counts.max(initial=0)) for each in (first, second))
    if largest > np.iinfo(np.int64).max:
        raise UserError("counts of so much text exceed 64 bits")
    arrays = [x for each in (first, second) for x in (each.indptr, each.indices, each.counts)]
    indptr = np.zeros_like(first.indptr)
    indices, counts = np.empty(0, np.int32), np.empty(0, np.int64)
    _merge_rows(*arrays, indptr, indices, counts)
    if indptr[-1]:
        indices, counts = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.int64)
        _merge_rows(*arrays, indptr, indices, counts)
    return Cooccurrence(
        indptr,
        indices,
        counts,
        first.unigram + second.unigram,
        first.window,
        first.documents_kept + second.documents_kept,
        first.pairs + second.pairs,
    )


def add_files(first: str | Path, second: str | Path) -> Cooccurrence:
    """Return the sum of the counts in two files.

    Raises:
        UserError: a file is damaged, or the counts cannot be added; the message names both files.
    """
    counts = load(first), load(second)
    try:
        return add(*counts)
    except UserError as error:
        raise UserError(f"{first}, {second}: {error}; delete them and run again") from None
