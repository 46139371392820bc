"""Identities of M*, PMI and PPMI."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.counts import counting, targets
from mstar.files.writing import UserError


def random_probabilities(seed: int, size: int = 8, tokens: int = 400) -> targets.Probabilities:
    text = np.random.default_rng(seed).integers(0, size, tokens).astype(np.uint16)
    text[:size] = np.arange(size)
    counts = counting.count(text, np.array([0, tokens // 3, tokens]), size, 2)
    return targets.probabilities(counts)


def dense_joint(p: targets.Probabilities) -> np.ndarray:
    return p.symmetric(p.joint)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 5.0))
def test_mstar_is_its_definition(seed: int, negative: float) -> None:
    p = random_probabilities(seed, tokens=60)
    joint = dense_joint(p)
    assert joint.sum() == pytest.approx(1.0)
    independent = negative * np.outer(p.unigram, p.unigram)
    expected = (joint - independent) / (0.5 * (joint + independent))
    mstar = targets.dense("mstar", p, negative)
    assert np.allclose(mstar, expected)
    assert np.all((mstar >= -2.0) & (mstar < 2.0))
    assert np.all(mstar[joint == 0.0] == -2.0)
    mean = p.mean_square(*targets.mstar_cells(p, negative))
    assert mean == pytest.approx((expected**2).mean())


def test_pmi_is_twice_artanh_of_half_mstar() -> None:
    p = random_probabilities(1, tokens=3000)
    assert np.all(dense_joint(p) > 0)
    pmi, mstar = targets.dense("pmi", p), targets.dense("mstar", p)
    assert np.allclose(pmi, 2.0 * np.arctanh(mstar / 2.0))
    assert np.array_equal(targets.dense("ppmi", p), np.maximum(pmi, 0.0).clip(min=0.0))


def test_unseen_pairs() -> None:
    p = random_probabilities(2, size=20, tokens=60)
    unseen = dense_joint(p) == 0.0
    assert unseen.any()
    assert np.allclose(targets.dense("pmi", p)[unseen], np.log(1e-25))
    assert np.all(targets.dense("ppmi", p)[unseen] == 0.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.2, 1.0, 5.0]), st.sampled_from([1e-3, 1.0, 50.0]))
def test_mstar_kappa_is_its_definition(seed: int, negative: float, kappa: float) -> None:
    text = np.random.default_rng(seed).integers(0, 8, 60).astype(np.uint16)
    text[:8] = np.arange(8)
    counts = counting.count(text, np.array([0, 60]), 8, 4)
    p = targets.probabilities(counts)
    n = counts.dense() / 3  # (2 L + 1) / 3 units of weight are one independent pair
    mu = negative * np.outer(p.unigram, p.unigram) * n.sum()
    found = targets.dense("mstar_kappa", p, negative, kappa=kappa)
    assert np.allclose(found, 2 * (n - mu) / (n + mu + kappa), rtol=1e-12)
    assert np.array_equal(found, found.T) and np.abs(found).max() <= 2
    mstar = targets.dense("mstar", p, negative)
    # It is M* pulled towards 0, the same for no kappa, and for exact probabilities.
    assert (np.abs(found) <= np.abs(mstar)).all() and (found * mstar >= 0).all()
    assert np.allclose(targets.dense("mstar_kappa", p, negative, kappa=1e-12), mstar)
    exact = replace(p, pairs=np.inf)
    assert np.allclose(targets.dense("mstar_kappa", exact, negative, kappa=kappa), mstar)


def test_independent_pairs_have_their_mean_for_variance() -> None:
    """The counts of unrelated words, over texts, vary as counts of independent pairs would."""
    rng = np.random.default_rng(0)
    size, tokens, window = 400, 8000, 5  # a word is rarely twice in a window
    draws = []
    for _ in range(60):
        text = rng.integers(0, size, tokens).astype(np.uint16)
        text[:size] = np.arange(size)
        counts = counting.count(text, np.array([0, tokens]), size, window)
        draws.append(counts.dense() * targets.independent_pairs(counts) / counts.total)
    off = ~np.eye(size, dtype=bool)
    ratio = np.var(draws, axis=0)[off].mean() / np.mean(draws, axis=0)[off].mean()
    assert ratio == pytest.approx(1, abs=0.1)


def test_a_word_that_a_part_lacks_has_half_an_occurrence() -> None:
    text = np.array([0, 1, 0, 1, 0, 1], dtype=np.uint16)
    p = targets.probabilities(counting.count(text, np.array([0, 6]), 3, 2, types=3))
    assert p.unigram.tolist() == [0.5, 0.5, 0.5 / 6]
    assert np.isfinite(targets.dense("mstar_kappa", p, kappa=1.0)).all()


def test_unknown_target_and_empty_counts() -> None:
    with pytest.raises(UserError, match="mstar, pmi, ppmi, mstar_kappa"):
        targets.dense("glove", random_probabilities(3))
    lonely = counting.count(np.array([0], dtype=np.uint16), np.array([0, 1]), 1, 2)
    with pytest.raises(UserError, match="no pair"):
        targets.probabilities(lonely)
