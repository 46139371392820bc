"""Scores of trained models, against predictions from M* alone and against the closed form.

`compare` predicts a run by the exact flow from another random start of the same scale, at the
recorded times. Run and prediction are in units of their own tau_1, so a model with other weights
(word2vec) is compared in order and proportion. In `agreement` the closed form starts from the
initial weights of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.dynamics import learning_times, theory
from mstar.dynamics.learning_times import first_passed
from mstar.evaluation.analogies import Questions
from mstar.evaluation.three_cos_add import predict
from mstar.features.components import (
    principal_components,
    subspace_overlap,
)
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.prediction import features
from mstar.prediction.curves import dims_tried
from mstar.spectra.spectrum import Spectrum
from mstar.statistics.dyads import Dyads
from mstar.statistics.intervals import spearman
from mstar.training.record import Training, singular_value_columns, strength_columns

# quantity: see `compare`; time: of a snapshot, in tau_1, nan for a quantity over all times; modes:
# number of modes concerned; value, and its standard error, nan if unknown.
COLUMNS = ["run", "seed", "quantity", "time", "modes", "value", "error"]
# mode: from 1; predicted, trained: times in own tau_1 at which its strength v_k^T W W^T v_k first
# passes half of its last value, nan if it does so before the first time or is never learned;
# predicted_strength, trained_strength: at the last time.
TIMES = ["run", "seed", "mode", "predicted", "trained", "predicted_strength", "trained_strength"]
# quantity: see `agreement` and `first_step`; value: found; expected: for exact theory; note.
AGREEMENT = ["run", "seed", "quantity", "value", "expected", "note"]


@dataclass(frozen=True)
class Asked:
    """Analogy questions, as a function that answers them.

    Attributes:
        right: function of an embedding that returns 1 for right answers and 0 for others (n,).
        first, second: (n,) identify the two word pairs of each question.
    """

    right: Callable[[NDArray[Any]], Array]
    first: NDArray[Any]
    second: NDArray[Any]


def asked(questions: Questions) -> Asked:
    """Return the questions as functions of embeddings over their vocabulary."""
    words = questions.words

    def right(embedding: NDArray[Any]) -> Array:
        return (predict(embedding, words, np.float32) == words[:, 3]).astype(np.float64)

    pairs = np.vstack([words[:, :2], words[:, 2:]])
    units = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(2, -1)
    return Asked(right, *units)


def compare(
    name: str,
    seed: int,
    trained: Training,
    spectrum: Spectrum,
    init: float,
    start_seed: int,
    questions: Asked,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score one run against the prediction, in rows with `COLUMNS` and in rows with `TIMES`.

    Quantities:

    - ``learning times, rank correlation`` and ``ratio`` (median, trained over predicted): of the
      times at which the strength v_k^T W W^T v_k of each eigenvector of M* first reaches half of
      its last value, over the modes for which it does in both.
    - ``subspace, mean squared cosine`` and ``largest angle`` (degrees), at each snapshot and at the
      last time: of the principal angles between the run's leading k directions and the leading k
      eigenvectors of M*, where k modes are predicted to be half learned by then; nan if the run has
      fewer directions.
    - ``mode strengths, rank correlation``, at the last time: over all d modes.
    - ``accuracy, mean difference`` (trained less predicted, over recorded times), ``largest
      difference`` (absolute) and ``last difference``; ``accuracy, ratio of half times``. The error
      of the mean is the largest of the paired errors at the snapshots and the last time, since the
      error of a mean over times is at most that.
    - ``accuracy over d, mean difference`` and ``largest difference``: of the run's first d'
      principal components at the last time, against the best embedding of d' (Theorem 1), over d'
      up to d.
    - ``accuracy in time, mean difference``: of the run half way (in log time) between the times at
      which modes d' and d' + 1 are predicted to be learned, against the best embedding of d', over
      d' up to d. The error is that of the flow in place of the run.

    Args:
        name, seed: of the run.
        trained: its record, with strengths.
        spectrum: complete spectrum of M* over the run's words.
        init: scale of the run's start.
        start_seed: of the random start of the prediction.
        questions: analogies over the run's words.
    """
    dim = trained.embedding.shape[1]
    unit = float(learning_times.time_constants(spectrum.eigenvalues, init)[0])
    squares, strengths, hits = [], [], []
    vectors = spectrum.eigenvectors.astype(np.float32)
    flow = features.follow(spectrum, dim, init, trained.times * unit, start_seed)
    for weights, _ in flow:
        squares.append(theory.singular_values(weights) ** 2)
        strengths.append((weights[:dim] ** 2).sum(axis=1))
        hits.append(questions.right(vectors @ weights.astype(np.float32)))
    learned = _learning_times(trained, np.array(strengths)).assign(run=name, seed=seed)[TIMES]
    rows = [
        *_scores_of_times(learned, float(trained.times[-1])),
        *_subspaces(trained, np.array(squares), spectrum),
        *_accuracies(trained, np.array(hits), questions),
        *_accuracies_over_dims(trained, spectrum.embedding(dim), questions),
        *_accuracies_in_time(trained, np.array(hits), learned, spectrum, questions),
    ]
    return pd.DataFrame([(name, seed, *row) for row in rows], columns=COLUMNS), learned


Row = tuple[str, float, int, float, float]


def _learning_times(trained: Training, predicted: Array) -> pd.DataFrame:
    """Return the columns `TIMES` from mode on, for strengths (T, d) of the prediction."""
    found = trained.trace[strength_columns(trained.trace)].to_numpy(dtype=np.float64)
    table: dict[str, NDArray[Any]] = {"mode": np.arange(1, found.shape[1] + 1)}
    for which, strengths in (("predicted", predicted), ("trained", found)):
        table[which] = learning_times.strength_times(trained.times, strengths)
        table[f"{which}_strength"] = strengths[-1]
    return pd.DataFrame(table)


def _scores_of_times(learned: pd.DataFrame, last: float) -> Iterator[Row]:
    both = learned.dropna(subset=["predicted", "trained"])
    ours, theirs = both["trained"].to_numpy(), both["predicted"].to_numpy()
    rank = spearman(ours, theirs)
    yield "learning times, rank correlation", np.nan, len(both), rank, np.nan
    ratio = float(np.median(ours / theirs)) if len(both) else np.nan
    yield "learning times, ratio", np.nan, len(both), ratio, np.nan
    rank = spearman(
        learned["trained_strength"].to_numpy(), learned["predicted_strength"].to_numpy()
    )
    yield "mode strengths, rank correlation", last, len(learned), rank, np.nan


def _subspaces(trained: Training, predicted: Array, spectrum: Spectrum) -> Iterator[Row]:
    dim = trained.embedding.shape[1]
    values, vectors = spectrum.eigenvalues[:dim], spectrum.eigenvectors[:, :dim]
    for time, embedding in _embeddings(trained).items():
        at = int(np.flatnonzero(trained.times == time)[0])
        count = int((predicted[at] > values / 2).sum())
        left = principal_components(embedding).left[:, :count]
        if not count:
            continue
        cosines = np.full(count, np.nan)
        if left.shape[1] == count:
            cosines = np.linalg.svd(left.T @ vectors[:, :count], compute_uv=False)
        yield "subspace, mean squared cosine", time, count, float(np.mean(cosines**2)), np.nan
        angle = float(np.degrees(np.arccos(np.clip(cosines.min(), 0, 1))))
        yield "subspace, largest angle", time, count, angle, np.nan


def _embeddings(trained: Training) -> dict[float, NDArray[Any]]:
    """Return the embeddings of a run that were saved, by their time in tau_1."""
    saved = dict(zip(trained.snapshot_times.tolist(), trained.snapshots, strict=True))
    return {**saved, float(trained.times[-1]): trained.embedding}


def _accuracies(trained: Training, predicted: Array, questions: Asked) -> Iterator[Row]:
    found = trained.trace["analogy_accuracy"].to_numpy(dtype=np.float64)
    expected = predicted.mean(axis=1) if predicted.shape[1] else np.full(len(found), np.nan)
    difference = found - expected
    errors = {}
    for time, embedding in _embeddings(trained).items():
        at = int(np.flatnonzero(trained.times == time)[0])
        errors[time] = _paired_error(questions, questions.right(embedding) - predicted[at])
    for quantity, value, error in (
        ("mean difference", difference.mean(), max(errors.values())),
        ("largest difference", np.abs(difference).max(), np.nan),
        ("last difference", difference[-1], errors[float(trained.times[-1])]),
    ):
        yield f"accuracy, {quantity}", np.nan, 0, float(value), error
    ours, theirs = (
        first_passed(trained.times, y, y[-1] / 2, "log") if y[-1] > 0 else np.nan
        for y in (found, expected)
    )
    yield "accuracy, ratio of half times", np.nan, 0, ours / theirs, np.nan


def _accuracies_over_dims(trained: Training, best: Array, questions: Asked) -> Iterator[Row]:
    dim = trained.embedding.shape[1]
    components = principal_components(trained.embedding)
    ours, theirs = (
        np.array([questions.right(modes[:, :d].astype(np.float32)) for d in dims_tried(dim)])
        for modes in (components.left * components.values, best)
    )
    change = ours - theirs
    by_dim = change.mean(axis=1) if change.size else np.full(len(change), np.nan)
    error = _paired_error(questions, change.mean(axis=0))
    yield "accuracy over d, mean difference", np.nan, dim, float(by_dim.mean()), error
    yield "accuracy over d, largest difference", np.nan, dim, float(np.abs(by_dim).max()), np.nan


def _accuracies_in_time(
    trained: Training,
    predicted: Array,
    learned: pd.DataFrame,
    spectrum: Spectrum,
    questions: Asked,
) -> Iterator[Row]:
    found = trained.trace["analogy_accuracy"].to_numpy(dtype=np.float64)
    dim, times = trained.embedding.shape[1], learned["predicted"].to_numpy()
    best, differences, changes = spectrum.embedding(dim), [], []
    for d in dims_tried(dim):
        half = np.sqrt(times[d - 1] * times[d]) if d < dim else trained.times[-1]
        if np.isnan(half):
            continue
        at = int(np.abs(np.log(trained.times / half)).argmin())
        right = questions.right(best[:, :d].astype(np.float32))
        differences.append(found[at] - right.mean() if right.size else np.nan)
        changes.append(predicted[at] - right)
    error = _paired_error(questions, np.mean(changes, axis=0))
    value = float(np.mean(differences))
    yield "accuracy in time, mean difference", np.nan, len(differences), value, error


def _paired_error(questions: Asked, change: Array) -> float:
    """Return the standard error of the mean of ``change`` (n,), questions that share pairs."""
    units = Dyads(questions.first, questions.second)
    return units.estimate(change).error if len(change) else np.nan


def agreement(
    name: str, seed: int, trained: Training, exact: Training, spectrum: Spectrum
) -> pd.DataFrame:
    """Score one run against the exact flow from the same start, in rows with `AGREEMENT`.

    Quantities:

    - ``singular values``: largest |s_trained - s_exact| over all times and modes, over the largest
      s_1.
    - ``loss``: largest difference of the normalised losses.
    - ``top-k overlap with M*``: ||U_k^T V_k||_F^2 / k of the final left singular vectors with the
      eigenvectors of M*, for k = 5 (the paper reports 0.998).

    Raises:
        UserError: the two runs do not record the same times.
    """
    columns = singular_value_columns(exact.trace)
    ours, theirs = (run.trace[columns].to_numpy() for run in (trained, exact))
    times, expected = (run.trace["time_tau1"].to_numpy() for run in (trained, exact))
    if ours.shape != theirs.shape or not np.allclose(times, expected):
        raise UserError(
            f"{name}, seed {seed}: {len(ours)} times recorded, its exact flow has {len(theirs)}"
        )
    top = min(5, trained.embedding.shape[1])
    left = principal_components(trained.embedding).left[:, :top]
    loss = (trained.trace["loss"] - exact.trace["loss"]).abs().max()
    overlap = subspace_overlap(left, spectrum.eigenvectors[:, :top])
    rows = [
        (
            "singular values",
            np.abs(ours - theirs).max() / theirs.max(),
            0.0,
            "largest difference / s_1",
        ),
        ("loss", loss, 0.0, "largest difference, normalised loss"),
        (f"top-{top} overlap with M*", overlap, 1.0, "at the last time recorded"),
    ]
    return pd.DataFrame([(name, seed, *row) for row in rows], columns=AGREEMENT)


def first_step(name: str, seed: int, trace: pd.DataFrame) -> pd.DataFrame:
    """Return the time (tau_1) when s_1^2 is half its final value, in one row with `AGREEMENT`.

    It is 1 for an aligned start by Lemma 3.1, whose sigmoid is half way at tau_1.
    """
    square = trace["singular_value_1"].to_numpy() ** 2
    time = first_passed(trace["time_tau1"].to_numpy(), square, square[-1] / 2, "linear")
    row = (name, seed, "first mode half learned", time, 1.0, "time in the run's own tau_1")
    return pd.DataFrame([row], columns=AGREEMENT)
