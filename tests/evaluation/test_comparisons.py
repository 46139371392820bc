"""Paired tests between models: on cases with known answers, and what tables they fill."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from mstar.evaluation.comparisons import COLUMNS, KEY, compare_models, estimate, mcnemar
from mstar.evaluation.evaluate import ANSWERS
from mstar.files.writing import UserError


def frame(values: list[float], human: float = math.nan) -> pd.DataFrame:
    rows = [("google", "original", "c", q, (q + 1) % 9, v, human) for q, v in enumerate(values)]
    return pd.DataFrame(rows, columns=list(ANSWERS))


def test_mcnemar_counts_only_questions_that_differ() -> None:
    right, wrong = np.ones(12), np.zeros(12)
    assert mcnemar(right, right) == 1.0
    assert mcnemar(right, wrong) == pytest.approx(2 * 0.5**12)


def test_models_are_compared_in_pairs() -> None:
    values = np.random.default_rng(1).integers(0, 2, (2, 9)).astype(float).tolist()
    answers = {"a": frame(values[0]), "b": frame(values[1]), "c": frame([0.0] * 9)}
    table = compare_models(answers)
    assert list(table) == list(COLUMNS) and set(KEY) < set(ANSWERS)
    pairs = list(zip(table["model"], table["other"], strict=True))
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]
    means = [np.mean(one) for one in (*values, [0.0])]
    expected = [means[0] - means[1], means[0], means[1]]
    assert table["difference"].tolist() == pytest.approx(expected)
    assert (table["questions"] == 9).all()
    assert table["ratio"][0] == pytest.approx(means[0] / means[1])
    assert table["ratio"][1:].isna().all()  # nothing is a multiple of 0
    assert (table["p_holm"] >= table["p"]).all() and table["p_holm"].max() <= 1
    assert len(compare_models({})) == 0


def test_correlations_have_words_as_units_and_no_ratio() -> None:
    rng = np.random.default_rng(5)
    human = rng.normal(size=120)
    rows = {"benchmark": "men", "variant": "spearman", "category": "total", "human": human}
    rows |= {"first": rng.integers(0, 50, 120), "second": rng.integers(50, 100, 120)}
    good, bad = (pd.DataFrame({**rows, "value": human * s + rng.normal(size=120)}) for s in (4, 0))
    row = compare_models({"good": good, "bad": bad}).iloc[0]
    assert 0.6 < row["low"] < row["difference"] < row["high"] < 1.3 and row["p"] < 1e-6
    assert math.isnan(row["ratio"]) and math.isnan(row["p_mcnemar"])
    assert len(estimate(good).contributions) == len({*rows["first"], *rows["second"]})


def test_models_with_other_questions_are_refused() -> None:
    with pytest.raises(UserError, match="b and a were not asked the same questions"):
        compare_models({"a": frame([1, 0]), "b": frame([1, 0, 1])})
