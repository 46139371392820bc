"""Targets as operators: dense, or sparse plus low-rank, which never makes a V x V matrix.

A target is ``S + U diag(w) U^T`` with S zero for all pairs never seen. If these have one value c,
the second term is the constant c 1 1^T: M* = S - 2 1 1^T with ``S_ij = 4 P_ij / (P_ij + k P_i
P_j)``; PPMI = S; PMI = S + log(floor) 1 1^T. In M*_kappa they have a smooth function of P_i P_j,
whose matrix has a rank of about 20 to rounding (`mstar.spectra.products`). If the target has a
scale s (`mstar.counts.targets.scale`), both terms are multiplied by it from both sides. A product
with X (V, b) costs 2 b operations per stored cell, and 4 V b r for the second term of rank r.

S is stored in float32 with both triangles, so that each row of a product is one sum held in
registers. Sums are float32 or float64, as X is. At V = 10,000 (enwiki, 100 MB) the first 200
eigenvalues lie within a relative 4e-8 (M*), 1e-9 (PPMI) and 7e-9 (PMI) of those of LAPACK in
float64; this includes Krylov's tolerance and the rounding of S. A tighter tolerance left 3e-10 on
the 200th eigenvalue of M*.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from mstar.counts.targets import Absent, Probabilities, cells, scale
from mstar.machine.arrays import Array, Matrix, cast, place
from mstar.spectra import products
from mstar.spectra.krylov import BLOCK

# Stored cells converted at once, which keeps float64 temporaries small.
CHUNK = 1 << 22
PARTS_PER_THREAD = 32


class Dense:
    """A symmetric matrix A (V, V) in float64, with a float32 copy for float32 products.

    On a ``device`` other than "cpu" torch multiplies there (12 V^2 bytes). Its float32 products
    have full precision: TF32, with 10 bits of mantissa, is off by default.
    """

    def __init__(self, matrix: Array, device: str = "cpu") -> None:
        self.matrix = place(matrix, device)
        self.single = self.example = cast(self.matrix, "float32")
        self.size = matrix.shape[0]
        flat = matrix.ravel()
        self.squared_norm = float(flat @ flat)

    def product(self, block: Matrix) -> Matrix:
        """Return A X (V, b) for X = ``block`` (V, b), in its dtype."""
        return (self.single if block.dtype == self.single.dtype else self.matrix) @ block


class PlusLowRank:
    """The operator ``S + U diag(w) U^T`` with S symmetric and sparse.

    Args:
        indptr, indices: (V + 1,) int64 and (nnz,) int32: the upper triangle of S with its diagonal,
            in CSR.
        values: (nnz,) float32.
        weights, factors: w (r,) and U (V, r).
        squared_norm: ||S + U diag(w) U^T||_F^2.
        threads: used by `product`. One thread sums each row, so results do not depend on it.
    """

    def __init__(
        self,
        indptr: NDArray[np.int64],
        indices: NDArray[np.int32],
        values: NDArray[np.float32],
        weights: Array,
        factors: Array,
        squared_norm: float,
        threads: int = 1,
    ) -> None:
        self.size, self.squared_norm = indptr.size - 1, squared_norm
        self.weights, self.factors = weights, factors
        self.threads = min(threads, numba.config.NUMBA_NUM_THREADS)
        numba.set_num_threads(self.threads)
        self.indptr = _row_starts(indptr, indices)
        self.indices = np.empty(self.indptr[-1], dtype=np.int32)
        self.values = self.example = np.empty(self.indptr[-1], dtype=np.float32)
        # Equal numbers of rows would not be equal work, by Zipf's law.
        self.parts = _equal_parts(self.indptr, PARTS_PER_THREAD * self.threads)
        _mirror(
            indptr, indices, values, self.parts[:: PARTS_PER_THREAD], self.indptr, self.indices,
            self.values,
        )  # fmt: skip

    def __matmul__(self, block: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return `product`, so that functions of matrices take operators too."""
        return self.product(block)

    def product(self, block: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return (S + U diag(w) U^T) X (V, b) for X = ``block`` (V, b), in its dtype."""
        result = np.empty(block.shape, dtype=block.dtype, order="F")
        numba.set_num_threads(self.threads)
        for some, padded in blocks(block):
            image = np.empty_like(padded)
            sparse_product(self.indptr, self.indices, self.values, self.parts, padded, image)
            inner = self.weights[:, None] * (self.factors.T @ padded)
            result[:, some] = (image + self.factors @ inner)[:, : some.stop - some.start]
        return result


def blocks(columns: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Yield (V, BLOCK) copies of BLOCK columns at a time, the last padded with zeros."""
    for first in range(0, columns.shape[1], BLOCK):
        some = slice(first, min(first + BLOCK, columns.shape[1]))
        padded = np.zeros((len(columns), BLOCK), dtype=columns.dtype)
        padded[:, : some.stop - first] = columns[:, some]
        yield some, padded


def matrix_free(
    name: str,
    p: Probabilities,
    negative: float = 1.0,
    threads: int = 1,
    **options: float,
) -> PlusLowRank:
    """Return the named target as a `PlusLowRank`; arguments as of `mstar.counts.targets.cells`.

    Its squared norm is summed in float64. It takes 16 bytes of memory per seen cell of the full
    matrix, and 12 more while it is made.
    """
    size = p.vocabulary_size
    values = np.empty(p.columns.size, dtype=np.float32)
    scaled = scale(name, p, negative, **options)
    squares, absent = 0.0, cells(name, p.part(slice(0)), negative, **options)[1]
    for start in range(0, values.size, CHUNK):
        part = p.part(slice(start, start + CHUNK))
        seen, _ = cells(name, part, negative, **options)
        unseen = absent(part.independent) if callable(absent) else absent
        if scaled is not None:
            both = scaled[part.rows] * scaled[part.columns]
            seen, unseen = both * seen, both * unseen
        values[start : start + CHUNK] = seen - unseen
        twice = np.where(part.rows == part.columns, 1.0, 2.0)
        squares += float(twice @ (seen**2 - unseen**2))
    indptr = np.searchsorted(p.rows, np.arange(size + 1)).astype(np.int64)
    weights, factors = _everywhere(absent, p.unigram)
    if scaled is not None:
        factors = scaled[:, None] * factors
    squares += float(weights @ (factors.T @ factors) ** 2 @ weights)
    return PlusLowRank(indptr, p.columns, values, weights, factors, squares, threads)


def _everywhere(absent: Absent, unigram: Array) -> tuple[Array, Array]:
    """Return eigenvalues (r,) and eigenvectors (V, r) of the target of a text without pairs."""
    if callable(absent):
        return products.eigenpairs(absent, unigram)
    size = unigram.size
    return np.array([absent * size]), np.full((size, 1), size**-0.5)


def _equal_parts(indptr: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Return row bounds (parts + 1,) of parts with about equally many cells."""
    bounds = np.searchsorted(indptr, np.linspace(0, indptr[-1], parts + 1)).astype(np.int64)
    bounds[0], bounds[-1] = 0, indptr.size - 1
    return bounds


@numba.njit(cache=True)
def _row_starts(indptr, indices):  # type: ignore[no-untyped-def]
    """Return the row starts of the full matrix whose upper triangle is given."""
    size = indptr.size - 1
    starts = np.zeros(size + 1, dtype=np.int64)
    for i in range(size):
        starts[i + 1] += indptr[i + 1] - indptr[i]
        for at in range(indptr[i], indptr[i + 1]):
            if indices[at] != i:
                starts[indices[at] + 1] += 1
    return np.cumsum(starts)


@numba.njit(parallel=True, cache=True)
def _mirror(indptr, indices, values, bounds, starts, columns, cells):  # type: ignore[no-untyped-def]
    """Fill the full matrix: each thread its own rows, with columns in ascending order."""
    for part in numba.prange(bounds.size - 1):
        low, high = bounds[part], bounds[part + 1]
        at = starts[low:high].copy()
        for i in range(high):
            first = indptr[i] + np.searchsorted(indices[indptr[i] : indptr[i + 1]], max(low, i + 1))
            for k in range(first, indptr[i + 1]):
                j = indices[k]
                if j >= high:
                    break
                columns[at[j - low]] = i
                cells[at[j - low]] = values[k]
                at[j - low] += 1
        for i in range(low, high):
            for k in range(indptr[i], indptr[i + 1]):
                columns[at[i - low]] = indices[k]
                cells[at[i - low]] = values[k]
                at[i - low] += 1


# Regrouping and fusing sums lets them run in vector registers.
@numba.njit(parallel=True, cache=True, fastmath={"contract", "reassoc", "nsz"})
def sparse_product(indptr, indices, values, parts, block, image):  # type: ignore[no-untyped-def]
    """Set image = S block for BLOCK columns; four cells at a time halve the loads of the sum."""
    for part in numba.prange(parts.size - 1):
        total = np.empty(BLOCK, block.dtype)
        for i in range(parts[part], parts[part + 1]):
            for c in range(BLOCK):
                total[c] = 0
            k, stop = indptr[i], indptr[i + 1]
            while k + 4 <= stop:
                u, v, w, x = values[k], values[k + 1], values[k + 2], values[k + 3]
                a, b, d, e = indices[k], indices[k + 1], indices[k + 2], indices[k + 3]
                for c in range(BLOCK):
                    total[c] += (
                        u * block[a, c] + v * block[b, c] + w * block[d, c] + x * block[e, c]
                    )
                k += 4
            while k < stop:
                for c in range(BLOCK):
                    total[c] += values[k] * block[indices[k], c]
                k += 1
            for c in range(BLOCK):
                image[i, c] = total[c]
