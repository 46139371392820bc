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

from mstar.machine.arrays import Array
from mstar.spectra.spectrum import Spectrum

WORDS = 3
# The other side is named too where its words score at least this share of what the first's do.
BOTH = 0.5
BETWEEN = " / "


def squared_lengths(spectrum: Spectrum) -> Array:
    """(V,) sum_j lambda_j v_ij^2 of every word, over the positive modes known."""
    known = spectrum.positive
    vectors = spectrum.eigenvectors[:, :known]
    return np.asarray(np.einsum("ij,ij,j->i", vectors, vectors, spectrum.eigenvalues[:known]))


def score(spectrum: Spectrum, mode: int, lengths: Array) -> Array:
    """Weight times distinctness (V,) of every word for ``mode``, counted from 0.

    Args:
        spectrum: of M*; the mode's eigenvalue is positive.
        lengths: `squared_lengths`.
    """
    share = spectrum.eigenvectors[:, mode] ** 2
    along = spectrum.eigenvalues[mode] * share
    return share * np.divide(along, lengths, out=np.zeros_like(along), where=lengths > 0)


def name(scores: Array, vector: Array, words: Sequence[str], count: int = WORDS) -> str:
    """The name of one feature: ``count`` words of the side that scores more, of both if close.

    Args:
        scores, vector: (V,) of `score` and of the eigenvector, whose signs are the sides. Equal
            scores are listed commonest word (lowest row) first.
    """
    sides = []
    for sign in (1.0, -1.0):
        there = np.where(sign * vector > 0, scores, 0.0)
        best = np.argsort(-there, kind="stable")[:count]
        kept = [int(i) for i in best if there[i] > 0]
        sides.append((float(there[kept].sum()), ", ".join(words[i] for i in kept)))
    (most, first), (least, second) = sorted(sides, key=lambda side: -side[0])
    return first + BETWEEN + second if second and least >= BOTH * most else first


def names(spectrum: Spectrum, words: Sequence[str], modes: int) -> list[str]:
    """`name` of the first ``modes`` features; ``words`` (V,) belong to the rows."""
    lengths, vectors = squared_lengths(spectrum), spectrum.eigenvectors
    return [name(score(spectrum, k, lengths), vectors[:, k], words) for k in range(modes)]
