"""Losses, weightings and the drift: finite differences, limits and closed forms."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from mstar.counts import targets
from mstar.dynamics import losses, weightings
from mstar.dynamics.drift import Population
from mstar.files.writing import UserError
from mstar.settings import kinds
from mstar.training import sgd
from mstar.training.pairs import Sampler
from tests.counts.test_targets import random_probabilities

PACKAGE = Path(__file__).parents[2] / "workflow"
P = random_probabilities(5, size=12, tokens=900)
WEIGHTINGS = {
    "setting31": weightings.setting31(P, 1.0),
    "word2vec": weightings.word2vec(P, 2.0),
    "unigram": weightings.unigram(P, 2.0),
}


def direct_loss(name: str, weights: weightings.Weights, w: np.ndarray) -> float:
    """Return the loss of the module's docstring by its definition."""
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
    model = Population(losses.named(name), weights, "cpu", torch.float64)
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
    model = Population(losses.named(name), weights, "cpu", torch.float64)
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
    """Weights of two words from the formulas of the paper's appendix."""
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
    """q = 1/(P_i P_j) for both terms, scaled as by the authors: the target is M* in every cell."""
    p = random_probabilities(5, size=12, tokens=60)
    joint, unigram = p.symmetric(p.joint), p.unigram
    q = 1 / np.outer(len(unigram) * unigram, len(unigram) * unigram)
    a, b = q * joint, k * q * np.outer(unigram, unigram)
    weights = weightings.unigram(p, k)
    assert (a == 0).any()
    assert weights.total.mean() == pytest.approx(1.0)
    assert weights.mean == pytest.approx((a + b).mean())
    np.testing.assert_allclose(weights.positive * weights.mean, a, rtol=1e-12, atol=1e-18)
    np.testing.assert_allclose(weights.negative * weights.mean, b, rtol=1e-12)
    best = 2 * weights.difference / weights.total  # argmin of G x^2/4 - (A - B) x
    np.testing.assert_allclose(best, targets.dense("mstar", p, k), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_slope_and_curvature_are_derivatives(name: str) -> None:
    loss = losses.named(name)
    x = torch.linspace(-4, 4, 33, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(loss.value(x).sum(), x)
    found = loss.slope(x.detach())
    torch.testing.assert_close(found, slope)
    steps = torch.tensor([-1e-4, 1e-4], dtype=torch.float64)
    low, high = (loss.slope(x.detach() + step) for step in steps)
    torch.testing.assert_close(
        loss.curvature(x.detach()), (high - low) / 2e-4, rtol=1e-6, atol=1e-6
    )
    zero = torch.zeros((), dtype=torch.float64)
    assert float(loss.value(zero)) == 0.0 and float(loss.slope(zero)) == loss.origin


@pytest.mark.parametrize("name", losses.LOSSES)
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_the_loss_is_least_at_its_target(name: str, weighting: str) -> None:
    loss, weights = losses.named(name), WEIGHTINGS[weighting]
    x = torch.as_tensor(np.maximum(loss.target(weights), -700.0))
    scaled, linear = (
        torch.as_tensor(part) for part in (loss.gain * weights.total, loss.linear_term(weights))
    )
    entries = loss.entries(x, scaled, linear)
    assert float(entries.sum()) == pytest.approx(-loss.drop(weights), rel=1e-9)
    for shift in (-0.1, 0.1):
        moved = loss.entries(x + shift, scaled, linear)
        assert bool((moved > entries - 1e-12).all()) and float((moved - entries).sum()) > 0


@pytest.mark.parametrize("name", losses.LOSSES)
def test_pulls_are_those_of_the_slope(name: str) -> None:
    loss, rng = losses.named(name), np.random.default_rng(4)
    x, q = (rng.normal(size=50).astype(np.float32) for _ in range(2))
    found = [loss.pull(*pair) for pair in zip(x, q, strict=True)]
    expected = sgd.pull(loss, *(torch.as_tensor(part).double() for part in (x, q)))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_names_are_read_without_torch_or_numba() -> None:
    code = "import mstar.dynamics.losses, mstar.settings.config, sys;"
    code += "print({'torch', 'numba', 'scipy', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE)
    assert done.stdout.strip() == "set()", done.stderr


class Soft(losses.Loss):
    """R = 2 (sqrt(1 + x^2/2) - 1), a loss defined only in this test."""

    name = "soft"
    about = "for tests"
    gain = 2.0

    def response_(self, x: Any) -> Any:
        return x.div_(2.0 * (1.0 + x * x / 2.0).sqrt())

    def potential(self, x: Any) -> Any:
        return (1.0 + x * x / 2.0).sqrt() - 1.0

    def curvature(self, x: Any) -> Any:
        return (1.0 + x * x / 2.0) ** -1.5

    def target(self, weights: weightings.Weights) -> Any:
        ratio = weights.difference / weights.total
        return ratio / np.sqrt(1.0 - ratio**2 / 2.0)

    def drop(self, weights: weightings.Weights) -> float:
        x = self.target(weights)
        value = 2.0 * (np.sqrt(1.0 + x * x / 2.0) - 1.0)
        return -float((weights.total * value - weights.difference * x).sum())

    @staticmethod
    def pull(x: Any, q: Any) -> Any:
        slope = x / np.sqrt(np.float32(1.0) + x * x / np.float32(2.0))
        return (q - abs(q) * slope) / np.float32(2.0)


def test_a_loss_of_ones_own_needs_its_class_alone() -> None:
    """The drift descends the loss, and minibatch steps follow the drift."""
    loss, weights = Soft(), WEIGHTINGS["word2vec"]
    model = Population(loss, weights, "cpu", torch.float64)
    w = torch.tensor(np.random.default_rng(0).normal(size=(12, 3)), requires_grad=True)
    x = w @ w.T
    total, difference = (torch.as_tensor(m) for m in (weights.total, weights.difference))
    whole = (total * loss.value(x) - difference * x).sum()
    (gradient,) = torch.autograd.grad(whole, w)
    w = w.detach()
    torch.testing.assert_close(model.drift(w), -0.5 * gradient)
    assert model.loss(w) == pytest.approx(1.0 + float(whole.detach()) / loss.drop(weights))
    sampler = Sampler(P, weights)
    steps = sgd.CpuSteps(sampler, w.float(), loss, 400, 3)
    steps.advance(1, 1e-3)
    expected = w.float() + 1e-3 * sgd.drift(loss, w.float(), sampler.draw(400, 3, 0))
    torch.testing.assert_close(steps.w, expected, rtol=1e-5, atol=1e-6)


def test_options_of_weightings() -> None:
    options = {name: one.options for name, one in weightings.WEIGHTINGS.items()}
    assert options.pop("word2vec") == ("subsample", "negative_power")
    assert set(options.values()) == {()}
    settings = {"weighting": "word2vec", "negative": 2.0, "subsample": 1e-3}
    found, expected = weightings.configured(P, settings), weightings.word2vec(P, 2.0, 1e-3)
    assert np.array_equal(found.total, expected.total)
    settings["weighting"] = "unigram"
    assert np.array_equal(weightings.configured(P, settings).total, WEIGHTINGS["unigram"].total)


def test_unknown_names() -> None:
    assert get_args(kinds.Loss) == tuple(losses.LOSSES)
    assert get_args(kinds.Weighting) == tuple(weightings.WEIGHTINGS)
    with pytest.raises(UserError, match="expected one of word2vec, setting31, unigram"):
        weightings.named("glove")
    with pytest.raises(UserError, match="sgns, quartic"):
        losses.named("hinge")
