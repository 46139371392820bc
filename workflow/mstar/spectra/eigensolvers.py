"""Eigenpairs of a symmetric matrix: all or many by LAPACK, or the largest by block Lanczos.

Every solver returns a `mstar.spectra.spectrum.Spectrum`, whose residuals bound the error of each
eigenvalue.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.linalg

from mstar.files.writing import UserError
from mstar.machine.arrays import Array, library, place, to_numpy
from mstar.spectra.directions import fix_signs
from mstar.spectra.krylov import Krylov, Operator, leading_space, rayleigh_ritz
from mstar.spectra.lapack import leading_eigenpairs
from mstar.spectra.operators import Dense
from mstar.spectra.solver_choice import (
    BASIS_PER_PAIR,
    LARGEST_BASIS_SHARE,
    SPARE,
    most_pairs,
    needs_dense,
)
from mstar.spectra.spectrum import Spectrum

# Rows of the sketch that estimates residuals, which would take long to compute exactly.
SKETCH = 64
# Leading pairs that are refined in float64 after a solution in single precision.
REFINED = 220


def all_eigenpairs(matrix: Array, rank: int | None = None, device: str = "cpu") -> Spectrum:
    """Compute every eigenpair, or the first ``rank``, by divide and conquer in float64.

    LAPACK is used on the CPU, torch on any other ``device``.
    """
    if device == "cpu":
        values, vectors = scipy.linalg.eigh(matrix, driver="evd", check_finite=False)
    else:
        placed = place(matrix, device)
        values, vectors = map(to_numpy, library(placed).linalg.eigh(placed))
    every, vectors = values[::-1], vectors[:, ::-1][:, :rank]
    return _sketched(matrix, vectors, every[: vectors.shape[1]], every)


def reduced_eigenpairs(matrix: Array, rank: int) -> Spectrum:
    """Compute every eigenvalue and the first ``rank`` eigenvectors in single precision, and refine.

    A Rayleigh-Ritz step with the float64 matrix refines the leading `REFINED` pairs in the space
    that their vectors span; its eigenvalue errors are quadratic in the error of that space. The
    other pairs keep errors of a few 1e-7 of the largest eigenvalue, which the residuals show.
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
    """Return a spectrum whose residual norms are estimated by a Gaussian sketch S.

    With `SKETCH` rows, the mean square of S (M v - lambda v) is the squared norm to about 20 %.
    """
    sketch = np.random.default_rng(0).standard_normal((SKETCH, matrix.shape[0]))
    difference = (sketch @ matrix) @ vectors - (sketch @ vectors) * values
    residuals = np.linalg.norm(difference, axis=0) / np.sqrt(SKETCH)
    flat = matrix.ravel()
    return _finish(float(flat @ flat), values, vectors, residuals, every)


def top_eigenpairs(
    matrix: Array | Operator,
    rank: int,
    tolerance: float = 2e-5,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
    device: str = "cpu",
) -> Spectrum:
    """Compute the ``rank`` algebraically largest eigenpairs by block Lanczos.

    Lanczos reorthogonalises fully. The Krylov basis, which takes most of the time, is built with
    float32 products. Its Ritz vectors are then re-orthonormalised, and a Rayleigh-Ritz step with
    float64 products gives the pairs: eigenvalue errors are of the order residual^2 / gap, far below
    the residuals returned. A basis that reaches its capacity without converging is reduced to its
    Ritz vectors and extended again (thick restart). LAPACK is used if more than
    `solver_choice.most_pairs` are wanted: `reduced_eigenpairs`, or `all_eigenpairs` for more than
    half of the pairs.

    Args:
        matrix: (V, V) symmetric, or an operator of that size (never made dense).
        rank: number of pairs wanted.
        tolerance: largest residual, relative to the largest absolute eigenvalue wanted.
        seed: of the starting block.
        progress: called with lines on the progress.
        device: "cpu" for numpy, or another for torch. Ignored for an operator.

    Raises:
        UserError: rank is not in 1..V, or so near V that an operator would have to be dense.
        numpy.linalg.LinAlgError: no convergence (see `mstar.spectra.krylov.RESTARTS`).
    """
    size = matrix.shape[0] if isinstance(matrix, np.ndarray) else matrix.size
    if not 1 <= rank <= size:
        raise UserError(f"spectrum rank {rank}: expected 1..{size}")
    if needs_dense(size, rank):
        if not isinstance(matrix, np.ndarray):
            raise UserError(
                f"spectrum rank {rank}: expected at most {most_pairs(size)} of {size} pairs "
                "without a dense matrix"
            )
        if device != "cpu" or rank > size // 2:
            return all_eigenpairs(matrix, rank, device)
        return reduced_eigenpairs(matrix, rank)
    operator = Dense(matrix, device) if isinstance(matrix, np.ndarray) else matrix
    # A few extra pairs, so that the last one wanted is not the last one in the space.
    wanted = rank + SPARE
    expected = BASIS_PER_PAIR * wanted
    capacity = int(min(LARGEST_BASIS_SHARE * size, 1.5 * expected))
    basis = Krylov(operator, capacity, seed)
    space = leading_space(basis, rank, wanted, expected, tolerance, progress)
    return _finish(operator.squared_norm, *rayleigh_ritz(operator, space, rank))


def _finish(
    squared_norm: float,
    values: Array,
    vectors: Array,
    residuals: Array,
    every: Array | None = None,
) -> Spectrum:
    values = np.ascontiguousarray(values)
    every = np.empty(0) if every is None else np.ascontiguousarray(every)
    vectors = fix_signs(vectors)
    return Spectrum(values, vectors, residuals, squared_norm, every)
