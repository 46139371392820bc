"""word2vec's pair weights and gradients without a V x V array.

Under word2vec's weighting (`mstar.dynamics.weightings.word2vec`) A is as sparse as the counts, and
B has rank two: with the rates c_i = a_i P_i of centres and n_i of negatives,

    B = (c n^T + n c^T) / 2.

So the drift of the quartic loss, K W with K = A - B - (1/2) (A + B) o (W W^T), needs W W^T only on
the seen cells, since (c n^T o W W^T) W = diag(c) W (W^T diag(n) W): it costs O(nnz d + V d^2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from mstar.counts.sampling import word2vec_factors
from mstar.counts.targets import Probabilities
from mstar.machine.arrays import Array

PARTS_PER_THREAD = 32


@dataclass(frozen=True)
class SeparableWeights:
    """word2vec's pair weights, with mean(G) = 1 as in `mstar.dynamics.weightings.Weights`.

    Attributes:
        rows, columns: (nnz,) int32, the seen cells of the upper triangle, diagonal included.
        positive: (nnz,) A there.
        centre, context: (V,) c and n; k and the scale of G are contained in c.
        mean: mean(G) before it was scaled to 1.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    positive: Array
    centre: Array
    context: Array
    mean: float = 1.0

    @property
    def size(self) -> int:
        """V."""
        return int(self.centre.size)

    @property
    def negative(self) -> Array:
        """B (nnz,) on the seen cells."""
        i, j = self.rows, self.columns
        return 0.5 * (self.centre[i] * self.context[j] + self.context[i] * self.centre[j])

    def row_sums(self) -> tuple[Array, Array]:
        """Return the row sums (V,) of A and of B."""
        twice = np.where(self.rows == self.columns, 0.0, self.positive)
        seen = np.zeros(self.size)
        np.add.at(seen, self.rows, self.positive)
        np.add.at(seen, self.columns, twice)
        drawn = 0.5 * (self.centre * self.context.sum() + self.context * self.centre.sum())
        return seen, drawn


def separable(
    p: Probabilities, negative: float, subsample: float = 1e-5, negative_power: float = 0.75
) -> SeparableWeights:
    """Return the weights of `mstar.dynamics.weightings.word2vec` without a V x V array.

    Args:
        p: pair and word probabilities.
        negative: k.
        subsample, negative_power: see `mstar.counts.sampling.word2vec_factors`.
    """
    accept, smooth = word2vec_factors(p.unigram, subsample, negative_power)
    positive = p.joint * accept[p.rows] * accept[p.columns]
    centre, context = negative * accept * p.unigram, smooth * p.unigram
    bare = SeparableWeights(p.rows, p.columns, positive, centre, context)
    seen, drawn = bare.row_sums()
    mean = float(seen.sum() + drawn.sum()) / p.vocabulary_size**2
    return SeparableWeights(p.rows, p.columns, positive / mean, centre / mean, context, mean)


class SeparableDrift:
    """The drift of the quartic loss with word2vec's weights, on the CPU.

    Args:
        weights: of pairs.
        threads: one thread sums each row, so results do not depend on their number.
    """

    def __init__(self, weights: SeparableWeights, threads: int = 1) -> None:
        self.weights = weights
        self.threads = min(threads, numba.config.NUMBA_NUM_THREADS)
        size = weights.size
        starts, columns, cells = mirrored(weights.rows, weights.columns, size)
        self.starts, self.columns = starts, columns
        self.positive = weights.positive.astype(np.float32)[cells]
        self.parts = np.searchsorted(starts, np.linspace(0, starts[-1], PARTS_PER_THREAD + 1))
        self.parts[0], self.parts[-1] = 0, size

    def __call__(self, w: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return K(W W^T) W (V, d) for W (V, d), in float32."""
        numba.set_num_threads(self.threads)
        w = np.ascontiguousarray(w, dtype=np.float32)
        drift = np.empty_like(w)
        _seen(self.starts, self.columns, self.positive, self.parts, w, drift)
        for first, second in (
            (self.weights.centre, self.weights.context),
            (self.weights.context, self.weights.centre),
        ):
            second_w = second.astype(np.float32)[:, None] * w
            inner = second_w.sum(axis=0) + 0.5 * (w @ (w.T @ second_w))
            drift -= 0.5 * first.astype(np.float32)[:, None] * inner
        return drift


def mirrored(
    rows: NDArray[np.int32], columns: NDArray[np.int32], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Return both triangles of a symmetric pattern in CSR, from its upper triangle.

    Args:
        rows, columns: (nnz,) cells of the upper triangle, diagonal included, ordered by rows.
        size: V.

    Returns:
        Row starts (V + 1,), columns and, for each cell, its number among those given.
    """
    off = np.flatnonzero(rows != columns)
    every = np.concatenate([columns[off], rows])
    order = np.argsort(every, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(every, minlength=size))])
    other = np.concatenate([rows[off], columns])[order]
    cells = np.concatenate([off, np.arange(rows.size)])[order]
    return starts.astype(np.int64), other, cells


@numba.njit(parallel=True, cache=True, fastmath={"contract", "reassoc", "nsz"})
def _seen(starts, columns, positive, parts, w, drift):  # type: ignore[no-untyped-def]
    """Set drift = (A - (1/2) A o W W^T) W."""
    dim = w.shape[1]
    for part in numba.prange(parts.size - 1):
        total = np.empty(dim, w.dtype)
        for i in range(parts[part], parts[part + 1]):
            total[:] = 0
            for k in range(starts[i], starts[i + 1]):
                j = columns[k]
                x = w.dtype.type(0)
                for c in range(dim):
                    x += w[i, c] * w[j, c]
                factor = positive[k] * (np.float32(1) - np.float32(0.5) * x)
                for c in range(dim):
                    total[c] += factor * w[j, c]
            drift[i] = total
