"""Weights and drifts without a V x V array against the dense ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mstar.counts import counting, targets
from mstar.dynamics import losses, weightings
from mstar.dynamics.drift import Population
from mstar.dynamics.separable import SeparableDrift, mirrored, separable
from mstar.machine.arrays import Array

SIZE = 60
OPTIONS = {"subsample": 1e-2, "negative_power": 0.6}


def corpus(size: int = SIZE, tokens: int = 900) -> targets.Probabilities:
    """Return counts of words drawn from Zipf's law, most pairs of which are never seen."""
    weights = 1 / np.arange(1, size + 1)
    text = np.random.default_rng(3).choice(size, tokens, p=weights / weights.sum())
    offsets = np.array([0, 400, tokens])
    return targets.probabilities(counting.count(text.astype(np.uint16), offsets, size, 2))


P = corpus()
DENSE, FOUND = weightings.word2vec(P, 2.0, **OPTIONS), separable(P, 2.0, **OPTIONS)
W = np.random.default_rng(1).normal(size=(SIZE, 5))


def kernel(loss: str, x: Array) -> Array:
    """Return K (V, V): of the loss on the seen cells, of the quartic loss on the others."""
    a, b = DENSE.positive, DENSE.negative
    if loss == "quartic":
        return a * (1 - x / 2) - b * (1 + x / 2)
    return np.where(a > 0, 2 * a / (1 + np.exp(x)) - 2 * b / (1 + np.exp(-x)), -b * (1 + x / 2))


def test_the_weights_are_those_of_the_dense_weighting() -> None:
    outer = np.outer(FOUND.centre, FOUND.context)
    np.testing.assert_allclose(0.5 * (outer + outer.T), DENSE.negative, rtol=1e-12)
    np.testing.assert_allclose(P.symmetric(FOUND.positive), DENSE.positive, atol=1e-15)
    np.testing.assert_allclose(FOUND.negative, DENSE.negative[P.rows, P.columns], rtol=1e-12)
    assert FOUND.mean == pytest.approx(DENSE.mean, rel=1e-12)
    sums = DENSE.positive.sum(axis=0), DENSE.negative.sum(axis=0)
    np.testing.assert_allclose(FOUND.row_sums(), sums, rtol=1e-12)


def test_the_operators_are_the_dense_matrices() -> None:
    for operator, matrix in (
        (FOUND.difference(), DENSE.difference),
        (FOUND.total(), DENSE.total),
    ):
        np.testing.assert_allclose(operator @ np.eye(SIZE), matrix, atol=1e-6 * matrix.max())
        assert operator.squared_norm == pytest.approx((matrix**2).sum(), rel=1e-9)


@pytest.mark.parametrize("loss", ["quartic", "sgns"])
def test_the_drift_is_that_of_every_pair(loss: str) -> None:
    expected = kernel(loss, W @ W.T) @ W
    drift = SeparableDrift(FOUND, 2, loss)
    np.testing.assert_allclose(drift(W), expected, atol=1e-5 * np.abs(expected).max())
    rows = np.array([0, 3, 17, 59])
    np.testing.assert_array_equal(drift(W, rows)[:, 0], drift(W)[rows, 0])
    np.testing.assert_array_equal(drift(W), SeparableDrift(FOUND, 1, loss)(W))


def test_the_quartic_drift_and_loss_are_those_of_the_dense_population() -> None:
    model, w = Population(losses.Quartic(), DENSE, "cpu", torch.float64), torch.as_tensor(W)
    drift = SeparableDrift(FOUND)
    expected = model.drift(w).numpy()
    np.testing.assert_allclose(drift(W), expected, atol=1e-5 * np.abs(expected).max())
    assert drift.loss_range == pytest.approx(model.loss_range, rel=1e-9)
    assert drift.loss(W) == pytest.approx(model.loss(w), rel=1e-5)


@pytest.mark.parametrize("loss", ["quartic", "sgns"])
def test_the_loss_falls_along_its_drift_and_from_zero_to_one(loss: str) -> None:
    """The drift is -(1/2) grad L, and L falls by ``loss_range`` to the best x of every cell."""
    drift = SeparableDrift(FOUND, 1, loss)
    assert drift.loss(np.zeros_like(W)) == 1.0
    ahead, behind = (drift.loss(W + step * drift(W)) for step in (2e-4, -2e-4))
    slope = -2 * float((drift(W).astype(float) ** 2).sum()) / drift.loss_range
    assert (ahead - behind) / 4e-4 == pytest.approx(slope, rel=2e-3)
    a, b = DENSE.positive, DENSE.negative
    with np.errstate(divide="ignore"):
        seen = 2 * (a - b) / (a + b) if loss == "quartic" else np.log(a / b)
    best = np.where(a > 0, seen, -2.0)
    # L(0) - L(x*) is the work of K along the straight line to x*.
    nodes, weights = np.polynomial.legendre.leggauss(40)
    work = sum(
        weight * (kernel(loss, 0.5 * (1 + node) * best) * best).sum()
        for node, weight in zip(nodes, weights, strict=True)
    )
    assert drift.loss_range == pytest.approx(0.5 * work, rel=1e-8)


def test_both_triangles_in_order() -> None:
    rows, columns = np.array([0, 0, 1], np.int32), np.array([0, 2, 2], np.int32)
    starts, found, cells = mirrored(rows, columns, 3)
    assert starts.tolist() == [0, 2, 3, 5]
    assert found.tolist() == [0, 2, 2, 0, 1] and cells.tolist() == [0, 1, 2, 1, 2]
