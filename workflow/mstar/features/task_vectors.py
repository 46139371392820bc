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
from mstar.statistics.marchenko_pastur import moment_dimension

# Fewer task vectors are too few for a spectrum or a score.
FEWEST_PAIRS = 4
STATISTICS = ("rank", "snr", "spike_over_edge", "spike_mean_ratio")
COLUMNS = ("dim", "pairs", *STATISTICS, "participation")


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


def gram_eigenvalues(gram: Array, dim: int) -> Array:
    """Return the eigenvalues (..., N), descending, of G_d / d for G_d = ``gram`` (..., N, N).

    Those of a positive semi-definite matrix, so rounding below 0 is clipped.
    """
    return np.asarray(np.maximum(np.linalg.eigvalsh(gram)[..., ::-1], 0.0) / dim)


def gram_statistics(gram: Array) -> dict[str, Any]:
    """Return the `STATISTICS` (...) of Gram matrices G = R Rᵀ, ``gram`` (..., N, N).

    With the eigenvalues λ_1 ≥ … ≥ λ_N of G, they are

    - rank: the number of eigenvalues that are not numerically zero.
    - snr: λ_1 rank / Tr G, the spike over the mean non-zero eigenvalue, as in the paper. It lies
      between 1 (no direction stands out) and the rank, which is at most min(N, d): a cap that makes
      it rise with d up to N even for noise.
    - spike_over_edge: λ_1 over the upper edge m (1 + sqrt(γ))² of the Marchenko–Pastur law with
      the mean m and the variance of the other n = N - 1 eigenvalues, γ = n / d_eff (d_eff by
      `mstar.statistics.marchenko_pastur.moment_dimension`). The edge depends on the noise alone, so
      the ratio is not capped, and about 1 for noise at any d > N. Unlike a fit to the bulk, moments
      exist at every d, also below N, where most eigenvalues are zero. NaN for a rank below 3.
    - spike_mean_ratio: (1ᵀ G 1 / N) / λ_1, 0..1: the share of the spike due to the mean task
      vector, 1 if the top eigenvector of G is constant over pairs, so that the spike of R is its
      mean.

    Ratios are NaN for G = 0 or no pair.
    """
    eigenvalues = gram_eigenvalues(gram, 1)
    n = gram.shape[-1]
    if n == 0:
        nothing = np.full(gram.shape[:-2], np.nan)[()]
        rank = np.zeros(gram.shape[:-2], dtype=int)[()]
        return {"rank": rank, **dict.fromkeys(STATISTICS[1:], nothing)}
    top, total = eigenvalues[..., 0], eigenvalues.sum(axis=-1)
    floor = top * n * np.finfo(np.float64).eps
    rank = (eigenvalues > floor[..., None]).sum(axis=-1)
    bulk = np.where(eigenvalues > floor[..., None], eigenvalues, 0.0)[..., 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, gamma = bulk.mean(axis=-1), (n - 1) / moment_dimension(bulk)
        over_edge = np.where(rank >= 3, top / (mean * (1 + np.sqrt(gamma)) ** 2), np.nan)[()]
        return {
            "rank": rank,
            "snr": top * rank / total,
            "spike_over_edge": over_edge,
            "spike_mean_ratio": np.minimum(gram.sum(axis=(-2, -1)) / n / top, 1.0),
        }


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

    Columns are d, the number of pairs, the `gram_statistics`, and the inverse participation ratio
    of the mean task vector on the first d modes. ``dims`` above the columns of ``embedding`` (V, D)
    are left out. Ratios are NaN without pairs. ``normalise`` applies to the Gram matrices; the mean
    vector is always that of raw rows.
    """
    possible = [d for d in dims if d <= embedding.shape[1]]
    grams = gram_matrices(embedding, pairs, possible, normalise)
    rows = [
        {
            "dim": d,
            "pairs": len(pairs),
            **gram_statistics(gram),
            "participation": inverse_participation_ratio(mean_projections(embedding, pairs, d)),
        }
        for d, gram in zip(possible, grams, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
