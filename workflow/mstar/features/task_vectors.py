"""Task vectors r = w_b - w_a of a family of word pairs, and the spectrum of their Gram matrix.

W holds one embedding per row, its columns ordered by mode: for a factorisation V_d Lam_d^{1/2}, so
that the first d columns are the rank-d embedding. Rows keep the lengths that the modes' eigenvalues
give them, as in the paper's Fig. 4: its outliers, near .118 at d = 128 and .025 at d = 1,024, have
the scale of raw rows, several times that of unit rows. ``normalise=True`` makes the rows of each
rank-d embedding unit vectors first, as 3CosAdd does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.machine.arrays import Array
from mstar.spectra.directions import normalise_rows

# Fewer task vectors make neither a spectrum nor a score.
FEWEST_PAIRS = 4
COLUMNS = ("dim", "pairs", "rank", "snr", "spike_mean_ratio", "participation")


def task_vectors(
    embedding: NDArray[Any],
    pairs: NDArray[np.int64],
    dim: int | None = None,
    normalise: bool = False,
) -> Array:
    """R_d (N, d) float64: row n is w_b - w_a for ``pairs`` (N, 2) of row ids (a, b).

    Only the first ``dim`` columns of ``embedding`` (V, D) are used (all by default). Raises
    ``ValueError`` unless 1 <= dim <= D.
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
    """G_d = R_d R_dᵀ (N, N) for each d of ``dims``, in the order given.

    Without normalisation the columns between consecutive d are added to the last Gram matrix, so
    that the whole list costs as much as its largest member.
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
    """Eigenvalues (N,), descending, of a positive semi-definite matrix; rounding below 0 is cut."""
    return np.asarray(np.maximum(np.linalg.eigvalsh(gram)[::-1], 0.0))


def gram_eigenvalues(gram: Array, dim: int) -> Array:
    """Eigenvalues (N,), descending, of (1/d) R_d R_dᵀ; G_d = ``gram`` (N, N), d = ``dim``."""
    return _eigenvalues(gram) / dim


def _rank(eigenvalues: Array) -> int:
    floor = eigenvalues[0] * len(eigenvalues) * np.finfo(np.float64).eps
    return int((eigenvalues > floor).sum())


def signal_to_noise(gram: Array) -> float:
    """snr = lam_max(G) rank(G) / Tr G of ``gram`` (N, N): spike over mean non-zero eigenvalue.

    Between 1 (no direction stands out) and rank(G) (all task vectors parallel); NaN for G = 0 or
    no pair.
    """
    eigenvalues = _eigenvalues(gram)
    total = float(eigenvalues.sum())
    if total == 0:
        return float("nan")
    return float(eigenvalues[0]) * _rank(eigenvalues) / total


def spike_mean_ratio(gram: Array) -> float:
    """(1ᵀ G 1 / N) / lam_max(G), 0..1: how far the spike is the mean task vector; NaN for G = 0.

    1 where the top eigenvector of G is constant over pairs, so that the spike of R is its mean.
    """
    eigenvalues = _eigenvalues(gram)
    if len(eigenvalues) == 0 or eigenvalues[0] == 0:
        return float("nan")
    return min(1.0, float(gram.sum()) / len(gram) / float(eigenvalues[0]))


def mean_projections(embedding: NDArray[Any], pairs: NDArray[np.int64], modes: int) -> Array:
    """Squared projections (modes,) of the mean task vector on eigen-features 1..modes, sum 1.

    In the eigenbasis mode k is column k of the ``embedding``, so this is r̄_k² / sum_k r̄_k² with the
    mean taken over ``pairs`` (N, 2). ``modes`` beyond the columns are left out; NaN where r̄ = 0 or
    there is no pair.
    """
    used = min(modes, embedding.shape[1])
    if len(pairs) == 0:
        return np.full(used, np.nan)
    squared = task_vectors(embedding, pairs, used).mean(axis=0) ** 2
    total = float(squared.sum())
    return squared / total if total > 0 else np.full(used, np.nan)


def inverse_participation_ratio(weights: NDArray[Any]) -> float:
    """sum_k p_k² of weights (modes,) of sum 1: 1 when on one mode, 1/modes when spread evenly."""
    return float(np.sum(np.asarray(weights, dtype=np.float64) ** 2))


def family_table(
    embedding: NDArray[Any],
    pairs: NDArray[np.int64],
    dims: Sequence[int],
    normalise: bool = False,
) -> pd.DataFrame:
    """One row per d of ``dims`` with `COLUMNS`: pairs N, rank(G_d), snr, spike/mean ratio, and the
    inverse participation ratio of the mean task vector on the first d modes.

    ``dims`` above the columns of ``embedding`` (V, D) are left out. Ratios are NaN without pairs.
    ``normalise`` concerns the Gram matrices; the mean vector is that of raw rows.
    """
    possible = [d for d in dims if d <= embedding.shape[1]]
    rows = []
    for d, gram in zip(possible, gram_matrices(embedding, pairs, possible, normalise), strict=True):
        rank = _rank(_eigenvalues(gram)) if len(gram) else 0
        spread = inverse_participation_ratio(mean_projections(embedding, pairs, d))
        rows.append((d, len(pairs), rank, signal_to_noise(gram), spike_mean_ratio(gram), spread))
    return pd.DataFrame(rows, columns=list(COLUMNS))
