"""Trends of claims with the size of the text."""

import numpy as np
import pandas as pd
import pytest

from mstar.claims import trends
from mstar.claims.claims import Claim, Scope
from mstar.claims.outcomes import PAPER_TOKENS
from mstar.claims.trends import AGREES, DISAGREES, SILENT, Expected, fit, trend

PARTS = np.repeat([16, 8, 4, 2, 1], 3)
TOKENS = 1.6e6 / PARTS


def claim(relation="about", expected=0.7, tolerance=0.05, measure="best_accuracy", **more):
    scope = Scope(tokens=1e9, vocabulary=100)
    return Claim(
        id="one", where="", statement="", measure=measure, relation=relation, expected=expected,
        tolerance=tolerance, why="", scope=scope, **more,
    )  # fmt: skip


@pytest.mark.parametrize("scale", [trends.PLAIN, trends.RATIOS, trends.SHARES])
def test_a_line_on_its_scale_is_continued_exactly(scale):
    values = scale[1](np.asarray(-4 + 0.2 * np.log(TOKENS)))
    found = fit(PARTS, TOKENS, values, scale).at(PAPER_TOKENS)
    expected = float(scale[1](np.asarray(-4 + 0.2 * np.log(PAPER_TOKENS))))
    assert found.value == pytest.approx(expected, rel=1e-9)
    assert found.high - found.low < 1e-6


def test_prediction_intervals_cover():
    generator = np.random.default_rng(5)
    inside = []
    for _ in range(400):
        noise = np.repeat(generator.normal(0, 0.1, 5), 3)  # of sizes, shared by their draws
        found = fit(PARTS, TOKENS, 0.1 * np.log(TOKENS) + noise).at(PAPER_TOKENS)
        truth = 0.1 * np.log(PAPER_TOKENS) + generator.normal(0, 0.1)
        inside.append(found.low <= truth <= found.high)
    assert 0.92 <= np.mean(inside) <= 0.98


def test_values_outside_the_scale_and_few_sizes_give_no_line():
    assert fit(PARTS, TOKENS, np.zeros(15), trends.RATIOS) is None
    assert fit(PARTS[:9], TOKENS[:9], np.arange(9.0)) is None
    assert fit(PARTS, TOKENS, np.where(TOKENS > 1e6, np.nan, TOKENS)).sizes == 4


@pytest.mark.parametrize(
    ("relation", "here", "there", "outcome"),
    [
        ("about", 0.4, (0.7, 0.66, 0.74), AGREES),
        ("about", 0.4, (0.99, 0.9, 1.0), AGREES),  # passes there, if it does not flatten before
        ("about", 0.4, (0.7, 0.3, 0.95), SILENT),  # today's value is as possible
        ("about", 0.4, (0.5, 0.45, 0.6), DISAGREES),
        ("about", 0.7, (0.7, 0.66, 0.74), AGREES),  # holds today, and there
        ("about", 0.7, (0.9, 0.8, 0.95), SILENT),  # holds today, and may not there
        ("about", 0.9, (0.95, 0.93, 0.97), DISAGREES),  # leads away
        ("at least", 0.4, (0.9, 0.8, 1.0), AGREES),
        ("at least", 0.4, (0.5, 0.45, 0.64), DISAGREES),
        ("at most", 0.4, (0.5, 0.2, 0.74), AGREES),
        ("interval above", 0.4, (0.8, 0.71, 0.9), AGREES),
        ("interval above", 0.4, (0.6, 0.5, 0.65), DISAGREES),
    ],
)
def test_what_a_trend_says(relation, here, there, outcome):
    start = Expected(here, here - 0.02, here + 0.02)
    assert trend(claim(relation), start, Expected(*there)) == outcome


def test_tables_of_a_text_and_its_subsets():
    plan = pd.DataFrame(
        {"parts": [2, 4, 8, 16], "draw": 1, "tokens": [8e5, 4e5, 2e5, 1e5],
         "omitted": [np.nan, np.nan, np.nan, "too few words"]}
    )  # fmt: skip
    values = [0.4, 0.35, 0.3, 0.45]
    outcomes = [pd.DataFrame({"id": ["one", "other"], "value": [v, 1.0]}) for v in values]
    sizes = trends.collect(plan, outcomes, 1_600_000)
    assert sizes.loc[sizes["id"] == "one", "value"].tolist() == values
    whole = sizes[(sizes["parts"] == 1) & (sizes["id"] == "one")]
    assert whole[["draw", "tokens"]].to_numpy().tolist() == [[0, 1_600_000]]
    dims = {"static": (100, 10), "dynamic": (50, 5)}
    (row,) = trends.trends([claim()], sizes, dims).to_dict("records")
    assert row["sizes"] == 4 and row["today"] == 0.45 and row["note"] == ""
    assert row["low"] < row["extrapolated"] < row["high"]
    (other,) = trends.trends([claim()], sizes, {**dims, "static": (99, 10)}).to_dict("records")
    assert other["trend"] == SILENT and other["note"] == "stated at V = 100, this is V = 99"
    drawn = trends.lines([claim()], sizes)
    assert drawn["tokens"].iloc[-1] == pytest.approx(PAPER_TOKENS)
    assert drawn["value"].iloc[-1] == pytest.approx(row["extrapolated"])
    # Beyond the text bands reach from the whole text's value to the line's.
    beyond = drawn[drawn["tokens"] > 1_600_000]
    here = trends.line_of(sizes[sizes["id"] == "one"], trends.scale_of(claim())).at(1_600_000)
    assert (beyond["low"] <= here.low).all() and (beyond["high"] >= here.high).all()
