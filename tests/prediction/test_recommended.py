"""The recommended d, its interval, and whether a text is large enough."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from mstar.evaluation.analogies import build_questions
from mstar.prediction import reproducibility
from mstar.prediction.curves import CATEGORIES, Grader
from mstar.prediction.curves import COLUMNS as CURVES
from mstar.prediction.recommended import COLUMNS, by_questions, recommend, verdict
from mstar.prediction.reproducibility import Extent, last_reproducible, rank_interval
from tests.evaluation.test_analogies import asked


def test_the_interval_holds_the_rank_as_often_as_it_says() -> None:
    """Overlaps that fall steadily through the threshold, with noise: the crossing is known."""
    rng, truth, hits, widths = np.random.default_rng(5), 60, 0, []
    trend = 0.25 + 0.004 * (truth + 0.5 - np.arange(1, 201))
    for _ in range(400):
        held = trend + 0.05 * rng.standard_normal(200)
        low, high = rank_interval(held, np.full(200, 0.25))
        assert low <= last_reproducible(held, np.full(200, 0.25)) <= high
        hits += low <= truth <= high
        widths.append(high - low)
    assert hits / 400 > 0.9 and np.median(widths) < 40


def test_the_interval_of_a_clear_cut_is_the_cut() -> None:
    held = np.repeat([0.9, 0.01], [20, 80]) + 0.001 * np.random.default_rng(0).standard_normal(100)
    assert rank_interval(held, np.full(100, 0.25)) == (20, 20)
    assert rank_interval(np.full(50, 0.01), np.full(50, 0.25)) == (0, 0)
    assert rank_interval(np.full(50, 0.9), np.full(50, 0.25)) == (50, 50)


@pytest.mark.parametrize(
    ("extent", "dim", "enough"),
    [
        (Extent(80, 256, 1e6, 0.8, 70, 90), 60, "yes"),
        (Extent(80, 256, 1e6, 0.8, 70, 90), 80, "undecided"),
        (Extent(80, 256, 1e6, 0.8, 70, 90), 100, "no"),
        (Extent(256, 256, 1e6, math.nan, 250, 256), 200, "yes"),
        (Extent(256, 256, 1e6, math.nan, 250, 256), 256, "undecided"),
        (Extent(256, 256, 1e6, math.nan, 250, 256), 300, "unknown"),
        (Extent(None, 0, math.nan, math.nan), 10, "unknown"),
    ],
)
def test_whether_a_text_is_large_enough(extent: Extent, dim: int, enough: str) -> None:
    said, needed = verdict(extent, dim)
    assert said == enough
    known = extent.tokens_for(dim) if extent.rank is not None else math.nan
    np.testing.assert_equal(needed, known)


def over_dims(score: list[float], behind: list[float]) -> pd.DataFrame:
    rows = [
        ("dim", float(2**k), math.nan, "accuracy", "total", "rank", s, 0.0, 1.0, b)
        for k, (s, b) in enumerate(zip(score, behind, strict=True), start=1)
    ]
    return pd.DataFrame(rows, columns=CURVES)


def test_the_best_d_for_questions_and_those_not_worse() -> None:
    curves = over_dims([0.1, 0.4, 0.5, 0.45, 0.2, 0.44], [-0.3, 0.01, 0.0, 0.02, -0.1, 0.01])
    # 64 is not worse, but 32 between is: the interval is what surrounds the best.
    assert by_questions(curves) == (8, 4, 16, 64)
    assert all(map(math.isnan, by_questions(over_dims([0.0, 0.0], [0.0, 0.0]))[:3]))
    assert all(map(math.isnan, by_questions(over_dims([], []))))


def test_both_opinions_are_in_the_table() -> None:
    rank = np.arange(1, 41)
    halves = pd.DataFrame(
        {
            "parts": 2,
            "tokens": 500.0,
            "rank": rank,
            "subspace": 0.5,
            "subspace_chance": 0.1,
            "feature": np.where(rank <= 10, 0.9, 0.0),
            "threshold": 0.25,
        },
        columns=reproducibility.COLUMNS,
    )
    categories = pd.DataFrame([("total", 40, *[0.0] * 10)], columns=CATEGORIES)
    curves = over_dims([0.1, 0.2], [-0.05, 0.0])
    table = recommend(halves, curves, categories, 8, "mine")
    assert list(table.columns) == COLUMNS and table["by"].tolist() == ["halves", "mine"]
    assert table.loc[0, ["d", "low", "high", "most", "enough"]].tolist() == [10, 10, 10, 40, "yes"]
    assert table.loc[1, ["d", "low", "high", "most", "asked"]].tolist() == [4, 4, 4, 4, 40]
    none = recommend(halves.iloc[:0], curves.iloc[:0], categories.iloc[:0], 8, "mine")
    assert len(none) == 1 and math.isnan(none.loc[0, "d"]) and none.loc[0, "enough"] == "unknown"


def test_a_worse_embedding_is_behind_and_an_equal_one_is_not() -> None:
    """Twelve pairs with one offset are answered by three columns, and not by noise."""
    rng = np.random.default_rng(1)
    base, step = rng.standard_normal((12, 8)), 3 * rng.standard_normal(8)
    good = np.vstack([base, base + step]).astype(np.float32)
    words = [f"{kind}{letter}" for kind in "ab" for letter in "abcdefghijkl"]
    text = ": x\n" + "\n".join(
        f"a{i} b{i} a{j} b{j}" for i, j in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )

    grader = Grader(build_questions(asked(text), words, "regenerated"))
    answers = [
        grader.right(each) for each in (good, good * 2, rng.standard_normal((24, 8), np.float32))
    ]
    same, twice, worse = (behind["total"] for behind in grader.behind(answers))
    assert same == 0 and twice == 0 and worse < 0
