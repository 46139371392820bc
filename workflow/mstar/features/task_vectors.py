"""Task vectors r = w_b - w_a of a family of word pairs, and the spectrum of their Gram matrix.

W has one embedding per row and columns ordered by mode, as V Lam^{1/2} of a factorisation has, so
that its first d columns are the rank-d embedding. Rows are not normalised, as in Figure 4 of the
paper: its outliers, near .118 at d = 128 and .025 at d = 1,024, have the scale of raw rows, several
times that of unit rows. ``normalise=True`` scales the rows of each rank-d embedding to unit length
first, as 3CosAdd does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.machine.arrays import Array
from mstar.spectra.directions import normalise_rows

# Fewer task vectors are too few for a spectrum or a score.
FEWEST_PAIRS = 4
COLUMNS = ("dim", "pairs", "rank", "snr", "spike_mean_ratio", "participation")


def task_vectors(
    embedding: NDArray[Any],
    pairs: NDArray[np.int64],
    dim: int | None = None,
    normalise: bool = False,
) -> Array:
    """Return R_d (N, d), float64, with rows w_b - w_a for ``pairs`` (N, 2) of row ids (a, b).

    Only the first ``dim`` columns of ``embedding`` (V, D) are used, by default all.

    Raises:
        ValueError: ``dim`` is not in 1..D.
    """
    width = embedding.shape[1]
    dim = width if dim is None else dim
    if not 1 <= dim <= width:
        raise ValueError(f"dim {dim} of an embedding with {width} columns")
    ends = np.asarray(embedding[pairs.reshape(-1), :dim], dtype=np.float64)
    if normalise:
        ends = normalise_rows(ends)
    ends = ends.reshape(-1, 2, dim)
    return ends[:, 1] - ends[:, 0]


def gram_matrices(
    embedding: NDArray[Any],
    pairs: NDArray[np.int64],
    dims: Sequence[int],
    normalise: bool = False,
) -> list[Array]:
    """Return G_d = R_d R_dᵀ (N, N) for each d of ``dims``.

    Without normalisation, each Gram matrix adds the further columns to that of the next smaller d,
    so that the whole list costs as much as its largest member.

    Raises:
        ValueError: a d is below 1 or beyond the columns of ``embedding`` (V, D).
    """
    if normalise:
        return [_gram(task_vectors(embedding, pairs, d, True)) for d in dims]
    if not dims:
        return []
    vectors = task_vectors(embedding, pairs, max(dims))
    found: dict[int, Array] = {}
    gram, done = np.zeros((len(pairs), len(pairs))), 0
    for d in sorted(set(dims)):
        if d < 1:
            raise ValueError(f"dim {d}: expected at least 1")
        gram = gram + _gram(vectors[:, done:d])
        found[d], done = gram, d
    return [found[d] for d in dims]


def _gram(vectors: Array) -> Array:
    return np.asarray(vectors @ vectors.T)


def _eigenvalues(gram: Array) -> Array:
    """Return eigenvalues (N,), descending, of a positive semi-definite matrix, clipped at 0."""
    return np.asarray(np.maximum(np.linalg.eigvalsh(gram)[::-1], 0.0))


def gram_eigenvalues(gram: Array, dim: int) -> Array:
    """Return the eigenvalues (N,), descending, of G_d / d for G_d = ``gram`` and d = ``dim``."""
    return _eigenvalues(gram) / dim


def _rank(eigenvalues: Array) -> int:
    floor = eigenvalues[0] * len(eigenvalues) * np.finfo(np.float64).eps
    return int((eigenvalues > floor).sum())


def signal_to_noise(gram: Array) -> float:
    """Return lam_max(G) rank(G) / Tr G of ``gram`` (N, N): spike over mean non-zero eigenvalue.

    It lies between 1 (no direction stands out) and rank(G); NaN for G = 0 or no pair.
    """
    eigenvalues = _eigenvalues(gram)
    total = float(eigenvalues.sum())
    if total == 0:
        return float("nan")
    return float(eigenvalues[0]) * _rank(eigenvalues) / total


def spike_mean_ratio(gram: Array) -> float:
    """Return (1ᵀ G 1 / N) / lam_max(G), 0..1: the share of the spike due to the mean task vector.

    It is 1 if the top eigenvector of G is constant over pairs, so that the spike of R is its mean;
    NaN for G = 0 or no pair.
    """
    eigenvalues = _eigenvalues(gram)
    if len(eigenvalues) == 0 or eigenvalues[0] == 0:
        return float("nan")
    return min(1.0, float(gram.sum()) / len(gram) / float(eigenvalues[0]))


def mean_projections(embedding: NDArray[Any], pairs: NDArray[np.int64], modes: int) -> Array:
    """Return squared projections (modes,), of sum 1, of the mean task vector on the first modes.

    Mode k is column k of the ``embedding``, so this is r̄_k² / sum_k r̄_k² with the mean taken over
    ``pairs`` (N, 2). ``modes`` beyond the columns are left out; NaN if r̄ = 0 or there is no pair.
    """
    used = min(modes, embedding.shape[1])
    if len(pairs) == 0:
        return np.full(used, np.nan)
    squared = task_vectors(embedding, pairs, used).mean(axis=0) ** 2
    total = float(squared.sum())
    return squared / total if total > 0 else np.full(used, np.nan)


def inverse_participation_ratio(weights: NDArray[Any]) -> float:
    """Return sum_k p_k² of ``weights`` (modes,) of sum 1.

    It is 1 if one mode has all the weight, 1/modes if all have the same.
    """
    return float(np.sum(np.asarray(weights, dtype=np.float64) ** 2))


def family_table(
    embedding: NDArray[Any],
    pairs: NDArray[np.int64],
    dims: Sequence[int],
    normalise: bool = False,
) -> pd.DataFrame:
    """Tabulate a family over ``dims``, one row per d, with `COLUMNS`.

    Columns are d, the number of pairs, rank(G_d), `signal_to_noise`, `spike_mean_ratio`, and the
    inverse participation ratio of the mean task vector on the first d modes. ``dims`` above the
    columns of ``embedding`` (V, D) are left out. Ratios are NaN without pairs. ``normalise``
    applies to the Gram matrices; the mean vector is always that of raw rows.
    """
    possible = [d for d in dims if d <= embedding.shape[1]]
    rows = []
    for d, gram in zip(possible, gram_matrices(embedding, pairs, possible, normalise), strict=True):
        rank = _rank(_eigenvalues(gram)) if len(gram) else 0
        spread = inverse_participation_ratio(mean_projections(embedding, pairs, d))
        rows.append((d, len(pairs), rank, signal_to_noise(gram), spike_mean_ratio(gram), spread))
    return pd.DataFrame(rows, columns=list(COLUMNS))
