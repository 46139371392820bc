"""Measures of this project's own claims: predictions from counts against trained runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.linalg import eigh
from scipy.stats import rankdata, wishart

from mstar.claims.claims import Role
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.quantities import QUESTIONS, RHO, SHARE, gives
from mstar.dynamics import learning_times
from mstar.evaluation.three_cos_add import predict
from mstar.machine.arrays import Array
from mstar.prediction.curves import dims_tried
from mstar.training.record import strength_columns

# Draws of each null, and of each bootstrap.
DRAWS = 1000
# Half the width of a 95 % interval, in standard errors.
NORMAL = 1.96
FEWEST_MODES = 5

PERMUTED, RANDOM, STEP = "permuted modes", "random subspaces", "one step at any place"
ACCURACIES = ("accuracy, mean difference", "accuracy over d, mean difference")
# What is compared between run and prediction: the order in which modes of M* are learned, the times
# at which they are (in own tau_1), or their strengths at the end.
Compared = Literal["order", "times", "strengths"]


def _unit_of_quantity(arguments: Mapping[str, Any]) -> str:
    if arguments["quantity"].startswith("accuracy"):
        return QUESTIONS
    return "degrees" if arguments["quantity"].endswith("angle") else SHARE


def _unit_of_agreement(arguments: Mapping[str, Any]) -> str:
    return "median |t_k/predicted - 1|" if arguments["compared"] == "times" else RHO


@gives("{quantity}, {role} against the prediction", _unit_of_quantity)
def prediction_score(evidence: Evidence, role: Role, quantity: str) -> Measurement:
    """Mean over seeds of a score of the prediction for the run of a role, at its last time.

    ``quantity`` is a quantity of `mstar.prediction.scores.compare`. The null of a subspace is that
    of random ones of the same dimension, and that of a mean difference of accuracies a prediction
    that rises to the run's last accuracy in one step, at any time or d'.
    """
    table, run = _of_run(evidence, "prediction_scores", role)
    rows = table[table["quantity"] == quantity]
    if rows.empty:
        raise NotTestable(f"{run} is not scored against the prediction")
    last = rows[rows["time"].isna() | (rows["time"] == rows["time"].max())]
    modes = int(last["modes"].iloc[0])
    parts = {run: True, f"{modes} modes": modes > 0, f"{len(last)} seeds": len(last) > 1}
    note = ", ".join(part for part, given in parts.items() if given)
    value, half = float(last["value"].mean()), NORMAL * float(last["error"].mean())
    nulls = {}
    if quantity.startswith("subspace"):
        squares = _random_cosines(modes, evidence.dynamic[0])
        angles = np.degrees(np.arccos(np.sqrt(squares.min(axis=1))))
        nulls = {RANDOM: angles if quantity.endswith("angle") else squares.mean(axis=1)}
    if quantity in ACCURACIES:
        accuracies = _accuracies(evidence, role, over_dims="over d" in quantity)
        after = np.random.default_rng(0).uniform(0, 1, DRAWS)
        nulls = {STEP: accuracies.mean() - after * accuracies[-1]}
    return Measurement(value, value - half, value + half, note, nulls)


def _accuracies(evidence: Evidence, role: Role, over_dims: bool) -> Array:
    """Return the analogy accuracies of a run over time, or of its first d' components at its end.

    Empty questions give 0.
    """
    if not over_dims:
        return np.nan_to_num(evidence.trace(role)["analogy_accuracy"].to_numpy(dtype=np.float64))
    found, words = evidence.components(role), evidence.asked.words
    modes = (found.left * found.values).astype(np.float32)
    right = [
        predict(modes[:, :d], words, np.float32) == words[:, 3]
        for d in dims_tried(len(found.values))
    ]
    return np.array([hits.mean() if len(hits) else 0.0 for hits in right])


@gives("{compared} of the modes learned by {role}, against the prediction", _unit_of_agreement)
def learned_modes(evidence: Evidence, role: Role, compared: Compared) -> Measurement:
    """Agreement of the modes of M* in a run with the prediction, mode by mode.

    For ``order`` and ``strengths`` it is Spearman's rank correlation, for ``times`` the median of
    |t_k / predicted t_k - 1|. A mode is learned when its strength v_k^T W W^T v_k passes half of
    its last value. The interval is a bootstrap over modes; under the null the modes of the run are
    permuted.
    """
    table, run = _of_run(evidence, "learning_times", role)
    columns = ["predicted", "trained"]
    if compared == "strengths":
        columns = [f"{column}_strength" for column in columns]
    known = table.groupby("mode")[columns].mean().dropna()
    if len(known) < FEWEST_MODES:
        raise NotTestable(f"{run} learns {len(known)} modes that the prediction learns too")
    predicted, trained = (known[column].to_numpy() for column in columns)
    return _agreement(
        trained, predicted, compared, f"{run}, {len(known)} of {table['mode'].nunique()} modes"
    )


@gives("{compared} of the modes learned by {role}, against the recursion", _unit_of_agreement)
def recursion(
    evidence: Evidence, compared: Literal["order", "times"], role: Role = "word2vec"
) -> Measurement:
    """Agreement of the learning times of a run with those of the saddle-to-saddle recursion.

    Each mode of M* keeps its identity: it is learned, in the run and in the recursion, when its
    strength v_k^T W W^T v_k passes half of its last value, in flow time. The measure is that of
    `learned_modes`.
    """
    traces = [evidence.trace(one) for one in (role, "recursion")]
    trained, predicted = (
        learning_times.strength_times(
            trace["time"].to_numpy(), trace[strength_columns(trace)].to_numpy()
        )
        for trace in traces
    )
    both = np.isfinite(trained) & np.isfinite(predicted)
    if both.sum() < FEWEST_MODES:
        raise NotTestable(f"{role} learns {both.sum()} modes that the recursion learns too")
    note = f"{evidence.files['runs'][role]}, {both.sum()} of {both.size} modes"
    return _agreement(trained[both], predicted[both], compared, note)


def _agreement(trained: Array, predicted: Array, compared: Compared, note: str) -> Measurement:
    """Return the agreement of two quantities of modes (n,), with interval and null."""
    agreement = _departure if compared == "times" else _rank_correlation
    value = float(agreement(trained[None], predicted[None])[0])
    generator = np.random.default_rng(0)
    chosen = generator.integers(0, len(trained), (DRAWS, len(trained)))
    with np.errstate(invalid="ignore"):
        resampled = agreement(trained[chosen], predicted[chosen])
    low, high = np.nanquantile(resampled, [0.025, 0.975])
    turned = generator.permuted(np.tile(trained, (DRAWS, 1)), axis=1)
    nulls = {PERMUTED: agreement(turned, np.tile(predicted, (DRAWS, 1)))}
    if compared == "times":
        ratios = trained / predicted
        within = np.mean(np.abs(ratios - 1) <= 0.15)
        note += f", median ratio {np.median(ratios):.3g}, {within:.0%} within 15 %"
    return Measurement(value, float(low), float(high), note, nulls)


def _of_run(evidence: Evidence, name: str, role: Role) -> tuple[pd.DataFrame, str]:
    """Return the rows of a table that concern the run of a role, and its name."""
    table, run = evidence.table(name), evidence.files["runs"][role]
    return table[table["run"] == run], run


def _departure(ours: Array, theirs: Array) -> Array:
    """Return the median over each row of |ours / theirs - 1|."""
    return np.asarray(np.median(np.abs(ours / theirs - 1), axis=1))


def _rank_correlation(ours: Array, theirs: Array) -> Array:
    """Return Spearman's rho of each row of two samples (n, m)."""
    x, y = (rankdata(sample, axis=1) - (ours.shape[1] + 1) / 2 for sample in (ours, theirs))
    return np.asarray((x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1)))


@cache
def _random_cosines(dim: int, size: int, draws: int = 200, seed: int = 0) -> Array:
    """Return squared cosines (draws, dim) of the principal angles of random subspaces of R^size.

    With independent Wishart matrices A (``dim`` degrees of freedom) and B (``size`` - ``dim``) of
    size ``dim``, they are the eigenvalues of (A + B)^{-1} A (Muirhead 1982, 3.3). Two subspaces of
    more than half of the dimensions share directions; the other angles are those of their
    complements.
    """
    own, shared = min(dim, size - dim), max(0, 2 * dim - size)
    squares = np.ones((draws, dim))
    generator = np.random.default_rng(seed)
    for row in squares[:, shared:] if own else ():
        inside, outside = (
            np.atleast_2d(wishart.rvs(freedom, np.eye(own), random_state=generator))
            for freedom in (own, size - own)
        )
        row[:] = np.clip(eigh(inside, inside + outside, eigvals_only=True), 0, 1)
    return squares
