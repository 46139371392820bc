"""The saddle-to-saddle recursion of `mstar.dynamics.saddles` without a V x V array."""

from __future__ import annotations

import numba
import numpy as np

from mstar.dynamics.saddles import Operator
from mstar.dynamics.separable import SeparableDrift, SeparableWeights
from mstar.machine.arrays import Array
from mstar.spectra.operators import blocks, sparse_product


class SeparableModel:
    """The quartic loss with word2vec's weights, in O(nnz d + V d^2) for each product.

    Products with the seen cells are in float32.

    Args:
        weights: of pairs.
        threads: of the products; results do not depend on their number.
    """

    def __init__(self, weights: SeparableWeights, threads: int = 1) -> None:
        self._weights, self._drift = weights, SeparableDrift(weights, threads)
        self._total = weights.total(threads)
        rows = np.add(*weights.row_sums())
        self.scale: Array = rows / np.sqrt(rows.sum())

    def drift(self, w: Array) -> Array:
        """Return K(W W^T) W (V, r)."""
        return self._drift(w.astype(np.float32)).astype(np.float64)

    def kernel(self, w: Array) -> Operator:
        """Return the function Y -> K(W W^T) Y."""
        seen, centre, context = self._drift, self._weights.centre, self._weights.context
        cells = np.empty_like(seen.positive)
        single = np.ascontiguousarray(w, dtype=np.float32)
        numba.set_num_threads(seen.threads)
        _cells(seen.starts, seen.columns, seen.positive, seen.parts, single, cells)

        def product(block: Array) -> Array:
            numba.set_num_threads(seen.threads)
            image = np.empty(block.shape)
            for some, narrow in blocks(block.astype(np.float32)):
                found = np.empty_like(narrow)
                sparse_product(seen.starts, seen.columns, cells, seen.parts, narrow, found)
                image[:, some] = found[:, : some.stop - some.start]
            for first, second in ((centre, context), (context, centre)):
                scaled = second[:, None] * block
                inner = scaled.sum(axis=0) + 0.5 * (w @ (w.T @ scaled))
                image -= 0.5 * first[:, None] * inner
            return image

        return product

    def quartic(self, u: Array) -> Array:
        """Return sum_ij G_ij u_ik^2 u_jk^2 (m,) of the columns of ``u`` (V, m)."""
        squares = u**2
        return np.asarray(np.einsum("ik,ik->k", squares, self._total @ squares))


@numba.njit(parallel=True, cache=True, fastmath={"contract", "reassoc", "nsz"})
def _cells(starts, columns, positive, parts, w, cells):  # type: ignore[no-untyped-def]
    """Set cells = A (1 - (1/2) W W^T)."""
    for part in numba.prange(parts.size - 1):
        for i in range(parts[part], parts[part + 1]):
            for k in range(starts[i], starts[i + 1]):
                j = columns[k]
                x = w.dtype.type(0)
                for c in range(w.shape[1]):
                    x += w[i, c] * w[j, c]
                cells[k] = positive[k] * (np.float32(1) - np.float32(0.5) * x)
