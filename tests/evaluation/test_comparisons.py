"""Paired tests between models: against brute force, and on cases with known answers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import spearmanr

from mstar.evaluation.comparisons import (
    COLUMNS,
    KEY,
    compare_accuracies,
    compare_correlations,
    compare_models,
    dyadic_error,
    resampled_correlations,
)
from mstar.evaluation.evaluate import ANSWERS
from mstar.files.writing import UserError


def brute_force_error(values: NDArray[np.float64], units: NDArray[np.int64]) -> float:
    """Return the error by the double sum over all pairs of questions that share a unit."""
    error = values - values.mean()
    total = sum(
        error[q] * error[r]
        for q in range(len(values))
        for r in range(len(values))
        if set(units[q]) & set(units[r])
    )
    number = len(np.unique(units))
    return math.sqrt(max(total, 0.0) * number / (number - 1)) / len(values)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=25))
def test_the_dyadic_error_is_the_double_sum(units: list[tuple[int, int]]) -> None:
    pairs = np.array(units, dtype=np.int64)
    values = np.random.default_rng(len(units)).normal(size=len(units))
    found = dyadic_error(values, pairs[:, 0], pairs[:, 1])
    if len(np.unique(pairs)) < 2:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(brute_force_error(values, pairs), abs=1e-7)


def test_without_shared_units_it_is_the_usual_standard_error() -> None:
    values = np.random.default_rng(1).normal(size=50)
    unit = np.arange(50)
    expected = values.std(ddof=1) / math.sqrt(50)
    assert dyadic_error(values, unit, unit) == pytest.approx(expected)


def test_its_interval_covers_where_questions_share_pairs() -> None:
    """The outcome of each word pair is random, so its questions are correlated."""
    generator = np.random.default_rng(3)
    first, second = np.nonzero(~np.eye(20, dtype=bool))
    covered, independent = 0, 0
    for _ in range(400):
        effect = generator.normal(size=20)
        values = effect[first] + effect[second] + 0.3 * generator.normal(size=len(first))
        mean, error = values.mean(), dyadic_error(values, first, second)
        covered += abs(mean) < 1.96 * error
        independent += abs(mean) < 1.96 * values.std() / math.sqrt(len(values))
    assert covered > 0.88 * 400
    assert independent < 0.6 * 400


def test_accuracies_that_differ_nowhere_and_everywhere() -> None:
    unit = np.arange(12)
    right, wrong = np.ones(12), np.zeros(12)
    assert compare_accuracies(right, right, unit, unit) == (0.0, 0.0, 0.0, 1.0, 1.0)
    difference, low, high, p, mcnemar = compare_accuracies(right, wrong, unit, unit)
    assert (difference, low, high, p) == (1.0, 1.0, 1.0, 0.0)
    assert mcnemar == pytest.approx(2 * 0.5**12)  # all twelve differ in one direction
    assert all(math.isnan(x) for x in compare_accuracies(*[np.empty(0)] * 2, *[unit[:0]] * 2))


def test_resampled_correlations_are_spearman_s() -> None:
    generator = np.random.default_rng(5)
    human = generator.integers(0, 6, 40).astype(float)
    values = {"a": human + generator.normal(size=40), "b": generator.integers(0, 4, 40) * 1.0}
    found = resampled_correlations(values, human, resamples=5, seed=7)
    chosen = np.random.default_rng(7).integers(0, 40, (5, 40))
    for name, own in values.items():
        expected = [spearmanr(own[c], human[c]).statistic for c in chosen]
        np.testing.assert_allclose(found[name], expected)


def test_correlations_far_apart_differ_and_equal_ones_do_not() -> None:
    generator = np.random.default_rng(5)
    human = generator.normal(size=200)
    values = {"good": human + 0.3 * generator.normal(size=200), "bad": generator.normal(size=200)}
    found = resampled_correlations(values, human)
    low, high, p = compare_correlations(0.9, found["good"], found["bad"])
    assert 0.6 < low < high < 1.2 and p == pytest.approx(2 / 2001)
    assert compare_correlations(0.0, found["good"], found["good"])[2] == 1.0
    assert math.isnan(compare_correlations(math.nan, found["good"], found["bad"])[2])


def frame(values: list[float], human: float = math.nan) -> pd.DataFrame:
    rows = [("google", "original", "c", q, q + 1, v, human) for q, v in enumerate(values)]
    return pd.DataFrame(rows, columns=list(ANSWERS))


def test_models_are_compared_in_pairs() -> None:
    answers = {"a": frame([1, 1, 0]), "b": frame([0, 1, 0]), "c": frame([0, 0, 0])}
    table = compare_models(answers)
    assert list(table) == list(COLUMNS) and set(KEY) < set(ANSWERS)
    assert list(zip(table["model"], table["other"], strict=True)) == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
    assert table["difference"].tolist() == pytest.approx([1 / 3, 2 / 3, 1 / 3])
    assert (table["questions"] == 3).all() and (table["test"] == "dyadic").all()
    assert len(compare_models({})) == 0


def test_models_with_other_questions_are_refused() -> None:
    with pytest.raises(UserError, match="b and a were not asked the same questions"):
        compare_models({"a": frame([1, 0]), "b": frame([1, 0, 1])})
