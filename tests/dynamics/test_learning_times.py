"""Learning times of modes, and the time at which a curve crosses a level."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from mstar.counts import targets
from mstar.dynamics import losses
from mstar.dynamics.drift import Population
from mstar.dynamics.learning_times import (
    expected_time_constants,
    first_passed,
    growing,
    time_constants,
)
from mstar.files.writing import UserError
from tests.dynamics.test_losses import WEIGHTINGS, P


def test_modes_that_do_not_outgrow_their_start_have_no_time() -> None:
    lam = np.array([9.0, 0.02, 0.01, -0.1])
    assert growing(lam, 0.1) == 2 and growing(lam[:1], 0.1) == 1 and growing(lam, 4.0) == 0
    times = time_constants(lam, 0.1)
    assert np.array_equal(np.isnan(times), [False, False, True, True])
    np.testing.assert_allclose(times[:2], np.log(lam[:2] / 0.01) / lam[:2])
    with pytest.raises(UserError, match="init: 4 is beyond the first mode's final size 3;"):
        time_constants(lam, 4.0)


def test_time_constants_are_lemma_31_under_setting31() -> None:
    mstar = targets.dense("mstar", P)
    values, vectors = (part[..., ::-1] for part in np.linalg.eigh(mstar))
    weights = WEIGHTINGS["setting31"]
    taus = expected_time_constants(weights.total, vectors, values / 2, 1e-3)
    grown = values > 1e-6
    np.testing.assert_allclose(taus, time_constants(values, 1e-3))
    np.testing.assert_allclose(taus[grown], np.log(values[grown] / 1e-6) / values[grown])
    assert grown.any() and np.isnan(taus[~grown]).all()
    with pytest.raises(UserError, match="smaller initial scale"):
        expected_time_constants(weights.total, vectors, values / 2, 1e3)
    with pytest.raises(UserError, match="no mode grows"):
        expected_time_constants(weights.total, vectors[:, -1:], np.array([-1.0]), 1e-3)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("k", [0, 1])
def test_a_lone_mode_is_half_learned_at_its_time_constant(weighting: str, k: int) -> None:
    """W = s v obeys ds^2/dt = 2 s^2 (mu - s^2 v^2 G v^2 / 2) and is half learned at tau."""
    weights = WEIGHTINGS[weighting]
    rates, modes = (part[..., ::-1] for part in np.linalg.eigh(weights.difference))
    tau = expected_time_constants(weights.total, modes[:, k:], rates[k:], 1e-4)[0]
    model = Population(losses.Quartic(), weights, "cpu", torch.float64)
    v = modes[:, k : k + 1]

    def growth(_: float, square: np.ndarray) -> np.ndarray:
        w = np.sqrt(square) * v
        return np.asarray([2 * float(np.sum(w * model.drift(torch.as_tensor(w)).numpy()))])

    end = solve_ivp(growth, (0, tau), [1e-8], "DOP853", rtol=1e-9, atol=1e-14).y[0, -1]
    limit = 2 * rates[k] / float((v[:, 0] ** 2) @ weights.total @ (v[:, 0] ** 2))
    assert end == pytest.approx(limit / 2, rel=1e-6)


def test_a_curve_passes_a_level_between_two_points() -> None:
    x, y = np.array([1.0, 4.0, 9.0]), np.array([0.0, 1.0, 0.0])
    assert first_passed(x, y, 0.5, "log") == pytest.approx(2.0)
    assert first_passed(x, y, 0.5, "linear") == pytest.approx(2.5)
    for spacing in ("linear", "log"):
        assert first_passed(x, y, 1.0, spacing) == pytest.approx(4.0)
        assert first_passed(x, y, 0.0, spacing) == 1.0
        assert np.isnan(first_passed(x, y, 1.1, spacing))
