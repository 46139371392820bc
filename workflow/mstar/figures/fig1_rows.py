"""A row of Figure 1: one model, and its embeddings seen along fixed directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.record import Training
from mstar.signs import column_signs


@dataclass(frozen=True)
class Row:
    """One model: its trace, its final embedding (V, d), and that (n, V, d) at n times (n,).

    ``trace`` and ``theory`` have columns time_tau1, loss, singular_value_1 …; times are in units of
    the model's own τ₁.
    """

    trace: pd.DataFrame
    embedding: NDArray[np.floating[Any]]
    snapshots: NDArray[np.floating[Any]]
    snapshot_times: NDArray[np.floating[Any]]
    theory: pd.DataFrame | None = None


def row(training: Training, theory: pd.DataFrame | None = None) -> Row:
    """A recorded training run as a row, with the theory's trace where there is one."""
    return Row(
        training.trace, training.embedding, training.snapshots, training.snapshot_times, theory
    )


def principal_directions(
    embedding: NDArray[np.floating[Any]], reference: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Left (V, r) and right (d, r) singular vectors of ``embedding`` (V, d), r = min(V, d).

    Signs follow `mstar.signs` on the left vectors or, given ``reference`` left vectors of the same
    words, make each correlate positively with the reference's.
    """
    left, _, right = np.linalg.svd(np.asarray(embedding, dtype=np.float64), full_matrices=False)
    if reference is None:
        signs = column_signs(left)
    else:
        signs = np.where(np.einsum("vk,vk->k", left, reference) < 0, -1.0, 1.0)
    return left * signs, (right * signs[:, None]).T


def turned(
    snapshot: NDArray[np.floating[Any]], embedding: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """``snapshot`` (V, d) times the orthogonal (d, d) matrix that brings it nearest ``embedding``.

    The loss sees W only through W Wᵀ, so every embedding is defined up to a rotation on the right,
    and the closed-form flow returns whichever is convenient; orthogonal Procrustes settles it.
    """
    early = np.asarray(snapshot, dtype=np.float64)
    left, _, right = np.linalg.svd(early.T @ np.asarray(embedding, dtype=np.float64))
    return np.asarray(early @ (left @ right))
