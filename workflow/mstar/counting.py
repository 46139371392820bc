"""Counting pairs exactly with word2vec's dynamic window, in integers.

A centre word draws its window size uniformly from 1..L, so a pair at distance j <= L is inside
it with weight proportional to ``L + 1 - j``. Only the forward pairs are visited; the symmetric
count is ``C = F + F^T``, so a diagonal cell counts every pair twice, and ``C.sum()`` is twice the
forward total.

Nothing here is floating point: a float32 counter stops at 2**24, and an accumulator narrower than
the largest possible cell is never used (see `accumulator_dtype`).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from mstar.cooccurrence import Cooccurrence, IntArray
from mstar.files import UserError
from mstar.vocabulary import restrict


def accumulator_dtype(tokens: int, window: int) -> type[np.unsignedinteger[Any]]:
    """The narrowest unsigned type in which no cell can overflow, whatever the text.

    A cell is at most the forward total, ``tokens * L(L+1)/2``; a diagonal cell is doubled
    afterwards in int64.

    Raises:
        UserError: the bound exceeds int64 (more than about 6e16 tokens at L = 16).
    """
    bound = tokens * (window * (window + 1) // 2)
    if bound <= np.iinfo(np.uint32).max:
        return np.uint32
    if 2 * bound <= np.iinfo(np.int64).max:
        return np.uint64
    raise UserError(
        f"{tokens} tokens at window {window} could overflow 64-bit counts: count in shards"
    )


@numba.njit(parallel=True, cache=True)
def _count_forward(tokens, offsets, window, threads, forward):  # type: ignore[no-untyped-def]
    """Add the window weight of every forward pair to ``forward[centre, context]``.

    Each thread owns the centres ``id % threads``, so no two threads write one cell. The row of the
    centre stays in cache for its whole window, and by Zipf's law a few rows take most of the hits.
    """
    for thread in numba.prange(threads):
        for document in range(offsets.size - 1):
            stop = offsets[document + 1]
            for position in range(offsets[document], stop):
                centre = np.int64(tokens[position])
                if centre % threads != thread:
                    continue
                row = forward[centre]
                last = min(position + window, stop - 1)
                for neighbour in range(position + 1, last + 1):
                    weight = window + 1 - (neighbour - position)
                    row[tokens[neighbour]] += forward.dtype.type(weight)


@numba.njit(parallel=True, cache=True)
def _fold(forward, size, tile):  # type: ignore[no-untyped-def]
    """Add the lower triangle onto the upper one in place; return non-zeros per row of the result.

    Tiles keep the transposed reads in cache. Cells stay within the forward total, hence the dtype.
    """
    nonzero = np.zeros(size, dtype=np.int64)
    for block in numba.prange((size + tile - 1) // tile):
        top = block * tile
        for left in range(top, size, tile):
            for i in range(top, min(top + tile, size)):
                for j in range(max(left, i + 1), min(left + tile, size)):
                    forward[i, j] += forward[j, i]
        for i in range(top, min(top + tile, size)):
            for j in range(i, size):
                if forward[i, j]:
                    nonzero[i] += 1
    return nonzero


@numba.njit(parallel=True, cache=True)
def _compress(upper, indptr, indices, counts):  # type: ignore[no-untyped-def]
    """Copy the upper triangle's non-zeros into CSR arrays, the diagonal doubled (C = F + F^T)."""
    for i in numba.prange(indptr.size - 1):
        at = indptr[i]
        for j in range(i, indptr.size - 1):
            if upper[i, j]:
                indices[at] = j
                counts[at] = np.int64(upper[i, j]) * (2 if i == j else 1)
                at += 1


def forward_pairs(lengths: NDArray[np.int64], window: int) -> int:
    """Number of (centre, later context) pairs within ``window`` in documents of these lengths."""
    lengths = lengths.astype(np.int64)
    full = np.minimum(lengths, window)
    # min(n, L) positions short of a full window: distance j occurs n - j times, j = 1..min(n-1, L).
    return int((full * lengths - full * (full + 1) // 2).sum())


def count(
    tokens: IntArray,
    offsets: NDArray[np.int64],
    vocabulary_size: int,
    window: int,
    out_of_vocabulary: str = "removed",
    threads: int = 1,
) -> Cooccurrence:
    """Count the weighted pairs of every document; windows never cross a document's end.

    Args:
        tokens: (T,) word ids by falling frequency; those >= ``vocabulary_size`` are foreign.
        offsets: (D+1,) document boundaries in ``tokens``.
        window: L >= 1, neighbours on each side.
        out_of_vocabulary: ``removed`` takes such words out before windowing, so that windows reach
            further (the convention of word2vec and of the paper's training code); ``gap`` leaves
            them their place in the window.
        threads: worker threads.

    Raises:
        UserError: unknown convention, V above the words present, or no memory for the accumulator.
    """
    if out_of_vocabulary not in ("removed", "gap"):
        raise UserError(f"out_of_vocabulary: {out_of_vocabulary!r} is not one of removed, gap")
    kept, kept_offsets = restrict(tokens, offsets, vocabulary_size)
    unigram = np.bincount(kept, minlength=vocabulary_size).astype(np.int64)
    documents_kept = kept_offsets.size - 1
    size = vocabulary_size
    if out_of_vocabulary == "gap":
        # All foreign words share one extra row and column, dropped when the counts are compressed.
        kept, kept_offsets = np.minimum(tokens, vocabulary_size), offsets
        size += 1
    dtype = accumulator_dtype(kept.size, window)
    try:
        forward = np.zeros((size, size), dtype=dtype)
    except MemoryError:
        need = size * size * np.dtype(dtype).itemsize / 1e9
        raise UserError(
            f"vocabulary: {vocabulary_size} words need {need:.1f} GB to count; choose a smaller one"
        ) from None
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    _count_forward(kept, kept_offsets, window, threads, forward)
    nonzero = _fold(forward, vocabulary_size, 64)
    indptr = np.concatenate([[0], np.cumsum(nonzero)]).astype(np.int64)
    indices = np.empty(indptr[-1], dtype=np.int32)
    counts = np.empty(indptr[-1], dtype=np.int64)
    _compress(forward, indptr, indices, counts)
    lengths = np.diff(kept_offsets)
    pairs = forward_pairs(lengths, window)
    return Cooccurrence(indptr, indices, counts, unigram, window, documents_kept, pairs)
