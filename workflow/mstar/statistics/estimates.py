"""Scores with an error: their intervals, differences and ratios, and tests of them.

The error of a score follows from the contributions of the units of its sample, such as word pairs.
Scores on the same units are compared unit by unit, which removes what they have in common.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtr, stdtrit

from mstar.machine.arrays import Array

NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """A score with the contributions of the units of its sample.

    Attributes:
        value: the score.
        contributions: (units,) change of the score due to each unit; their sum of squares is the
            variance of the score, apart from ``twice``.
        freedom: degrees of freedom of the variance; 0 if there is none.
        twice: (m,) parts of the contributions that are those of two units. Their sum of squares is
            contained twice in that of the contributions, and once in the variance.
    """

    value: float
    contributions: Array
    freedom: int
    twice: Array = field(default_factory=lambda: np.empty(0))

    @property
    def error(self) -> float:
        """Standard error; NaN if the sample has too few units."""
        if not self.freedom:
            return NAN
        by_unit, by_both = (float(part @ part) for part in (self.contributions, self.twice))
        # A small sample may make the covariance of values that share a unit negative.
        return math.sqrt(max(by_unit - by_both, by_both))

    def quantile(self, level: float = 0.95) -> float:
        """Return Student's t of a two-sided interval at this confidence; NaN if there is none."""
        return float(stdtrit(self.freedom, 0.5 + level / 2)) if self.freedom else NAN

    def minus(self, other: Estimate, factor: float = 1.0) -> Estimate:
        """Return this score less ``factor`` times another on the same units."""
        return Estimate(
            self.value - factor * other.value,
            self.contributions - factor * other.contributions,
            min(self.freedom, other.freedom),
            self.twice - factor * other.twice,
        )


def difference(first: Estimate, second: Estimate, level: float = 0.95) -> tuple[float, ...]:
    """Compare two scores on the same units: (difference, low, high, p), p two-sided.

    Interval and p are those of Student's t, and NaN if the error is unknown.
    """
    change = first.minus(second)
    half = change.quantile(level) * change.error
    if math.isnan(half):
        return change.value, NAN, NAN, NAN
    if change.error == 0:
        return change.value, change.value, change.value, float(change.value == 0)
    p = 2 * float(stdtr(change.freedom, -abs(change.value) / change.error))
    return change.value, change.value - half, change.value + half, p


def ratio(first: Estimate, second: Estimate, level: float = 0.95) -> tuple[float, float, float]:
    """Compare two scores >= 0 on the same units: (ratio, low, high).

    The interval holds every r for which the first score less r times the second does not differ
    from 0 (Fieller 1954). So it contains 1 if and only if the interval of `difference` contains 0.
    It has no upper end if the second score does not differ from 0, and is NaN if an error is
    unknown; the ratio is NaN if the second score is 0.
    """
    if second.value == 0:
        return NAN, NAN, NAN
    change = first.minus(second)
    t = change.quantile(level)
    ours, theirs, both = (t * t * each.error**2 for each in (first, second, change))
    square = second.value**2 - theirs
    if math.isnan(square):
        return first.value / second.value, NAN, NAN
    middle = first.value * second.value - (ours + theirs - both) / 2
    rest = first.value**2 - ours
    root = math.sqrt(max(middle * middle - square * rest, 0.0))
    low = rest / (middle + root) if rest > 0 else 0.0
    return first.value / second.value, low, (middle + root) / square if square > 0 else math.inf


def exchanged(first: Estimate, second: Estimate, draws: int = 200, seed: int = 0) -> Array:
    """Return differences (draws,) of two scores had chance decided which is which in each unit.

    Each unit's contribution to the difference gets a random sign, as if both models were equally
    good and their answers were swapped unit by unit. The mean is 0, and the variance that of the
    difference.
    """
    change = first.minus(second)
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (draws, len(change.contributions)))
    sums = np.asarray(signs @ change.contributions, dtype=np.float64)
    length = float(np.linalg.norm(change.contributions))
    return sums * (change.error / length) if length > 0 else sums


def exchanged_ratios(first: Estimate, second: Estimate, draws: int = 200, seed: int = 0) -> Array:
    """Return ratios (draws,) of two scores >= 0 with differences as in `exchanged`, sum kept.

    A ratio is infinite where the second score would not be positive.
    """
    return _ratios(first, second, exchanged(first, second, draws, seed))


def resampled(first: Estimate, second: Estimate, draws: int = 200, seed: int = 0) -> Array:
    """Return differences (draws,) of two scores as other samples of their units would give them.

    They spread about the measured difference as those of `exchanged` do about 0 (the wild bootstrap
    of Wu 1986).
    """
    return first.value - second.value + exchanged(first, second, draws, seed)


def resampled_ratios(first: Estimate, second: Estimate, draws: int = 200, seed: int = 0) -> Array:
    """Return ratios (draws,) of two scores >= 0 with differences as in `resampled`, sum kept.

    A ratio is infinite where the second score would not be positive.
    """
    return _ratios(first, second, resampled(first, second, draws, seed))


def _ratios(first: Estimate, second: Estimate, changes: Array) -> Array:
    """Return the ratios of two scores whose sum is that of ``first`` and ``second``."""
    both = first.value + second.value
    if not both > 0:
        return np.full(len(changes), NAN)
    changes = np.clip(changes, -both, both)
    with np.errstate(divide="ignore"):
        return np.asarray((both + changes) / (both - changes))


def holm(p: Array) -> Array:
    """Return the p-values (n,) of n tests adjusted by Holm (1979); NaN stays and does not count."""
    adjusted = np.full(len(p), NAN)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    left = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(left * p[order]), 1.0)
    return adjusted
