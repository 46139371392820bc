"""Losses, weightings and the drift: finite differences, limits and closed forms."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from mstar.counts import targets
from mstar.dynamics import losses, weightings
from mstar.files.writing import UserError
from mstar.settings import kinds
from tests.counts.test_targets import random_probabilities

P = random_probabilities(5, size=12, tokens=900)
WEIGHTINGS = {
    "setting31": weightings.setting31(P, 1.0),
    "word2vec": weightings.word2vec(P, 2.0),
    "unigram": weightings.unigram(P, 2.0),
}


def direct_loss(name: str, weights: weightings.Weights, w: np.ndarray) -> float:
    """The loss of the module's docstring, written out."""
    x, a, b = w @ w.T, weights.positive, weights.negative
    if name == "quartic":
        return float((a * (x**2 / 4 - x) + b * (x**2 / 4 + x)).sum())
    entries = a * np.log1p(np.exp(-x)) + b * np.log1p(np.exp(x)) - (a + b) * np.log(2)
    return 2 * float(entries.sum())


@pytest.mark.parametrize("name", losses.LOSSES)
@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("tile", [5, 12])
def test_drift_is_minus_half_the_gradient(name: str, weighting: str, tile: int) -> None:
    weights = WEIGHTINGS[weighting]
    model = losses.Population(name, weights, "cpu", torch.float64)
    model.tile = tile
    w = np.random.default_rng(0).normal(size=(12, 3))
    drift = model.drift(torch.as_tensor(w)).numpy()
    for i, j in ((0, 0), (5, 2), (11, 1)):
        step = np.zeros_like(w)
        step[i, j] = 1e-5
        up, down = (direct_loss(name, weights, w + s * step) for s in (1, -1))
        assert drift[i, j] == pytest.approx(-0.5 * (up - down) / 2e-5, rel=1e-5)


@pytest.mark.parametrize("name", losses.LOSSES)
@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("tile", [5, 12])
def test_normalised_loss(name: str, weighting: str, tile: int) -> None:
    weights = WEIGHTINGS[weighting]
    model = losses.Population(name, weights, "cpu", torch.float64)
    model.tile = tile
    assert model.loss(torch.zeros(12, 2, dtype=torch.float64)) == pytest.approx(1.0)
    w = 0.7 * np.random.default_rng(1).normal(size=(12, 3))
    a, b = weights.positive, weights.negative
    if name == "quartic":
        best = -float(((a - b) ** 2 / (a + b)).sum())
    else:
        seen = np.where(a > 0, a, 1e-300)
        x = np.where(a > 0, np.log(seen / b), -700.0)  # Eq. 2; e^-700 stands for zero
        entries = a * np.log1p(np.exp(-x)) + b * np.log1p(np.exp(x)) - (a + b) * np.log(2)
        best = 2 * float(entries.sum())
    expected = (direct_loss(name, weights, w) - best) / (0.0 - best)
    assert model.loss(torch.as_tensor(w)) == pytest.approx(expected, rel=1e-9)


def test_theorem_1_quartic_loss_under_setting31_is_a_distance() -> None:
    mstar = targets.dense("mstar", P)
    weights = WEIGHTINGS["setting31"]
    w = np.random.default_rng(2).normal(size=(12, 4))
    distance = 0.25 * (np.sum((w @ w.T - mstar) ** 2) - np.sum(mstar**2))
    assert direct_loss("quartic", weights, w) == pytest.approx(distance)
    assert np.allclose(weights.difference, mstar / 2)
    assert np.allclose(weights.total, 1.0)


def test_quartic_is_the_expansion_of_sgns() -> None:
    weights = WEIGHTINGS["word2vec"]
    w = 0.05 * np.random.default_rng(3).normal(size=(12, 3))
    sgns, quartic = (direct_loss(name, weights, w) for name in losses.LOSSES)
    assert sgns == pytest.approx(quartic, rel=1e-4)


def test_word2vec_weights_written_out() -> None:
    """Two words at a time, from the formulas of the paper's appendix."""
    joint, unigram = P.symmetric(P.joint), P.unigram
    keep = np.array([min(1.0, 1e-5 / q + (1e-5 / q) ** 0.5) for q in unigram])
    negative = np.array([q**0.75 / q for q in unigram])
    keep, negative = keep / keep.mean(), negative / negative.mean()
    a, b = np.zeros((12, 12)), np.zeros((12, 12))
    for i in range(12):
        for j in range(12):
            a[i, j] = keep[i] * keep[j] * joint[i, j]
            psi = 2.0 * 0.5 * (keep[i] * negative[j] + keep[j] * negative[i])
            b[i, j] = psi * unigram[i] * unigram[j]
    weights, scale = WEIGHTINGS["word2vec"], (a + b).mean()
    assert np.allclose(weights.positive, a / scale)
    assert np.allclose(weights.negative, b / scale)


@pytest.mark.parametrize("k", [1.0, 2.0])
def test_unigram_weights_written_out(k: float) -> None:
    """q = 1/(P_i P_j) for both terms, as the authors scale it: the target is M*, cell by cell."""
    p = random_probabilities(5, size=12, tokens=60)
    joint, unigram = p.symmetric(p.joint), p.unigram
    q = 1 / np.outer(len(unigram) * unigram, len(unigram) * unigram)
    a, b = q * joint, k * q * np.outer(unigram, unigram)
    weights = weightings.weights("unigram", p, k)
    assert (a == 0).any()
    assert weights.total.mean() == pytest.approx(1.0)
    assert weights.mean == pytest.approx((a + b).mean())
    np.testing.assert_allclose(weights.positive * weights.mean, a, rtol=1e-12, atol=1e-18)
    np.testing.assert_allclose(weights.negative * weights.mean, b, rtol=1e-12)
    best = 2 * weights.difference / weights.total  # argmin of G x^2/4 - (A - B) x
    np.testing.assert_allclose(best, targets.dense("mstar", p, k), rtol=1e-9, atol=1e-12)


def test_time_constants_are_lemma_31_under_setting31() -> None:
    mstar = targets.dense("mstar", P)
    values, vectors = (part[..., ::-1] for part in np.linalg.eigh(mstar))
    weights = WEIGHTINGS["setting31"]
    taus = losses.time_constants(weights, vectors, values / 2, 1e-6)
    grown = values > 1e-6
    np.testing.assert_allclose(taus[grown], np.log(values[grown] / 1e-6) / values[grown])
    assert grown.any() and np.isnan(taus[~grown]).all()
    with pytest.raises(UserError, match="smaller initial scale"):
        losses.time_constants(weights, vectors, values / 2, 1e6)
    with pytest.raises(UserError, match="no mode grows"):
        losses.time_constants(weights, vectors[:, -1:], np.array([-1.0]), 1e-6)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("k", [0, 1])
def test_a_lone_mode_is_half_learned_at_its_time_constant(weighting: str, k: int) -> None:
    """W = s v grows along itself as ds^2/dt = 2 s^2 (mu - s^2 v^2 G v^2 / 2): half way at tau."""
    weights = WEIGHTINGS[weighting]
    rates, modes = (part[..., ::-1] for part in np.linalg.eigh(weights.difference))
    tau = losses.time_constants(weights, modes[:, k:], rates[k:], 1e-8)[0]
    model = losses.Population("quartic", weights, "cpu", torch.float64)
    v = modes[:, k : k + 1]

    def growth(_: float, square: np.ndarray) -> np.ndarray:
        w = np.sqrt(square) * v
        return np.asarray([2 * float(np.sum(w * model.drift(torch.as_tensor(w)).numpy()))])

    end = solve_ivp(growth, (0, tau), [1e-8], "DOP853", rtol=1e-9, atol=1e-14).y[0, -1]
    limit = 2 * rates[k] / float((v[:, 0] ** 2) @ weights.total @ (v[:, 0] ** 2))
    assert end == pytest.approx(limit / 2, rel=1e-6)


def test_unknown_names() -> None:
    assert get_args(kinds.Loss) == losses.LOSSES
    assert get_args(kinds.Weighting) == weightings.WEIGHTINGS
    with pytest.raises(UserError, match="expected one of word2vec, setting31, unigram"):
        weightings.weights("glove", P, 1.0)
    with pytest.raises(UserError, match="sgns, quartic"):
        losses.Population("hinge", WEIGHTINGS["setting31"], "cpu", torch.float64)
