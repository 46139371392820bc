"""Features shared by both halves of a text, for planted features and for pure noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mstar.corpus.encoded_text import EncodedText
from mstar.prediction import halves as text_halves
from mstar.prediction.halves import compare, part_of_documents, some_documents
from mstar.prediction.reproducibility import (
    COLUMNS,
    Extent,
    extent,
    feature_overlaps,
    last_reproducible,
    most_by_chance,
    subspace_overlaps,
    threshold,
)


def orthonormal(rng: np.random.Generator, rows: int, columns: int) -> NDArray[Any]:
    return np.linalg.qr(rng.standard_normal((rows, columns)))[0]


@settings(max_examples=50)
@given(
    st.lists(st.integers(1, 50), min_size=4, max_size=40),
    st.sampled_from([2, 4]),
    st.integers(0, 9),
)
def test_parts_hold_every_document_once(lengths: list[int], parts: int, seed: int) -> None:
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    part = part_of_documents(offsets, parts, seed)
    assert set(part) == set(range(parts))
    tokens = np.arange(offsets[-1])
    texts = []
    for number in range(parts):
        text, bounds = some_documents(tokens, offsets, part == number)
        assert np.diff(bounds).tolist() == [
            n for n, p in zip(lengths, part, strict=True) if p == number
        ]
        assert bounds[-1] == text.size
        texts.append(text)
    assert np.sort(np.concatenate(texts)).tolist() == tokens.tolist()
    # Each part is within one document of its share where documents allow it.
    if parts == 2:
        assert abs(len(texts[0]) - len(texts[1])) <= 2 * max(lengths)
    with pytest.raises(ValueError, match="documents in"):
        part_of_documents(offsets[:2], parts, seed)


def test_parts_are_random_and_seeded() -> None:
    offsets = np.arange(0, 1001, 10)
    first, again, other = (part_of_documents(offsets, 2, seed) for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()
    assert 0.2 < np.mean(first[:50]) < 0.8  # documents are split at random, not in order


def test_overlaps_are_the_forms_they_stand_for() -> None:
    rng = np.random.default_rng(0)
    whole, a, b = (orthonormal(rng, 30, 6) for _ in range(3))
    found = feature_overlaps(whole, a, b)
    assert found == pytest.approx(np.diag(whole.T @ a @ a.T @ b @ b.T @ whole))
    for r, overlap in enumerate(subspace_overlaps(a, b), start=1):
        cosines = np.linalg.svd(a[:, :r].T @ b[:, :r], compute_uv=False)
        assert overlap == pytest.approx(np.mean(cosines**2))
    assert feature_overlaps(a, a, a) == pytest.approx(1.0)


def spiked(rng: np.random.Generator, truth: NDArray[Any], noise: float) -> NDArray[Any]:
    """Return a symmetric matrix with modes of eigenvalue 1 and noise of a given radius."""
    size = len(truth)
    wigner = rng.standard_normal((size, size))
    return truth @ truth.T + noise * (wigner + wigner.T) / np.sqrt(8 * size)


def leading(matrix: NDArray[Any], rank: int) -> NDArray[Any]:
    return np.linalg.eigh(matrix)[1][:, ::-1][:, :rank]


@pytest.mark.parametrize(("rank", "size"), [(10, 1000), (40, 400), (150, 500)])
def test_chance_makes_no_more_than_is_said(rank: int, size: int) -> None:
    rng = np.random.default_rng(0)
    a, b = orthonormal(rng, size, rank), orthonormal(rng, size, rank)
    product = a @ (a.T @ b) @ b.T
    largest = np.linalg.eigvalsh((product + product.T) / 2)[-1]
    assert 0.8 < largest / most_by_chance(rank, size) < 1.05
    assert most_by_chance(size, size) == 1.0
    assert threshold(rank, size) >= 0.25


def test_noise_is_not_reproducible_though_the_whole_was_made_from_the_halves() -> None:
    """The whole's modes overlap each half's space beyond chance, but the halves share little."""
    rng = np.random.default_rng(1)
    a, b = (spiked(rng, np.zeros((400, 1)), 1.0) for _ in range(2))
    whole, one, two = (leading(m, 10) for m in (0.5 * (a + b), a, b))
    assert ((one.T @ whole) ** 2).sum(axis=0).mean() > 10 * 10 / 400
    found = feature_overlaps(whole, one, two)
    assert (found < threshold(10, 400)).all()
    assert last_reproducible(found, np.full(10, threshold(10, 400))) == 0


@pytest.mark.parametrize(("noise", "real"), [(0.5, True), (1.4, False)])
def test_the_threshold_is_where_half_of_the_text_holds_half_of_a_feature(
    noise: float, real: bool
) -> None:
    """Spiked Wigner model: c^2 = 1 - (noise/2)^2 for a mode of size 1 and noise of that radius."""
    rng = np.random.default_rng(2)
    truth = orthonormal(rng, 500, 5)
    # The halves have noise of radius `noise`; the whole, their mean, has it over sqrt(2).
    halves = [spiked(rng, truth, 2 * noise * np.sqrt(0.5)) for _ in range(2)]
    whole = leading(sum(halves) / 2, 10)
    one, two = (leading(half, 10) for half in halves)
    squared = np.mean([((truth.T @ u) ** 2).sum() / 5 for u in (one, two)])
    found = feature_overlaps(whole, one, two)
    assert found[:5].mean() == pytest.approx(squared**2, abs=0.1)
    assert (squared > 0.5) == real
    assert last_reproducible(found, np.full(10, threshold(10, 500))) == (5 if real else 0)
    if real:
        held = ((truth.T @ whole[:, :5]) ** 2).sum() / 5
        assert held == pytest.approx(1 - (1 - squared) / 2, abs=0.05)
        assert held > 0.75


def test_the_last_reproducible_feature() -> None:
    level = np.full(6, 0.3)
    assert last_reproducible(np.array([0.9, 0.8, 0.1, 0.7, 0.2, 0.1]), level) == 4
    assert last_reproducible(np.array([0.9, 0.0, 0.1, 0.4, 0.2, 0.1]), level) == 1
    assert last_reproducible(np.array([0.1, 0.0]), level[:2]) == 0
    assert last_reproducible(level + 0.1, level) == 6


def table(quarter: int, half: int, compared: int = 50) -> pd.DataFrame:
    ranks = np.arange(1, compared + 1)
    parts = [
        pd.DataFrame({"parts": n, "tokens": t, "rank": ranks, "feature": 1.0 * (ranks <= last)})
        for n, t, last in ((2, 1000.0, half), (4, 500.0, quarter))
    ]
    return pd.concat(parts).assign(threshold=0.25, subspace=0.0, subspace_chance=0.0)


def test_tokens_needed_follow_the_power_law_through_the_two_sizes() -> None:
    found = extent(table(10, 20))
    assert (found.rank, found.compared, found.tokens) == (20, 50, 2000.0)
    assert found.exponent == pytest.approx(1.0)
    assert found.tokens_for(40) == pytest.approx(4000.0)
    assert extent(table(5, 20)).tokens_for(40) == pytest.approx(2000 * np.sqrt(2))
    for unknown in (table(0, 20), table(20, 20), table(40, 50), table(0, 0)):
        assert np.isnan(extent(unknown).tokens_for(60))
    nothing = extent(pd.DataFrame(columns=COLUMNS))
    assert nothing.rank is None and np.isnan(nothing.tokens_for(3))
    assert isinstance(found, Extent)


def test_a_text_is_compared_by_documents() -> None:
    """Each part of a text with two topics has both; a text of one document has no parts."""
    rng = np.random.default_rng(3)
    words = np.arange(40)
    documents = [rng.choice(words[words % 2 == n % 2], 200) for n in range(60)]
    tokens, offsets = np.concatenate(documents).astype(np.uint16), np.arange(0, 12001, 200)
    text = EncodedText.of(tokens, offsets, 40)
    modes = text_halves.leading_modes(40, 4)
    whole = modes(text, np.ones(60, np.bool_), 10)
    found = compare(text, whole, modes, 6, seed=1)
    assert list(found.columns) == COLUMNS and len(found) == 12
    assert found.groupby("parts")["tokens"].first().to_dict() == {2: 6000.0, 4: 3000.0}
    halves = found[found["parts"] == 2]
    assert halves["feature"].iloc[0] > 0.99 and halves["subspace"].iloc[0] > 0.99
    assert (halves["feature"] > halves["threshold"]).tolist()[2:] == [False] * 4
    assert compare(EncodedText.of(tokens, offsets[[0, -1]]), whole, modes, 6).empty
    three = compare(EncodedText.of(tokens, offsets[[0, 20, 40, 60]], 40), whole, modes, 6)
    assert set(three["parts"]) == {2}
    # A text in several parts gives the same.
    ends = offsets[[0, 13, 13, 60]]
    several = EncodedText(offsets, ends, lambda n: tokens[ends[n] : ends[n + 1]], 40)
    pd.testing.assert_frame_equal(compare(several, whole, modes, 6, seed=1), found, rtol=0, atol=0)
