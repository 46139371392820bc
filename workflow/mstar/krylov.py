"""Block Krylov spaces of a symmetric matrix, for its largest eigenvalues."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

Array = NDArray[np.float64]

BLOCK = 32


class Krylov:
    """An orthonormal float32 basis of the block Krylov space of A, and A projected on it."""

    def __init__(self, matrix: NDArray[np.float32], capacity: int, seed: int) -> None:
        size = matrix.shape[0]
        self.matrix, self.used = matrix, 0
        self.vectors = np.empty((size, capacity + BLOCK), dtype=np.float32, order="F")
        self.projected = np.zeros((capacity + BLOCK, capacity + BLOCK), dtype=np.float64)
        self.last = np.zeros((BLOCK, BLOCK))
        start = np.random.default_rng(seed).standard_normal((size, BLOCK))
        self.next = np.linalg.qr(start)[0].astype(np.float32)

    def extend(self) -> None:
        """Append the next block and project A on it; two Gram-Schmidt passes keep orthogonality."""
        new = slice(self.used, self.used + BLOCK)
        self.vectors[:, new] = self.next
        self.used += BLOCK
        basis = self.vectors[:, : self.used]
        image = self.matrix @ self.next
        first = basis.T @ image
        image -= basis @ first
        second = basis.T @ image
        image -= basis @ second
        self.projected[: self.used, new] = first + second
        self.projected[new, : self.used] = self.projected[: self.used, new].T
        following, self.last = np.linalg.qr(image.astype(np.float64))
        self.next = following.astype(np.float32)
        self.next -= basis @ (basis.T @ self.next)

    def ritz(self, wanted: int) -> tuple[Array, Array, Array]:
        """The largest Ritz values, their coordinates in the basis, and their residual norms."""
        small = self.projected[: self.used, : self.used]
        bounds = (max(0, self.used - wanted), self.used - 1)
        values, vectors = scipy.linalg.eigh(
            small, subset_by_index=bounds, driver="evr", check_finite=False
        )
        values, vectors = values[::-1], vectors[:, ::-1]
        residuals = np.linalg.norm(self.last @ vectors[-BLOCK:], axis=0)
        return values, vectors, residuals

    def lift(self, coordinates: Array) -> NDArray[np.float32]:
        """Vectors (V, wanted) with these coordinates (used, wanted)."""
        return self.vectors[:, : self.used] @ coordinates.astype(np.float32)
