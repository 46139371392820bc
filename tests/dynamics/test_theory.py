"""The closed form: Lemma 3.1, the exact flow, and the loss."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mstar.dynamics import theory


def symmetric(rng: np.random.Generator, size: int) -> np.ndarray:
    matrix = rng.normal(size=(size, size))
    return (matrix + matrix.T) / 2


def descending_eigh(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1].copy(), vectors[:, ::-1].copy()


def integrate(matrix: np.ndarray, start: np.ndarray, times: np.ndarray) -> np.ndarray:
    """W(t) of dW/dt = (M - W W^T) W / 2 by a high-order Runge-Kutta method."""

    def drift(_: float, flat: np.ndarray) -> np.ndarray:
        w = flat.reshape(start.shape)
        return (0.5 * (matrix @ w - w @ (w.T @ w))).ravel()

    solution = solve_ivp(
        drift, (0, times[-1]), start.ravel(), "DOP853", times, rtol=1e-12, atol=1e-30
    )
    return solution.y.T.reshape(len(times), *start.shape)


@pytest.mark.parametrize("scale", [1.0, 1e-1, 1e-6])
def test_exact_flow_solves_the_flow_from_any_start(scale: float) -> None:
    rng = np.random.default_rng(1)
    matrix = symmetric(rng, 40)
    values, vectors = descending_eigh(matrix)
    start = scale * rng.normal(size=(40, 7))
    times = np.linspace(0.0, 8.0, 9)
    reference = integrate(matrix, start, times)
    for exact, expected in zip(
        theory.exact_flow(vectors.T @ start, values, times), reference, strict=True
    ):
        product = vectors @ exact @ exact.T @ vectors.T
        assert np.abs(product - expected @ expected.T).max() < 1e-9
        assert np.allclose(
            theory.singular_values(exact),
            np.linalg.svd(expected, compute_uv=False),
            rtol=1e-7,
            atol=1e-10,
        )


def test_exact_flow_does_not_depend_on_its_steps() -> None:
    rng = np.random.default_rng(2)
    values = np.sort(rng.normal(size=60) * 30)[::-1]
    start = 1e-12 * rng.normal(size=(60, 10))
    end = 30 * theory.time_constant(values[0], 1e-24)
    coarse, fine = (
        theory.singular_values(next(theory.exact_flow(start, values, np.array([end]), h)))
        for h in (600.0, 2.0)
    )
    assert np.allclose(coarse, fine, rtol=1e-9)
    positive = np.sqrt(values[:10])
    assert np.allclose(fine, positive, rtol=1e-6)


def in_many_digits(start: np.ndarray, values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Singular values (times, d) by the closed form in one step, in 1,500 digits."""
    with mpmath.workdps(1500):
        w = mpmath.matrix(start.tolist())
        rows = []
        for time in times:
            grown = [mpmath.exp(mpmath.mpf(x) * mpmath.mpf(time)) for x in values]
            inner = [(g - 1) / mpmath.mpf(x) for g, x in zip(grown, values, strict=True)]
            metric = mpmath.eye(start.shape[1]) + w.T * mpmath.diag(inner) * w
            inverse = mpmath.inverse(mpmath.cholesky(metric))
            squares = inverse * (w.T * mpmath.diag(grown) * w) * inverse.T
            found = mpmath.eigsy((squares + squares.T) / 2, eigvals_only=True)
            rows.append(sorted((float(mpmath.sqrt(abs(x))) for x in found), reverse=True))
    return np.array(rows)


@pytest.mark.parametrize("largest_exponent", [20.0, 600.0])
def test_exact_flow_keeps_every_digit_whatever_its_steps(largest_exponent: float) -> None:
    """From 1e-12 to 30 tau_1 weights grow e^900-fold; small modes stay as exact as large ones."""
    rng = np.random.default_rng(4)
    values = np.concatenate([60 / np.arange(1, 10) ** 0.6, -8 * np.sort(rng.random(7))])
    start = 1e-12 * rng.normal(size=(16, 4))
    times = np.array([0.3, 0.9, 1.1, 2.0, 9.0, 30.0]) * theory.time_constant(values[0], 1e-24)
    flow = theory.exact_flow(start, values, times, largest_exponent)
    found = np.array([theory.singular_values(w) for w in flow])
    np.testing.assert_allclose(found, in_many_digits(start, values, times), rtol=1e-13)


def test_exact_flow_is_the_same_with_torch() -> None:
    rng = np.random.default_rng(5)
    values = np.sort(rng.normal(size=50) * 20)[::-1].copy()
    start = 1e-6 * rng.normal(size=(50, 6))
    times = np.linspace(0.0, 20.0, 7) * theory.time_constant(values[0], 1e-12)
    for ours, theirs in zip(
        theory.exact_flow(start, values, times),
        theory.exact_flow(torch.as_tensor(start), values, times),
        strict=True,
    ):
        assert isinstance(theirs, torch.Tensor)
        first, second = (theory.singular_values(w) for w in (ours, theirs))
        np.testing.assert_allclose(second, first, rtol=1e-12)
        losses = [theory.normalised_loss(w, values) for w in (ours, theirs)]
        assert losses[1] == pytest.approx(losses[0], rel=1e-12)


def test_exact_flow_reduces_to_lemma_when_aligned() -> None:
    values = np.array([9.0, 5.0, 2.0, -1.0, -3.0])
    squares = np.array([1e-4, 3e-6, 1e-8])
    start = np.zeros((5, 3))
    start[:3, :3] = np.diag(np.sqrt(squares))
    times = np.linspace(0.1, 12, 30)
    expected = theory.sigmoid_squares(values[:3], squares, times)
    for weights, row in zip(theory.exact_flow(start, values, times), expected, strict=True):
        assert np.allclose(np.sort(row)[::-1], theory.singular_values(weights) ** 2, rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(-20, 20), st.floats(1e-10, 2.0), st.floats(0.01, 5.0))
def test_sigmoid_solves_lemma(eigenvalue: float, start: float, time: float) -> None:
    def drift(_: float, y: np.ndarray) -> np.ndarray:
        return y * (eigenvalue - y)

    solved = solve_ivp(drift, (0, time), [start], "DOP853", rtol=1e-11, atol=1e-200).y[0, -1]
    closed = theory.sigmoid_squares(np.array([eigenvalue]), np.array([start]), np.array([time]))
    assert closed[0, 0] == pytest.approx(solved, rel=1e-6)


def test_sigmoid_at_its_time_constant_is_half_learned() -> None:
    eigenvalue, start = np.array([50.0]), np.array([1e-24])
    half = theory.sigmoid_squares(eigenvalue, start, theory.time_constant(eigenvalue, start))
    assert half[0, 0] == pytest.approx(25.0, rel=1e-9)


def test_sigmoid_never_overflows() -> None:
    far = theory.sigmoid_squares(
        np.array([3000.0, 0.0, -9000.0]), np.full(3, 1e-24), np.array([10.0])
    )
    assert far[0] == pytest.approx([3000.0, 1e-24, 0.0])


def test_loss_identity() -> None:
    rng = np.random.default_rng(3)
    values, vectors = descending_eigh(symmetric(rng, 30))
    weights = rng.normal(size=(30, 4))
    matrix = (vectors * values) @ vectors.T
    direct = np.sum((weights @ weights.T - matrix) ** 2) / np.sum(matrix**2)
    assert theory.normalised_loss(vectors.T @ weights, values) == pytest.approx(direct)


def test_first_plateau_height() -> None:
    """With only mode 1 learned the loss is 1 - lambda_1^2 / ||M*||_F^2."""
    values = np.array([8.0, 3.0, 1.0, -2.0])
    weights = np.zeros((4, 1))
    weights[0] = np.sqrt(8.0)
    assert theory.normalised_loss(weights, values) == pytest.approx(1 - 64.0 / np.sum(values**2))
