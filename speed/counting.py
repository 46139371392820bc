"""Time exact co-occurrence counts against the plain loop over pairs of the released code."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mstar.corpus.vocabulary import restrict
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.counting import count
from speed.harness import Context, Row, best_of, in_child

SIZE, LARGE = 10_000, 100_000
TARGET = 8.0
SLICE = 20_000  # tokens counted by brute force
LIMIT = 2**24  # float32 cannot count by ones beyond this


@numba.njit
def _both_triangles(tokens, offsets, window, plain, weighted):  # type: ignore[no-untyped-def]
    for document in range(offsets.size - 1):
        stop = offsets[document + 1]
        for position in range(offsets[document], stop):
            a = tokens[position]
            for distance in range(1, min(window, stop - 1 - position) + 1):
                b = tokens[position + distance]
                plain[a, b] += 1
                plain[b, a] += 1
                weighted[a, b] += window + 1 - distance
                weighted[b, a] += window + 1 - distance


def as_released(
    tokens: NDArray[Any], offsets: NDArray[np.int64], size: int, window: int
) -> NDArray[np.float32]:
    """Return the weighted counts (V, V) by one symmetric loop that fills two float32 matrices.

    Unlike the released loop, it also counts the last centres of a document.
    """
    plain, weighted = (np.zeros((size, size), np.float32) for _ in range(2))
    _both_triangles(tokens, offsets, window, plain, weighted)
    return weighted


def by_distance(
    tokens: NDArray[Any], offsets: NDArray[np.int64], size: int, window: int
) -> sparse.csr_matrix:
    """Return the forward counts (V, V) by scipy, as a sum of one matrix for each distance."""
    document = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
    total = sparse.csr_matrix((size, size), dtype=np.int64)
    for distance in range(1, window + 1):
        near = document[distance:] == document[:-distance]
        first, second = tokens[:-distance][near], tokens[distance:][near]
        weight = np.full(first.size, window + 1 - distance, np.int64)
        total += sparse.coo_matrix((weight, (first, second)), shape=(size, size)).tocsr()
    return total


def brute_force(
    tokens: NDArray[Any], offsets: NDArray[np.int64], size: int, window: int
) -> Counter[tuple[int, int]]:
    """Return the upper triangle of C by a loop over all pairs of positions, in Python integers."""
    cells: Counter[tuple[int, int]] = Counter()
    for begin, stop in pairwise(offsets):
        kept = [word for word in tokens[begin:stop].tolist() if word < size]
        for at, first in enumerate(kept):
            for step, second in enumerate(kept[at + 1 : at + 1 + window]):
                cells[min(first, second), max(first, second)] += (window - step) * (
                    2 if first == second else 1
                )
    return cells


def upper(forward: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the upper triangle of C = F + F^T."""
    return sparse.triu(forward + forward.T, format="csr")


def equal(ours: Cooccurrence, other: sparse.csr_matrix) -> bool:
    """Return whether the stored triangle of C equals ``other``."""
    other.sort_indices()
    return (
        np.array_equal(ours.indptr, other.indptr)
        and np.array_equal(ours.indices, other.indices)
        and np.array_equal(ours.counts, other.data)
    )


def compared(ours: Cooccurrence, theirs: NDArray[np.float32]) -> str:
    """Describe how the exact counts compare with those in float32."""
    below = ours.counts < LIMIT
    cells = theirs[ours.rows(), ours.indices]
    same = np.array_equal(cells[below], ours.counts[below])
    same = same and np.count_nonzero(theirs) == ours.nonzero
    return f"{'equal' if same else 'DIFFERENT'} below 2^24 ({(~below).sum():,} cells are beyond)"


def count_in_child(path: str, size: int, window: int, threads: int) -> int:
    """Count the tokens that `rows` saved at ``path``; return the number of pairs."""
    with np.load(path) as stored:
        return count(stored["tokens"], stored["offsets"], size, window, threads=threads).pairs


def rows(context: Context) -> Iterator[Row]:
    """Return timings at the paper's vocabulary, a large one, and every word type."""
    tokens, offsets, window = context.tokens, context.offsets, context.window
    types = len(context.encoded.words)
    size, large = min(SIZE, types), min(LARGE, types)

    def ours(words: int) -> Cooccurrence:
        return count(tokens, offsets, words, window, threads=context.threads)

    part = np.append(offsets[offsets < SLICE], min(SLICE, len(tokens)))
    few = count(tokens, part, size, window, types=types)
    found = dict(
        zip(zip(few.rows().tolist(), few.indices.tolist(), strict=True), few.counts, strict=True)
    )
    exact = found == brute_force(tokens, part, size, window)

    kept, bounds = restrict(tokens, offsets, size)
    kept = kept.astype(np.uint16) if size <= 1 << 16 else kept
    as_released(kept[:9], np.array([0, 9]), size, window)  # compiles
    slow, theirs = best_of(1, lambda: as_released(kept, bounds, size, window))
    fast, counts = best_of(3, lambda: ours(size))
    check = f"{SLICE:,} tokens {'equal' if exact else 'DIFFER FROM'} brute force; with the loop "
    check += compared(counts, theirs)
    del theirs
    memory = _peak(context, size)
    rates = [counts.pairs / seconds / 1e6 for seconds in (fast, slow)]
    yield Row(
        f"co-occurrence counts, V = {size:,}, L = {window}",
        "symmetric loop, two float32 matrices, as released",
        (slow, fast),
        TARGET,
        check,
        f"{counts.pairs / 1e6:.1f}M pairs, {rates[0]:.0f}M pairs/s ({rates[1]:.0f}M); {memory}; "
        f"V x V in 32 bits: {size**2 * 4 / 1e6:.0f} MB",
    )
    kept, bounds = restrict(tokens, offsets, large)
    slow, forward = best_of(1, lambda: upper(by_distance(kept, bounds, large, window)))
    fast, counts = best_of(2, lambda: ours(large))
    yield Row(
        f"co-occurrence counts, V = {large:,}, L = {window}",
        "scipy.sparse, a matrix for each distance",
        (slow, fast),
        float("nan"),
        "equal" if equal(counts, forward) else "DIFFERENT",
        f"{counts.nonzero / 1e6:.1f}M non-zeros; {_peak(context, large)}",
    )
    del forward, counts
    fast, counts = best_of(1, lambda: ours(types))
    yield Row(
        f"co-occurrence counts, every word type ({types:,}), L = {window}",
        "none",
        (float("nan"), fast),
        float("nan"),
        "none of its own",
        f"{counts.nonzero / 1e6:.1f}M non-zeros; {_peak(context, types)}",
    )


def _peak(context: Context, size: int) -> str:
    """Return the peak memory of a process that only counts."""
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        np.savez(file, tokens=context.tokens, offsets=context.offsets)
        file.flush()
        child = in_child(count_in_child, file.name, size, context.window, context.threads)
    return f"peak memory {child.peak_mb:.0f} MB"
