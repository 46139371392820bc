"""Embeddings seen along the principal directions of a final one.

The loss sees W only through W Wᵀ, so every embedding is defined up to a rotation on the right, and
the closed-form flow returns whichever is convenient; orthogonal Procrustes settles it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.spectra.signs import column_signs


def principal_directions(
    embedding: NDArray[np.floating[Any]], reference: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Left (V, r) and right (d, r) singular vectors of ``embedding`` (V, d), r = min(V, d).

    Signs follow `mstar.spectra.signs` on the left vectors or, given ``reference`` left vectors of
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
) -> NDArray[np.float64]:
    """The orthogonal (d, d) matrix that brings ``early`` (V, d) nearest to ``embedding`` (V, d)."""
    cross = np.asarray(early, dtype=np.float64).T @ np.asarray(embedding, dtype=np.float64)
    left, _, right = np.linalg.svd(cross)
    return np.asarray(left @ right)


def turned(
    early: NDArray[np.floating[Any]], embedding: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
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
