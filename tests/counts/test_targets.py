"""Identities of M*, PMI and PPMI."""

from __future__ import annotations

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


def test_unknown_target_and_empty_counts() -> None:
    with pytest.raises(UserError, match="mstar, pmi, ppmi"):
        targets.dense("glove", random_probabilities(3))
    lonely = counting.count(np.array([0], dtype=np.uint16), np.array([0, 1]), 1, 2)
    with pytest.raises(UserError, match="no pair"):
        targets.probabilities(lonely)
