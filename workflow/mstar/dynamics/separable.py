"""word2vec's pair weights and gradients without a V x V array.

Under word2vec's weighting (`mstar.dynamics.weightings.word2vec`) A is as sparse as the counts, and
B has rank two: with the rates c_i = a_i P_i of centres and n_i of negatives,

    B = (c n^T + n c^T) / 2.

So the drift of the quartic loss, K W with K = A - B - (1/2) (A + B) o (W W^T), needs W W^T only on
the seen cells, since (c n^T o W W^T) W = diag(c) W (W^T diag(n) W): it costs O(nnz d + V d^2).

On a cell never seen the sgns loss has K = -2 B sigma(x), whose expansion -B (1 + x/2) is that of
the quartic loss. Its own K on the seen cells with this expansion on the others, called sgns here,
costs as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from mstar.counts.targets import Probabilities, drawn_cells, row_sums, word2vec_pairs
from mstar.dynamics import separable_kernels
from mstar.machine.arrays import Array
from mstar.spectra.operators import PlusLowRank

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
        return drawn_cells(self.rows, self.columns, self.centre, self.context)

    @property
    def multiplicity(self) -> Array:
        """The number of times (nnz,) that a seen cell stands in the symmetric matrix, 1 or 2."""
        return np.where(self.rows == self.columns, 1.0, 2.0)

    def row_sums(self) -> tuple[Array, Array]:
        """Return the row sums (V,) of A and of B."""
        return row_sums(self.rows, self.columns, self.positive, self.centre, self.context)

    def difference(self, threads: int = 1) -> PlusLowRank:
        """Return A - B as an operator."""
        return self._operator(-1.0, threads)

    def total(self, threads: int = 1) -> PlusLowRank:
        """Return G = A + B as an operator."""
        return self._operator(1.0, threads)

    def _operator(self, sign: float, threads: int) -> PlusLowRank:
        """Return A + sign B.

        With unit vectors u, v along c and n, u v^T + v u^T = ((u + v) (u + v)^T
        - (u - v) (u - v)^T) / 2.
        """
        sizes = np.linalg.norm(self.centre), np.linalg.norm(self.context)
        u, v = self.centre / sizes[0], self.context / sizes[1]
        factors, quarter = np.column_stack([u + v, u - v]), sign * sizes[0] * sizes[1] / 4
        everywhere = 0.5 * (sizes[0] ** 2 * sizes[1] ** 2 + (self.centre @ self.context) ** 2)
        change = self.positive * (self.positive + 2 * sign * self.negative)
        return PlusLowRank(
            np.searchsorted(self.rows, np.arange(self.size + 1)).astype(np.int64),
            self.columns,
            self.positive.astype(np.float32),
            np.array([quarter, -quarter]),
            factors,
            float(everywhere + self.multiplicity @ change),
            threads,
        )

    def drop(self, loss: str) -> float:
        """Return L(0) - L(x*) without constraints on x, as `mstar.dynamics.losses.Loss.drop` does.

        Every cell never seen contributes B, by which the quartic loss falls at x = -2.
        """
        a, b = self.positive, self.negative
        g = a + b
        if loss == "quartic":
            seen = (a - b) ** 2 / g
        else:
            seen = 2.0 * (g * np.log(2.0) + a * np.log(a / g) + b * np.log(b / g))
        return float(self.row_sums()[1].sum() + self.multiplicity @ (seen - b))


def separable(
    p: Probabilities, negative: float, subsample: float = 1e-5, negative_power: float = 0.75
) -> SeparableWeights:
    """Return the weights of `mstar.dynamics.weightings.word2vec` without a V x V array.

    Args:
        p: pair and word probabilities.
        negative: k.
        subsample, negative_power: see `mstar.counts.sampling.word2vec_factors`.
    """
    positive, centre, context = word2vec_pairs(p, negative, subsample, negative_power)
    bare = SeparableWeights(p.rows, p.columns, positive, centre, context)
    seen, drawn = bare.row_sums()
    mean = float(seen.sum() + drawn.sum()) / p.vocabulary_size**2
    return SeparableWeights(p.rows, p.columns, positive / mean, centre / mean, context, mean)


def configured(p: Probabilities, settings: Mapping[str, Any]) -> SeparableWeights:
    """Return the weights of a run: ``negative``, and the options of `separable`, by default its."""
    given = {name: settings[name] for name in ("subsample", "negative_power") if name in settings}
    return separable(p, settings["negative"], **given)


class SeparableDrift:
    """The drift of the quartic or sgns loss with word2vec's weights, on the CPU in float32.

    Args:
        weights: of pairs.
        threads: one thread sums each row, so results do not depend on their number.
        loss: quartic, or sgns with its expansion on the cells never seen.
    """

    def __init__(self, weights: SeparableWeights, threads: int = 1, loss: str = "quartic") -> None:
        self.weights, self.loss_range = weights, weights.drop(loss)
        self.threads = min(threads, numba.config.NUMBA_NUM_THREADS)
        starts, columns, cells = mirrored(weights.rows, weights.columns, weights.size)
        self.starts, self.columns = starts, columns
        self.positive = weights.positive.astype(np.float32)[cells]
        self.centre = weights.centre.astype(np.float32)
        self.context = weights.context.astype(np.float32)
        self.sgns = loss == "sgns"
        self._every = np.arange(weights.size)
        self.parts = self._parts(self._every)

    def __call__(
        self, w: NDArray[np.float32], rows: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """Return K(W W^T) W (V, d) for W (V, d), or only its ``rows`` (m,)."""
        numba.set_num_threads(self.threads)
        w = np.ascontiguousarray(w, dtype=np.float32)
        rows = self._every if rows is None else rows
        drift = np.empty((rows.size, w.shape[1]), dtype=np.float32)
        width = max(1, separable_kernels.CACHE // w[0].nbytes)
        parts = self.parts if rows is self._every else self._parts(rows)
        separable_kernels.add_up(*self._cells, rows, parts, width, w, drift)
        for first, second in ((self.centre, self.context), (self.context, self.centre)):
            second_w = second[:, None] * w
            inner = second_w.sum(axis=0) + 0.5 * (w[rows] @ (w.T @ second_w))
            drift -= 0.5 * first[rows, None] * inner
        return drift

    def loss(self, w: NDArray[np.float32]) -> float:
        """Return (L(W) - L_min) / (L(0) - L_min): 1 at W = 0, 0 at the unconstrained minimum."""
        numba.set_num_threads(self.threads)
        w = np.ascontiguousarray(w, dtype=np.float32)
        sums = np.empty(w.shape[0])
        separable_kernels.sum_up(*self._cells, self.parts, w, sums)
        double = w.astype(np.float64)
        sides = [each[:, None] * double for each in (self.weights.centre, self.weights.context)]
        linear = float(sides[0].sum(axis=0) @ sides[1].sum(axis=0))
        square = float(((double.T @ sides[0]) * (double.T @ sides[1])).sum())
        return 1.0 + (float(sums.sum()) + 0.25 * square + linear) / self.loss_range

    @property
    def _cells(self) -> tuple[Any, ...]:
        return self.sgns, self.starts, self.columns, self.positive, self.centre, self.context

    def _parts(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return bounds of parts of ``rows`` with about equally many cells."""
        ends = np.cumsum(self.starts[rows + 1] - self.starts[rows])
        shares = np.linspace(0, ends[-1], PARTS_PER_THREAD * self.threads + 1)
        bounds = np.searchsorted(ends, shares)
        bounds[0], bounds[-1] = 0, rows.size
        return bounds


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
