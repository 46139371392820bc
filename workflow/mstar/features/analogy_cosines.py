"""Graded measures of how close the query of an analogy is to its answer, as in Figure 8.

Accuracy only asks whether the answer is the nearest word. cos(x^, w), for the query
x^ ∝ c^ + b^ - a^ and the answer w, is graded, but cosines of any two words decrease with the
dimension d. The ratio of cos(x^, w) to the cosine of w with its nearest word removes that trend.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.evaluation.three_cos_add import queries
from mstar.machine.arrays import Array

# Three of a word's four nearest neighbours can be a, b and c, so the fourth is outside.
NEAREST = 4


def answer_cosines(unit: NDArray[Any], words: NDArray[np.int64]) -> Array:
    """Return cos(x^, w) (n,) of questions ``words`` (n, 4) = a, b, c, w.

    ``unit`` (V, d) has unit rows (`mstar.spectra.directions.normalise_rows`). The cosine is NaN
    where c^ + b^ - a^ = 0.
    """
    query = queries(unit, words)
    product = np.einsum("nd,nd->n", query, unit[words[:, 3]], dtype=np.float64)
    length = np.linalg.norm(query, axis=1).astype(np.float64)
    return np.divide(product, length, out=np.full(len(words), np.nan), where=length > 0)


def neighbour_cosines(unit: NDArray[Any], words: NDArray[np.int64]) -> Array:
    """Return the largest cos(v, w) (n,) over v outside {a, b, c, w}, the words of each question.

    Questions ``words`` (n, 4) hold a, b, c, w. NaN if no such v exists (V <= 4). Each distinct
    answer takes V products.
    """
    answers, which = np.unique(words[:, 3], return_inverse=True)
    cosine = unit[answers] @ unit.T
    cosine[np.arange(len(answers)), answers] = -np.inf
    count = min(NEAREST, len(unit))
    near = np.argpartition(-cosine, count - 1, axis=1)[:, :count]
    values = np.take_along_axis(cosine, near, axis=1)[which].astype(np.float64)
    excluded = (near[which][:, :, None] == words[:, None, :3]).any(axis=2)
    values[excluded] = -np.inf
    best = values.max(axis=1, initial=-np.inf)
    return np.where(np.isfinite(best), best, np.nan)


def mean_cosines(unit: NDArray[Any], words: NDArray[np.int64]) -> tuple[float, float]:
    """Return the means of cos(x^, w) and of cos(x^, w) / max cos(v, w) over ``words`` (n, 4).

    The maximum is that of `neighbour_cosines`. The ratio exceeds 1 if the query is nearer to the
    answer than any other word. Questions without a value (no query, no positive neighbour) do not
    count; a mean over no question is NaN.
    """
    if len(words) == 0:
        return float("nan"), float("nan")
    cosine, nearest = answer_cosines(unit, words), neighbour_cosines(unit, words)
    ratio = np.divide(cosine, nearest, out=np.full(len(words), np.nan), where=nearest > 0)
    known = [values[np.isfinite(values)] for values in (cosine, ratio)]
    first, second = (float(values.mean()) if len(values) else float("nan") for values in known)
    return first, second
