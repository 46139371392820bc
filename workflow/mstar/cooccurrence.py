"""Exact co-occurrence counts with word2vec's dynamic window, in integers.

A centre word draws its window size uniformly from 1..L, so a pair at distance j <= L is inside it
with weight proportional to ``L + 1 - j``. Only the forward pairs are visited; the symmetric count
is ``C = F + F^T``, so a diagonal cell counts every pair twice, and ``C.sum()`` is twice the
forward total.

Nothing here is floating point: a float32 counter stops at 2**24, and an accumulator narrower than
the largest possible cell is never used (see `accumulator_dtype`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from mstar.files import UserError, atomic, load_arrays
from mstar.vocabulary import restrict

IntArray = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Cooccurrence:
    """Symmetric weighted counts C (V x V), stored as the upper triangle, diagonal included, in CSR.

    Attributes:
        indptr: (V+1,) int64. Row i holds entries ``indptr[i]:indptr[i+1]``.
        indices: (nnz,) int32 columns j >= i, ascending within a row.
        counts: (nnz,) int64, C_ij > 0 in units of window weight (a neighbour counts L, the L-th
            counts 1).
        unigram: (V,) int64, occurrences of each word among the kept tokens.
        window: L.
        documents_kept: documents with at least one word of the vocabulary.
        pairs: forward (centre, context) pairs visited, unweighted (with the ``gap`` convention this
            includes those with a foreign word).
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    counts: NDArray[np.int64]
    unigram: NDArray[np.int64]
    window: int
    documents_kept: int
    pairs: int

    @property
    def vocabulary_size(self) -> int:
        return int(self.unigram.size)

    @property
    def trace(self) -> int:
        """Sum of the diagonal of C."""
        rows = self.rows()
        return int(self.counts[rows == self.indices].sum())

    @property
    def total(self) -> int:
        """Sum of all V x V cells of C."""
        return 2 * int(self.counts.sum()) - self.trace

    @property
    def nonzero(self) -> int:
        """Non-zero cells of the full symmetric matrix."""
        diagonal = int((self.rows() == self.indices).sum())
        return 2 * int(self.counts.size) - diagonal

    def rows(self) -> NDArray[np.int32]:
        """(nnz,) row index of every stored entry."""
        return np.repeat(np.arange(self.vocabulary_size, dtype=np.int32), np.diff(self.indptr))

    def cell(self, i: int, j: int) -> int:
        """C_ij for two word ids."""
        i, j = min(i, j), max(i, j)
        start, stop = self.indptr[i], self.indptr[i + 1]
        at = start + int(np.searchsorted(self.indices[start:stop], j))
        return int(self.counts[at]) if at < stop and self.indices[at] == j else 0

    def dense(self, dtype: Any = np.int64) -> NDArray[Any]:
        """The full symmetric matrix, (V, V)."""
        size = self.vocabulary_size
        full = np.zeros((size, size), dtype=dtype)
        rows = self.rows()
        full[rows, self.indices] = self.counts
        full[self.indices, rows] = self.counts
        return full


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


def pair_counts(
    tokens: IntArray, offsets: NDArray[np.int64], first: int, second: int, window: int
) -> int:
    """Unweighted symmetric count of two words within ``window`` of each other (kept tokens).

    Documents are set ``window`` apart, so that no window reaches from one into the next.
    """
    document = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))

    def positions(word: int) -> NDArray[np.int64]:
        at = np.flatnonzero(tokens == word)
        return np.asarray(at + document[at] * (window + 1))

    centres, contexts = positions(first), positions(second)
    after = np.searchsorted(contexts, centres + window, side="right")
    before = np.searchsorted(contexts, centres - window, side="left")
    near = int((after - before).sum())
    # A word is not its own neighbour; for two words each meeting is seen from both sides.
    return near - centres.size if first == second else near


def save(path: str | Path, counts: Cooccurrence) -> None:
    """Write the arrays and scalars of ``counts`` under their own names (npz, no pickle)."""
    narrow = np.uint32 if counts.counts.max(initial=0) < 2**32 else np.int64  # halves the file
    with atomic(path) as temporary, open(temporary, "wb") as stream:
        np.savez(
            stream,
            indptr=counts.indptr,
            indices=counts.indices,
            counts=counts.counts.astype(narrow),
            unigram=counts.unigram,
            window=counts.window,
            documents_kept=counts.documents_kept,
            tokens_kept=counts.unigram.sum(),
            pairs=counts.pairs,
        )


def load(path: str | Path) -> Cooccurrence:
    """Read what `save` wrote.

    Raises:
        UserError: the file is damaged or is not a count file.
    """
    names = ("indptr", "indices", "counts", "unigram", "window", "documents_kept", "pairs")
    stored = load_arrays(path, names, "count file")
    return Cooccurrence(
        stored["indptr"],
        stored["indices"],
        stored["counts"].astype(np.int64),
        stored["unigram"],
        int(stored["window"]),
        int(stored["documents_kept"]),
        int(stored["pairs"]),
    )
