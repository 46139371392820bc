"""Block Krylov spaces of a symmetric operator, for its largest eigenvalues.

The space, which takes most of the time, is built in float32; `mstar.spectra.eigensolvers` ends with
a Rayleigh-Ritz step in float64. Arrays may be of numpy or torch (`mstar.machine.arrays`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import scipy.linalg

from mstar.machine.arrays import Array, Matrix, cast, empty_columns, library, like, to_numpy
from mstar.spectra.lapack import leading_eigenpairs

# M* at V = 10,000, top 200: blocks of 16, 32, 64 and 128 need about 1,850, 1,980, 2,500 and over
# 3,000 basis vectors, and a product with 32 columns takes little longer than one with 16.
BLOCK = 32
# A diagonal entry of R below this share of the largest entry of A's projection shows that the block
# has lost a direction to rounding.
LOST = 1e-5
# Below this ratio of R's diagonal entries the Gram matrix has lost too many digits for Cholesky.
SAFE = 1e-4
# Restarts from the Ritz vectors before the method gives up.
RESTARTS = 30


class Operator(Protocol):
    """A symmetric matrix A (size, size), given by its products.

    Attributes:
        squared_norm: ||A||_F^2.
        example: a float32 array of the library and on the device of the blocks that `product`
            takes.
    """

    size: int
    squared_norm: float
    example: Any

    def product(self, block: Any) -> Any:
        """Return A X (size, b) for X (size, b), in the dtype of X, float32 or float64."""


class Krylov:
    """An orthonormal float32 basis of the block Krylov space of A, and A projected on it."""

    def __init__(self, operator: Operator, capacity: int, seed: int) -> None:
        self.operator, self.capacity, self.used = operator, capacity, 0
        self.vectors = empty_columns(operator.size, capacity + BLOCK, operator.example)
        self.projected = np.zeros((capacity + BLOCK, capacity + BLOCK))
        self.last = np.zeros((BLOCK, BLOCK))
        start = np.random.default_rng(seed).standard_normal((operator.size, BLOCK))
        self.next = like(np.linalg.qr(start)[0], self.vectors)
        self.coupled, self.scale = 0, 0.0

    def extend(self) -> None:
        """Append the next block and project A on it.

        Gram-Schmidt runs twice. The first pass visits only the blocks that A couples to the new one
        (two, or all after `restart`); the other coefficients are rounding errors, which the second
        pass removes. |Q^T Q - 1| stays below 1e-7.
        """
        new = slice(self.used, self.used + BLOCK)
        self.vectors[:, new] = self.next
        self.used += BLOCK
        image = self.operator.product(self.next)
        for first in (self.coupled, 0):
            basis = self.vectors[:, first : self.used]
            coefficients = basis.T @ image
            image -= basis @ coefficients
            self.projected[first : self.used, new] += _in_float64(coefficients)
        self.coupled = self.used - BLOCK
        following, self.last = orthonormal(image)
        self.scale = max(self.scale, float(np.abs(self.projected[: self.used, new]).max()))
        if np.abs(self.last.diagonal()).min() <= LOST * self.scale:
            following = self._renewed(following, new)
        self.next = cast(following, "float32")
        self.projected[new, : self.used] = self.projected[: self.used, new].T

    def _renewed(self, block: Any, new: slice) -> Any:
        """Return ``block``, which lost a direction to rounding, orthogonal to the basis again."""
        basis = self.vectors[:, : self.used]
        for _ in range(2):
            block = cast(block, "float32")
            coefficients = basis.T @ block
            block, factor = orthonormal(block - basis @ coefficients)
            self.projected[: self.used, new] += _in_float64(coefficients) @ self.last
            self.last = factor @ self.last
        return block

    def ritz(self, wanted: int) -> tuple[Array, Array, Array]:
        """Return the ``wanted`` largest Ritz values, vectors and residual norms.

        Vectors (used, wanted) are coordinates in the basis.
        """
        small = self.projected[: self.used, : self.used]
        if self.used < 4 * BLOCK:
            values, vectors = scipy.linalg.eigh(small)
            values, vectors = values[::-1][:wanted], vectors[:, ::-1][:, :wanted]
        else:
            # Errors of 1e-7 ||A|| are no larger than those of the float32 basis.
            values, vectors = leading_eigenpairs(small, min(wanted, self.used), np.float32)
            values = values[:wanted]
        residuals = np.linalg.norm(self.last @ vectors[-BLOCK:], axis=0)
        return values, vectors, residuals

    def lift(self, coordinates: Array) -> Any:
        """Return the vectors (V, wanted) with these coordinates (used, wanted) in the basis."""
        return self.vectors[:, : self.used] @ like(coordinates, self.vectors)

    def restart(self, values: Array, coordinates: Array) -> None:
        """Reduce the basis to these Ritz vectors and continue from the next block."""
        kept = values.size
        self.vectors[:, :kept] = self.lift(coordinates)
        self.projected[:] = 0.0
        self.projected[range(kept), range(kept)] = values
        self.used = kept
        self.coupled = 0


def orthonormal(block: Matrix) -> tuple[Any, Array]:
    """Return Q (V, b), orthonormal in float64, and R (b, b) with Q R = ``block`` (V, b).

    A well-conditioned block is factorised by Cholesky's R of the Gram matrix, which takes two
    products; Householder's many short steps take fifty times as long on two busy cores.
    """
    block = cast(block, "float64")
    gram = to_numpy(block.T @ block)
    diagonal = gram.diagonal()
    try:
        factor = np.linalg.cholesky(gram).T
    except np.linalg.LinAlgError:
        factor = np.zeros_like(gram)
    if factor.diagonal().min() <= SAFE * np.sqrt(diagonal.max()):
        q, r = library(block).linalg.qr(block)
        return q, to_numpy(r)
    q = block @ like(np.linalg.inv(factor), block)
    return q, np.asarray(factor, dtype=np.float64)


def _in_float64(array: Matrix) -> Array:
    """Return the array in main memory, in float64."""
    return np.asarray(to_numpy(cast(array, "float64")))


def leading_space(
    basis: Krylov,
    rank: int,
    wanted: int,
    expected: int,
    tolerance: float,
    progress: Callable[[str], None],
) -> Any:
    """Return ``wanted`` Ritz vectors (V, wanted) of which the first ``rank`` have converged.

    Args:
        basis: extended here, up to its capacity, and restarted if that is not enough.
        rank: number of pairs that must converge.
        wanted: number of Ritz vectors, at least ``rank``.
        expected: basis size at which convergence is first checked.
        tolerance: of residual norms, relative to the largest of the ``rank`` absolute Ritz values.
        progress: called with lines on the progress.

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
    """Compute the first ``rank`` eigenpairs of A in the span of ``space`` (V, r >= rank).

    Returns:
        Values (rank,) descending, orthonormal vectors (V, rank) and residual norms (rank,), in
        float64.
    """
    start, _ = orthonormal(space)
    image = operator.product(start)
    values, rotation = scipy.linalg.eigh(to_numpy(start.T @ image))
    values, rotation = values[::-1][:rank], rotation[:, ::-1][:, :rank]
    turn = like(rotation.copy(), start)
    vectors = to_numpy(start @ turn)
    residuals = np.linalg.norm(to_numpy(image @ turn) - vectors * values, axis=0)
    return values, vectors, residuals
