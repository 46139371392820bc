"""Principal components of an embedding: their words, overlaps and share of word frequency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mstar.spectra.directions import column_signs, normalise_rows


@dataclass(frozen=True)
class Components:
    """Thin SVD of an embedding W = U S Vᵀ of numerical rank r.

    Attributes:
        left: U (V, r), with signs by `mstar.spectra.directions.column_signs`.
        values: diagonal of S (r,), descending.
        right: V (d, r).
    """

    left: NDArray[Any]
    values: NDArray[Any]
    right: NDArray[Any]


@dataclass(frozen=True)
class ComponentWords:
    """Words at both ends of one principal component.

    Attributes:
        component: number of the component, from 1.
        side: the end to show.
        top: words with the most positive projections, the most extreme first.
        bottom: words with the most negative projections, the most extreme first.
        top_projections: cosines of the top words with the component.
        bottom_projections: cosines of the bottom words with the component.
    """

    component: int
    side: Literal["top", "bottom"]
    top: tuple[str, ...]
    bottom: tuple[str, ...]
    top_projections: tuple[float, ...]
    bottom_projections: tuple[float, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Words of the end to show."""
        return self.top if self.side == "top" else self.bottom


def principal_components(embedding: NDArray[Any]) -> Components:
    """Compute the SVD of ``embedding`` (V, d) up to its numerical rank, with deterministic signs.

    The embedding is not centred. Modes with singular values below max(V, d) eps s_1, with the eps
    of the embedding's dtype, are omitted, since rounding determines their directions.

    Raises:
        ValueError: an entry is NaN or infinite.
    """
    embedding = np.asarray(embedding)
    if not np.isfinite(embedding).all():
        raise ValueError("an embedding with NaN or infinite entries has no components")
    kind = embedding.dtype if np.issubdtype(embedding.dtype, np.floating) else np.dtype(np.float64)
    left, values, right = np.linalg.svd(embedding.astype(np.float64), full_matrices=False)
    scale = float(values[0]) if len(values) else 0.0
    rank = int((values > max(embedding.shape) * float(np.finfo(kind).eps) * scale).sum())
    signs = column_signs(left[:, :rank])
    return Components(left[:, :rank] * signs, values[:rank], right[:rank].T * signs)


def component_words(
    embedding: NDArray[Any],
    words: Sequence[str],
    components: Sequence[int],
    n_words: int,
    candidates: int,
) -> dict[int, ComponentWords | None]:
    """List the words nearest (by cosine) to principal components of ``embedding`` (V, d).

    Row i of the embedding belongs to ``words[i]``; rows are normalised after the SVD. Among the
    ``candidates`` most frequent words (the first rows), the ``n_words`` with the largest and
    smallest projections are listed, lower ids first among equals. An end lists only words that
    project to its side, so it can have fewer (a frequency-like component). The end to show is the
    one with the larger mean |projection|, the top if equal.

    Returns:
        The words by component. ``components`` count from 1; one beyond the rank maps to None.

    Raises:
        ValueError: rows and words differ in number, or a number is below 1.
    """
    if len(embedding) != len(words):
        raise ValueError(f"an embedding of {len(embedding)} rows for {len(words)} words")
    if any(k < 1 for k in components) or n_words < 1 or candidates < 1:
        raise ValueError("components, n_words and candidates count from 1")
    right = principal_components(embedding).right
    unit = normalise_rows(embedding[:candidates])
    result: dict[int, ComponentWords | None] = {}
    for k in components:
        if k > right.shape[1]:
            result[k] = None
            continue
        projection = unit @ right[:, k - 1]
        top, top_values = _end(projection, words, n_words)
        bottom, bottom_values = _end(-projection, words, n_words)
        # Sums compare means over n_words places, where a place without a word counts as zero.
        side: Literal["top", "bottom"]
        side = "top" if sum(top_values) >= sum(bottom_values) else "bottom"
        negative = tuple(-v for v in bottom_values)
        result[k] = ComponentWords(k, side, top, bottom, top_values, negative)
    return result


def ends(vector: NDArray[Any], count: int) -> tuple[list[int], list[int]]:
    """Return the rows of ``vector`` (V,) with the most positive and the most negative entries.

    Each list has the most extreme row first, lower rows first among equals, and at most ``count``
    rows of that sign.
    """
    both = []
    for side in (vector, -vector):
        order = np.argsort(-side, kind="stable")[:count]
        both.append([int(i) for i in order if side[i] > 0])
    return both[0], both[1]


def _end(
    projection: NDArray[Any], words: Sequence[str], n_words: int
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    order = np.argsort(-projection, kind="stable")[:n_words]
    kept = [int(i) for i in order if projection[i] > 0]
    return tuple(words[i] for i in kept), tuple(float(projection[i]) for i in kept)


def subspace_overlap(u: NDArray[Any], v: NDArray[Any]) -> float:
    """Return ||UᵀV||_F² / k of two (V, k) matrices with orthonormal columns.

    It is 1 for equal subspaces, 0 for orthogonal ones and about k/V for random ones.

    Raises:
        ValueError: the shapes differ, or k is 0.
    """
    if u.shape != v.shape or u.ndim != 2 or u.shape[1] == 0:
        raise ValueError(f"expected two (V, k) matrices, got {u.shape} and {v.shape}")
    return float(np.sum(squared_overlaps(u, v)) / u.shape[1])


def squared_overlaps(u: NDArray[Any], v: NDArray[Any]) -> NDArray[np.float64]:
    """Return (u_i · v_j)² (k, m) of the columns of ``u`` (V, k) and ``v`` (V, m).

    If the columns are orthonormal, each row and column of the result sums to at most 1.
    """
    cross = np.asarray(u, dtype=np.float64).T @ np.asarray(v, dtype=np.float64)
    return np.asarray(cross**2)


def frequency_share(vector: NDArray[Any], unigram: NDArray[Any], groups: int = 30) -> float:
    """Return the share of the squared norm of ``vector`` explained by word frequency.

    It is the share of the vector's projection on functions constant within groups of words of
    similar frequency, about groups / V for a random vector.

    Args:
        vector: (V,).
        unigram: (V,) occurrences of the words.
        groups: number of groups, evenly spaced in log frequency.
    """
    edges = np.logspace(np.log10(unigram.min()), np.log10(unigram.max() + 1.0), groups + 1)
    group = np.digitize(unigram, edges)
    sums, members = np.bincount(group, vector), np.bincount(group)
    return float((sums[members > 0] ** 2 / members[members > 0]).sum() / (vector @ vector))
