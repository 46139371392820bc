"""A row of Figure 1: one model, and its embeddings seen along fixed directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.record import Training


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
