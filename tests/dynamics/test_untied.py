"""Untied weights: the closed form and W +- C against integrated flows, and gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from mstar.counts import targets
from mstar.dynamics import losses, theory, untied, weightings
from mstar.dynamics.drift import Population
from mstar.dynamics.losses import Loss
from mstar.dynamics.untied_drift import UntiedPopulation
from mstar.machine.arrays import Array
from mstar.training import closed_form, population, record
from tests.counts.test_targets import random_probabilities
from tests.training.test_population import SETTINGS, SPECTRUM, P, no_questions, values_of

SIZE, DIM = 6, 3


def symmetric(size: int = SIZE) -> Array:
    """Return a symmetric matrix with modes of both signs."""
    half = np.random.default_rng(0).standard_normal((size, size))
    return half + half.T


def integrated(matrix: Array, state: Array, times: Array) -> Array:
    """Return (T, 2V, d) states of the untied flow of QWEM, by an ODE solver."""

    def slope(_: float, flat: Array) -> Array:
        w, c = untied.split(flat.reshape(state.shape))
        k = (matrix - w @ c.T) / 2
        return np.vstack([k @ c, k.T @ w]).ravel()

    ends = (0, times[-1])
    solved = solve_ivp(slope, ends, state.ravel(), "DOP853", times, rtol=1e-11, atol=1e-14)
    return np.asarray(solved.y.T).reshape(-1, *state.shape)


def lambda_balanced(imbalance: float) -> Array:
    """Return W and C of a start with W^T W - C^T C = ``imbalance`` I."""
    state = untied.balanced_start(SIZE, DIM, 0.1, 2)
    w, c = untied.split(state)
    values, vectors = np.linalg.eigh(w.T @ w)
    orthonormal = w @ vectors / np.sqrt(values)
    return np.vstack([orthonormal * np.sqrt(values + imbalance) @ vectors.T, c])


@pytest.mark.parametrize("imbalance", [0.0, 0.7])
def test_the_closed_form_is_the_integrated_flow(imbalance: float) -> None:
    matrix, start = symmetric(), lambda_balanced(imbalance)
    values, vectors = np.linalg.eigh(matrix)
    turned = np.vstack([vectors.T @ part for part in untied.split(start)])
    times = np.array([0.0, 0.5, 1.0, 2.0, 6.0])
    expected = integrated(matrix, start, times)
    for found, state in zip(
        untied.exact_flow(turned, values, times, imbalance), expected, strict=True
    ):
        w, c = (vectors @ part for part in untied.split(found))
        whole = np.vstack([w, c])
        assert np.allclose(whole @ whole.T, state @ state.T, atol=1e-8)


def test_the_flow_conserves_the_imbalance_of_any_start() -> None:
    state = np.random.default_rng(1).standard_normal((2 * SIZE, DIM))
    for later in integrated(symmetric(), state, np.array([0.0, 1.0, 3.0])):
        difference = [w.T @ w - c.T @ c for w, c in map(untied.split, (state, later))]
        assert np.allclose(*difference, atol=1e-8)


def test_input_vectors_hold_the_largest_modes_of_both_signs_and_the_mean_the_positive_ones() -> (
    None
):
    values = np.array([5.0, 2.0, 1.0, -0.5, -3.0, -6.0])
    start = untied.balanced_start(SIZE, DIM, 1e-4, 0)
    (end,) = untied.exact_flow(start, values, np.array([60.0]))
    inputs, mean = untied.embedding(end, "input"), untied.embedding(end, "mean")
    assert np.allclose(inputs @ inputs.T, np.diag([5.0, 0, 0, 0, 3, 6]), atol=1e-6)
    assert np.allclose(mean @ mean.T, np.diag([5.0, 0, 0, 0, 0, 0]), atol=1e-6)


def test_equal_vectors_stay_equal_and_follow_the_tied_flow() -> None:
    """Along C = W, (W + C)/2 is the tied flow, for every loss; W - C stays zero."""
    for loss in (losses.Sgns(), losses.Quartic()):
        weights = weightings.word2vec(P, 1.0, 1e-3)
        w = torch.as_tensor(theory.initial_weights(40, 4, 1.0, 1))
        tied = Population(loss, weights, "cpu", torch.float64).drift(w)
        both = UntiedPopulation(loss, weights, "cpu", torch.float64).drift(torch.cat([w, w]))
        assert torch.allclose(both, torch.cat([tied, tied]), atol=1e-12)


def test_sum_and_difference_obey_the_symmetric_and_antisymmetric_parts_of_k() -> None:
    """Z+' = K_s Z+ - K_a Z-, Z-' = K_a Z+ - K_s Z-, with Z+- = (W +- C)/sqrt 2."""
    weights = weightings.word2vec(P, 1.0, 1e-3)
    model = UntiedPopulation(losses.Sgns(), weights, "cpu", torch.float64)
    w, c = np.random.default_rng(0).standard_normal((2, 40, 4))
    kernel = 2.0 * (weights.positive - weights.total / (1.0 + np.exp(-(w @ c.T))))
    even, odd = (kernel + kernel.T) / 2, (kernel - kernel.T) / 2
    plus, minus = (w + c) / np.sqrt(2), (w - c) / np.sqrt(2)
    drift = model.drift(torch.as_tensor(np.vstack([w, c]))).numpy()
    first, second = untied.split(drift)
    assert np.allclose((first + second) / np.sqrt(2), even @ plus - odd @ minus)
    assert np.allclose((first - second) / np.sqrt(2), odd @ plus - even @ minus)


def skewed(p: targets.Probabilities) -> weightings.Weights:
    """Return word2vec's weights with negatives drawn for one side only: B is not symmetric."""
    weights = weightings.word2vec(p, 1.0, 1e-3)
    drawn = weights.negative * np.linspace(0.2, 4.0, p.vocabulary_size)
    return weightings.Weights(weights.positive - drawn, weights.positive + drawn)


@pytest.mark.parametrize("loss", [losses.Sgns(), losses.Quartic()])
@pytest.mark.parametrize("weigh", [skewed, lambda p: weightings.setting31(p, 1.0)])
def test_the_drift_is_minus_half_the_gradient_and_fast_rows_are_rows_of_it(
    loss: Loss, weigh: type[weightings.Weights]
) -> None:
    p = random_probabilities(3, size=30, tokens=4000)
    model = UntiedPopulation(loss, weigh(p), "cpu", torch.float64)
    model.tile = 8
    rng = np.random.default_rng(0)
    state, direction = (torch.as_tensor(rng.standard_normal((60, 4))) for _ in range(2))
    h = 1e-5
    change = (model.loss(state + h * direction) - model.loss(state - h * direction)) / (2 * h)
    drift = model.drift(state)
    assert change * model.loss_range == pytest.approx(-float((drift * direction).sum()), rel=1e-5)
    if not model.narrow:
        model.inputs, model.outputs = torch.tensor([1, 4]), torch.tensor([0, 7, 9])
        expected = drift[[1, 4, 30, 37, 39]]
        assert torch.allclose(model.fast_drift(state), expected)


@pytest.mark.parametrize("kind", ["input", "mean"])
def test_untied_training_follows_the_closed_form(kind: str) -> None:
    settings = {**SETTINGS, "init": 1e-4, "untied": kind}
    trained = population.train(P, settings, "cpu", 6, 3, no_questions)
    exact = closed_form.follow(SPECTRUM, {**settings, "estimator": "exact"}, 6, 3, no_questions)
    assert trained.tau_1 == pytest.approx(exact.tau_1)
    assert np.abs(values_of(trained) - values_of(exact)).max() < 5e-3 * values_of(exact).max()
    assert np.abs(trained.trace["loss"] - exact.trace["loss"]).max() < 1e-3
    strengths = [run.trace[record.strength_columns(run.trace)] for run in (trained, exact)]
    assert (strengths[0] - strengths[1]).abs().max(axis=None) < 1e-2 * strengths[1].max(axis=None)


def test_the_mean_of_untied_word2vec_tends_to_the_tied_solution() -> None:
    """From a small start, while no negative mode has been learned in the columns of the mean."""
    settings = {**SETTINGS, "loss": "sgns", "weighting": "word2vec", "horizon": 40.0, "init": 1e-4}
    tied = population.train(P, settings, "cpu", 3, 3, no_questions).embedding
    mean = population.train(P, settings | {"untied": "mean"}, "cpu", 6, 3, no_questions).embedding
    leading = np.linalg.svd(tied, full_matrices=False)[0][:, 0]
    assert np.linalg.norm(leading @ mean) ** 2 > 0.9 * np.linalg.norm(leading @ tied) ** 2
