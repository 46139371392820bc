"""The distribution of C_ij, and with it of M*_ij, for two words that are unrelated.

Such words meet a Poisson number of times in their windows, each time at one of L distances with
equal probability, which adds a weight of 1 ... L to C_ij.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mstar.machine.arrays import Array

# Number of meetings above which expansions in 1/meetings are accurate to 1e-3.
MANY = 40.0


class Moments(NamedTuple):
    """Moments of M*_ij: mean, variance, and covariance with C_ij in units of C's deviation."""

    mean: float
    variance: float
    slope: float


def distribution(meetings: float, window: int) -> Array:
    """Return the probabilities of C = 0, 1, ..., by Panjer's recursion.

    Args:
        meetings: expected number of meetings.
        window: L.
    """
    weights = np.arange(1, window + 1)
    mean, square = weights.mean(), (weights.astype(float) ** 2).mean()
    size = int(meetings * mean + 12 * np.sqrt(meetings * square)) + 8 * window
    chance = np.zeros(size)
    chance[0] = np.exp(-meetings)
    for total in range(1, size):
        last = weights[: min(total, window)]
        chance[total] = meetings / (total * window) * (last * chance[total - last]).sum()
    return chance


def moments(meetings: float, window: int, negative: float = 1.0) -> Moments:
    """Return the moments of M*_ij = 4 C / (C + k mu) - 2, with mu the mean of C.

    They are exact for few meetings, and for many those of the expansion of M*_ij to second order in
    C - mu, whose variance is that of the delta method.

    Args:
        meetings: expected number of meetings.
        window: L.
        negative: k.
    """
    weights = np.arange(1, window + 1)
    mu, spread = meetings * weights.mean(), meetings * (weights.astype(float) ** 2).mean()
    if meetings > MANY:
        value = 4 / (1 + negative) - 2
        slope = 4 * negative / ((1 + negative) ** 2 * mu)
        bend = -8 * negative / (1 + negative) ** 3 / mu**2
        variance = slope**2 * spread + (bend * spread) ** 2 / 2
        return Moments(value + bend * spread / 2, variance, slope * spread**0.5)
    chance = distribution(meetings, window)
    counts = np.arange(chance.size)
    entries = 4 * counts / (counts + negative * mu) - 2
    mean = float(chance @ entries)
    variance = float(chance @ (entries - mean) ** 2)
    together = float(chance @ ((entries - mean) * (counts - mu)))
    return Moments(mean, variance, together / spread**0.5)
