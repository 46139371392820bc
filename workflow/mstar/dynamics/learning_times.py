"""Times at which modes are learned, and at which a curve first reaches a level."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from mstar.dynamics import theory
from mstar.files.writing import UserError
from mstar.machine.arrays import Array

# A mode is learned if its last strength is above this share of the first mode's.
LEARNED = 0.01


def growing(eigenvalues: Array, init: float) -> int:
    """Return the number of modes of M* that grow from s_k(0) = ``init``: lambda_k > ``init``^2."""
    return int((eigenvalues > init**2).sum())


def time_constants(eigenvalues: Array, init: float) -> Array:
    """Return tau_k of Lemma 3.1 (`mstar.dynamics.theory.time_constant`), in flow time.

    Args:
        eigenvalues: (r,) lambda_k of M*, descending.
        init: s_k(0), the same for all modes.

    Returns:
        (r,) times; nan for a mode that does not grow from ``init``.

    Raises:
        UserError: no mode grows.
    """
    if not growing(eigenvalues, init):
        raise _too_large(init, float(eigenvalues[0]))
    known = np.where(eigenvalues > init**2, eigenvalues, np.nan)
    return np.asarray(theory.time_constant(known, init**2))


def expected_time_constants(total: Any, modes: Array, rates: Array, init: float) -> Array:
    """Return tau_k = ln(s_inf,k^2 / s(0)^2) / (2 mu_k) for any weighting, in flow time.

    A single mode v saturates at ``s_inf,k^2 = 2 mu_k / sum_ij G_ij v_i^2 v_j^2`` under the quartic
    loss (lambda_k under Setting 3.1, where tau_k is that of Lemma 3.1). This estimate is also used
    for other losses, since tau_k depends on it only through a logarithm. Outside Setting 3.1 modes
    learned first change the growth of later ones, so only tau_1 is accurate; later tau_k are those
    of linear growth.

    Args:
        total: (V, V) G = A + B of `mstar.dynamics.weightings.Weights`, or an operator with ``@``.
        modes: (V, r) unit eigenvectors of A - B with eigenvalues ``rates`` (r,) = mu_k.
        init: s_k(0), the same for all modes.

    Returns:
        (r,) times; nan for a mode that does not grow or starts beyond its saturation.

    Raises:
        UserError: the first mode does not grow or starts beyond its saturation.
    """
    squares, initial_square = modes**2, init**2
    final = 2.0 * rates / np.einsum("ik,ik->k", squares, total @ squares)
    if rates[0] <= 0:
        raise UserError(f"no mode grows: the largest growth rate is {rates[0]:.3g}")
    if final[0] <= initial_square:
        raise _too_large(init, float(final[0]))
    grows = final > initial_square
    times = np.full(rates.shape, np.nan)
    times[grows] = np.log(final[grows] / initial_square) / (2.0 * rates[grows])
    return times


def first_passed(x: Array, y: Array, level: float, spacing: Literal["linear", "log"]) -> float:
    """Return the x at which y first reaches ``level``, interpolated between the points around it.

    Args:
        x, y: (n,) the curve, x ascending.
        level: value of y to reach.
        spacing: whether y is interpolated linearly in x or in log x. "log" suits x > 0 spaced
            evenly in log x, as in predictions (`mstar.prediction.curves`) and in runs compared with
            them (`mstar.prediction.scores.compare`). "linear" suits close points
            (`mstar.prediction.scores.first_step`, `mstar.claims.dynamics`, `mstar.figures.fig7`)
            and a y that is linear in x, such as the logit of a sigmoid
            (`mstar.prediction.small_start`).

    Returns:
        The first x if y starts at or above ``level``; nan if y never reaches it.
    """
    reached = np.flatnonzero(y >= level)
    if not reached.size:
        return float("nan")
    after = int(reached[0])
    if after == 0:
        return float(x[0])
    at = slice(after - 1, after + 1)
    if spacing == "linear":
        return float(np.interp(level, y[at], x[at]))
    part = (level - y[after - 1]) / (y[after] - y[after - 1])
    return float(x[after - 1] * (x[after] / x[after - 1]) ** part)


def strength_times(times: Array, strengths: Array) -> Array:
    """Return the time (d,) at which each strength first passes half of its last value.

    It is nan for a strength that does so before the first time, or whose last value is below
    `LEARNED` of the first mode's.

    Args:
        times: (T,) ascending.
        strengths: (T, d).
    """
    last = strengths[-1]
    halves = np.array([first_passed(times, s, s[-1] / 2, "log") for s in strengths.T])
    return np.where((halves > times[0]) & (last > LEARNED * last[0]), halves, np.nan)


def _too_large(init: float, final_square: float) -> UserError:
    """Return the error for a start ``init`` beyond the final size of the first mode."""
    return UserError(
        f"init: {init:g} is beyond the first mode's final size {max(final_square, 0.0) ** 0.5:.3g};"
        " choose a smaller initial scale"
    )
