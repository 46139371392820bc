"""Eigenpairs of a dense symmetric matrix: all or many by LAPACK, or the largest by block Lanczos.

All return float64 pairs in descending algebraic order with `mstar.signs.fix_signs`'s convention
and the residual norm of every pair, so a reader can see how far each is to be trusted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from mstar.files import UserError, atomic, load_arrays
from mstar.krylov import Krylov
from mstar.reduction import leading_eigenpairs
from mstar.signs import fix_signs

Array = NDArray[np.float64]

# A Krylov basis beyond this share of V costs more than LAPACK's full reduction, and the spectra of
# M*, PMI and PPMI decay so slowly that one needs about eleven basis vectors for each pair wanted.
LARGEST_BASIS_SHARE = 0.5
BASIS_PER_PAIR = 11
# Rows of the sketch that estimates residuals where computing them would take as long as the rest.
SKETCH = 64
# Leading pairs that are refined in float64 where the rest is left in single precision.
REFINED = 220


@dataclass(frozen=True)
class Spectrum:
    """The r algebraically largest eigenpairs of a symmetric matrix M.

    Attributes:
        eigenvalues: (r,) descending.
        eigenvectors: (V, r) orthonormal columns, signs by `mstar.signs.fix_signs`.
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


def all_eigenpairs(matrix: Array, rank: int | None = None) -> Spectrum:
    """Every eigenpair (or the first ``rank``), by LAPACK's divide and conquer in float64."""
    values, vectors = scipy.linalg.eigh(matrix, driver="evd", check_finite=False)
    every, vectors = values[::-1], vectors[:, ::-1][:, :rank]
    return _sketched(matrix, vectors, every[: vectors.shape[1]], every)


def reduced_eigenpairs(matrix: Array, rank: int) -> Spectrum:
    """Every eigenvalue and the first ``rank`` eigenvectors, by a reduction in single precision.

    The leading `REFINED` pairs are then made right by a Rayleigh-Ritz step with the float64 matrix
    in the space that their vectors span: its eigenvalue errors are quadratic in those of the space.
    The others stay right to a few 1e-7 of the largest eigenvalue, which the residuals show.
    """
    every, vectors = leading_eigenpairs(matrix, rank, np.float32)
    values = every[:rank].copy()
    refined = min(rank, REFINED)
    start, _ = np.linalg.qr(vectors[:, :refined])
    leading, rotation = scipy.linalg.eigh(start.T @ (matrix @ start))
    values[:refined] = leading[::-1]
    vectors = np.hstack([start @ rotation[:, ::-1], vectors[:, refined:]])
    return _sketched(matrix, vectors, values, every)


def _sketched(matrix: Array, vectors: Array, values: Array, every: Array) -> Spectrum:
    """A spectrum with residuals estimated by a Gaussian sketch S of `SKETCH` rows: the mean square
    of S (M v - lambda v) is the squared norm, to 20 % or so."""
    sketch = np.random.default_rng(0).standard_normal((SKETCH, matrix.shape[0]))
    difference = (sketch @ matrix) @ vectors - (sketch @ vectors) * values
    residuals = np.linalg.norm(difference, axis=0) / np.sqrt(SKETCH)
    return _finish(matrix, vectors, values, residuals, every)


def top_eigenpairs(
    matrix: Array,
    rank: int,
    tolerance: float = 1e-5,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Spectrum:
    """The ``rank`` algebraically largest eigenpairs, by block Lanczos with full
    reorthogonalisation.

    The Krylov basis is built with float32 products, which is where the time goes. Its Ritz vectors
    are then re-orthonormalised and a Rayleigh-Ritz step with the float64 matrix gives the pairs:
    eigenvalue errors are of the order residual^2 / gap, far below the residuals that are returned.
    Where the basis would outgrow half of V, LAPACK's reduction is cheaper and is used instead: see
    `reduced_eigenpairs`, or `all_eigenpairs` where more than half of the pairs are wanted.

    Args:
        matrix: (V, V) symmetric.
        rank: number of pairs wanted.
        tolerance: largest residual, relative to the largest eigenvalue.
        seed: of the starting block.

    Raises:
        UserError: rank is not in 1..V.
    """
    size = matrix.shape[0]
    if not 1 <= rank <= size:
        raise UserError(f"spectrum rank {rank}: expected 1..{size}")
    largest_basis = int(LARGEST_BASIS_SHARE * size)
    if rank > size // 2:
        return all_eigenpairs(matrix, rank)
    if BASIS_PER_PAIR * rank > largest_basis:
        return reduced_eigenpairs(matrix, rank)
    basis = Krylov(matrix.astype(np.float32), largest_basis, seed)
    # Twenty more pairs than asked for, so that the last one wanted is not the last one in the
    # space.
    wanted = rank + 20
    target = BASIS_PER_PAIR * rank
    while True:
        while basis.used < min(target, largest_basis):
            basis.extend()
        values, ritz, residuals = basis.ritz(wanted)
        progress(
            f"Krylov basis {basis.used}: largest residual "
            f"{residuals[:rank].max() / values[0]:.1e} of the first eigenvalue"
        )
        if residuals[:rank].max() <= tolerance * values[0]:
            break
        if basis.used >= largest_basis:
            progress("not converged within half of V: full reduction instead")
            return reduced_eigenpairs(matrix, rank)
        target = int(1.2 * basis.used)
    start, _ = np.linalg.qr(basis.lift(ritz).astype(np.float64))
    image = matrix @ start
    values, rotation = scipy.linalg.eigh(start.T @ image)
    rotation, values = rotation[:, ::-1][:, :rank], values[::-1][:rank]
    vectors = start @ rotation
    residuals = np.linalg.norm(image @ rotation - vectors * values, axis=0)
    return _finish(matrix, vectors, values, residuals)


def _finish(
    matrix: Array, vectors: Array, values: Array, residuals: Array, every: Array | None = None
) -> Spectrum:
    flat = matrix.ravel()
    values = np.ascontiguousarray(values)
    every = np.empty(0) if every is None else np.ascontiguousarray(every)
    vectors = fix_signs(np.ascontiguousarray(vectors))
    return Spectrum(values, vectors, residuals, float(flat @ flat), every)


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
    values, vectors, residuals, norm, every = load_arrays(path, names, "spectrum").values()
    return Spectrum(values, vectors, residuals, float(norm), every)


def load_eigenvalues(path: str | Path) -> Array:
    """The eigenvalues alone of what `save` wrote.

    Raises:
        UserError: the file is damaged or is not a spectrum.
    """
    return load_arrays(path, ("eigenvalues",), "spectrum")["eigenvalues"]
