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


@dataclass(frozen=True)
class Spectrum:
    """The r algebraically largest eigenpairs of a symmetric matrix M.

    Attributes:
        eigenvalues: (r,) descending.
        eigenvectors: (V, r) orthonormal columns, signs by `mstar.spectra.directions.fix_signs`.
        residuals: (r,) ||M v - lambda v||_2.
        squared_norm: ||M||_F^2.
        every: (V,) all eigenvalues, descending, if they were computed; else (0,). Errors are a few
            1e-7 of the largest if not all eigenvectors were requested.
    """

    eigenvalues: Array
    eigenvectors: Array
    residuals: Array
    squared_norm: float
    every: Array = field(default_factory=lambda: np.empty(0))

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
        """Return V_d Lambda_d^{1/2} (V, d), which minimises ||W W^T - M||_F (Theorem 1).

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
        return embedding

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
        )


def load(path: str | Path) -> Spectrum:
    """Read a spectrum that `save` wrote.

    Raises:
        UserError: the file is damaged or is not a spectrum.
    """
    names = ("eigenvalues", "eigenvectors", "residuals", "squared_norm", "every")
    eigenvalues, vectors, residuals, norm, every = load_arrays(path, names, "spectrum").values()
    return Spectrum(eigenvalues, vectors, residuals, float(norm), every)


def load_eigenvalues(path: str | Path) -> Array:
    """Read only the eigenvalues of a spectrum that `save` wrote.

    Raises:
        UserError: the file is damaged or is not a spectrum.
    """
    return load_arrays(path, ("eigenvalues",), "spectrum")["eigenvalues"]
