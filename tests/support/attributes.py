"""A language with known analogies: words with binary attributes, each of which acts by itself.

In the model of Korchinski, Karkada, Bahri and Wyart (arXiv 2505.18651) word i has K attributes
s_a = -1 or 1, and P_ij is a product over attributes. With both values of each equally frequent,

    P_ij / (P_i P_j) = prod_a (1 + c_a s_a(i) s_a(j)),

so any function of this ratio is a function of the attributes in which two words differ, and its
eigenvectors are the characters chi_S = prod_(a in S) s_a of sets of attributes. Words that differ
in attribute a alone are an analogy family: their differences are equal along chi_{a}, and differ
from pair to pair along any larger set that holds a.
"""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from mstar.counts.cooccurrence import Cooccurrence


def attributes(number: int) -> NDArray[np.float64]:
    """Return the attributes (2^K, K) of all words, -1 or 1."""
    bits = np.arange(2**number)[:, None] >> np.arange(number)
    return np.where(bits & 1, 1.0, -1.0)


def ratios(strengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return P_ij / (P_i P_j) (2^K, 2^K), a Kronecker product over attributes."""
    found = np.ones((1, 1))
    for c in strengths[::-1]:
        found = np.kron(found, np.array([[1 + c, 1 - c], [1 - c, 1 + c]]))
    return found


def characters(number: int) -> tuple[list[tuple[int, ...]], NDArray[np.float64]]:
    """Return all sets of attributes, and their characters (2^K, 2^K) as unit columns."""
    each = range(number)
    sets = list(chain.from_iterable(combinations(each, n) for n in range(number + 1)))
    words = attributes(number)
    columns = [words[:, list(chosen)].prod(axis=1) for chosen in sets]
    return sets, np.stack(columns, axis=1) / 2 ** (number / 2)


def family(number: int, attribute: int) -> NDArray[np.int64]:
    """Return the pairs (2^(K-1), 2) of words that differ in one attribute alone."""
    words = np.arange(2**number)
    first = words[(words >> attribute) & 1 == 0]
    return np.stack([first, first | 1 << attribute], axis=1)


def sampled(
    ratio: NDArray[np.float64], meetings: float, window: int, rng: np.random.Generator
) -> Cooccurrence:
    """Return counts of a text of these words, each pair independent of the others.

    Args:
        ratio: P_ij / (P_i P_j) of equally frequent words.
        meetings: mean number of meetings of two unrelated words.
        window: L.
        rng: of the draws.
    """
    size = len(ratio)
    counts = np.zeros(ratio.shape, dtype=np.int64)
    for weight in range(1, window + 1):
        counts += weight * rng.poisson(meetings * ratio / window)
    upper = np.triu(counts)
    rows, columns = np.nonzero(upper)
    # Diagonal cells count each pair of positions twice, with half as many pairs.
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=size))])
    occurrences = np.full(size, round(size * meetings / (2 * window)), dtype=np.int64)
    found = upper[rows, columns].astype(np.int64)
    return Cooccurrence(indptr, columns.astype(np.int32), found, occurrences, window, 1, 0)
