"""A short name for each feature of M*, from its words alone.

The name of mode k is made of the words i with the highest score

    v_ik^2 * lambda_k v_ik^2 / sum_j lambda_j v_ij^2,

weight times distinctness: the word's share of the feature, times the feature's share of the word
(the squared cosine between its embedding, row i of V Lambda^(1/2), and axis k, among the modes
known). A word that is large in many features names none of them; a rare word that is nothing but
this feature, and hardly in it, does not name it either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mstar.spectrum import Spectrum

Array = NDArray[np.float64]

WORDS = 3
# The other side is named too where its words score at least this share of what the first's do.
BOTH = 0.5
BETWEEN = " / "


def scores(spectrum: Spectrum, modes: int) -> Array:
    """Weight times distinctness (V, modes) of every word for the first ``modes`` features.

    Args:
        spectrum: of M*; the positive modes among those known share a word's square.
        modes: at most the number of positive eigenvalues known.
    """
    positive = spectrum.positive
    if not 0 <= modes <= positive:
        raise ValueError(f"{modes} modes of {positive} with a positive eigenvalue")
    values, vectors = spectrum.eigenvalues[:positive], spectrum.eigenvectors[:, :positive]
    whole = np.einsum("ij,ij,j->i", vectors, vectors, values)
    share = vectors[:, :modes] ** 2
    distinct = np.divide(
        share * values[:modes], whole[:, None], out=np.zeros_like(share), where=whole[:, None] > 0
    )
    return np.asarray(share * distinct)


def name(score: Array, vector: Array, words: Sequence[str], count: int = WORDS) -> str:
    """The name of one feature: ``count`` words of the side that scores more, of both if close.

    Args:
        score, vector: (V,) of `scores` and of the eigenvector, whose signs are the sides. Equal
            scores are listed commonest word (lowest row) first.
    """
    sides = []
    for sign in (1.0, -1.0):
        there = np.where(sign * vector > 0, score, 0.0)
        best = np.argsort(-there, kind="stable")[:count]
        kept = [int(i) for i in best if there[i] > 0]
        sides.append((float(there[kept].sum()), ", ".join(words[i] for i in kept)))
    (most, first), (least, second) = sorted(sides, key=lambda side: -side[0])
    return first + BETWEEN + second if second and least >= BOTH * most else first


def names(spectrum: Spectrum, words: Sequence[str], modes: int) -> list[str]:
    """`name` of the first ``modes`` features; ``words`` (V,) belong to the rows."""
    score = scores(spectrum, modes)
    return [name(score[:, k], spectrum.eigenvectors[:, k], words) for k in range(modes)]
