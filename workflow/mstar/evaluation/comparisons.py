"""Paired tests of whether two models differ on a benchmark.

Analogy questions are pairs of word pairs, and two questions that share a word pair are not
independent. The difference of two accuracies is the mean of d_q = right_A(q) - right_B(q). Its
variance is estimated as for dyadic data (Fafchamps and Gubert 2007; Aronow, Samii and Assenova
2015): the sum of d_q d_r over all pairs of questions (q, r) that share a word pair.
McNemar's exact test, which takes the questions as independent, is reported for comparison.

Rank correlations with the same human scores are compared by resampling the benchmark's word pairs
(paired bootstrap).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import binomtest, rankdata

from mstar.evaluation.similarity import LEAST
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.statistics.intervals import spearman

RESAMPLES = 2000
NAN = float("nan")

# model, other: the two models; difference: score of model minus score of other, on the same
# `questions`; low, high: its 95 % interval; p: two-sided, by the test named; p_mcnemar: of
# McNemar's exact test, for analogies.
COLUMNS = (
    "benchmark",
    "variant",
    "model",
    "other",
    "questions",
    "difference",
    "low",
    "high",
    "p",
    "test",
    "p_mcnemar",
)
KEY = ["benchmark", "variant", "category", "first", "second"]


def dyadic_error(values: Array, first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return the standard error of the mean of ``values`` (n,) that share units.

    Value q belongs to units first[q] and second[q]; values that share a unit may depend on each
    other. The error is sqrt(sum of e_q e_r over (q, r) sharing a unit) / n, e the deviations from
    the mean, times sqrt(G / (G - 1)) for G units. The sum equals that over units of (sum of the
    unit's e)^2, less the products counted twice since both units are shared. NaN for fewer than two
    units; 0 if a small sample makes the estimate negative.
    """
    n = len(values)
    units, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    if len(units) < 2:
        return NAN
    error = values - values.mean()
    a, b = codes[:n], codes[n:]
    by_unit = np.bincount(a, error, len(units))
    other = a != b
    by_unit += np.bincount(b[other], error[other], len(units))
    low, high = np.minimum(a, b), np.maximum(a, b)
    _, dyad = np.unique(low * len(units) + high, return_inverse=True)
    by_dyad = np.bincount(dyad, error)
    within = np.zeros(len(by_dyad), dtype=bool)  # dyads of two different units are counted twice
    within[dyad] = other
    total = float(by_unit @ by_unit - by_dyad[within] @ by_dyad[within])
    return float(np.sqrt(max(total, 0.0) * len(units) / (len(units) - 1)) / n)


def compare_accuracies(
    model: Array, other: Array, first: NDArray[Any], second: NDArray[Any], level: float = 0.95
) -> tuple[float, float, float, float, float]:
    """Compare two accuracies on the same questions: (difference, low, high, p, p_mcnemar).

    ``model`` and ``other`` (n,) are 1 for right answers; ``first`` and ``second`` (n,) identify the
    two word pairs of each question. Interval and p follow from `dyadic_error` and the normal
    distribution; they are NaN if the error is unknown.
    """
    if len(model) == 0:
        return NAN, NAN, NAN, NAN, NAN
    change = model - other
    difference, error = float(change.mean()), dyadic_error(change, first, second)
    gained, lost = int((change > 0).sum()), int((change < 0).sum())
    mcnemar = float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    if np.isnan(error):
        return difference, NAN, NAN, NAN, mcnemar
    half = float(ndtri(0.5 + level / 2)) * error
    p = 2.0 * float(ndtr(-abs(difference) / error)) if error > 0 else float(difference == 0)
    return difference, difference - half, difference + half, p, mcnemar


def resampled_correlations(
    values: Mapping[str, Array], human: Array, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Array]:
    """Return Spearman's rho (resamples,) of each model with ``human`` (n,) scores.

    All models share the bootstrap samples of the n word pairs. NaN where a sample is constant.
    """
    n = len(human)
    chosen = np.random.default_rng(seed).integers(0, n, (resamples, n))
    expected = _centred_ranks(human[chosen])
    found = {}
    with np.errstate(invalid="ignore"):
        for name, own in values.items():
            ranks = _centred_ranks(own[chosen])
            scale = np.sqrt((ranks**2).sum(axis=1) * (expected**2).sum(axis=1))
            found[name] = (ranks * expected).sum(axis=1) / scale
    return found


def _centred_ranks(samples: Array) -> Array:
    ranks: Array = rankdata(samples, axis=1)
    return ranks - (samples.shape[1] + 1) / 2


def compare_correlations(
    difference: float, model: Array, other: Array, level: float = 0.95
) -> tuple[float, float, float]:
    """Return percentile interval and two-sided p of a difference of rank correlations.

    ``model`` and ``other`` come from `resampled_correlations`. p is twice the smaller share of
    resampled differences on either side of zero, a share being (count + 1) / (resamples + 1).

    Returns:
        (low, high, p), all NaN if the difference is unknown.
    """
    change = model - other
    change = change[np.isfinite(change)]
    if len(change) == 0 or np.isnan(difference):
        return NAN, NAN, NAN
    low, high = np.quantile(change, [(1 - level) / 2, (1 + level) / 2])
    count = min(int((change <= 0).sum()), int((change >= 0).sum()))
    return float(low), float(high), min(1.0, 2 * (count + 1) / (len(change) + 1))


def compare_models(answers: Mapping[str, pd.DataFrame], seed: int = 0) -> pd.DataFrame:
    """Compare all pairs of models on all benchmarks, in a table with `COLUMNS`.

    ``answers`` has, for each model, a frame with the columns `mstar.evaluation.evaluate.ANSWERS`,
    all over one vocabulary. Rank correlations over fewer than `LEAST` pairs are not compared: all
    values are NaN.

    Raises:
        UserError: two models were not asked the same questions.
    """
    rows: list[tuple[Any, ...]] = []
    names = list(answers)
    if not names:
        return pd.DataFrame(columns=list(COLUMNS))
    for name, frame in answers.items():
        if not frame[KEY].equals(answers[names[0]][KEY]):
            raise UserError(f"{name} and {names[0]} were not asked the same questions")
    for (benchmark, variant), asked in answers[names[0]].groupby(
        ["benchmark", "variant"], sort=False
    ):
        values = {m: answers[m].loc[asked.index, "value"].to_numpy() for m in names}
        if asked["human"].isna().all():
            units = asked["first"].to_numpy(), asked["second"].to_numpy()
            for model, other in itertools.combinations(names, 2):
                compared = compare_accuracies(values[model], values[other], *units)
                row = (*compared[:4], "dyadic", compared[4])
                rows.append((benchmark, variant, model, other, len(asked), *row))
            continue
        human = asked["human"].to_numpy()
        samples = resampled_correlations(values, human, seed=seed)
        few = len(human) < LEAST
        rho = {m: NAN if few else spearman(values[m], human) for m in names}
        for model, other in itertools.combinations(names, 2):
            difference = rho[model] - rho[other]
            ends = compare_correlations(difference, samples[model], samples[other])
            row = (difference, *ends, "bootstrap", NAN)
            rows.append((benchmark, variant, model, other, len(asked), *row))
    return pd.DataFrame(rows, columns=list(COLUMNS))
