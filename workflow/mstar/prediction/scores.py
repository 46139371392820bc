"""Scores of trained models, against predictions from M* alone and against the closed form.

`compare` predicts a run by the exact flow from another random start of the same scale, at the
recorded times. Run and prediction are in units of their own tau_1, so a model with other weights
(word2vec) is compared in order and proportion. In `agreement` the closed form starts from the
initial weights of the run.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mstar.dynamics import learning_times, theory
from mstar.dynamics.learning_times import first_passed
from mstar.features.components import (
    principal_components,
    squared_overlaps,
    subspace_overlap,
)
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.prediction import features
from mstar.prediction.curves import dims_tried
from mstar.spectra.spectrum import Spectrum
from mstar.statistics.intervals import spearman
from mstar.training.record import Accuracy, Training, singular_value_columns

# quantity: see `compare`; time: of a snapshot, in tau_1, nan for a quantity over all times; modes:
# number of modes concerned; value.
COLUMNS = ["run", "seed", "quantity", "time", "modes", "value"]
# quantity: see `agreement` and `first_step`; value: found; expected: for exact theory; note.
AGREEMENT = ["run", "seed", "quantity", "value", "expected", "note"]


def compare(
    name: str,
    seed: int,
    trained: Training,
    spectrum: Spectrum,
    init: float,
    accuracy: Accuracy,
    start_seed: int = 0,
) -> pd.DataFrame:
    """Score one run against the prediction, in rows with `COLUMNS`.

    Quantities:

    - ``learning times, rank correlation`` and ``ratio`` (median, trained over predicted): of the
      times at which the square of singular value k first reaches half of its last value, over the
      modes for which it does in both. Singular values are sorted by size, so near-ties agree.
    - ``subspace, mean squared cosine`` and ``largest angle`` (degrees), at each snapshot and at the
      last time: of the principal angles between the run's leading k directions and the leading k
      eigenvectors of M*, where k modes are predicted to be half learned by then; nan if the run has
      fewer directions.
    - ``mode strengths, rank correlation``, at the last time: of v_k^T W W^T v_k over all d modes.
    - ``accuracy, mean difference`` (trained less predicted, over recorded times), ``largest
      difference`` (absolute) and ``last difference``; ``accuracy, ratio of half times``.
    - ``accuracy over d, mean difference`` and ``largest difference``: of the run's first d'
      principal components at the last time, against the best embedding of d' (Theorem 1), over d'
      up to d.

    Args:
        name, seed: of the run.
        trained: its record.
        spectrum: complete spectrum of M* over the run's words.
        init: scale of the run's start.
        accuracy: function of an embedding.
        start_seed: of the random start of the prediction.
    """
    dim = trained.embedding.shape[1]
    unit = float(learning_times.time_constants(spectrum.eigenvalues, init)[0])
    squares, scores = [], []
    vectors = spectrum.eigenvectors.astype(np.float32)
    flow = features.follow(spectrum, dim, init, trained.times * unit, start_seed)
    for weights, _ in flow:
        squares.append(theory.singular_values(weights) ** 2)
        scores.append(accuracy(vectors @ weights.astype(np.float32)))
    predicted = np.array(squares)
    rows = [
        *_learning_times(trained, predicted),
        *_subspaces(trained, predicted, weights, spectrum),
        *_accuracies(trained, np.array(scores)),
        *_accuracies_over_dims(trained, spectrum.embedding(dim), accuracy),
    ]
    return pd.DataFrame([(name, seed, *row) for row in rows], columns=COLUMNS)


Row = tuple[str, float, int, float]


def _learning_times(trained: Training, predicted: Array) -> Iterator[Row]:
    found = trained.trace[singular_value_columns(trained.trace)].to_numpy(dtype=np.float64) ** 2
    halves = np.array(
        [
            [first_passed(trained.times, s, s[-1] / 2, "log") for s in squares.T]
            for squares in (found, predicted)
        ]
    )
    # A mode learned before the first time, or not by the last, has no learning time.
    both = (halves > trained.times[0]).all(axis=0) & (predicted[-1] > 0.01 * predicted[-1, 0])
    ours, theirs = halves[:, both]
    count = int(both.sum())
    yield "learning times, rank correlation", np.nan, count, spearman(ours, theirs)
    ratio = float(np.median(ours / theirs)) if count else np.nan
    yield "learning times, ratio", np.nan, count, ratio


def _subspaces(
    trained: Training, predicted: Array, last: Array, spectrum: Spectrum
) -> Iterator[Row]:
    dim = trained.embedding.shape[1]
    values, vectors = spectrum.eigenvalues[:dim], spectrum.eigenvectors[:, :dim]
    shown = dict(zip(trained.snapshot_times.tolist(), trained.snapshots, strict=True))
    shown[float(trained.times[-1])] = trained.embedding
    for time, embedding in shown.items():
        at = int(np.flatnonzero(trained.times == time)[0])
        count = int((predicted[at] > values / 2).sum())
        left = principal_components(embedding).left[:, :count]
        if not count:
            continue
        cosines = np.full(count, np.nan)
        if left.shape[1] == count:
            cosines = np.linalg.svd(left.T @ vectors[:, :count], compute_uv=False)
        yield "subspace, mean squared cosine", time, count, float(np.mean(cosines**2))
        angle = float(np.degrees(np.arccos(np.clip(cosines.min(), 0, 1))))
        yield "subspace, largest angle", time, count, angle
    strength = squared_overlaps(vectors, trained.embedding).sum(axis=1)
    expected = (last[:dim] ** 2).sum(axis=1)
    time = float(trained.times[-1])
    yield "mode strengths, rank correlation", time, dim, spearman(strength, expected)


def _accuracies(trained: Training, predicted: Array) -> Iterator[Row]:
    found = trained.trace["analogy_accuracy"].to_numpy(dtype=np.float64)
    difference = found - predicted
    for quantity, value in (
        ("mean difference", difference.mean()),
        ("largest difference", np.abs(difference).max()),
        ("last difference", difference[-1]),
    ):
        yield f"accuracy, {quantity}", np.nan, 0, float(value)
    ours, theirs = (
        first_passed(trained.times, y, y[-1] / 2, "log") if y[-1] > 0 else np.nan
        for y in (found, predicted)
    )
    yield "accuracy, ratio of half times", np.nan, 0, ours / theirs


def _accuracies_over_dims(trained: Training, best: Array, accuracy: Accuracy) -> Iterator[Row]:
    dim = trained.embedding.shape[1]
    components = principal_components(trained.embedding)
    ours, theirs = (
        np.array([accuracy(modes[:, :d].astype(np.float32)) for d in dims_tried(dim)])
        for modes in (components.left * components.values, best)
    )
    difference = ours - theirs
    yield "accuracy over d, mean difference", np.nan, dim, float(difference.mean())
    yield "accuracy over d, largest difference", np.nan, dim, float(np.abs(difference).max())


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
