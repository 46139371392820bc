"""One sign convention for singular vectors, so that two machines report the same words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Entries this close (relatively) to a column's largest absolute value count as tied with it:
# rounding alone must not decide which of two equal and opposite entries rules the sign.
TIE = 1e-6


def column_signs(vectors: NDArray[Any]) -> NDArray[Any]:
    """Signs (r,) of ±1, in the dtype of ``vectors`` (V, r), making each ruling entry positive.

    The ruling entry of a column is its entry of largest absolute value; among entries within a
    relative `TIE` of that, the first (lowest row, so the commonest word). A zero column gets +1.
    Raises ``ValueError`` unless ``vectors`` is a matrix.
    """
    if vectors.ndim != 2:
        raise ValueError(f"expected a matrix of column vectors, got {vectors.ndim} dimensions")
    rows, columns = vectors.shape
    signs = np.ones(columns, dtype=vectors.dtype)
    if rows == 0:
        return signs
    # Column by column: a temporary of one column, not another (V, r) matrix.
    for k in range(columns):
        column = vectors[:, k]
        size = np.abs(column)
        ruling = int(np.argmax(size >= (1 - TIE) * size.max()))
        if column[ruling] < 0:
            signs[k] = -1
    return signs


def fix_signs(vectors: NDArray[Any]) -> NDArray[Any]:
    """Flip columns of ``vectors`` (V, r) so that the entry of largest absolute value is positive.

    Eigenvectors and singular vectors are fixed only up to a sign; this is the project's choice of
    it (see `column_signs` for ties). Returns a new C-contiguous array of the same shape and dtype;
    idempotent.
    """
    # One pass from whatever the layout is: LAPACK's columns are contiguous, which the signs like.
    fixed: NDArray[Any] = np.multiply(vectors, column_signs(vectors), order="C")
    return fixed
