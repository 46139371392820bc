"""All eigenvalues and the leading eigenvectors of a dense symmetric matrix, by LAPACK routines.

`scipy.linalg.eigh` computes every eigenvector or, for a subset, uses a slower reduction. Here M is
reduced once to a tridiagonal T = Q^T M Q (sytrd). T gives all eigenvalues (sterf) and only the
leading eigenvectors (stemr, relatively robust representations), which Q maps back (ormqr).
The reduction is bound by memory traffic, so single precision takes little more than half the
time; T itself is always solved in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import eigh_tridiagonal, get_lapack_funcs

from mstar.machine.arrays import Array


def leading_eigenpairs(
    matrix: Array, rank: int, dtype: type[np.floating[Any]] = np.float64
) -> tuple[Array, Array]:
    """Return all eigenvalues (V,), descending, and the leading eigenvectors (V, rank).

    Args:
        matrix: (V, V) symmetric, float64; not changed.
        rank: 1..V.
        dtype: precision of reduction and eigenvectors. In float32 both have errors of a few 1e-7 of
            the largest |eigenvalue| at V = 10,000.

    Raises:
        numpy.linalg.LinAlgError: LAPACK did not converge.
    """
    size = matrix.shape[0]
    if size < 3:
        values, vectors = np.linalg.eigh(matrix)
        return values[::-1], vectors[:, ::-1][:, :rank]
    names = ("sytrd", "sytrd_lwork", "ormqr")
    sytrd, sytrd_lwork, ormqr = get_lapack_funcs(names, dtype=dtype)  # type: ignore[misc]
    work = int(sytrd_lwork(size, lower=1)[0])
    # The transpose of the symmetric matrix equals it and is in LAPACK's (column-major) order.
    reduced, diagonal, beside, factors, code = sytrd(
        matrix.astype(dtype).T, lower=1, lwork=work, overwrite_a=1
    )
    _succeeded("sytrd", code)
    diagonal, beside = diagonal.astype(np.float64), beside.astype(np.float64)
    values = eigh_tridiagonal(diagonal, beside, eigvals_only=True, lapack_driver="sterf")
    leading = (size - rank, size - 1)
    _, inner = eigh_tridiagonal(
        diagonal, beside, select="i", select_range=leading, lapack_driver="stemr"
    )
    # Q = diag(1, Q'), and the reflectors of Q' begin one row below the diagonal. Read from its
    # second element on, the same memory has them where ormqr expects them, with an unused last row.
    flat = reduced.ravel(order="K")
    reflectors = flat[1 : 1 + size * (size - 1)].reshape((size, size - 1), order="F")
    below = np.asfortranarray(inner[1:], dtype=dtype)
    below, _, code = ormqr("L", "N", reflectors, factors, below, lwork=64 * rank, overwrite_c=1)
    _succeeded("ormqr", code)
    vectors = np.vstack([inner[:1], below])
    return np.asarray(values[::-1], dtype=np.float64), vectors[:, ::-1]


def _succeeded(routine: str, code: int) -> None:
    if code:
        raise np.linalg.LinAlgError(f"LAPACK's {routine} failed with code {code}")
