"""Scores from answers, with the contributions of their units, and paired tests between models.

Analogy questions are made of word pairs, which are the units of an accuracy (see
`mstar.statistics.dyads`); the units of a rank correlation with human scores are words. Two models
are compared on the same questions, unit by unit. McNemar's exact test, which takes the questions as
independent, is reported for comparison.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pandas as pd
from scipy.stats import binomtest

from mstar.evaluation.similarity import LEAST
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.statistics.dyads import Dyads
from mstar.statistics.estimates import Estimate, difference, holm, ratio
from mstar.statistics.intervals import spearman_estimate

NAN = float("nan")

# model, other: the two models; difference: score of model minus score of other, on the same
# `questions`; low, high: its 95 % interval; p: two-sided; p_holm: adjusted (Holm) for all pairs of
# models of the benchmark, variant and vocabulary; ratio: score of model over that of other, for
# analogies, with its 95 % interval; p_mcnemar: of McNemar's exact test, for analogies.
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
    "p_holm",
    "ratio",
    "ratio_low",
    "ratio_high",
    "p_mcnemar",
)
KEY = ["benchmark", "variant", "category", "first", "second"]


def estimate(asked: pd.DataFrame) -> Estimate:
    """Return one model's score on a benchmark: accuracy, or rank correlation with human scores.

    ``asked`` has the columns `mstar.evaluation.evaluate.ANSWERS`, of one benchmark and variant.
    """
    values, first, second = (asked[name].to_numpy() for name in ("value", "first", "second"))
    if asked["human"].isna().all():
        return Dyads(first, second, asked["category"].to_numpy(dtype=str)).estimate(values)
    return spearman_estimate(values, asked["human"].to_numpy(), first, second)


def mcnemar(model: Array, other: Array) -> float:
    """Return p of McNemar's exact test; ``model`` and ``other`` (n,) are 1 for right answers."""
    gained, lost = int((model > other).sum()), int((model < other).sum())
    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def compare_models(answers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compare all pairs of models on all benchmarks, in a table with `COLUMNS`.

    ``answers`` has, for each model, a frame with the columns `mstar.evaluation.evaluate.ANSWERS`,
    all over one vocabulary. Rank correlations over fewer than `LEAST` pairs are not compared: all
    values are NaN.

    Raises:
        UserError: two models were not asked the same questions.
    """
    names = list(answers)
    for name, frame in answers.items():
        if not frame[KEY].equals(answers[names[0]][KEY]):
            raise UserError(f"{name} and {names[0]} were not asked the same questions")
    tables = [pd.DataFrame(columns=list(COLUMNS))]
    blocks = answers[names[0]].groupby(["benchmark", "variant"], sort=False) if names else ()
    for (benchmark, variant), first in blocks:
        asked = {name: answers[name].loc[first.index] for name in names}
        scores = {name: estimate(frame) for name, frame in asked.items()}
        shares = bool(first["human"].isna().all())
        rows: list[dict[str, Any]] = []
        for model, other in itertools.combinations(names, 2):
            row: dict[str, Any] = {"model": model, "other": other, "questions": len(first)}
            found = difference(scores[model], scores[other])
            if not shares and len(first) < LEAST:
                found = (NAN,) * 4
            row |= dict(zip(("difference", "low", "high", "p"), found, strict=True))
            if shares:
                found = ratio(scores[model], scores[other])
                row |= dict(zip(("ratio", "ratio_low", "ratio_high"), found, strict=True))
                values = (asked[name]["value"].to_numpy() for name in (model, other))
                row["p_mcnemar"] = mcnemar(*values)
            rows.append({"benchmark": benchmark, "variant": variant, **row})
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        tables.append(table.assign(p_holm=holm(table["p"].to_numpy(dtype=float))))
    kept = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(kept, ignore_index=True)
