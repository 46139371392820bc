"""Words and embeddings as directions: unit rows, signs by one convention, principal directions.

Singular vectors are fixed up to a sign only; one convention lets two machines report the same
words. The loss sees W only through W Wᵀ, so that every embedding is defined up to a rotation on the
right, and the closed-form flow returns whichever is convenient; orthogonal Procrustes settles it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.machine.arrays import Array

# Entries this close (relatively) to a column's largest absolute value count as tied with it:
# rounding alone must not decide which of two equal and opposite entries rules the sign.
TIE = 1e-6


def normalise_rows(embedding: NDArray[Any], dtype: Any = np.float64) -> NDArray[Any]:
    """Rows of ``embedding`` (V, d) at unit length; zero rows and rows with NaN or inf become zero.

    Norms are taken in float64, so that rows of size 1e-30 in float32 keep their direction.
    """
    wide = np.asarray(embedding, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        norm = np.linalg.norm(wide, axis=1, keepdims=True)
        unit: NDArray[Any] = (wide / norm).astype(dtype)
    unit[~(np.isfinite(norm) & (norm > 0))[:, 0]] = 0
    return unit


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


def principal_directions(
    embedding: NDArray[np.floating[Any]], reference: Array | None = None
) -> tuple[Array, Array]:
    """Left (V, r) and right (d, r) singular vectors of ``embedding`` (V, d), r = min(V, d).

    Signs follow `column_signs` on the left vectors or, given ``reference`` left vectors of
    the same words, make each correlate positively with the reference's.
    """
    left, _, right = np.linalg.svd(np.asarray(embedding, dtype=np.float64), full_matrices=False)
    if reference is None:
        signs = column_signs(left)
    else:
        signs = np.where(np.einsum("vk,vk->k", left, reference) < 0, -1.0, 1.0)
    return left * signs, (right * signs[:, None]).T


def nearest_rotation(
    early: NDArray[np.floating[Any]], embedding: NDArray[np.floating[Any]]
) -> Array:
    """The orthogonal (d, d) matrix that brings ``early`` (V, d) nearest to ``embedding`` (V, d)."""
    cross = np.asarray(early, dtype=np.float64).T @ np.asarray(embedding, dtype=np.float64)
    left, _, right = np.linalg.svd(cross)
    return np.asarray(left @ right)


def turned(early: NDArray[np.floating[Any]], embedding: NDArray[np.floating[Any]]) -> Array:
    """``early`` (V, d) rotated by `nearest_rotation`."""
    return np.asarray(early, dtype=np.float64) @ nearest_rotation(early, embedding)


def paths(
    states: Sequence[NDArray[np.floating[Any]]], embedding: NDArray[np.floating[Any]], rank: int
) -> NDArray[np.float32]:
    """Coordinates (T, V, rank) of `turned` ``states`` along principal directions 1 to ``rank``.

    Directions and their signs are those of ``embedding`` (V, d), d ≥ rank.
    """
    plane = principal_directions(embedding)[1][:, :rank]
    along = np.empty((len(states), len(embedding), rank), dtype=np.float32)
    for at, state in enumerate(states):
        along[at] = state @ (nearest_rotation(state, embedding) @ plane)
    return along
