"""Measures of benchmark scores, from the evaluations and the paired tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

import numpy as np
import pandas as pd

from mstar.claims.claims import Size
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.quantities import RATIO, gives, unit_of_score
from mstar.machine.arrays import Array
from mstar.statistics.estimates import (
    Estimate,
    exchanged,
    exchanged_ratios,
    resampled,
    resampled_ratios,
)

# What a comparison of two models is held against: see `score_difference`.
Null = Literal["exchanged", "baselines"]
EXCHANGED = "models exchanged"
# The models of the paper's Figure 3b, and what those are called that it finds worse.
OF_PAPER = ("word2vec", "qwem", "svd_mstar", "svd_ppmi", "svd_pmi")
BASELINES = {"svd_ppmi": "PPMI", "svd_pmi": "PMI"}


def _row(
    evidence: Evidence, model: str, benchmark: str, variant: str, of: Size, category: str = "total"
) -> pd.Series:
    """Return one row of the scores; raise `NotTestable` if it is missing or has no question."""
    vocabulary, dim = evidence.size(of)
    table = evidence.scores
    own = table[
        (table["model"] == model) & (table["vocabulary"] == vocabulary) & (table["dim"] == dim)
    ]
    if own.empty:
        raise NotTestable(f"{model} was not made at V = {vocabulary:,}, d = {dim}")
    asked = own[(own["benchmark"] == benchmark) & (own["variant"] == variant)]
    asked = asked[asked["category"] == category]
    if asked.empty:
        raise NotTestable(f"{benchmark} is not among the benchmarks scored")
    row = asked.iloc[0]
    if pd.isna(row["score"]):
        number = int(row["questions"]) or "no"
        raise NotTestable(f"too few: {number} question of {benchmark} lies within the vocabulary")
    return row


@gives("score of {model} on {benchmark}", unit_of_score)
def score(
    evidence: Evidence, model: str, benchmark: str, variant: str = "spearman", of: Size = "static"
) -> Measurement:
    """Score of a model on a benchmark, with its interval."""
    row = _row(evidence, model, benchmark, variant, of)
    note = f"{int(row['questions']):,} questions"
    return Measurement(float(row["score"]), float(row["low"]), float(row["high"]), note)


@gives("score of {model} over that of {other} on {benchmark}", RATIO)
def score_ratio(
    evidence: Evidence,
    model: str,
    other: str,
    benchmark: str,
    variant: str,
    of: Size = "static",
    against: Null = "exchanged",
) -> Measurement:
    """Ratio of the accuracies of two models on a benchmark, with its interval.

    ``against`` is as in `score_difference`.
    """
    first, second = (_row(evidence, m, benchmark, variant, of) for m in (model, other))
    if second["score"] == 0:
        raise NotTestable(f"{other} scores 0")
    row, turned = _compared(evidence, model, other, benchmark, variant, of)
    low, high = float(row["ratio_low"]), float(row["ratio_high"])
    if turned:
        low, high = (1 / end if end else math.inf for end in (high, low))
    note = f"{model} {first['score']:.3f}, {other} {second['score']:.3f}"
    given = _answers(evidence, (model, other), benchmark, variant, of, against)
    nulls = nulls_of_ratio(given)
    return Measurement(float(first["score"] / second["score"]), low, high, note, nulls)


@gives("score of {model} less that of {other} on {benchmark}", unit_of_score)
def score_difference(
    evidence: Evidence,
    model: str,
    other: str,
    benchmark: str,
    variant: str,
    of: Size = "static",
    against: Null = "exchanged",
) -> Measurement:
    """Difference of the scores of two models, with the interval of the paired test.

    Its null: chance decides, unit by unit (word pair or word), which model gave which answers.
    Exchanged models are alike, so a claim of likeness is held against something else, ``against:
    baselines``: svd(PPMI) or svd(PMI) in place of ``model``, on other samples of the units. If they
    are as near to ``other``, being near says little.
    """
    first, second = (_row(evidence, m, benchmark, variant, of) for m in (model, other))
    row, turned = _compared(evidence, model, other, benchmark, variant, of)
    sign = -1 if turned else 1
    low, high = sorted((sign * float(row["low"]), sign * float(row["high"])))
    note = (
        f"{model} {first['score']:.3f}, {other} {second['score']:.3f};"
        f" p = {row['p']:.2g}, {row['p_holm']:.2g} for all pairs of models (Holm)"
    )
    given = _answers(evidence, (model, other), benchmark, variant, of, against)
    nulls = _nulls(given, exchanged, resampled)
    # 0.0 rather than -0.0
    return Measurement(sign * float(row["difference"]) + 0.0, low + 0.0, high + 0.0, note, nulls)


def _compared(
    evidence: Evidence, model: str, other: str, benchmark: str, variant: str, of: Size
) -> tuple[pd.Series, bool]:
    """Return the row of two models in the table of comparisons, and whether they are turned."""
    vocabulary, dim = evidence.size(of)
    table = evidence.table("comparisons")
    wanted = {"vocabulary": vocabulary, "dim": dim, "benchmark": benchmark, "variant": variant}
    for key, value in wanted.items():
        table = table[table[key] == value]
    for names, turned in (((model, other), False), ((other, model), True)):
        found = table[(table["model"] == names[0]) & (table["other"] == names[1])]
        if len(found):
            return found.iloc[0], turned
    raise NotTestable(f"{model} and {other} were not compared")


def nulls_of_ratio(given: Mapping[str, Estimate]) -> dict[str, Array]:
    """Return the null of the ratio of the first two of some scores.

    Others are those of `held_against`; without any, chance exchanges the two.
    """
    return _nulls(given, exchanged_ratios, resampled_ratios)


def _nulls(
    given: Mapping[str, Estimate],
    alike: Callable[[Estimate, Estimate], Array],
    drawn: Callable[[Estimate, Estimate], Array],
) -> dict[str, Array]:
    """Return the null of a comparison of the first two scores by ``alike``, or ``drawn``."""
    (_, ours), (_, theirs), *rest = given.items()
    if not rest:
        return {EXCHANGED: alike(ours, theirs)}
    name = " or ".join(BASELINES[model] for model, _ in rest)
    return {f"{name} in its place": np.concatenate([drawn(worse, theirs) for _, worse in rest])}


def held_against(
    evidence: Evidence,
    against: Null,
    benchmark: str,
    variant: str,
    of: Size = "static",
    compared: Sequence[str] = (),
) -> dict[str, Estimate]:
    """Return the scores that likeness is held against, by model: none for ``exchanged``.

    For ``baselines`` they are those of svd(PPMI) and svd(PMI), unless ``compared``.

    Raises:
        NotTestable: these results have none of them.
    """
    if against == "exchanged":
        return {}
    found = {}
    for model in BASELINES:
        if model not in compared:
            with suppress(KeyError):
                found[model] = evidence.answered(model, evidence.size(of), benchmark, variant)
    if not found:
        raise NotTestable(f"no model to hold it against: {' or '.join(BASELINES)}")
    return found


def _answers(
    evidence: Evidence,
    models: Sequence[str],
    benchmark: str,
    variant: str,
    of: Size,
    against: Null,
) -> dict[str, Estimate]:
    """Return the scores of some models and then those of `held_against`."""
    size = evidence.size(of)
    own = {model: evidence.answered(model, size, benchmark, variant) for model in models}
    return own | held_against(evidence, against, benchmark, variant, of, models)


@gives("score of {model} less that of the best other model on {benchmark}", unit_of_score)
def lead(
    evidence: Evidence, model: str, benchmark: str, variant: str, of: Size = "dynamic"
) -> Measurement:
    """Score of a model less that of the best of the paper's other models.

    The model leads if it is ahead of every other, so the lower end of the interval is the lowest of
    those of the paired tests with each (an intersection-union test, which needs no correction); the
    upper end is that with the best other. Its null: chance decides, unit by unit, which answers are
    the model's and which are those of the best other.
    """
    differences = {
        other: score_difference(evidence, model, other, benchmark, variant, of)
        for other in OF_PAPER
        if other != model
    }
    best = min(differences.values(), key=lambda found: found.value)
    scores = {m: float(_row(evidence, m, benchmark, variant, of)["score"]) for m in OF_PAPER}
    order = sorted(scores, key=lambda other: -scores[other])
    note = ", ".join(f"{other} {scores[other]:.3f}" for other in order)
    low = min(found.low for found in differences.values())
    return Measurement(best.value, low, best.high, note, best.nulls)
