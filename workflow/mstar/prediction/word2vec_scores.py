"""How well predictors from counts tell what word2vec learned: directions, times and analogies.

Every score stands beside two others: that of a second training run, the most that a prediction can
be expected to reach, and a null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from mstar.dynamics import learning_times
from mstar.features.components import principal_components, squared_overlaps, subspace_overlap
from mstar.machine.arrays import Array
from mstar.prediction.scores import Asked
from mstar.statistics.dyads import Dyads
from mstar.statistics.estimates import difference
from mstar.training.record import strength_columns

# model: what was trained; predictor; quantity: see `directions`, `times` and `analogies`; value;
# low, high: a range, nan if there is none.
COLUMNS = ["model", "predictor", "quantity", "value", "low", "high"]
FIRST = 10
WITHIN = 0.15
DRAWS = 1000
Row = tuple[str, float, float, float]


def directions(trained: NDArray[Any], predicted: NDArray[Any]) -> Iterator[Row]:
    """Yield the agreement of two embeddings (V, d), from their singular vectors.

    - ``subspace``: mean squared cosine of the principal angles between their d directions.
    - ``inside``: share of ||W||_F^2 of the trained W within the d predicted directions.
    - ``gram``: cosine of W W^T and that of the prediction.
    - ``first ten``: mean |cosine| of the first ten directions of both, matched one to one.
    """
    ours, theirs = principal_components(trained), principal_components(predicted)
    rank = min(ours.left.shape[1], theirs.left.shape[1])
    shared = subspace_overlap(ours.left[:, :rank], theirs.left[:, :rank])
    held = float(np.sum((theirs.left.T @ trained) ** 2) / np.sum(np.asarray(trained) ** 2))
    crossed = float(np.sum((trained.T @ predicted) ** 2))
    norms = [float(np.linalg.norm(w.T @ w)) for w in (trained, predicted)]
    cosines = np.sqrt(squared_overlaps(ours.left[:, :FIRST], theirs.left[:, :FIRST]))
    matched = cosines[linear_sum_assignment(-cosines)]
    for quantity, value in (
        ("subspace", shared),
        ("inside", held),
        ("gram", crossed / (norms[0] * norms[1])),
        ("first ten", float(matched.mean())),
    ):
        yield quantity, value, np.nan, np.nan


def chance(size: int, dim: int) -> Iterator[Row]:
    """Yield what random directions of d = ``dim`` among V = ``size`` score in `directions`.

    For ``first ten`` it is the mean over random draws; the others have closed forms.
    """
    rng = np.random.default_rng(0)
    scores = []
    for _ in range(20):
        shape = size, min(FIRST, dim)
        one, other = (np.linalg.qr(rng.standard_normal(shape))[0] for _ in range(2))
        cosines = np.abs(one.T @ other)
        scores.append(cosines[linear_sum_assignment(-cosines)].mean())
    yield "subspace", dim / size, np.nan, np.nan
    yield "inside", dim / size, np.nan, np.nan
    yield "first ten", float(np.mean(scores)), np.nan, np.nan


def half_times(trace: pd.DataFrame, column: str) -> Array:
    """Return when each mode of M* is half learned, by `learning_times.strength_times`.

    Args:
        trace: of a run, with strengths.
        column: its column of times.
    """
    strengths = trace[strength_columns(trace)].to_numpy()
    return learning_times.strength_times(trace[column].to_numpy(), strengths)


def times(trained: Array, predicted: Array) -> Iterator[Row]:
    """Yield the agreement of times (d,) at which the same modes are learned.

    - ``time ratio``: median of trained over predicted, with its quartiles.
    - ``within 15 %``: share of the modes whose times differ by less; its range is the 95 % one for
      the modes of the run permuted.

    Modes that either does not learn (nan) are left out.
    """
    both = np.isfinite(trained) & np.isfinite(predicted)
    ours, theirs = trained[both], predicted[both]
    if not ours.size:
        return
    ratios = ours / theirs
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    yield "time ratio", float(middle), float(low), float(high)
    turned = np.random.default_rng(0).permuted(np.tile(ours, (DRAWS, 1)), axis=1)
    null = (np.abs(turned / theirs - 1) <= WITHIN).mean(axis=1)
    low, high = np.quantile(null, [0.025, 0.975])
    yield "within 15 %", float((np.abs(ratios - 1) <= WITHIN).mean()), float(low), float(high)


def analogies(
    questions: Asked, trained: NDArray[Any], predicted: Mapping[str, NDArray[Any]]
) -> Iterator[tuple[str, Row]]:
    """Yield predictor and row for its accuracy less that of training, with a 95 % interval.

    The interval is that of questions that share word pairs (`mstar.statistics.dyads`). The row of
    the trained embedding itself, under "trained", holds its accuracy.
    """
    units = Dyads(questions.first, questions.second)
    own = units.estimate(questions.right(trained.astype(np.float32)))
    if not questions.first.size:
        return
    half = own.quantile() * own.error
    yield "trained", ("accuracy", own.value, own.value - half, own.value + half)
    for name, embedding in predicted.items():
        theirs = units.estimate(questions.right(embedding.astype(np.float32)))
        value, low, high, _ = difference(theirs, own)
        yield name, ("accuracy difference", value, low, high)


def table(rows: Iterator[tuple[str, str, Row]]) -> pd.DataFrame:
    """Return rows of (model, predictor, row) as a table with `COLUMNS`."""
    return pd.DataFrame([(model, name, *row) for model, name, row in rows], columns=COLUMNS)
