"""Intervals of single scores: shares of right answers, and rank correlations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from mstar.machine.arrays import Array
from mstar.statistics.dyads import Dyads
from mstar.statistics.estimates import Estimate

NAN = float("nan")


def share_interval(
    right: NDArray[Any], questions: Dyads, level: float = 0.95
) -> tuple[float, float]:
    """Return a confidence interval of the share of right answers (n,) to ``questions``.

    It is the score interval of Wilson (1927), (p + t²/2m ± t sqrt(p(1-p)/m + t²/4m²)) / (1 + t²/m),
    with the effective number of questions m = p(1-p)/error² (Kish 1965), at most n, and Student's
    t, as Korn and Graubard (1998) have it for samples in clusters. It lies inside [0, 1] and does
    not shrink to a point at p = 0 and 1, where, as wherever the error is unknown, m is half the
    number of units. It is (NaN, NaN) without questions.
    """
    if not len(right):
        return NAN, NAN
    found = questions.estimate(np.asarray(right, dtype=np.float64))
    p, error = found.value, found.error
    effective, t = questions.units / 2, float(stdtrit(max(questions.units - 1, 1), 0.5 + level / 2))
    if error > 0:
        effective, t = min(p * (1 - p) / error**2, float(len(right))), found.quantile(level)
    spare = t * t / effective
    centre = (p + spare / 2) / (1 + spare)
    half = t * math.sqrt(p * (1 - p) / effective + spare / effective / 4) / (1 + spare)
    # At p = 0 and 1 the bound is exact; rounding would leave it at 1e-17.
    low = 0.0 if p == 0 else max(0.0, centre - half)
    high = 1.0 if p == 1 else min(1.0, centre + half)
    return low, high


def _ranks(sample: NDArray[Any]) -> Array:
    """Return ranks (n,) from 1, ties averaged.

    pandas is loaded anyway; every job that scores an embedding would take half a second longer to
    start for ``scipy.stats``.
    """
    return np.asarray(pd.Series(sample).rank(), dtype=np.float64)


def spearman(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Return Spearman's rho of two samples (n,), with averaged ranks of ties.

    NaN for fewer than two points or if a sample is constant.

    Raises:
        ValueError: the samples are not vectors of equal length.
    """
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"expected two samples of one length, got {x.shape} and {y.shape}")
    if len(x) < 2:
        return NAN
    rx, ry = (_ranks(sample) - (len(x) + 1) / 2 for sample in (x, y))
    scale = math.sqrt(float(rx @ rx) * float(ry @ ry))
    return float(np.clip(rx @ ry / scale, -1, 1)) if scale > 0 else NAN


def spearman_estimate(
    x: NDArray[Any], y: NDArray[Any], first: NDArray[Any], second: NDArray[Any]
) -> Estimate:
    """Return Spearman's rho of two samples (n,) of values of word pairs, with words as units.

    A pair contributes what rho changes if it is left out (jackknife), ties included. Pairs that
    share a word may depend on each other: the variance is the sum of products of contributions over
    all pairs of pairs that share a word (dyadic, Fafchamps and Gubert 2007).

    Args:
        x, y: (n,) the two values of each pair.
        first, second: (n,) identifiers of its two words.
    """
    rho, n = spearman(x, y), len(x)
    if math.isnan(rho) or n <= 3:
        return Estimate(rho, np.empty(0), 0)
    changes = rho - _left_out(x, y)
    changes = (changes - changes.mean()) * math.sqrt(1 - 1 / n)
    names, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    a, b, units = codes[:n], codes[n:], len(names)
    other = a != b
    by_word = np.zeros(units)
    np.add.at(by_word, a, changes)
    np.add.at(by_word, b[other], changes[other])
    _, dyad = np.unique((np.minimum(a, b) * units + np.maximum(a, b))[other], return_inverse=True)
    freedom = min(units, n) - 1 if np.isfinite(changes).all() else 0
    by_pair = np.zeros(len(dyad))
    np.add.at(by_pair, dyad, changes[other])
    return Estimate(rho, by_word, freedom, by_pair)


def _left_out(x: NDArray[Any], y: NDArray[Any]) -> Array:
    """Return Spearman's rho (n,) without each of n >= 3 points; NaN if the others are constant."""
    ranks = [_ranks(sample) - len(x) / 2 for sample in (x, y)]
    found = np.empty(len(x))
    for out in range(len(x)):
        left = []
        for sample, rank in zip((x, y), ranks, strict=True):
            # The ranks of larger values fall by one, and those of equal ones by half.
            kept = rank - (np.sign(sample - sample[out]) + 1) / 2
            kept[out] = 0.0
            left.append(kept)
        scale = math.sqrt(float(left[0] @ left[0]) * float(left[1] @ left[1]))
        found[out] = left[0] @ left[1] / scale if scale > 0 else NAN
    return found


def spearman_interval(found: Estimate, level: float = 0.95) -> tuple[float, float]:
    """Return a confidence interval of a rank correlation.

    Fisher's z = artanh(rho) with the error of ``found`` over 1 - rho², and Student's t, mapped back
    by tanh. It is (-1, 1) if the error is unknown, and (NaN, NaN) if rho is NaN.
    """
    rho, error = found.value, found.error
    if math.isnan(rho):
        return NAN, NAN
    if math.isnan(error):
        return -1.0, 1.0
    if abs(rho) >= 1:
        return rho, rho
    half = found.quantile(level) * error / (1 - rho * rho)
    return math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)
