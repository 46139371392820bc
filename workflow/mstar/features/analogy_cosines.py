"""How near the query of an analogy comes to its answer: the graded measures behind Figure 8.

Whether the answer is the very nearest word is all or nothing. cos(x^, w), for the query
x^ ∝ c^ + b^ - a^ and the answer w, is graded, but falls with d for any two words, as cosines in
more dimensions do. Its ratio to the cosine of w with the word nearest to it takes that out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.evaluation.three_cos_add import queries
from mstar.machine.arrays import Array

# A word's nearest neighbour outside a question is among its four nearest: a, b, c can be three.
NEAREST = 4


def answer_cosines(unit: NDArray[Any], words: NDArray[np.int64]) -> Array:
    """cos(x^, w) (n,) of questions ``words`` (n, 4) = a, b, c, w; NaN where c^ + b^ - a^ = 0.

    ``unit`` (V, d) holds unit rows, from `mstar.spectra.directions.normalise_rows`.
    """
    query = queries(unit, words)
    product = np.einsum("nd,nd->n", query, unit[words[:, 3]], dtype=np.float64)
    length = np.linalg.norm(query, axis=1).astype(np.float64)
    return np.divide(product, length, out=np.full(len(words), np.nan), where=length > 0)


def neighbour_cosines(unit: NDArray[Any], words: NDArray[np.int64]) -> Array:
    """max over v outside {a, b, c, w} of cos(v, w) (n,) of questions ``words`` (n, 4) = a, b, c, w.

    NaN where no such v is left (V <= 4). One row of V products for each distinct answer.
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
    """(mean of cos(x^, w), mean of cos(x^, w) / max cos(v, w)) over questions ``words`` (n, 4).

    The maximum is that of `neighbour_cosines`. The ratio is taken question by question, then
    averaged; it passes 1 where the query is nearer to the answer than any other word is. Questions
    for which a value does not exist (no query, no positive neighbour) are left out of its mean; NaN
    where none is left.
    """
    if len(words) == 0:
        return float("nan"), float("nan")
    cosine, nearest = answer_cosines(unit, words), neighbour_cosines(unit, words)
    ratio = np.divide(cosine, nearest, out=np.full(len(words), np.nan), where=nearest > 0)
    known = [values[np.isfinite(values)] for values in (cosine, ratio)]
    first, second = (float(values.mean()) if len(values) else float("nan") for values in known)
    return first, second
