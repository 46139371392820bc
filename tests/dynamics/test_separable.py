"""Weights and drifts without a V x V array against the dense ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mstar.counts import counting, targets
from mstar.dynamics import losses, weightings
from mstar.dynamics.drift import Population
from mstar.dynamics.separable import SeparableDrift, mirrored, separable

SIZE = 60
OPTIONS = {"subsample": 1e-2, "negative_power": 0.6}


def corpus() -> targets.Probabilities:
    """Return counts of words drawn from Zipf's law, most pairs of which are never seen."""
    weights = 1 / np.arange(1, SIZE + 1)
    text = np.random.default_rng(3).choice(SIZE, 900, p=weights / weights.sum()).astype(np.uint16)
    return targets.probabilities(counting.count(text, np.array([0, 400, 900]), SIZE, 2))


def test_the_weights_are_those_of_the_dense_weighting() -> None:
    p = corpus()
    dense, found = weightings.word2vec(p, 3.0, **OPTIONS), separable(p, 3.0, **OPTIONS)
    outer = np.outer(found.centre, found.context)
    np.testing.assert_allclose(0.5 * (outer + outer.T), dense.negative, rtol=1e-12)
    np.testing.assert_allclose(p.symmetric(found.positive), dense.positive, atol=1e-15)
    np.testing.assert_allclose(found.negative, dense.negative[p.rows, p.columns], rtol=1e-12)
    assert found.mean == pytest.approx(dense.mean, rel=1e-12)
    sums = dense.positive.sum(axis=0), dense.negative.sum(axis=0)
    np.testing.assert_allclose(found.row_sums(), sums, rtol=1e-12)


def test_the_drift_is_that_of_the_dense_quartic_loss() -> None:
    p = corpus()
    dense = weightings.word2vec(p, 2.0, **OPTIONS)
    w = np.random.default_rng(1).normal(size=(SIZE, 5))
    model = Population(losses.named("quartic"), dense, "cpu", torch.float64)
    expected = model.drift(torch.as_tensor(w)).numpy()
    found = SeparableDrift(separable(p, 2.0, **OPTIONS), threads=2)(w.astype(np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_both_triangles_in_order() -> None:
    rows, columns = np.array([0, 0, 1], np.int32), np.array([0, 2, 2], np.int32)
    starts, found, cells = mirrored(rows, columns, 3)
    assert starts.tolist() == [0, 2, 3, 5]
    assert found.tolist() == [0, 2, 2, 0, 1]
    assert cells.tolist() == [0, 1, 2, 1, 2]
