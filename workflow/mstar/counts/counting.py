"""Exact integer counts of pairs with word2vec's dynamic window.

A centre word draws its window size uniformly from 1..L, so a pair at distance j <= L is inside the
window with probability proportional to ``L + 1 - j``. C_ij sums that weight over all positions of
word i and all positions of word j around them, on both sides; it is symmetric.

Positions are first grouped by word. A row of C is then counted at once, in one array that stays in
cache, and its upper triangle is written directly to the compressed result: there is never a V x V
matrix, and memory is that of the text and the result. Rows are independent, so threads do not share
cells.

Counts are integers, since a float32 counter stops at 2**24, in a type that cannot overflow (see
`accumulator_dtype`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.vocabulary import check_size
from mstar.counts.cooccurrence import Cooccurrence, IntArray
from mstar.counts.counting_kernels import BLOCK, count_rows, group_positions
from mstar.counts.layout import lay_out
from mstar.files.writing import UserError

# Threads take groups of rows with at most about this many contexts, or one row.
GROUP = 1 << 21


def accumulator_dtype(occurrences: int, window: int) -> type[np.unsignedinteger[Any]]:
    """Return the narrowest unsigned type in which no cell of a word's row can overflow.

    The cells of the row of a word sum to at most ``occurrences * L(L+1)``.

    Raises:
        UserError: the bound exceeds int64 (more than about 3e16 occurrences at L = 16).
    """
    bound = occurrences * window * (window + 1)
    if bound <= np.iinfo(np.uint32).max:
        return np.uint32
    if bound <= np.iinfo(np.int64).max:
        return np.uint64
    raise UserError(
        f"{occurrences} occurrences of a word at window {window} could overflow 64-bit counts"
    )


def forward_pairs(lengths: NDArray[np.int64], window: int) -> int:
    """Return the number of (centre, later context) pairs within ``window``.

    Args:
        lengths: (documents,) length of each document in words.
        window: L.
    """
    lengths = lengths.astype(np.int64)
    full = np.minimum(lengths, window)
    # In a document of n words, distance j occurs n - j times, j = 1..min(n - 1, L).
    return int((full * lengths - full * (full + 1) // 2).sum())


def count(
    tokens: IntArray,
    offsets: NDArray[np.int64],
    vocabulary_size: int,
    window: int,
    out_of_vocabulary: str = "removed",
    threads: int = 1,
    types: int | None = None,
) -> Cooccurrence:
    """Count the weighted pairs of every document; windows never cross a document's end.

    Args:
        tokens: (T,) word ids by decreasing frequency; those >= ``vocabulary_size`` are out of
            vocabulary.
        offsets: (D+1,) document boundaries in ``tokens``; tokens outside them are not read.
        vocabulary_size: V.
        window: L >= 1, neighbours on each side.
        out_of_vocabulary: ``removed`` drops out-of-vocabulary words before windows are formed, so
            that these reach further (the convention of word2vec and of the paper's training code);
            with ``gap`` they keep their places in windows.
        threads: worker threads.
        types: distinct words of the whole corpus, if ``tokens`` are only a part of it.

    Raises:
        UserError: unknown convention, or V exceeds the number of distinct words.
    """
    if out_of_vocabulary not in ("removed", "gap"):
        raise UserError(f"out_of_vocabulary: {out_of_vocabulary!r} is not one of removed, gap")
    if types is None:
        types = int(tokens.max()) + 1 if tokens.size else 0
    check_size(vocabulary_size, types)
    grouped = _group(tokens, offsets, vocabulary_size, window, out_of_vocabulary, threads)
    unigram = np.diff(grouped.starts)
    pairs = forward_pairs(grouped.lengths, window)
    kept = int((grouped.lengths > 0).sum())
    parts, nonzero = _count_rows(grouped, window, threads)
    del grouped  # makes room for the result
    indptr = np.concatenate([[0], np.cumsum(nonzero)])
    indices, counts = _joined(parts, threads)
    return Cooccurrence(indptr, indices, counts, unigram, window, kept, pairs)


class _Grouped(NamedTuple):
    """A text laid out for counting, and the positions of each word in it.

    Attributes:
        text: word ids, and fillers >= V.
        positions: (kept,) positions grouped by word, ascending in each group.
        starts: (V + 1,) start of each word's group.
        lengths: (D,) tokens kept of each document.
    """

    text: NDArray[Any]
    positions: NDArray[Any]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]


def _group(
    tokens: IntArray,
    offsets: NDArray[np.int64],
    size: int,
    window: int,
    out_of_vocabulary: str,
    threads: int,
) -> _Grouped:
    documents = offsets.size - 1
    longest = int(offsets[-1] - offsets[0]) + (documents + 1) * window
    text = np.empty(longest, np.uint16 if size + window <= 1 << 16 else np.uint32)
    part = -(-longest // threads)
    occurrences = np.zeros((threads, size), np.int64)
    lengths = np.empty(documents, np.int64)
    keep = out_of_vocabulary == "gap"
    # numba needs a plain array; a mapped file is still read from disk as it is used.
    plain = np.asarray(tokens)
    end = lay_out(plain, offsets, size, window, keep, part, text, occurrences, lengths)
    starts = np.concatenate([[0], np.cumsum(occurrences.sum(axis=0))])
    positions = np.empty(starts[-1], np.uint32 if end < 1 << 32 else np.int64)
    # Positions of a word in one part of the text follow those in earlier parts.
    places = starts[:-1] + np.cumsum(occurrences, axis=0) - occurrences

    def group(number: int) -> None:
        first, stop = number * part, min((number + 1) * part, end)
        group_positions(text, first, stop, size, places[number], positions)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(group, range(threads)))
    return _Grouped(text, positions, starts, lengths)


Rows = tuple[NDArray[np.int32], NDArray[Any]]


def _count_rows(
    grouped: _Grouped, window: int, threads: int
) -> tuple[list[Rows], NDArray[np.int64]]:
    """Return columns and counts of consecutive groups of rows, and the number of entries by row."""
    text, positions, starts, _ = grouped
    occurrences = np.diff(starts)
    size = occurrences.size
    nonzero = np.empty(size, np.int64)
    own = local()

    def rows(span: tuple[int, int]) -> Rows:
        first, stop = span
        dtype = accumulator_dtype(int(occurrences[first:stop].max()), window)
        if getattr(own, "dtype", None) is not dtype:
            own.dtype = dtype
            row, flags = np.zeros(size + window, dtype), np.zeros(size // BLOCK + 1, np.uint8)
            # Rows have at most GROUP entries together, or one row at most V; one more may be
            # written at the end.
            room = max(GROUP, size) + 1
            own.scratch = row, flags, np.empty(room, np.int32), np.empty(room, dtype)
        total = count_rows(text, positions, starts, first, stop, window, *own.scratch, nonzero)
        _, _, columns, values = own.scratch
        return columns[:total].copy(), values[:total].copy()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(rows, _spans(2 * window * occurrences))), nonzero


def _spans(contexts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield consecutive ranges (first, stop) of rows with at most `GROUP` contexts, or one row."""
    total = np.concatenate([[0], np.cumsum(contexts)])
    first = 0
    while first < contexts.size:
        stop = int(np.searchsorted(total, total[first] + GROUP, side="right")) - 1
        stop = max(stop, first + 1)
        yield first, stop
        first = stop


def _joined(parts: list[Rows], threads: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Concatenate columns and counts of all parts; each part is freed once copied."""
    ends = np.cumsum([columns.size for columns, _ in parts])
    indices, counts = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.int64)

    def place(number: int) -> None:
        columns, values = parts[number]
        parts[number] = columns[:0].copy(), values[:0].copy()
        span = slice(ends[number] - columns.size, ends[number])
        indices[span], counts[span] = columns, values

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(place, range(len(parts))))
    return indices, counts
