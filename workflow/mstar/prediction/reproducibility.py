"""Reproducibility of features, measured by splitting a text by document.

Two halves A and B of a text give two estimates of M* with independent errors. Let P_A and P_B
project on the leading R eigenvectors of each, and let v_k be mode k of the whole text. Then

    q_k = v_k^T P_A P_B v_k

measures how much of v_k both halves have in common. If the space of each half contains the true
direction with squared cosine c^2, with errors independent of the other half, q_k is c^4.

A feature is reproducible if half of the text contains more of it than it misses, c^2 >= 1/2, so
q_k >= 1/4. Since 1 - c^2 decreases as 1/tokens (first-order perturbation, and the spiked matrix
model), c^2 >= 3/4 for the whole text. In addition q_k must exceed what chance allows, since v_k
comes from both halves and favours what they happen to share. The principal angles of two random
R-dimensional spaces have cosines of at most c = 2 sqrt(R/V (1 - R/V)) (V large), and then no unit
vector has a larger q than (c + c^2)/2. The threshold is the larger of the two numbers.

The last reproducible rank is the one that best separates features above the threshold from those
below: it maximises sum_(k <= rank) (q_k - threshold).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from mstar.machine.arrays import Array

# parts: 2 (halves) or 4 (quarters, one from each half); tokens: mean of the two parts compared;
# rank: r; subspace: mean squared cosine of the principal angles between their leading r modes;
# subspace_chance: r/V; feature: q_k of mode k = r of the whole text; threshold: for q_k.
COLUMNS = ["parts", "tokens", "rank", "subspace", "subspace_chance", "feature", "threshold"]
# Median difference of two normal numbers, in units of their standard deviation.
NEIGHBOURS = float(ndtri(0.75)) * 2**0.5
NORMAL = float(ndtri(0.975))
LEAST_HELD = 0.5  # least c^2 of a reproducible feature in half of the text
TOO_FEW = (
    "the text is one document, so it cannot be split into halves: nothing is said about which"
    " features are reproducible"
)


@dataclass(frozen=True)
class Extent:
    """Extent to which features are reproducible.

    Attributes:
        rank: rank of the last reproducible feature; None if it could not be measured.
        compared: number of features compared; an equal ``rank`` is a lower bound.
        tokens: tokens of the whole text.
        exponent: b in rank ~ tokens^b, from quarters to halves; nan if unknown.
        low, high: 95 % interval of ``rank`` (`rank_interval`).
    """

    rank: int | None
    compared: int
    tokens: float
    exponent: float
    low: int = 0
    high: int = 0

    def tokens_for(self, rank: int) -> float:
        """Return the tokens that a text needs for ``rank`` reproducible features.

        They are extrapolated by rank ~ tokens^b from two sizes; nan if b is unknown.
        """
        if not self.rank or not self.exponent > 0:
            return float("nan")
        return float(self.tokens * (rank / self.rank) ** (1.0 / self.exponent))


def feature_overlaps(whole: Array, first: Array, second: Array) -> Array:
    """Return q_k (K,) of the columns v_k of ``whole`` (V, K).

    Args:
        whole: (V, K) modes of the whole text.
        first, second: (V, R) leading eigenvectors of the two parts.
    """
    return np.einsum("rk,rk->k", first.T @ whole, (first.T @ second) @ (second.T @ whole))


def most_by_chance(rank: int, size: int) -> float:
    """Return the largest q that two random spaces of ``rank`` in ``size`` dimensions allow.

    In a plane with the lines a and b at cosine c, (a a^T b b^T + b b^T a a^T)/2 has the largest
    eigenvalue (c + c^2)/2, and the largest c^2 of the two spaces tends to 4 x (1 - x), x = rank /
    size (the edge of the Jacobi ensemble); 1 from x = 1/2 on, where they intersect.
    """
    share = min(rank / size, 0.5)
    cosine = 2.0 * np.sqrt(share * (1.0 - share))
    return float((cosine + cosine**2) / 2.0)


def threshold(rank: int, size: int) -> float:
    """Return the q of a feature that is just reproducible, of ``rank`` modes in V = ``size``."""
    return max(LEAST_HELD**2, most_by_chance(rank, size))


def subspace_overlaps(first: Array, second: Array) -> Array:
    """Return ||U_r^T V_r||_F^2 / r (R,) for r = 1 ... R of ``first`` U and ``second`` V, (V, R).

    It is the mean squared cosine of the principal angles between the leading r columns of each.
    """
    squares = (first.T @ second) ** 2
    return np.diag(squares.cumsum(axis=0).cumsum(axis=1)) / np.arange(1, first.shape[1] + 1)


def last_reproducible(overlap: Array, least: Array) -> int:
    """Return the rank that best separates features above the threshold from those below.

    Args:
        overlap, least: (K,) q_k and thresholds.
    """
    gain = np.concatenate([[0.0], np.cumsum(overlap - least)])
    return int(np.argmax(gain))


def rank_interval(overlap: Array, least: Array) -> tuple[int, int]:
    """Return the lowest and highest rank that separates features about as well as the best.

    Between the best rank and another, the sum of q_k - threshold is in favour of the best. The
    other is in the interval if that sum may be noise: it is within z sigma sqrt(n), with n the
    number of features between and sigma the noise of q_k, estimated from the median difference of
    neighbours, of which a trend is no part, from half to twice the best rank (8 features at least
    on each side).

    Args:
        overlap, least: (K,) q_k and thresholds.
        level: of the interval.
    """
    gain = np.concatenate([[0.0], np.cumsum(overlap - least)])
    best = int(np.argmax(gain))
    near = overlap[max(0, min(best // 2, best - 8)) : max(2 * best, best + 8)]
    noise = float(np.median(np.abs(np.diff(near)))) / NEIGHBOURS if near.size > 1 else 0.0
    between = np.abs(np.arange(gain.size) - best)
    within = np.flatnonzero(gain[best] - gain <= NORMAL * noise * between**0.5)
    return int(within[0]), int(within[-1])


def extent(table: pd.DataFrame) -> Extent:
    """Return the extent of reproducible features from a table of `mstar.prediction.halves`."""
    found = {}
    for parts in (2, 4):
        own = table[table["parts"] == parts]
        if len(own):
            held, least = (
                own[name].to_numpy(dtype=np.float64) for name in ("feature", "threshold")
            )
            found[parts] = (last_reproducible(held, least), own, rank_interval(held, least))
    if 2 not in found:
        return Extent(None, 0, float("nan"), float("nan"))
    rank, halves, ends = found[2]
    tokens, compared = float(halves["tokens"].iloc[0]), len(halves)
    exponent = float("nan")
    if 4 in found and found[4][0] > 0 and rank < compared:
        quarter, quarters, _ = found[4]
        exponent = np.log(rank / quarter) / np.log(tokens / float(quarters["tokens"].iloc[0]))
    return Extent(rank, compared, 2.0 * tokens, float(exponent), *ends)
