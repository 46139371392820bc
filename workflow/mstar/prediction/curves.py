"""Loss, singular values and analogies over training time and over d, without training.

Curves over time follow from the exact flow, curves over d from the best embedding of each d,
V_d Lambda_d^(1/2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.dynamics import learning_times, theory
from mstar.dynamics.schedule import Drops, steps_until
from mstar.evaluation.analogies import Questions
from mstar.evaluation.question_files import TOTAL
from mstar.evaluation.three_cos_add import predict
from mstar.machine.arrays import Array
from mstar.prediction import features
from mstar.spectra.spectrum import Spectrum
from mstar.statistics.estimates import difference
from mstar.statistics.intervals import share_interval

# axis: time or dim; x: time in tau_1, or d; steps: minibatch steps (nan over d); quantity: loss,
# singular value or accuracy; name: "mode k", or the category (total: all questions); model: exact
# (flow), lemma (3.1) or rank (best of each d); value; low, high: 95 % interval of an accuracy;
# behind: over d, the upper end of the 95 % interval of an accuracy less that at the best d, on the
# same questions (paired by word pair): below 0, this d is worse.
COLUMNS = ["axis", "x", "steps", "quantity", "name", "model", "value", "low", "high", "behind"]
# questions: their number; accuracy, low, high: at d and the last time, with its 95 % interval;
# learned_tau1, learned_steps: when half of that accuracy is first reached; best_dim, best_accuracy,
# best_low, best_high: the best over the d tried, with its interval; falls_at: the first larger d
# whose accuracy is below that interval, nan if there is none.
CATEGORIES = ["category", "questions", "accuracy", "low", "high", "learned_tau1", "learned_steps"]
CATEGORIES += ["best_dim", "best_accuracy", "best_low", "best_high", "falls_at"]
# Recorded times for each time at which analogies are scored.
FINER = 4


def dims_tried(most: int) -> list[int]:
    """Return the d from 2 to ``most``, inclusive, in steps of a factor sqrt(2)."""
    steps = range(2, 2 * most.bit_length() + 1)
    return sorted({min(round(2 ** (n / 2)), most) for n in steps} | {most})


class Grader:
    """Scores embeddings on the categories of a set of questions that have any, and on all.

    Args:
        questions: over the V words of the embeddings.
    """

    def __init__(self, questions: Questions) -> None:
        self._words = questions.words
        groups = {c: questions.category == i for i, c in enumerate(questions.categories)}
        groups[TOTAL] = np.ones(len(questions), dtype=bool)
        self._groups = {c: mask for c, mask in groups.items() if mask.any()}
        self._dyads = {c: questions.among(mask).dyads() for c, mask in self._groups.items()}

    def right(self, embedding: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return which questions an embedding (V, d) answers correctly (3CosAdd), (n,)."""
        return predict(embedding, self._words, np.float32) == self._words[:, 3]

    def rows(self, right: NDArray[np.bool_]) -> list[tuple[str, float, float, float]]:
        """Return category, accuracy and its 95 % interval of answers `right`."""
        return [
            (c, float(right[mask].mean()), *share_interval(right[mask], self._dyads[c]))
            for c, mask in self._groups.items()
        ]

    def behind(self, answers: Sequence[NDArray[np.bool_]]) -> list[dict[str, float]]:
        """Return, for several answers `right`, how far each is behind the best at most.

        Returns:
            For each, by category, the upper end of the 95 % interval of its accuracy less the best.
        """
        found: list[dict[str, float]] = [{} for _ in answers]
        for c, mask in self._groups.items():
            scores = [self._dyads[c].estimate(right[mask].astype(np.float64)) for right in answers]
            best = max(scores, key=lambda score: score.value)
            for own, score in zip(found, scores, strict=True):
                own[c] = 0.0 if score is best else difference(score, best)[2]
        return found


def curves(
    spectrum: Spectrum,
    questions: Questions,
    *,
    dim: int,
    init: float,
    learning_rate: float,
    negative: float = 1.0,
    drops: Drops = (),
    points: int = 40,
    seed: int = 0,
) -> pd.DataFrame:
    """Return all curves in long form, with `COLUMNS`.

    Args:
        spectrum: leading eigenpairs of M*, ``dim`` or more; d runs up to the number of positive
            eigenvalues.
        questions: over its V words.
        dim: d of the flow.
        init: scale s of the random start.
        learning_rate: eta, by which times are converted to minibatch steps.
        negative: k.
        drops: steps at which the learning rate is multiplied by a factor.
        points: number of times at which analogies are scored, from 0.5 tau_1 to twice the last
            tau_k of the first ``dim`` modes; loss and singular values have `FINER` times as many.
        seed: of the random start.

    Raises:
        UserError: ``dim`` exceeds the number of known modes, or no mode grows from ``init``.
    """
    count = FINER * (points - 1) + 1
    times = features.times_followed(spectrum.eigenvalues, dim, init, count)
    unit = float(learning_times.time_constants(spectrum.eigenvalues, init)[0])
    step = features.step_time(spectrum.squared_norm, learning_rate, negative)
    single = spectrum.eigenvectors.astype(np.float32)
    steps = [steps_until(time, step, drops) for time in times.tolist()]
    rows: list[tuple[object, ...]] = []
    grader = Grader(questions)
    states = features.follow(spectrum, dim, init, times, seed)
    for number, (time, (weights, loss)) in enumerate(zip(times, states, strict=True)):
        at = ("time", time / unit, steps[number])
        rows.append((*at, "loss", "", "exact", loss))
        values = theory.singular_values(weights)
        rows += [
            (*at, "singular value", f"mode {k}", "exact", s) for k, s in enumerate(values, start=1)
        ]
        if number % FINER:
            continue
        # 3CosAdd ignores lengths, and weights of 1e-12 could underflow in float32 products.
        largest = float(np.abs(weights).max())
        scores = grader.rows(grader.right(single @ (weights / largest).astype(np.float32)))
        rows += [(*at, "accuracy", name, "exact", *score) for name, *score in scores]
    squares = theory.sigmoid_squares(spectrum.eigenvalues[:dim], np.full(dim, init**2), times)
    losses = features.lemma_loss(spectrum, squares)
    for time, step_number, loss, row in zip(times, steps, losses, squares, strict=True):
        at = ("time", time / unit, step_number)
        rows.append((*at, "loss", "", "lemma", loss))
        rows += [
            (*at, "singular value", f"mode {k}", "lemma", s)
            for k, s in enumerate(np.sqrt(row), start=1)
        ]
    tried = dims_tried(spectrum.positive)
    scaled = (single[:, : tried[-1]] * np.sqrt(spectrum.eigenvalues[: tried[-1]])).astype(
        np.float32
    )
    answers = [grader.right(scaled[:, :d]) for d in tried]
    losses = features.rank_loss(spectrum, tried)
    for d, loss, right, behind in zip(tried, losses, answers, grader.behind(answers), strict=True):
        rows.append(("dim", d, np.nan, "loss", "", "rank", loss))
        rows += [
            ("dim", d, np.nan, "accuracy", name, "rank", *score, behind[name])
            for name, *score in grader.rows(right)
        ]
    padded = (row + (np.nan,) * (len(COLUMNS) - len(row)) for row in rows)
    return pd.DataFrame(padded, columns=COLUMNS)


def categories(table: pd.DataFrame, questions: Questions) -> pd.DataFrame:
    """Summarise `curves` by category and over all questions, in rows with `CATEGORIES`."""
    accuracy = table[table["quantity"] == "accuracy"]
    asked = np.bincount(questions.category, minlength=len(questions.categories))
    counts = dict(zip(questions.categories, asked.tolist(), strict=True))
    counts = {name: n for name, n in counts.items() if n}
    if counts:
        counts[TOTAL] = len(questions)
    rows = []
    for name, n in counts.items():
        own = accuracy[accuracy["name"] == name]
        over_time, over_dims = own[own["axis"] == "time"], own[own["axis"] == "dim"]
        time, steps, score = (over_time[c].to_numpy(float) for c in ("x", "steps", "value"))
        half = score[-1] / 2 if score[-1] > 0 else np.inf
        learned = [learning_times.first_passed(axis, score, half, "log") for axis in (time, steps)]
        ends = over_time[["low", "high"]].iloc[-1]
        columns = (over_dims[c].to_numpy(float) for c in ("x", "value", "low", "high"))
        rows.append((name, n, score[-1], *ends, *learned, *turning_point(*columns)))
    return pd.DataFrame(rows, columns=CATEGORIES)


def turning_point(
    dims: Array, score: Array, low: Array, high: Array
) -> tuple[float, float, float, float, float]:
    """Find the d with the best score, and the larger d at which the score has dropped.

    Args:
        dims, score, low, high: (n,) d, ascending, and accuracy with its interval.

    Returns:
        The d with the best score (the first among equals; nan if no question is answered), that
        score and its interval, and the first larger d whose score lies below the interval (nan if
        there is none).
    """
    best = int(np.argmax(score))
    found = float(score[best]), float(low[best]), float(high[best])
    if score[best] <= 0:
        return float("nan"), *found, float("nan")
    below = np.flatnonzero((score < low[best]) & (np.arange(dims.size) > best))
    return float(dims[best]), *found, float(dims[below[0]]) if below.size else float("nan")
