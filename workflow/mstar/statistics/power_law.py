"""Power laws y = c x^b, fitted by least squares on logarithmic axes, with an interval for b.

The curves are not samples: eigenvalues against their rank, or a ratio against d, are smooth
sequences whose neighbours depend on each other. So neither the maximum-likelihood exponent of a
Pareto sample (Hill) nor the standard error of a regression applies. b is the mean slope over a
range of ln x, and its interval shows how much that slope depends on the part of the range used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from mstar.machine.arrays import Array

BLOCKS = 8
FEWEST_POINTS = 4


@dataclass(frozen=True)
class PowerLaw:
    """A power law y = ``scale`` x^``exponent``.

    Attributes:
        exponent: b.
        low, high: interval of the exponent; NaN if it has none.
        scale: c.
        first, last: range of x of the fit.
        points: number of points of the fit.
    """

    exponent: float
    low: float
    high: float
    scale: float
    first: float
    last: float
    points: int

    def __call__(self, x: NDArray[Any]) -> Array:
        """Return the law at ``x``."""
        return np.asarray(self.scale * np.asarray(x, dtype=np.float64) ** self.exponent)


def fit(x: NDArray[Any], y: NDArray[Any], blocks: int = BLOCKS, level: float = 0.95) -> PowerLaw:
    """Fit ln y = ln c + b ln x to points (n,) with increasing x > 0 and y > 0.

    Least squares weights each point by its share of the ln x axis (half the distance between its
    neighbours), so that all octaves count equally; otherwise the many points at the end of
    x = 1, 2, 3, … would dominate. The interval is b ± t · s, with s from the delete-one-block
    jackknife over ``blocks`` parts of equal length in ln x (those with points), and Student's t
    with one degree of freedom less than the number of parts. Deleting whole parts keeps the
    interval valid under curvature and under residuals correlated over less than a part (Künsch
    1989).

    Raises:
        ValueError: fewer than `FEWEST_POINTS` points, or x not increasing, or a value <= 0.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1 or len(x) < FEWEST_POINTS:
        raise ValueError(f"expected {FEWEST_POINTS} points or more, got {x.shape} and {y.shape}")
    if not ((x > 0).all() and (y > 0).all() and (np.diff(x) > 0).all()):
        raise ValueError("expected positive values, and x in increasing order")
    across, up = np.log(x), np.log(y)
    weights = np.gradient(across)
    slope, intercept = _line(across, up, weights)
    place = (across - across[0]) / (across[-1] - across[0])
    block = np.minimum((place * blocks).astype(int), blocks - 1)
    kept = [block != b for b in np.unique(block)]
    half = np.nan
    if len(kept) > 2 and min(int(k.sum()) for k in kept) >= 2:
        slopes = np.array([_line(across[k], up[k], weights[k])[0] for k in kept])
        count = len(slopes)
        spread = np.sqrt((count - 1) / count * np.sum((slopes - slopes.mean()) ** 2))
        half = float(stdtrit(count - 1, 0.5 + level / 2) * spread)
    return PowerLaw(
        exponent=slope,
        low=slope - half,
        high=slope + half,
        scale=float(np.exp(intercept)),
        first=float(x[0]),
        last=float(x[-1]),
        points=len(x),
    )


def _line(x: Array, y: Array, weights: Array) -> tuple[float, float]:
    """Return slope and intercept of the weighted least-squares line."""
    total = weights.sum()
    x_mean, y_mean = float(weights @ x / total), float(weights @ y / total)
    slope = float(weights @ ((x - x_mean) * (y - y_mean)) / (weights @ (x - x_mean) ** 2))
    return slope, y_mean - slope * x_mean
