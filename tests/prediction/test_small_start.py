"""Learning times of the exact flow against Lemma 3.1's, and the bound on their difference."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mstar.dynamics import theory
from mstar.prediction import small_start
from mstar.spectra.spectrum import Spectrum

V, D = 120, 12
VALUES = np.sort(
    np.concatenate(
        [
            60.0 * np.arange(1, V // 2 + 1) ** -0.6,
            -np.random.default_rng(0).uniform(0, 4, V - V // 2),
        ]
    )
)[::-1].copy()
DIAGONAL = Spectrum(VALUES, np.eye(V), np.zeros(V), float((VALUES**2).sum()))


def test_half_times_of_sigmoids_are_time_constants() -> None:
    values, start = VALUES[:D], np.full(D, 1e-8)
    times = np.concatenate([[0.0], np.geomspace(0.05, 12.0, 40)])
    found = small_start.half_times(theory.sigmoid_squares(values, start, times), values, times)
    exact = np.log((values - start) / start) / values
    assert found == pytest.approx(exact, rel=1e-4)
    never = small_start.half_times(np.full((5, 1), 9.0), np.array([10.0]), np.arange(5.0))
    assert np.isnan(never).all()  # it starts above half


def test_half_times_are_those_of_an_ode_solver() -> None:
    init, dim = 0.05, 3
    rng = np.random.default_rng(5)
    values = np.array([6.0, 4.0, 2.5, 1.0, -1.0, -3.0])
    start = rng.standard_normal((6, dim)) * init / np.sqrt(dim)

    def drift(_: float, flat: np.ndarray) -> np.ndarray:
        w = flat.reshape(6, dim)
        return (0.5 * (values[:, None] * w - w @ (w.T @ w))).ravel()

    times = np.linspace(0, 12, 400)
    solved = solve_ivp(drift, (0, 12), start.ravel(), "DOP853", times, rtol=1e-10, atol=1e-12)
    squares = [np.linalg.svd(y.reshape(6, dim), compute_uv=False) ** 2 for y in solved.y.T]
    expected = small_start.half_times(np.array(squares), values[:dim], times)
    exact = [theory.singular_values(w) ** 2 for w in theory.exact_flow(start, values, times)]
    found = small_start.half_times(np.array(exact), values[:dim], times)
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_bound_holds_for_modes_of_the_exact_flow() -> None:
    """The bound holds at its level over seeds, modes and scales 1e-12 to 1e-2, and is not loose."""
    inits = [1e-12, 1e-6, 1e-2]
    frames = [small_start.compare(DIAGONAL, D, inits, seed) for seed in range(8)]
    errors = np.concatenate([f["measured"].abs().to_numpy() for f in frames])
    bounds = np.concatenate([f["bound"].to_numpy() for f in frames])
    assert np.isfinite(errors).all() and len(errors) == 8 * 3 * D
    assert np.mean(errors > bounds) < 1 - small_start.LEVEL + 0.03
    assert np.mean(errors > bounds / 3) > 0.2


def test_the_start_of_each_mode_is_what_is_left_to_it() -> None:
    """The aligned start rho_k follows chi^2_{d-k+1}/d, and its quantile."""
    rng = np.random.default_rng(1)
    starts = [
        np.diag(theory.align(rng.standard_normal((V, D)) / np.sqrt(D))[:D]) ** 2
        for _ in range(2000)
    ]
    mean = np.mean(starts, axis=0)
    assert mean == pytest.approx((D - np.arange(D)) / D, rel=0.1)
    within = np.abs(np.log(starts)) <= small_start.log_start(D, np.arange(1, D + 1))
    assert (within.mean(axis=0) > 0.93).all() and within.mean(axis=0).min() < 0.985


def test_one_percent_is_where_the_bound_says() -> None:
    scale = small_start.scale_within(VALUES, D)
    assert (np.diff(scale) < 0).all()
    for k in (0, D // 2):
        bound = small_start.time_error(VALUES, D, float(scale[k]))[k]
        assert bound == pytest.approx(0.01, rel=0.02)  # slower modes add little
    # A larger start never agrees better with the lemma.
    errors = [small_start.time_error(VALUES, D, s) for s in (1e-12, 1e-6, 1e-2, 0.5)]
    assert (np.diff(errors, axis=0) > 0).all()
