"""A row of Figure 1: one model, and its embeddings seen along fixed directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.figures.drawing.curves import spread
from mstar.training.record import Training


@dataclass(frozen=True)
class Row:
    """One model: its trace, its final embedding (V, d), and that (n, V, d) at n times (n,).

    ``trace`` and ``theory`` have columns time_tau1, loss, singular_value_1 …, and a range over
    seeds where there are several; times are in units of the model's own τ₁.
    """

    trace: pd.DataFrame
    embedding: NDArray[np.floating[Any]]
    snapshots: NDArray[np.floating[Any]]
    snapshot_times: NDArray[np.floating[Any]]
    theory: pd.DataFrame | None = None


def row(
    training: Training,
    traces: Sequence[pd.DataFrame] = (),
    theory: pd.DataFrame | None = None,
) -> Row:
    """A recorded training run as a row: with its traces at every seed, its own first, and theory.

    Raises UserError as `mstar.figures.drawing.curves.spread` does.
    """
    trace = spread(list(traces) or [training.trace], "Figure 1")
    return Row(trace, training.embedding, training.snapshots, training.snapshot_times, theory)


def outlying(
    clouds: Sequence[NDArray[np.float64]], count: int, among: int
) -> dict[int, tuple[str, int]]:
    """Word → (side, rank): the ``count`` words farthest out on each side, summed over the models.

    ``clouds`` holds (V, 2) coordinates of the last snapshot of each model; the sum favours words
    that stand out alike in both, and still finds those of one model where the two disagree.
    """
    x, y = sum(cloud[:among] for cloud in clouds).T  # type: ignore[union-attr]
    orders = {
        "top": np.argsort(-y),
        "bottom": np.argsort(y),
        "left": np.argsort(x),
        "right": np.argsort(-x),
    }
    chosen: dict[int, tuple[str, int]] = {}
    taken = dict.fromkeys(orders, 0)
    for place in range(len(x)):
        for side, order in orders.items():
            word = int(order[place])
            if taken[side] < count and word not in chosen:
                chosen[word] = (side, taken[side] + 1)
                taken[side] += 1
    return chosen
