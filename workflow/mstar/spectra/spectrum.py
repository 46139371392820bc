"""Eigenpairs of a symmetric matrix: the data and its file. `mstar.spectra.eigensolvers` makes them.

The pairs are float64, in descending algebraic order, with the signs of
`mstar.spectra.directions.fix_signs` and the residual norm of each, which says how far it is to be
trusted.
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
        every: (V,) all eigenvalues, descending, where they were computed; else (0,). To a few 1e-7
            of the largest where not all eigenvectors were asked for.
    """

    eigenvalues: Array
    eigenvectors: Array
    residuals: Array
    squared_norm: float
    every: Array = field(default_factory=lambda: np.empty(0))

    @property
    def complete(self) -> bool:
        return self.eigenvectors.shape[0] == self.eigenvalues.size

    def leading(self, rank: int) -> Spectrum:
        """The same with its first ``rank`` pairs alone, or with all where there are no more."""
        return replace(
            self,
            eigenvalues=self.eigenvalues[:rank],
            eigenvectors=self.eigenvectors[:, :rank],
            residuals=self.residuals[:rank],
        )

    def embedding(self, dim: int) -> Array:
        """V_d Lambda_d^{1/2}, (V, d): the global minimum of ||W W^T - M||_F (Theorem 1).

        A matrix with p < d positive eigenvalues is approximated best by those p: the other columns
        are zero.

        Raises:
            UserError: ``dim`` is beyond the eigenpairs known.
        """
        kept = min(dim, self.positive)
        if kept < dim and kept == self.eigenvalues.size < self.eigenvectors.shape[0]:
            raise UserError(f"dim: {dim} asked for, the spectrum has {kept} eigenpairs")
        embedding = np.zeros((self.eigenvectors.shape[0], dim))
        embedding[:, :kept] = self.eigenvectors[:, :kept] * np.sqrt(self.eigenvalues[:kept])
        return embedding

    @property
    def positive(self) -> int:
        """How many of the eigenvalues known are positive."""
        return int((self.eigenvalues > 0).sum())


def save(path: str | Path, spectrum: Spectrum) -> None:
    """Write the fields of a spectrum (npz, float64)."""
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
    """Read what `save` wrote.

    Raises:
        UserError: the file is damaged or is not a spectrum.
    """
    names = ("eigenvalues", "eigenvectors", "residuals", "squared_norm", "every")
    eigenvalues, vectors, residuals, norm, every = load_arrays(path, names, "spectrum").values()
    return Spectrum(eigenvalues, vectors, residuals, float(norm), every)


def load_eigenvalues(path: str | Path) -> Array:
    """The eigenvalues alone of what `save` wrote.

    Raises:
        UserError: the file is damaged or is not a spectrum.
    """
    return load_arrays(path, ("eigenvalues",), "spectrum")["eigenvalues"]
