"""Exact counts against a brute-force loop over every pair of positions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.counts import cooccurrence, counting
from mstar.files.writing import UserError

documents_strategy = st.lists(st.lists(st.integers(0, 6), max_size=14), min_size=1, max_size=5)


def encode(documents: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    lengths = [len(document) for document in documents]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return np.array([w for d in documents for w in d], dtype=np.uint16), offsets


def brute_force(documents: list[list[int]], size: int, window: int, removed: bool) -> np.ndarray:
    full = np.zeros((size, size), dtype=np.int64)
    for document in documents:
        kept = [w for w in document if w < size] if removed else document
        for i, first in enumerate(kept):
            for j, second in enumerate(kept):
                if i != j and abs(i - j) <= window and first < size and second < size:
                    full[first, second] += window + 1 - abs(i - j)
    return full


@settings(max_examples=80, deadline=None)
@given(documents_strategy, st.integers(1, 7), st.integers(1, 6), st.booleans(), st.integers(1, 3))
def test_counts_equal_brute_force(
    documents: list[list[int]], size: int, window: int, removed: bool, threads: int
) -> None:
    tokens, offsets = encode(documents)
    if tokens.size == 0 or tokens.max() < size - 1:
        return
    convention = "removed" if removed else "gap"
    counts = counting.count(tokens, offsets, size, window, convention, threads)
    expected = brute_force(documents, size, window, removed)
    assert np.array_equal(counts.dense(), expected)
    assert counts.total == expected.sum()
    assert counts.trace == np.trace(expected)
    assert counts.nonzero == np.count_nonzero(expected)
    assert counts.cell(size - 1, 0) == expected[size - 1, 0]
    assert np.array_equal(counts.unigram, np.bincount(tokens, minlength=size)[:size])


@settings(max_examples=60, deadline=None)
@given(documents_strategy, st.integers(1, 6))
def test_pair_counts_and_number_of_pairs(documents: list[list[int]], window: int) -> None:
    tokens, offsets = encode(documents)
    if tokens.size == 0:
        return
    full = np.zeros((7, 7), dtype=np.int64)
    for document in documents:
        for i, first in enumerate(document):
            for j, second in enumerate(document):
                full[first, second] += i != j and abs(i - j) <= window
    for first, second in ((0, 0), (0, 1), (3, 2)):
        near = cooccurrence.pair_counts(tokens, offsets, first, second, window)
        assert near == full[first, second]
    assert 2 * counting.forward_pairs(np.diff(offsets), window) == full.sum()


def test_row_sums_give_marginals_away_from_document_ends() -> None:
    """The row of a token has weight L(L+1), minus the part cut off by the ends of its document."""
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 20, 5000).astype(np.uint16)
    counts = counting.count(tokens, np.array([0, 5000]), 20, 4)
    full = counts.unigram * 4 * 5
    assert np.all(counts.dense().sum(axis=1) <= full)
    assert full.sum() - counts.total == 2 * sum(j * (5 - j) for j in range(1, 5))


def test_no_cell_saturates() -> None:
    """A float32 counter stops at 2**24; a text of one word exceeds that in a single cell."""
    tokens = np.zeros(200_000, dtype=np.uint16)
    counts = counting.count(tokens, np.array([0, tokens.size]), 1, 16)
    expected = 2 * sum((tokens.size - j) * (17 - j) for j in range(1, 17))
    assert expected > 2**24
    assert counts.total == expected


def test_accumulator_is_wide_enough() -> None:
    assert counting.accumulator_dtype((2**32 - 1) // 272, 16) is np.uint32
    assert counting.accumulator_dtype(2**32 // 272 + 1, 16) is np.uint64
    with pytest.raises(UserError, match="overflow"):
        counting.accumulator_dtype(10**18, 16)


def test_both_accumulators_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = np.random.default_rng(1).integers(0, 9, 3000).astype(np.uint16)
    narrow = counting.count(tokens, np.array([0, 1000, 3000]), 8, 5)
    monkeypatch.setattr(counting, "accumulator_dtype", lambda *_: np.uint64)
    wide = counting.count(tokens, np.array([0, 1000, 3000]), 8, 5)
    assert np.array_equal(narrow.dense(), wide.dense())


def test_saved_counts_read_back(tmp_path: Path) -> None:
    tokens = np.random.default_rng(2).integers(0, 9, 500).astype(np.uint16)
    counts = counting.count(tokens, np.array([0, 200, 500]), 9, 3)
    cooccurrence.save(tmp_path / "counts.npz", counts)
    again = cooccurrence.load(tmp_path / "counts.npz")
    assert np.array_equal(again.dense(), counts.dense())
    assert (again.window, again.pairs, again.documents_kept) == (3, counts.pairs, 2)


def test_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "counts.npz"
    path.write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(UserError, match=r"counts\.npz"):
        cooccurrence.load(path)


def test_vocabulary_larger_than_corpus() -> None:
    with pytest.raises(UserError, match="vocabulary"):
        counting.count(np.array([0, 1], dtype=np.uint16), np.array([0, 2]), 3, 2)


def test_pair_counts_with_gaps_agree_with_the_weighted_cells() -> None:
    """Window 1 weights each neighbour by one, so both counts of a pair agree, even with gaps."""
    tokens = np.random.default_rng(3).integers(0, 9, 800).astype(np.uint16)
    offsets = np.array([0, 300, 800])
    counts = counting.count(tokens, offsets, 5, 1, "gap")
    for first, second in ((0, 1), (2, 2), (4, 3)):
        near = cooccurrence.pair_counts(tokens, offsets, first, second, 1)
        assert near == counts.cell(first, second)
