"""The record of a model, whether trained, followed in closed form or factorised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.files.checkpoints import Stored
from mstar.files.tables import read_parquet
from mstar.files.writing import UserError, atomic, load_arrays
from mstar.machine.arrays import Array
from mstar.spectra import directions

Accuracy = Callable[[NDArray[np.float32]], float]

# Number of principal directions along which paths are recorded.
PATH_RANK = 5
ARRAYS = ("embedding", "snapshots", "snapshot_times", "paths", "times", "taus")


@dataclass(frozen=True)
class Training:
    """The record of a model.

    Attributes:
        embedding: (V, d) at the last time.
        snapshots: (n, V, d) float32 at ``snapshot_times``.
        snapshot_times: (n,) in units of tau_1.
        paths: (T, V, r) float32, coordinates at every recorded time along the first r = min(5, d)
            principal directions of ``embedding`` (see `mstar.spectra.directions.paths`).
        times: (T,) recorded times, in units of tau_1 (inf for a factorisation).
        taus: (d,) expected learning time of each mode, in flow time, from Lemma 3.1 for QWEM, else
            from `mstar.dynamics.learning_times.expected_time_constants`; nan for a mode that does
            not grow, and for a factorisation.
        trace: one row per time with columns ``time`` (flow time), ``time_tau1`` (time / tau_1),
            ``loss`` (normalised: 1 at W = 0, 0 at the unconstrained minimum), ``analogy_accuracy``
            (0..1), ``singular_value_1`` ... ``singular_value_d``, descending, and ``strength_1``
            ... ``strength_d``, the strengths v_k^T W W^T v_k of the leading eigenvectors of M* in
            W. Singular values are sorted at each time; strengths stay with their mode. A
            factorisation has none.
    """

    embedding: NDArray[np.float64]
    snapshots: NDArray[np.float32]
    snapshot_times: Array
    paths: NDArray[np.float32]
    times: Array
    taus: Array
    trace: pd.DataFrame

    @property
    def tau_1(self) -> float:
        """Unit of time of the run, in flow time."""
        return float(self.taus[0])


def recorded_times(start: float, horizon: float, points: int, snapshots: list[float]) -> Array:
    """Return log-spaced times (tau_1) from ``start`` to ``horizon``, ``snapshots`` among them."""
    return np.unique(np.concatenate([np.geomspace(start, horizon, points), snapshots]))


class Recorder:
    """A collector of trace, snapshots and paths.

    It holds W at every recorded time in float32 until the end, 4 T V d bytes, unless its ``states``
    are replaced by arrays on disk.

    Args:
        taus: (d,) expected learning times, in flow time.
        snapshot_times: in units of tau_1.
        accuracy: function of an embedding.
        modes: (V, K) eigenvectors of M* whose strengths are recorded; none by default.
    """

    def __init__(
        self,
        taus: Array,
        snapshot_times: list[float],
        accuracy: Accuracy,
        modes: Array | None = None,
    ) -> None:
        self.taus, self.accuracy, self.modes = taus, accuracy, modes
        self.snapshot_times = np.asarray(snapshot_times, dtype=np.float64)
        self.rows: list[list[float]] = []
        self.states: list[NDArray[np.float32] | Stored] = []

    def record(self, time: float, loss: float, values: Array, weights: Array) -> None:
        """Add a row at ``time`` (tau_1), with singular ``values`` (d,) of ``weights`` (V, d)."""
        single = weights.astype(np.float32)
        flow_time = time * float(self.taus[0]) if np.isfinite(time) else time
        strengths = () if self.modes is None else ((self.modes.T @ weights) ** 2).sum(axis=1)
        self.rows.append([flow_time, time, loss, self.accuracy(single), *values, *strengths])
        self.states.append(single)

    def finish(self, embedding: Array) -> Training:
        """Return the record, with paths along the principal directions of ``embedding`` (V, d)."""
        modes = 0 if self.modes is None else self.modes.shape[1]
        trace = trace_frame(self.rows, embedding.shape[1], modes)
        times = trace["time_tau1"].to_numpy()
        kept = [
            np.asarray(state)
            for t, state in zip(times, self.states, strict=True)
            if t in self.snapshot_times
        ]
        return Training(
            embedding=embedding,
            snapshots=np.asarray(kept, dtype=np.float32).reshape(-1, *embedding.shape),
            snapshot_times=self.snapshot_times,
            paths=directions.paths(self.states, embedding, min(PATH_RANK, *embedding.shape)),
            times=times,
            taus=self.taus,
            trace=trace,
        )


def trace_frame(rows: list[list[float]], dim: int, modes: int) -> pd.DataFrame:
    """Return rows of (time, time_tau1, loss, analogy_accuracy, values, strengths) as a frame."""
    names = ["time", "time_tau1", "loss", "analogy_accuracy"]
    names += [f"singular_value_{k}" for k in range(1, dim + 1)]
    return pd.DataFrame(rows, columns=names + [f"strength_{k}" for k in range(1, modes + 1)])


def singular_value_columns(trace: pd.DataFrame, limit: int | None = None) -> list[str]:
    """Return the columns ``singular_value_1``, ... of ``trace``, at most ``limit`` of them."""
    return _numbered(trace, "singular_value_")[:limit]


def strength_columns(trace: pd.DataFrame) -> list[str]:
    """Return the columns ``strength_1``, ... of ``trace``."""
    return _numbered(trace, "strength_")


def _numbered(trace: pd.DataFrame, prefix: str) -> list[str]:
    names: list[str] = []
    while (name := f"{prefix}{len(names) + 1}") in trace.columns:
        names.append(name)
    return names


def save(training: Training, embedding_path: str | Path, trace_path: str | Path) -> None:
    """Write the record to an npz file (`ARRAYS`) and a parquet file (trace)."""
    with atomic(embedding_path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, **{name: getattr(training, name) for name in ARRAYS})
    with atomic(trace_path) as temporary:
        training.trace.to_parquet(temporary, index=False, write_page_checksum=True)


def load_embedding(path: str | Path) -> Array:
    """Read only the embedding (V, d) of a record.

    Raises:
        UserError: the file is damaged or holds no embedding.
    """
    return load_arrays(path, ("embedding",), "embedding")["embedding"]


def read_trace(path: str | Path) -> pd.DataFrame:
    """Read the trace that `save` wrote.

    Raises:
        UserError: the file is damaged.
    """
    trace = read_parquet(path, "trace")
    # Pages of a parquet file have checksums, but names of columns do not.
    counts = len(singular_value_columns(trace)), len(strength_columns(trace))
    if list(trace) != list(trace_frame([], *counts)):
        raise UserError(f"{path}: not a readable trace (other columns); delete it and run again")
    return trace


def load(embedding_path: str | Path, trace_path: str | Path) -> Training:
    """Read a record that `save` wrote.

    Raises:
        UserError: a file is damaged.
    """
    arrays = load_arrays(embedding_path, ARRAYS, "embedding")
    return Training(**arrays, trace=read_trace(trace_path))
