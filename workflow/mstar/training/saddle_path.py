"""A run predicted by the saddle-to-saddle recursion, recorded like a training run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from mstar.counts.targets import Probabilities
from mstar.dynamics import losses, saddles, separable, weightings
from mstar.dynamics.drift import Population
from mstar.dynamics.saddles import DenseModel, LearningTimes, Model, Saddle
from mstar.dynamics.separable_population import SeparablePopulation
from mstar.dynamics.separable_saddles import SeparableModel
from mstar.machine import memory
from mstar.machine.arrays import Array
from mstar.training.population import COPIES, leading_modes
from mstar.training.record import Accuracy, Recorder, Training, recorded_times

# mode: from 1; time, time_tau1: T_k in flow time and in tau_1 (inf if it is not learned); final:
# s_inf,k^2; rate: rho_1(K_(k-1)), at which ln s_k grows while the mode is learned; rate_at_start:
# rho_k(K_0); saddle: number of modes learned at the saddle from which the mode's rate and direction
# are taken; separation: (T_(k+1) - T_k) rho_1(K_(k-1)), large where plateaus are separated.
COLUMNS = ["mode", "time", "time_tau1", "final", "rate", "rate_at_start", "saddle", "separation"]
# Where a smaller share of the V x V cells was seen, no dense matrix is made: products with the seen
# cells then take less time than dense ones.
SPARSE = 1 / 3
# Saddles with a smaller share of P(t), relative to the largest, are left out.
LEAST_SHARE = 1e-2


def follow(
    p: Probabilities,
    settings: Mapping[str, Any],
    dim: int,
    accuracy: Accuracy,
    threads: int = 1,
    find: Callable[[Model, int], list[Saddle]] = saddles.saddles,
) -> tuple[Training, pd.DataFrame, Array]:
    """Predict a configured run by `mstar.dynamics.saddles`.

    The saddles are those of the quartic loss. The loss recorded is that of the run at the predicted
    embedding.

    Args:
        p: pair and word probabilities.
        settings: ``dynamics`` merged with ``dynamics.runs.<run>``.
        dim: d.
        accuracy: function of an embedding.
        threads: of products with the seen cells, on whose results their number has no effect.
        find: returns the saddles of a model up to rank d.

    Returns:
        The record, whose ``taus`` are T_k and whose unit tau_1 is T_1; a table with `COLUMNS`; and
        the directions (V, m) in which the modes grow, one column each.

    Raises:
        UserError: the matrices do not fit into memory, no mode grows, or the start is too large.
    """
    snapshots = list(settings["snapshots"])
    times = recorded_times(settings["start"], settings["horizon"], settings["points"], snapshots)
    model, loss = _models(p, settings, threads)
    found = find(model, dim)
    learning = saddles.learning_times(found, settings["init"])
    taus = np.where(np.isfinite(learning.times), learning.times, np.nan)
    recorder = Recorder(taus, snapshots, accuracy, leading_modes(p, settings["negative"], dim))
    for time in times:
        w = embedding_at(found, learning, float(time) * taus[0])
        height = loss(torch.as_tensor(w, dtype=torch.float32))
        recorder.record(float(time), height, np.linalg.norm(w, axis=0), w)
    directions = np.hstack([one.directions for one in found])
    return recorder.finish(w), table(found, learning), directions


def _models(
    p: Probabilities, settings: Mapping[str, Any], threads: int
) -> tuple[Model, Callable[[torch.Tensor], float]]:
    """Return the model of the saddles, and the loss of the run as a function of W.

    Both need no V x V array under word2vec's weights if few pairs were seen.
    """
    size, kind = p.vocabulary_size, losses.named(settings["loss"])
    if settings["weighting"] == "word2vec" and 2 * p.joint.size < SPARSE * size**2:
        sparse = separable.configured(p, settings)
        return SeparableModel(sparse, threads), SeparablePopulation(
            kind, sparse, "cpu", threads
        ).loss
    memory.require_dense(size, COPIES, "the recursion", "a smaller vocabulary")
    dense = weightings.configured(p, settings)
    return DenseModel(dense), Population(kind, dense, "cpu", torch.float32).loss


def table(found: list[Saddle], learning: LearningTimes) -> pd.DataFrame:
    """Return the learning times and rates of every mode, in rows with `COLUMNS`."""
    dim, own, times = len(learning.times), np.diag(learning.rates), learning.times
    ranks = np.repeat([s.rank for s in found], [s.quartic.size for s in found])
    with np.errstate(invalid="ignore"):
        waits = np.diff(times, append=np.nan)
    return pd.DataFrame(
        {
            "mode": np.arange(1, dim + 1),
            "time": times,
            "time_tau1": times / times[0],
            "final": learning.final,
            "rate": own,
            "rate_at_start": learning.rates[0],
            "saddle": pd.array([*ranks, *[None] * (dim - len(ranks))], dtype="Int64"),
            "separation": waits * own,
        },
        columns=COLUMNS,
    )


def embedding_at(found: list[Saddle], learning: LearningTimes, time: float) -> Array:
    """Return the embedding (V, d) at a flow time, with orthogonal columns, largest first.

    With the shares sigma_k to which modes are learned, W W^T is the mean of the P_r with weights
    sigma_r - sigma_(r+1); P_r between two saddles is interpolated. Its d leading directions are
    kept.
    """
    shares = np.concatenate([[1.0], np.minimum.accumulate(learning.learned(time)), [0.0]])
    ranks = np.array([one.rank for one in found], dtype=float)
    # Each rank hands its weight to the saddles around it.
    modes = np.arange(len(shares) - 1)
    hats = np.array([np.interp(modes, ranks, row) for row in np.eye(len(found))])
    kept = hats @ -np.diff(shares)
    least = LEAST_SHARE * float(kept[1:].max())
    parts = [
        np.sqrt(share) * one.weights
        for one, share in zip(found[1:], kept[1:], strict=True)
        if share >= least
    ]
    whole = np.hstack(parts)
    _, turn = np.linalg.eigh(whole.T @ whole)
    dim = len(learning.times)
    leading = whole @ turn[:, ::-1][:, :dim]
    return np.pad(leading, ((0, 0), (0, dim - leading.shape[1])))
