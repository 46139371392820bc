"""Unit rows, sign conventions, principal directions and rotations of embeddings.

Singular vectors are determined only up to a sign; one convention makes all machines report the same
words. The loss depends on W only through W Wᵀ, so an embedding is determined only up to a rotation
on the right, and the closed-form flow returns an arbitrary one. Orthogonal Procrustes aligns them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mstar.machine.arrays import Array

# Entries within this relative distance of a column's largest absolute value count as tied with it,
# so that rounding does not decide which of two equal and opposite entries fixes the sign.
TIE = 1e-6


def normalise_rows(embedding: NDArray[Any], dtype: Any = np.float64) -> NDArray[Any]:
    """Scale the rows of ``embedding`` (V, d) to unit length; zero or non-finite rows become zero.

    Norms are computed in float64, so that float32 rows of size 1e-30 keep their direction.
    """
    wide = np.asarray(embedding, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        norm = np.linalg.norm(wide, axis=1, keepdims=True)
        unit: NDArray[Any] = (wide / norm).astype(dtype)
    unit[~(np.isfinite(norm) & (norm > 0))[:, 0]] = 0
    return unit


def column_signs(vectors: NDArray[Any]) -> NDArray[Any]:
    """Return signs (r,) of ±1 that make the largest entry of each column of ``vectors`` positive.

    The largest entry is that of largest absolute value; among entries within a relative `TIE` of
    it, the one in the lowest row (the most frequent word). A zero column gets +1. Signs have the
    dtype of ``vectors`` (V, r).

    Raises:
        ValueError: ``vectors`` is not a matrix.
    """
    if vectors.ndim != 2:
        raise ValueError(f"expected a matrix of column vectors, got {vectors.ndim} dimensions")
    rows, columns = vectors.shape
    signs = np.ones(columns, dtype=vectors.dtype)
    if rows == 0:
        return signs
    # One column at a time avoids a temporary (V, r) matrix.
    for k in range(columns):
        column = vectors[:, k]
        size = np.abs(column)
        ruling = int(np.argmax(size >= (1 - TIE) * size.max()))
        if column[ruling] < 0:
            signs[k] = -1
    return signs


def fix_signs(vectors: NDArray[Any]) -> NDArray[Any]:
    """Flip columns of ``vectors`` (V, r) so that the entry of largest absolute value is positive.

    This fixes the arbitrary signs of eigenvectors and singular vectors (see `column_signs` for
    ties). Returns a new C-contiguous array of the same shape and dtype.
    """
    # One pass from any layout: LAPACK's columns are contiguous, which makes the signs fast.
    fixed: NDArray[Any] = np.multiply(vectors, column_signs(vectors), order="C")
    return fixed


def principal_directions(
    embedding: NDArray[np.floating[Any]], reference: Array | None = None
) -> tuple[Array, Array]:
    """Return left (V, r) and right (d, r) singular vectors of ``embedding`` (V, d), r = min(V, d).

    Signs follow `column_signs` of the left vectors. Given ``reference`` (V, r), left vectors of
    the same words, signs instead make each left vector correlate positively with its reference.
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
    """Return the orthogonal (d, d) matrix that maps ``early`` (V, d) closest to ``embedding``."""
    cross = np.asarray(early, dtype=np.float64).T @ np.asarray(embedding, dtype=np.float64)
    left, _, right = np.linalg.svd(cross)
    return np.asarray(left @ right)


def turned(early: NDArray[np.floating[Any]], embedding: NDArray[np.floating[Any]]) -> Array:
    """Return ``early`` (V, d) rotated by `nearest_rotation` towards ``embedding`` (V, d)."""
    return np.asarray(early, dtype=np.float64) @ nearest_rotation(early, embedding)


def paths(
    states: Sequence[ArrayLike], embedding: NDArray[np.floating[Any]], rank: int
) -> NDArray[np.float32]:
    """Return coordinates (T, V, rank) of ``states`` along the first principal directions.

    The ``rank`` directions and their signs are those of ``embedding`` (V, d), d ≥ rank. Each of the
    T states (V, d) is first rotated as by `turned`.
    """
    plane = principal_directions(embedding)[1][:, :rank]
    along = np.empty((len(states), len(embedding), rank), dtype=np.float32)
    for at, state in enumerate(map(np.asarray, states)):
        along[at] = state @ (nearest_rotation(state, embedding) @ plane)
    return along
