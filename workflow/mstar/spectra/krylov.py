"""Block Krylov spaces of a symmetric operator, for its largest eigenvalues.

The space is built in float32, which is where the time goes; `mstar.spectra.eigensolvers` ends with
a Rayleigh-Ritz step in float64. numpy and torch arrays are used alike: what differs between them is
in `Arrays`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from mstar.machine.arrays import Array
from mstar.spectra.lapack import leading_eigenpairs

# M* at V = 10,000, top 200: blocks of 16, 32, 64 and 128 need about 1,850, 1,980, 2,500 and over
# 3,000 basis vectors, and a product with 32 columns takes little longer than one with 16.
BLOCK = 32
# A diagonal entry of R below this share of the largest entry of A's projection: the block has lost
# a direction, and what is left of it is rounding.
LOST = 1e-5
# Below this ratio of R's diagonal entries the Gram matrix has lost too many digits for Cholesky.
SAFE = 1e-4
# How often a basis at its capacity is cut down to the Ritz vectors before this gives up.
RESTARTS = 30


class Arrays(Protocol):
    """What Krylov needs of an array library."""

    def empty(self, rows: int, columns: int) -> Any:
        """(rows, columns) float32, columns contiguous where that helps."""

    def take(self, x: NDArray[Any]) -> Any:
        """An array of this library, same dtype."""

    def give(self, x: Any) -> Array:
        """A numpy array in float64."""

    def double(self, x: Any) -> Any:
        """The same in float64, still of this library."""

    def single(self, x: Any) -> Any:
        """The same in float32, still of this library."""

    def qr(self, x: Any) -> tuple[Any, Any]:
        """Reduced QR decomposition by Householder reflections."""


class NumpyArrays:
    """`Arrays` of numpy."""

    def empty(self, rows: int, columns: int) -> NDArray[np.float32]:
        return np.empty((rows, columns), dtype=np.float32, order="F")

    def take(self, x: NDArray[Any]) -> NDArray[Any]:
        return x

    def give(self, x: NDArray[Any]) -> Array:
        return x.astype(np.float64)

    def double(self, x: NDArray[Any]) -> Array:
        return x.astype(np.float64)

    def single(self, x: NDArray[Any]) -> NDArray[np.float32]:
        return x.astype(np.float32)

    def qr(self, x: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        q, r = np.linalg.qr(x)
        return q, r


class Operator(Protocol):
    """A symmetric matrix A (size, size), known by its products.

    squared_norm: ||A||_F^2. arrays: `Arrays` of the library whose arrays `product` takes.
    """

    size: int
    squared_norm: float
    arrays: Any

    def product(self, block: Any) -> Any:
        """A X (size, b) for X (size, b), in float32 or float64 as X is."""


class Krylov:
    """An orthonormal float32 basis of the block Krylov space of A, and A projected on it."""

    def __init__(self, operator: Operator, capacity: int, seed: int) -> None:
        self.operator, self.arrays = operator, operator.arrays
        self.capacity, self.used = capacity, 0
        self.vectors = self.arrays.empty(operator.size, capacity + BLOCK)
        self.projected = np.zeros((capacity + BLOCK, capacity + BLOCK))
        self.last = np.zeros((BLOCK, BLOCK))
        start = np.random.default_rng(seed).standard_normal((operator.size, BLOCK))
        self.next = self.arrays.take(np.linalg.qr(start)[0].astype(np.float32))
        self.coupled, self.scale = 0, 0.0

    def extend(self) -> None:
        """Append the next block and project A on it.

        Gram-Schmidt twice: the first pass need only visit the blocks that A couples to the new one
        (two; after `restart` all), as the other coefficients are rounding errors that the second
        pass takes out. One and a half passes in place of the three that were usual here lose
        nothing: |Q^T Q - 1| stays below 1e-7.
        """
        new = slice(self.used, self.used + BLOCK)
        self.vectors[:, new] = self.next
        self.used += BLOCK
        image = self.operator.product(self.next)
        for first in (self.coupled, 0):
            basis = self.vectors[:, first : self.used]
            coefficients = basis.T @ image
            image -= basis @ coefficients
            self.projected[first : self.used, new] += self.arrays.give(coefficients)
        self.coupled = self.used - BLOCK
        following, self.last = orthonormal(self.arrays, image)
        self.scale = max(self.scale, float(np.abs(self.projected[: self.used, new]).max()))
        if np.abs(self.last.diagonal()).min() <= LOST * self.scale:
            following = self._renewed(following, new)
        following = self.arrays.single(following)
        self.next = following
        self.projected[new, : self.used] = self.projected[: self.used, new].T

    def _renewed(self, block: Any, new: slice) -> Any:
        """``block`` made orthogonal to the basis where a lost direction left it anything at all."""
        basis = self.vectors[:, : self.used]
        for _ in range(2):
            block = self.arrays.single(block)
            coefficients = basis.T @ block
            block, factor = orthonormal(self.arrays, block - basis @ coefficients)
            self.projected[: self.used, new] += self.arrays.give(coefficients) @ self.last
            self.last = factor @ self.last
        return block

    def ritz(self, wanted: int) -> tuple[Array, Array, Array]:
        """The largest Ritz values, their coordinates in the basis, and their residual norms."""
        small = self.projected[: self.used, : self.used]
        if self.used < 4 * BLOCK:
            values, vectors = scipy.linalg.eigh(small)
            values, vectors = values[::-1][:wanted], vectors[:, ::-1][:, :wanted]
        else:
            # Its own errors of 1e-7 ||A|| are as small as those of the float32 basis.
            values, vectors = leading_eigenpairs(small, min(wanted, self.used), np.float32)
            values = values[:wanted]
        residuals = np.linalg.norm(self.last @ vectors[-BLOCK:], axis=0)
        return values, vectors, residuals

    def lift(self, coordinates: Array) -> Any:
        """Vectors (V, wanted) with these coordinates (used, wanted)."""
        return self.vectors[:, : self.used] @ self.arrays.take(coordinates.astype(np.float32))

    def restart(self, values: Array, coordinates: Array) -> None:
        """Keep these Ritz vectors alone, and go on from the next block (thick restart)."""
        kept = values.size
        self.vectors[:, :kept] = self.lift(coordinates)
        self.projected[:] = 0.0
        self.projected[range(kept), range(kept)] = values
        self.used = kept
        self.coupled = 0


def orthonormal(arrays: Arrays, block: Any) -> tuple[Any, Array]:
    """Q (V, b), orthonormal in float64, and R (b, b) with Q R = ``block`` (V, b).

    By Cholesky's R of the Gram matrix, which is two products, where the block is well conditioned;
    Householder's many short steps take fifty times as long on two busy cores.
    """
    block = arrays.double(block)
    gram = arrays.give(block.T @ block)
    diagonal = gram.diagonal()
    try:
        factor = np.linalg.cholesky(gram).T
    except np.linalg.LinAlgError:
        factor = np.zeros_like(gram)
    if factor.diagonal().min() <= SAFE * np.sqrt(diagonal.max()):
        q, r = arrays.qr(block)
        return q, arrays.give(r)
    q = block @ arrays.take(np.linalg.inv(factor))
    return q, np.asarray(factor, dtype=np.float64)


def leading_space(
    basis: Krylov,
    rank: int,
    wanted: int,
    expected: int,
    tolerance: float,
    progress: Callable[[str], None],
) -> Any:
    """``wanted`` Ritz vectors (V, wanted) of which the first ``rank`` have converged.

    Args:
        basis: grown here, to its capacity at most, and restarted when that is not enough.
        expected: size at which convergence is first looked at.
        tolerance: of residual norms, relative to the largest of the ``rank`` Ritz values in size.

    Raises:
        numpy.linalg.LinAlgError: no convergence in `RESTARTS` restarts.
    """
    target = max(expected, wanted)
    for restart in range(RESTARTS):
        while True:
            while basis.used < min(target, basis.capacity):
                basis.extend()
            values, ritz, residuals = basis.ritz(wanted)
            scale = np.abs(values[:rank]).max() or 1.0  # of the zero matrix
            share = residuals[:rank].max() / scale
            progress(f"Krylov basis {basis.used}: largest residual {share:.1e} of the first value")
            if share <= tolerance:
                return basis.lift(ritz)
            if basis.used >= basis.capacity:
                break
            target = int(1.08 * basis.used)
        progress(f"restart {restart + 1} from {wanted} Ritz vectors")
        basis.restart(values, ritz)
        target = basis.capacity
    raise np.linalg.LinAlgError(f"{rank} eigenpairs: no convergence in {RESTARTS} restarts")


def rayleigh_ritz(operator: Operator, space: Any, rank: int) -> tuple[Array, Array, Array]:
    """The first ``rank`` eigenpairs of A in the span of ``space`` (V, r >= rank), in float64.

    Returns values (rank,) descending, orthonormal vectors (V, rank) and residual norms (rank,).
    """
    arrays = operator.arrays
    start, _ = orthonormal(arrays, space)
    image = operator.product(start)
    values, rotation = scipy.linalg.eigh(arrays.give(start.T @ image))
    values, rotation = values[::-1][:rank], rotation[:, ::-1][:, :rank]
    turn = arrays.take(rotation.copy())
    vectors = arrays.give(start @ turn)
    residuals = np.linalg.norm(arrays.give(image @ turn) - vectors * values, axis=0)
    return values, vectors, residuals
