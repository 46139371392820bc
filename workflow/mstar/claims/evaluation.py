"""Measures of benchmark scores, from the evaluations and the paired tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import pandas as pd

from mstar.claims.claims import Size
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.quantities import RATIO, gives, unit_of_score
from mstar.statistics.estimates import Estimate, exchanged, exchanged_ratios

# Whether a comparison comes with its null: see `score_difference`.
Null = Literal["exchanged", "none"]
SIGNIFICANT = 0.05
# The models among which a rank is taken, and those of the paper's Figure 3b.
Among = Literal["all", "paper"]
OF_PAPER = ("word2vec", "qwem", "svd_mstar", "svd_ppmi", "svd_pmi")


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

    Its null: chance decides, word pair by word pair, which model gave which answers.
    ``against: none`` is for claims of likeness, which exchanged models meet.
    """
    first, second = (_row(evidence, m, benchmark, variant, of) for m in (model, other))
    if second["score"] == 0:
        raise NotTestable(f"{other} scores 0")
    row, turned = _compared(evidence, model, other, benchmark, variant, of)
    low, high = float(row["ratio_low"]), float(row["ratio_high"])
    if turned:
        low, high = (1 / end if end else math.inf for end in (high, low))
    note = f"{model} {first['score']:.3f}, {other} {second['score']:.3f}"
    nulls = {}
    if against == "exchanged":
        ours, theirs = _estimates(evidence, (model, other), benchmark, variant, of)
        nulls["models exchanged"] = exchanged_ratios(ours, theirs)
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
    ``against: none`` is for claims of likeness, which exchanged models meet.
    """
    first, second = (_row(evidence, m, benchmark, variant, of) for m in (model, other))
    row, turned = _compared(evidence, model, other, benchmark, variant, of)
    sign = -1 if turned else 1
    low, high = sorted((sign * float(row["low"]), sign * float(row["high"])))
    note = (
        f"{model} {first['score']:.3f}, {other} {second['score']:.3f};"
        f" p = {row['p']:.2g}, {row['p_holm']:.2g} for all pairs of models (Holm)"
    )
    nulls = {}
    if against == "exchanged":
        ours, theirs = _estimates(evidence, (model, other), benchmark, variant, of)
        nulls["models exchanged"] = exchanged(ours, theirs)
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


def _estimates(
    evidence: Evidence, models: Sequence[str], benchmark: str, variant: str, of: Size
) -> list[Estimate]:
    size = evidence.size(of)
    return [evidence.answered(model, size, benchmark, variant) for model in models]


@gives("rank of {model} on {benchmark}", "1 is the best")
def rank_of_model(
    evidence: Evidence,
    model: str,
    benchmark: str,
    variant: str,
    of: Size = "dynamic",
    among: Among = "all",
) -> Measurement:
    """Rank of a model among all models compared, or those of the paper: 1 for the highest score.

    The interval counts only models that differ in the paired tests (p < .05, Holm): from 1 plus the
    number that are better, to the number of models less those that are worse.
    """
    vocabulary, dim = evidence.size(of)
    table = evidence.scores
    table = table[(table["vocabulary"] == vocabulary) & (table["dim"] == dim)]
    scores = {
        str(other): float(_row(evidence, str(other), benchmark, variant, of)["score"])
        for other in table["model"].unique()
        if among == "all" or other in OF_PAPER
    }
    if model not in scores or len(scores) < 2:
        raise NotTestable(f"{model} and others were not compared at V = {vocabulary:,}, d = {dim}")
    better = worse = 0
    for other in scores.keys() - {model}:
        row, _ = _compared(evidence, model, other, benchmark, variant, of)
        if row["p_holm"] < SIGNIFICANT:
            better += scores[other] > scores[model]
            worse += scores[other] < scores[model]
    order = sorted(scores, key=lambda other: -scores[other])
    note = ", ".join(f"{other} {scores[other]:.3f}" for other in order)
    ends = float(1 + better), float(len(scores) - worse)
    return Measurement(float(order.index(model) + 1), *ends, note)
