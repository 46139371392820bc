"""Figure 2: the data drawn, missing runs, and the range over seeds."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mstar.figures import fig2
from mstar.figures.drawing import style
from tests.support.figures import (
    D,
    assert_nothing_cut,
    assert_whole_and_the_same_twice,
    lines,
    trace,
)


def given() -> dict[str, Any]:
    """Return the inputs of the figure."""
    names = itertools.product(("large", "small"), ("word2vec", "qwem", "theory"))
    traces = {f"{column}_{row}": [trace()] for column, row in names}
    return {**traces, "inits": {"large": 0.1, "small": 1e-12}}


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(fig2, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(fig2, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_fig2_draws_its_table() -> None:
    figure, table = shared()
    drawn = lines(figure)
    assert table["time"].min() >= 0.5 and table["time"].max() <= 30.0
    panels = itertools.product(fig2.ROWS, fig2.COLUMNS)
    for i, (name, column) in enumerate(panels):
        rows = table[(table["row"] == name) & (table["column"] == column)]
        for k in range(1, D + 1):
            np.testing.assert_array_equal(
                drawn[i, f"singular_value_{k}"], rows[["time", f"singular_value_{k}"]].to_numpy()
            )
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert "10^{-12}" in figure.axes[1].get_title() and "10^{-1}" in figure.axes[0].get_title()


def test_fig2_says_which_run_is_missing() -> None:
    table = fig2.table(small_qwem=[trace()], inits={"small": 3e-2})
    figure = fig2.draw(table)
    said = [ax for ax in figure.axes if any(t.get_text() == "not run" for t in ax.texts)]
    assert len(said) == 5
    assert fig2.power_of_ten(3e-2) == r"3\times 10^{-2}"


def test_the_recursion_is_drawn_dashed_over_word2vec() -> None:
    table = fig2.table(
        small_word2vec=[trace()], small_recursion=trace(1e-9), inits={"small": 1e-12}
    )
    figure = fig2.draw(table)
    rows = table[table["row"] == fig2.RECURSION]
    drawn = lines(figure)
    for k in (1, fig2.PREDICTED):
        expected = rows[["time", f"singular_value_{k}"]].to_numpy()
        np.testing.assert_array_equal(drawn[1, f"recursion singular_value_{k}"], expected)
    assert (1, f"recursion singular_value_{fig2.PREDICTED + 1}") not in drawn
    assert not [key for key in lines(shared()[0]) if key[1].startswith("recursion")]


def test_a_band_spans_the_seeds() -> None:
    """One seed draws no band; several draw the range, with the first seed as the line."""
    assert not [c for c in shared()[1].columns if c.endswith(("_low", "_high"))]
    first, second = trace(1e-12), trace(1e-8)
    table = fig2.table(small_qwem=[first, second], inits={"small": 1e-12})
    rows = table.set_index("time")
    both = pd.concat([first, second]).groupby("time_tau1")["singular_value_3"]
    for column, expected in (("low", both.min()), ("high", both.max())):
        expected.index = [float(f"{t:.6g}") for t in expected.index]
        drawn = rows[f"singular_value_3_{column}"]
        np.testing.assert_allclose(drawn, expected[drawn.index], rtol=1e-5)
    panel = fig2.draw(table).axes[3]
    assert len(panel.collections) == len([g for g in panel.get_lines() if g.get_gid()]) == D
