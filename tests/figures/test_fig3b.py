"""Figure 3b: totals, seeds, tests between models, and missing scores."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mstar.evaluation import score_table
from mstar.figures import fig3b
from mstar.figures.drawing import style
from mstar.files.writing import UserError
from tests.support.figures import (
    assert_nothing_cut,
    assert_texts_apart,
    assert_whole_and_the_same_twice,
)


def evaluation(models: tuple[str, ...] = tuple(fig3b.MODELS)) -> pd.DataFrame:
    lines: list[dict[str, Any]] = []
    for (vocabulary, dim), model in itertools.product([(2000, 100), (10000, 200)], models):
        if vocabulary == 10000 and not model.startswith("svd"):
            continue
        common = {"model": model, "vocabulary": vocabulary, "dim": dim}
        for benchmark in fig3b.BENCHMARKS:
            if benchmark.name == "men":
                continue
            asked = {"benchmark": benchmark.name, "variant": benchmark.variant}
            score = {"questions": 50, "score": 0.42, "low": 0.3, "high": 0.55}
            if benchmark.name == "simlex999" and vocabulary == 2000:
                score = {"questions": 0, "score": np.nan, "low": np.nan, "high": np.nan}
            lines.append({**common, **asked, "category": "total", **score})
            lines.append({**common, **asked, "category": "family", **score})
    return pd.DataFrame(lines)


def labelled(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return scores of all models in the figure's input format, by "model V d seed"."""
    keys = ["model", "vocabulary", "dim", "seed"]
    whole = scores if "seed" in scores else scores.assign(seed=0)
    return {
        " ".join(map(str, key)): rows.drop(columns=keys)
        for key, rows in whole.groupby(keys, sort=False)
    }


def given() -> dict[str, Any]:
    """Return the inputs of the figure."""
    return {"evaluations": labelled(evaluation())}


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(fig3b, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(fig3b, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_fig3b_holds_totals_and_explains_gaps() -> None:
    figure, table = shared()
    assert len(table) == (9 + 5) * len(fig3b.BENCHMARKS)
    assert list(table["vocabulary"].unique()) == [2000, 10000]
    texts = [t.get_text() for t in figure.texts]
    assert texts.count("42.0") == 2 * (9 + 5) and ".420" in texts
    assert any("sum: input plus output" in text for text in texts)
    assert any(text.startswith(score_table.ABSENT) for text in texts)  # MEN's file was not given
    assert any(text.startswith(score_table.EMPTY) for text in texts)  # no SimLex word
    assert any("misprint" in text for text in texts)
    assert set(table.loc[table["paper"].notna(), "vocabulary"]) == {10000}
    assert any("not comparable at another V" in text for text in texts)
    assert_texts_apart(figure, figure.texts)


def test_fig3b_shows_the_spread_over_seeds_and_what_differs() -> None:
    scores = evaluation()
    second = scores[scores["model"] == "qwem"].assign(seed=2, score=lambda t: t["score"] + 0.01)
    both = pd.concat([scores.assign(seed=1), second])
    where = {"vocabulary": 10000, "dim": 200, "benchmark": "google", "variant": "original"}
    compared = pd.DataFrame(
        [
            {
                **where,
                "model": "svd_mstar",
                "other": "svd_ppmi",
                "difference": 0.1,
                "p": 0.01,
                "p_holm": 0.02,
            },
            {
                **where,
                "model": "svd_mstar",
                "other": "svd_pmi",
                "difference": 0.2,
                "p": 0.03,
                "p_holm": 0.06,
            },
        ]
    )
    table = fig3b.table(evaluations=labelled(both), comparisons=compared)
    asked = table[(table["benchmark"] == "google") & (table["variant"] == "original")]
    qwem = asked[asked["model"] == "qwem"].iloc[0]
    assert (qwem["seeds"], qwem["seed_low"], qwem["seed_high"]) == (2, qwem["score"], 0.43)
    large = asked[asked["vocabulary"] == 10000].set_index("model")
    assert large["difference"].to_dict()["svd_ppmi"] == -0.1  # below svd(M*)
    assert large["difference"].isna().sum() == len(large) - 2
    figure = fig3b.draw(table)
    texts = [t.get_text() for t in figure.texts]
    assert texts.count("↓") == 1 and "↑" not in texts  # .06 is not significant
    assert sum("seeds 42.0 – 43.0" in text for text in texts) >= 1
    assert_texts_apart(figure, figure.texts)


def test_fig3b_says_where_eigenvalues_are_too_few() -> None:
    scores = evaluation()
    few = (scores["model"] == "svd_ppmi") & (scores["vocabulary"] == 10000)
    table = fig3b.table(evaluations=labelled(scores.assign(rank=scores["dim"].where(~few, 7))))
    figure = fig3b.draw(table)
    texts = [t.get_text() for t in figure.texts]
    assert texts.count("rank 7 §") == 1
    assert sum(text.startswith("§  its matrix has fewer positive") for text in texts) == 1
    assert_texts_apart(figure, figure.texts)


def test_fig3b_with_few_models() -> None:
    table = fig3b.table(evaluations=labelled(evaluation(("svd_mstar",))))
    assert set(table["label"]) == {"svd(M*)"}
    fig3b.draw(table)
    with pytest.raises(UserError, match="no evaluation"):
        fig3b.table(evaluations=labelled(evaluation().assign(model="other")))
    twice = pd.concat([evaluation(), evaluation()])
    with pytest.raises(UserError, match="expected one"):
        fig3b.table(evaluations=labelled(twice))


@pytest.mark.parametrize(
    ("value", "percent", "text"),
    [
        (0.663, True, "66.3"),
        (0.755, False, ".755"),
        (-0.0755, False, "−.075"),
        (1.0, False, "1.000"),
    ],
)
def test_scores_are_printed_as_in_the_paper(value: float, percent: bool, text: str) -> None:
    assert score_table.formatted(value, percent) in (text, text.replace("075", "076"))
