"""Measures of benchmark scores, from the evaluations and the paired tests."""

from __future__ import annotations

import pandas as pd

from mstar.claims.claims import Size
from mstar.claims.evidence import Evidence, Measurement, NotTestable


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


def score(
    evidence: Evidence, model: str, benchmark: str, variant: str = "spearman", of: Size = "static"
) -> Measurement:
    """Score of a model on a benchmark, with its interval."""
    row = _row(evidence, model, benchmark, variant, of)
    note = f"{int(row['questions']):,} questions"
    return Measurement(float(row["score"]), float(row["low"]), float(row["high"]), note)


def score_ratio(
    evidence: Evidence, model: str, other: str, benchmark: str, variant: str, of: Size = "static"
) -> Measurement:
    """Ratio of the scores of two models on a benchmark."""
    first, second = (_row(evidence, m, benchmark, variant, of) for m in (model, other))
    if second["score"] == 0:
        raise NotTestable(f"{other} scores 0")
    note = f"{model} {first['score']:.3f}, {other} {second['score']:.3f}"
    return Measurement(float(first["score"] / second["score"]), note=note)


def score_difference(
    evidence: Evidence, model: str, other: str, benchmark: str, variant: str, of: Size = "static"
) -> Measurement:
    """Difference of the scores of two models, with the interval of the paired test."""
    first, second = (_row(evidence, m, benchmark, variant, of) for m in (model, other))
    vocabulary, dim = evidence.size(of)
    table = evidence.table("comparisons")
    for key, value in (("vocabulary", vocabulary), ("dim", dim), ("benchmark", benchmark)):
        table = table[table[key] == value]
    table = table[table["variant"] == variant]
    straight = table[(table["model"] == model) & (table["other"] == other)]
    turned = table[(table["model"] == other) & (table["other"] == model)]
    if straight.empty and turned.empty:
        raise NotTestable(f"{model} and {other} were not compared")
    row, sign = (straight.iloc[0], 1) if len(straight) else (turned.iloc[0], -1)
    low, high = sorted((sign * float(row["low"]), sign * float(row["high"])))
    note = f"{model} {first['score']:.3f}, {other} {second['score']:.3f}; p = {row['p']:.2g}"
    return Measurement(sign * float(row["difference"]), low, high, note)


def rank_of_model(
    evidence: Evidence, model: str, benchmark: str, variant: str, of: Size = "dynamic"
) -> Measurement:
    """Rank of a model among all models compared: 1 for the highest score."""
    vocabulary, dim = evidence.size(of)
    table = evidence.scores
    table = table[(table["vocabulary"] == vocabulary) & (table["dim"] == dim)]
    scores = {
        str(other): float(_row(evidence, str(other), benchmark, variant, of)["score"])
        for other in table["model"].unique()
    }
    if model not in scores or len(scores) < 2:
        raise NotTestable(f"{model} and others were not compared at V = {vocabulary:,}, d = {dim}")
    order = sorted(scores, key=lambda other: -scores[other])
    note = ", ".join(f"{other} {scores[other]:.3f}" for other in order)
    return Measurement(float(order.index(model) + 1), note=note)
