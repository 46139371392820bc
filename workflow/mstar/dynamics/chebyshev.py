"""One step of the second-order Runge-Kutta-Chebyshev scheme.

Sommeijer, Shampine and Verwer, J. Comput. Appl. Math. 88 (1998): s stages are stable on about
0.65 s^2 of the negative real axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

# Returns the slope at Y and the time since the start of the step.
Slope = Callable[[torch.Tensor, float], torch.Tensor]
# Called after every stage with the previous stage and its slope, the new stage (which it may
# change), and the times of both.
Settle = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, float, float], None]


@dataclass(frozen=True)
class Scheme:
    """Coefficients of the scheme with s stages and damping 2/13.

    Attributes:
        mu, nu, mu_tilde, gamma_tilde: (s + 1,) of stages 2 to s; the first two entries are unused.
        first: mu_tilde of stage 1.
        moments: (s + 1,) time of each stage, as a share of the step.
    """

    mu: np.ndarray
    nu: np.ndarray
    mu_tilde: np.ndarray
    gamma_tilde: np.ndarray
    first: float
    moments: np.ndarray


def reach(stages: int) -> float:
    """Return the largest step times spectral radius at which ``stages`` stages are stable."""
    return 0.65 * (stages**2 - 1)


def stages_for(stiffness: float) -> int:
    """Return the number of stages, at least 2, at which a step is stable.

    ``stiffness`` is the step times the spectral radius.
    """
    return max(2, int(np.ceil(np.sqrt(1.0 + stiffness / 0.65) - 1e-9)))


@cache
def scheme(stages: int) -> Scheme:
    """Return the scheme with ``stages`` stages (2 or more)."""
    w0 = 1.0 + (2.0 / 13.0) / stages**2
    t, dt, ddt = (np.zeros(stages + 1) for _ in range(3))
    t[0], t[1], dt[1] = 1.0, w0, 1.0
    for j in range(2, stages + 1):
        t[j] = 2 * w0 * t[j - 1] - t[j - 2]
        dt[j] = 2 * t[j - 1] + 2 * w0 * dt[j - 1] - dt[j - 2]
        ddt[j] = 4 * dt[j - 1] + 2 * w0 * ddt[j - 1] - ddt[j - 2]
    w1 = dt[stages] / ddt[stages]
    b = np.zeros(stages + 1)
    b[2:] = ddt[2:] / dt[2:] ** 2
    b[0] = b[1] = b[2]
    a = 1.0 - b * t
    mu, nu, mu_tilde, gamma_tilde, moments = (np.zeros(stages + 1) for _ in range(5))
    mu[2:] = 2 * b[2:] * w0 / b[1:-1]
    nu[2:] = -b[2:] / b[:-2]
    mu_tilde[2:] = 2 * b[2:] * w1 / b[1:-1]
    gamma_tilde[2:] = -a[1:-1] * mu_tilde[2:]
    moments[1] = b[1] * w1
    for j in range(2, stages + 1):
        moments[j] = mu[j] * moments[j - 1] + nu[j] * moments[j - 2] + mu_tilde[j] + gamma_tilde[j]
    return Scheme(mu, nu, mu_tilde, gamma_tilde, float(moments[1]), moments)


def advance(
    slope_at: Slope,
    y: torch.Tensor,
    slope: torch.Tensor,
    h: float,
    table: Scheme,
    settle: Settle | None = None,
) -> torch.Tensor:
    """Return Y after a step of dY/du = slope_at(Y, u) from u = 0.

    Args:
        slope_at: gives the slope.
        y: Y at u = 0.
        slope: slope at u = 0.
        h: step.
        table: coefficients.
        settle: called after every stage, if given.
    """
    older, newer, at_newer = y, y + table.first * h * slope, slope
    times = [h * float(moment) for moment in table.moments]
    if settle:
        settle(y, slope, newer, 0.0, times[1])
    for j in range(2, len(table.mu)):
        rest = float(1.0 - table.mu[j] - table.nu[j])
        at_newer = slope_at(newer, times[j - 1])
        newest = rest * y + float(table.mu[j]) * newer + float(table.nu[j]) * older
        newest.add_(at_newer, alpha=float(table.mu_tilde[j]) * h)
        newest.add_(slope, alpha=float(table.gamma_tilde[j]) * h)
        if settle:
            settle(newer, at_newer, newest, times[j - 1], times[j])
        older, newer = newer, newest
    return newer
