"""Uncertainty of a score: proportions (Wilson) and rank correlations (Fisher, Bonett–Wright)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

NAN = float("nan")


def wilson_interval(correct: int, questions: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of ``correct / questions`` at confidence ``level``.

    The interval (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) of Wilson (1927) lies inside
    [0, 1] and keeps its level for small n and extreme p. It is (NaN, NaN) without questions.
    Questions are treated as independent, which analogies sharing words are not, so the width is a
    lower bound.

    Raises:
        ValueError: ``correct`` is not in 0..``questions``.
    """
    if not 0 <= correct <= questions:
        raise ValueError(f"expected 0 <= correct <= questions, got {correct} of {questions}")
    if questions == 0:
        return NAN, NAN
    # scipy.stats.binomtest also has this interval, but its last bit differs for four scores in ten,
    # and tables have all digits.
    z = float(ndtri(0.5 + level / 2))
    p, n = correct / questions, float(questions)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At p = 0 and 1 the bound is exact; rounding would leave it at 1e-17.
    low = 0.0 if correct == 0 else max(0.0, centre - half)
    high = 1.0 if correct == questions else min(1.0, centre + half)
    return low, high


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
    rx, ry = (rankdata(sample) - (len(x) + 1) / 2 for sample in (x, y))
    scale = math.sqrt(float(rx @ rx) * float(ry @ ry))
    return float(np.clip(rx @ ry / scale, -1, 1)) if scale > 0 else NAN


def spearman_interval(rho: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return a confidence interval of Spearman's ``rho`` over ``n`` pairs.

    Fisher's z = artanh(rho) with the standard error sqrt((1 + rho²/2) / (n - 3)) of Bonett and
    Wright (2000), mapped back by tanh. The interval is (-1, 1) for n <= 3, where the error is
    unbounded, and (NaN, NaN) if rho is NaN.
    """
    if math.isnan(rho):
        return NAN, NAN
    if n <= 3:
        return -1.0, 1.0
    if abs(rho) >= 1:
        return rho, rho
    z = float(ndtri(0.5 + level / 2))
    half = z * math.sqrt((1 + rho * rho / 2) / (n - 3))
    return math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)
