"""What every model leaves behind, trained, followed in closed form or factorised alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.files import UserError, atomic, load_arrays

Array = NDArray[np.float64]
Accuracy = Callable[[NDArray[np.float32]], float]


@dataclass(frozen=True)
class Training:
    """A model's result.

    Attributes:
        embedding: (V, d) at the last time.
        snapshots: (n, V, d) float32 at ``snapshot_times`` (n,), in units of tau_1.
        tau_1: the run's own unit of time, in flow time (nan for a factorisation).
        trace: one row per time with columns ``time`` (flow time), ``time_tau1`` (time / tau_1),
            ``loss`` (normalised: 1 at W = 0, 0 at the unconstrained minimum), ``analogy_accuracy``
            (0..1) and ``singular_value_1`` ... ``singular_value_d``.
    """

    embedding: NDArray[np.float64]
    snapshots: NDArray[np.float32]
    snapshot_times: Array
    tau_1: float
    trace: pd.DataFrame


def recorded_times(start: float, horizon: float, points: int, snapshots: list[float]) -> Array:
    """Log-spaced times from ``start`` to ``horizon`` with the snapshot times among them (tau_1)."""
    return np.unique(np.concatenate([np.geomspace(start, horizon, points), snapshots]))


class Recorder:
    """Collects a trace and snapshots at given times (in units of tau_1)."""

    def __init__(
        self, tau_1: float, times: Array, snapshot_times: list[float], accuracy: Accuracy
    ) -> None:
        self.tau_1, self.times, self.accuracy = tau_1, times, accuracy
        self.snapshot_times = np.asarray(snapshot_times, dtype=np.float64)
        self.rows: list[list[float]] = []
        self.snapshots: list[NDArray[np.float32]] = []

    def record(self, time: float, loss: float, values: Array, weights: Array) -> None:
        """Add a row at ``time`` (tau_1), with singular ``values`` (d,) of ``weights`` (V, d)."""
        single = weights.astype(np.float32)
        self.rows.append([time * self.tau_1, time, loss, self.accuracy(single), *values])
        if np.any(self.snapshot_times == time):
            self.snapshots.append(single)

    def finish(self, embedding: Array) -> Training:
        shape = (len(self.snapshots), *embedding.shape)
        return Training(
            embedding=embedding,
            snapshots=np.asarray(self.snapshots, dtype=np.float32).reshape(shape),
            snapshot_times=self.snapshot_times,
            tau_1=self.tau_1,
            trace=trace_frame(self.rows, embedding.shape[1]),
        )


def trace_frame(rows: list[list[float]], dim: int) -> pd.DataFrame:
    """Rows of (time, time_tau1, loss, analogy_accuracy, singular values) as a frame."""
    names = ["time", "time_tau1", "loss", "analogy_accuracy"]
    return pd.DataFrame(rows, columns=names + [f"singular_value_{k}" for k in range(1, dim + 1)])


def save(training: Training, embedding_path: str | Path, trace_path: str | Path) -> None:
    """Write the npz (embedding, snapshots, snapshot_times, tau_1) and the parquet trace."""
    with atomic(embedding_path) as temporary, open(temporary, "wb") as stream:
        np.savez(
            stream,
            embedding=training.embedding,
            snapshots=training.snapshots,
            snapshot_times=training.snapshot_times,
            tau_1=training.tau_1,
        )
    with atomic(trace_path) as temporary:
        training.trace.to_parquet(temporary, index=False)


def load_embedding(path: str | Path) -> Array:
    """The (V, d) embedding alone.

    Raises:
        UserError: the file is damaged or holds no embedding.
    """
    return _arrays(path)["embedding"]


def read_trace(path: str | Path) -> pd.DataFrame:
    """The trace that `save` wrote.

    Raises:
        UserError: the file is damaged.
    """
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path}: not a readable trace ({error}); delete it and run again"
        ) from error


def load(embedding_path: str | Path, trace_path: str | Path) -> Training:
    """Read what `save` wrote.

    Raises:
        UserError: a file is damaged.
    """
    arrays = _arrays(embedding_path)
    return Training(
        embedding=arrays["embedding"],
        snapshots=arrays["snapshots"],
        snapshot_times=arrays["snapshot_times"],
        tau_1=float(arrays["tau_1"]),
        trace=read_trace(trace_path),
    )


def _arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    return load_arrays(path, ("embedding", "snapshots", "snapshot_times", "tau_1"), "embedding")
