"""Eigenpairs of a symmetric matrix, as computed by `mstar.spectra.eigensolvers`, and their file.

The pairs are float64, in descending algebraic order. `mstar.spectra.directions.fix_signs` sets the
signs of vectors, and a residual norm bounds the error of each eigenvalue.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from mstar.files.writing import UserError, atomic, load_arrays
from mstar.machine.arrays import Array
from mstar.spectra.directions import fix_signs


@dataclass(frozen=True)
class Spectrum:
    """The r algebraically largest eigenpairs of a symmetric matrix.

    The matrix is M, or diag(s) M diag(s) with positive numbers s for the words, which weight the
    loss of an embedding (see `embedding`).

    Attributes:
        eigenvalues: (r,) descending.
        eigenvectors: (V, r) orthonormal columns, signs by `mstar.spectra.directions.fix_signs`.
        residuals: (r,) norms of A v - lambda v, with A the matrix.
        squared_norm: of the matrix (Frobenius).
        every: (V,) all eigenvalues, descending, if they were computed; else (0,). Errors are a few
            1e-7 of the largest if not all eigenvectors were requested.
        scale: (V,) s; (0,) for ones.
    """

    eigenvalues: Array
    eigenvectors: Array
    residuals: Array
    squared_norm: float
    every: Array = field(default_factory=lambda: np.empty(0))
    scale: Array = field(default_factory=lambda: np.empty(0))

    @property
    def complete(self) -> bool:
        """Whether all V eigenpairs are known."""
        return self.eigenvectors.shape[0] == self.eigenvalues.size

    def leading(self, rank: int) -> Spectrum:
        """Return a spectrum with only the first ``rank`` pairs, or all if there are fewer."""
        return replace(
            self,
            eigenvalues=self.eigenvalues[:rank],
            eigenvectors=self.eigenvectors[:, :rank],
            residuals=self.residuals[:rank],
        )

    def embedding(self, dim: int) -> Array:
        """Return W = diag(s)^{-1} V_d Lambda_d^{1/2} (V, d), the best of its rank.

        Without s it minimises ||W W^T - M||_F (Theorem 1), else sum_ij s_i^2 s_j^2 (W W^T - M)_ij^2
        (Proposition 2 with G = g g^T, g = s^2).

        If only p < d eigenvalues are positive, the best approximation uses those p; the other
        columns are zero.

        Raises:
            UserError: ``dim`` exceeds the number of eigenpairs known.
        """
        kept = min(dim, self.positive)
        if kept < dim and kept == self.eigenvalues.size < self.eigenvectors.shape[0]:
            raise UserError(f"dim: {dim} asked for, the spectrum has {kept} eigenpairs")
        embedding = np.zeros((self.eigenvectors.shape[0], dim))
        embedding[:, :kept] = self.eigenvectors[:, :kept] * np.sqrt(self.eigenvalues[:kept])
        return embedding / self.scale[:, None] if self.scale.size else embedding

    def solution(self, dim: int) -> Spectrum:
        """Return the positive eigenpairs of W W^T, W the `embedding` of that d.

        These are the first d pairs of this spectrum, if it has no scale.

        Raises:
            UserError: ``dim`` exceeds the number of eigenpairs known.
        """
        left, values, _ = np.linalg.svd(self.embedding(dim), full_matrices=False)
        kept = min(dim, self.positive)
        squares = values[:kept] ** 2
        vectors = fix_signs(np.ascontiguousarray(left[:, :kept]))
        return Spectrum(squares, vectors, np.zeros(kept), float(squares @ squares))

    @property
    def positive(self) -> int:
        """Number of known eigenvalues that are positive."""
        return int((self.eigenvalues > 0).sum())


def save(path: str | Path, spectrum: Spectrum) -> None:
    """Write the fields of a spectrum to ``path`` (npz, float64)."""
    with atomic(path) as temporary, open(temporary, "wb") as stream:
        np.savez(
            stream,
            eigenvalues=spectrum.eigenvalues,
            eigenvectors=spectrum.eigenvectors,
            residuals=spectrum.residuals,
            squared_norm=spectrum.squared_norm,
            every=spectrum.every,
            scale=spectrum.scale,
        )


def load(path: str | Path) -> Spectrum:
    """Read a spectrum that `save` wrote.

    Raises:
        UserError: the file is damaged or is not a spectrum.
    """
    names = ("eigenvalues", "eigenvectors", "residuals", "squared_norm", "every", "scale")
    values, vectors, residuals, norm, *rest = load_arrays(path, names, "spectrum").values()
    return Spectrum(values, vectors, residuals, float(norm), *rest)


def load_eigenvalues(path: str | Path) -> Array:
    """Read only the eigenvalues of a spectrum that `save` wrote.

    Raises:
        UserError: the file is damaged or is not a spectrum.
    """
    return load_arrays(path, ("eigenvalues",), "spectrum")["eigenvalues"]
