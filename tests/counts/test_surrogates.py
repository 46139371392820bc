"""Surrogates keep what they should and lose the rest: shuffled words, thinned counts."""

from __future__ import annotations

import numpy as np
import pytest

from mstar.counts import counting
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.surrogates import halved, shuffled, thinned, unaccompanied


def counted(size: int = 30, tokens: int = 20_000) -> Cooccurrence:
    weights = 1 / np.arange(1, size + 1)
    text = np.random.default_rng(0).choice(size, tokens, p=weights / weights.sum())
    bounds = np.array([0, tokens // 3, tokens])
    return counting.count(text.astype(np.uint16), bounds, size, 4)


def test_shuffled_text_has_the_same_words_without_order() -> None:
    text = np.repeat(np.arange(50, dtype=np.uint16), 40)
    found = shuffled(text, 3)
    assert np.array_equal(np.bincount(found), np.bincount(text)) and found.dtype == text.dtype
    assert np.array_equal(found, shuffled(text, 3)) and (found != shuffled(text, 4)).any()
    near = np.mean(found[1:] == found[:-1])
    assert np.mean(text[1:] == text[:-1]) > 0.9 and near < 0.1


def test_thinning_keeps_a_binomial_number_of_pairs() -> None:
    whole, share = counted(), 0.3
    draws = np.stack([thinned(whole, share, seed).dense() for seed in range(400)])
    full = whole.dense().astype(float)
    expected = share * full
    # 2 L + 1 = 9: a unit is 3 weights, and 6 on the diagonal.
    unit = np.where(np.eye(len(full)), 6, 3)
    rest = full / unit % 1
    spread = unit**2 * (share * (1 - share) * full / unit + share**2 * rest * (1 - rest))
    error = (draws.mean(axis=0) - expected) / np.sqrt(spread / len(draws))
    assert np.abs(error[full > 0]).max() < 5.5
    ratio = draws.var(axis=0)[full > 0].sum() / spread[full > 0].sum()
    assert ratio == pytest.approx(1, abs=0.05)
    assert (draws % unit == 0).all()


def test_thinned_counts_are_whole() -> None:
    whole = counted()
    same, none = thinned(whole, 1.0, 0), thinned(whole, 0.0, 0)
    assert np.array_equal(same.dense(), whole.dense()) and none.total == 0
    few = thinned(whole, 0.01, 1)
    assert few.nonzero < whole.nonzero and (few.counts > 0).all()
    assert few.total == few.dense().sum() and np.array_equal(few.unigram, whole.unigram)
    assert np.array_equal(thinned(whole, 0.01, 1).counts, few.counts)


def test_halves_of_independent_pairs_add_up_to_the_text() -> None:
    whole, upper = counted(), np.triu_indices(30)
    unit = np.where(np.eye(30), 6, 3)[upper]
    off = []
    for seed in range(20):
        first, second = (half.dense()[upper] for half in halved(whole, seed))
        assert (np.abs(first + second - whole.dense()[upper]) < unit).all()
        units = (first + second) / unit
        seen = units > 0
        off.append((first / unit - units / 2)[seen] / np.sqrt(units[seen] / 4))
    # As of binomial draws, over 20 x 465 cells.
    assert np.concatenate(off).var() == pytest.approx(1, abs=0.06)
    assert abs(np.concatenate(off).mean()) < 0.04


@pytest.mark.parametrize("convention", ["removed", "gap"])
def test_words_of_a_group_are_kept_apart(convention: str) -> None:
    rng, size, types, window = np.random.default_rng(1), 30, 50, 4
    text = rng.integers(0, types, 6000).astype(np.uint16)
    bounds = np.array([0, 2500, 6000])
    groups = [np.array([3, 5, 8]), np.array([4, 7])]
    kept = unaccompanied(text, bounds, groups, window, size, types, convention)
    changed = kept != text
    assert set(text[changed]) <= {3, 4, 5, 7, 8} and set(kept[changed]) == {types}
    counts = counting.count(kept, bounds, size, window, convention, types=types + 1).dense()
    before = counting.count(text, bounds, size, window, convention, types=types).dense()
    for group in groups:
        block = counts[np.ix_(group, group)]
        assert before[np.ix_(group, group)].min() > 0
        assert np.array_equal(block, np.diag(np.diag(block))) and np.diag(counts).min() > 0
    # A word that had no other of its group near it stays.
    member = np.isin(text, groups[0])
    visible = np.arange(len(text)) if convention == "gap" else np.cumsum(text < size)
    at = np.flatnonzero(member)
    alone = [
        i for i in at
        if not any(
            text[j] != text[i] and abs(visible[j] - visible[i]) <= 3 * window for j in at
        )
    ]  # fmt: skip
    assert alone and not changed[alone].any()


def test_kept_apart_words_leave_a_text_without_them_as_it_is() -> None:
    text = np.arange(20, dtype=np.uint16)
    kept = unaccompanied(text, np.array([0, 20]), [np.array([0, 19])], 4, 20, 20, "removed")
    assert np.array_equal(kept, text)
