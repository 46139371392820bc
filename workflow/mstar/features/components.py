"""What the directions of an embedding mean: words of its principal components; overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mstar.spectra.directions import column_signs, normalise_rows


@dataclass(frozen=True)
class Components:
    """Thin SVD of an embedding W = U S Vᵀ: ``left`` (V, r), ``values`` (r,) descending, ``right``
    (d, r); r is the numerical rank, and each column of ``left`` has the sign of `fix_signs`."""

    left: NDArray[Any]
    values: NDArray[Any]
    right: NDArray[Any]


@dataclass(frozen=True)
class ComponentWords:
    """Words at both ends of one principal component (``component`` counts from 1).

    ``top`` have the largest positive, ``bottom`` the largest negative projections, each from the
    outside in, with ``top_projections`` and ``bottom_projections`` (cosines). ``side`` is the end
    to show, `words` its list.
    """

    component: int
    side: Literal["top", "bottom"]
    top: tuple[str, ...]
    bottom: tuple[str, ...]
    top_projections: tuple[float, ...]
    bottom_projections: tuple[float, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the side to show."""
        return self.top if self.side == "top" else self.bottom


def principal_components(embedding: NDArray[Any]) -> Components:
    """SVD of ``embedding`` (V, d) up to its numerical rank, with deterministic signs.

    No centring: the components are those that the singular value decomposition of W gives. Modes
    below max(V, d) eps s_1, eps of the embedding's own dtype, are left out: their directions are
    rounding. Raises ``ValueError`` for NaN or inf.
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
    """Words nearest (by cosine) to principal components of ``embedding`` (V, d), row i = words[i].

    Rows are normalised after the SVD, and of the ``candidates`` most frequent words (the first
    rows) the ``n_words`` with the largest and smallest projection are listed, lower ids first among
    equals. The side to show is the one whose words have the larger mean |projection|, the top if
    equal. ``components`` count from 1; one beyond the rank maps to None. An end lists only words
    that project to its side, so it can be shorter than ``n_words`` (a frequency-like component).
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
        # Sums compare the means over n_words places: a place without a word counts as zero.
        side: Literal["top", "bottom"]
        side = "top" if sum(top_values) >= sum(bottom_values) else "bottom"
        negative = tuple(-v for v in bottom_values)
        result[k] = ComponentWords(k, side, top, bottom, top_values, negative)
    return result


def ends(vector: NDArray[Any], count: int) -> tuple[list[int], list[int]]:
    """Rows of ``vector`` (V,) with the largest positive and the largest negative entries.

    Each list goes from the outside in, lower rows first among equals, and holds at most ``count``
    rows; fewer where fewer have that sign.
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
    """||UᵀV||_F² / k of two (V, k) matrices with orthonormal columns: 1 for one subspace, 0 for
    orthogonal ones; about k/V for random ones. Raises ``ValueError`` if the shapes differ."""
    if u.shape != v.shape or u.ndim != 2 or u.shape[1] == 0:
        raise ValueError(f"expected two (V, k) matrices, got {u.shape} and {v.shape}")
    return float(np.sum(squared_overlaps(u, v)) / u.shape[1])


def squared_overlaps(u: NDArray[Any], v: NDArray[Any]) -> NDArray[np.float64]:
    """(u_i · v_j)² (k, m) of the columns of ``u`` (V, k) and ``v`` (V, m).

    With orthonormal columns rows and columns sum to at most 1, and signs play no part.
    """
    cross = np.asarray(u, dtype=np.float64).T @ np.asarray(v, dtype=np.float64)
    return np.asarray(cross**2)


def frequency_share(vector: NDArray[Any], unigram: NDArray[Any], groups: int = 30) -> float:
    """Return the share of a vector's square (V,) that is a function of word frequency alone.

    It is that of the vector's projection on functions constant within ``groups`` groups of words of
    like frequency; a random vector has groups / V.

    Args:
        unigram: (V,) occurrences of the words.
    """
    edges = np.logspace(np.log10(unigram.min()), np.log10(unigram.max() + 1.0), groups + 1)
    group = np.digitize(unigram, edges)
    sums, members = np.bincount(group, vector), np.bincount(group)
    return float((sums[members > 0] ** 2 / members[members > 0]).sum() / (vector @ vector))
