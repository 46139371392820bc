"""Figure 7: time in each run's own unit, accuracies, seeds, and a run that diverges."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mstar.figures import fig7
from mstar.figures.drawing import style
from tests.support.figures import (
    TIMES,
    assert_nothing_cut,
    assert_whole_and_the_same_twice,
    lines,
    trace,
)


def given(seeds: int = 1, questions: int = 40, growth: float = 1.0) -> dict[str, Any]:
    """Return the inputs of the figure; ``growth`` raises s_1 of the run that diverges."""
    found: dict[str, Any] = {"negative": dict.fromkeys(fig7.TITLES, 2.0)}
    for i, name in enumerate(fig7.TITLES):
        traces, scores = [], []
        for seed in range(seeds):
            one = trace(1e-3).assign(analogy_accuracy=np.linspace(0, 0.5 + 0.1 * seed, len(TIMES)))
            one["time"] *= 0.02 * (i + 1)
            if name == "setting31":
                one["singular_value_1"] *= np.geomspace(1, growth, len(TIMES))
            one["singular_value_2"] *= 1 - 0.1 * seed
            traces.append(one)
            score = {"score": 0.3 + 0.1 * seed, "low": 0.2, "high": 0.45}
            total = {"variant": "regenerated", "category": "total", "questions": questions}
            other = {"variant": "original", "category": "total", "questions": 7, "score": 0.9}
            scores.append(pd.DataFrame([{**total, **score}, {**score, **other}]))
        found |= {f"{name}_traces": traces, f"{name}_scores": scores}
    return found


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(fig7, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(fig7, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_fig7_draws_its_table_each_run_against_its_own_time() -> None:
    figure, table = shared()
    drawn = lines(figure)
    for i, (name, (low, high)) in enumerate(fig7.SPANS.items()):
        rows = table[table["run"] == name]
        values = rows[rows["quantity"] == "singular value"]
        for mode, curve in values.groupby("mode"):
            np.testing.assert_array_equal(
                drawn[i, f"singular_value_{mode}"], curve[["time", "y"]].to_numpy()
            )
        # Lines reach the edges of the axis and at most the next time recorded.
        limits = figure.axes[i].get_xlim()
        assert limits[0] == pytest.approx(values["time"].min()) and limits[1] == min(high, 30.0)
        assert low <= values["time"].min() and values["time"].max() >= limits[1] * (1 - 1e-6)
        single = rows[rows["mode"].isna()].set_index("quantity")
        assert single.loc["tau_1", "y"] == pytest.approx(0.02 * (i + 1))
        accuracy = single.loc["final accuracy"]
        assert list(accuracy[["time", "y", "low", "high", "questions"]]) == [30, 0.3, 0.2, 0.45, 40]
        assert single.loc["best accuracy", "y"] == 0.5
        small = " ".join(text.get_text() for text in figure.axes[i].texts)
        assert "40 analogies" in small and "(95 %: 20.0 – 45.0)" in small and "k = 2" in small
        assert ("(beyond the axis)" in small) == (high < 30)  # both accuracies are at time 30
        assert "leave" not in small


def test_fig7_keeps_its_axis_when_a_run_diverges() -> None:
    table = fig7.table(**given(growth=50.0))
    figure = fig7.draw(table)
    limits = {ax.get_ylim() for ax in figure.axes}
    assert limits == {shared()[0].axes[0].get_ylim()}
    said = [t.get_text() for t in figure.axes[2].texts if "leave" in t.get_text()]
    value = table[(table["run"] == "setting31") & (table["mode"] == 1) & (table["time"] <= 10)]
    assert len(said) == 1 and f"s_1 = {value['y'].iloc[-1]:.3g}" in said[0]
    assert_nothing_cut(figure)


def test_fig7_over_seeds_and_without_questions() -> None:
    table = fig7.table(**given(seeds=2))
    seeds = table[table["quantity"] == "final accuracy, all seeds"]
    assert seeds[["low", "high", "seeds"]].drop_duplicates().to_numpy().tolist() == [[0.3, 0.4, 2]]
    second = table[(table["mode"] == 2) & (table["run"] == "qwem")]
    np.testing.assert_allclose(second["low"], 0.9 * second["y"], rtol=1e-4)
    np.testing.assert_allclose(second["high"], second["y"])
    figure = fig7.draw(table)
    assert "; 2 seeds: 30.0 – 40.0" in figure.axes[0].texts[0].get_text()
    assert_nothing_cut(figure)
    none = fig7.draw(fig7.table(**given(questions=0)))
    assert "no analogy" in none.axes[0].texts[0].get_text()
