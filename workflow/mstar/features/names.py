"""Short names for the features of M*, made of words.

The name of mode k consists of the words i with the highest score

    v_ik^2 * lambda_k v_ik^2 / sum_j lambda_j v_ij^2,

weight times distinctness: the word's share of the feature, times the feature's share of the word
(the squared cosine between the word's embedding, row i of V Lambda^(1/2), and axis k, over the
known modes). So a name has neither words that are large in many features nor rare words that have
little weight in this one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mstar.machine.arrays import Array
from mstar.spectra.spectrum import Spectrum

WORDS = 3
# A name includes the other side if its words score at least this share of the first side's score.
BOTH = 0.5
BETWEEN = " / "


def squared_lengths(spectrum: Spectrum) -> Array:
    """Return sum_j lambda_j v_ij^2 (V,) of every word i, over the known positive modes j."""
    known = spectrum.positive
    vectors = spectrum.eigenvectors[:, :known]
    return np.asarray(np.einsum("ij,ij,j->i", vectors, vectors, spectrum.eigenvalues[:known]))


def score(spectrum: Spectrum, mode: int, lengths: Array) -> Array:
    """Return weight times distinctness (V,) of every word for ``mode``, counted from 0.

    Args:
        spectrum: of M*; the mode's eigenvalue is positive.
        mode: number of the mode.
        lengths: (V,) from `squared_lengths`.
    """
    share = spectrum.eigenvectors[:, mode] ** 2
    along = spectrum.eigenvalues[mode] * share
    return share * np.divide(along, lengths, out=np.zeros_like(along), where=lengths > 0)


def name(scores: Array, vector: Array, words: Sequence[str], count: int = WORDS) -> str:
    """Return the name of one feature: words of the side that scores more, or of both if close.

    Args:
        scores: (V,) from `score`. The most frequent word (lowest row) comes first among equals.
        vector: (V,) eigenvector, whose signs are the sides.
        words: (V,) words of the rows.
        count: largest number of words of a side.
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
    """Return the `name` of each of the first ``modes`` features; ``words`` (V,) label the rows."""
    lengths, vectors = squared_lengths(spectrum), spectrum.eigenvectors
    return [name(score(spectrum, k, lengths), vectors[:, k], words) for k in range(modes)]
