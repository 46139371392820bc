"""The participation figure: curves in the colours of Figure 4, laws, and missing data."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mstar.figures import participation
from mstar.figures.drawing import style
from mstar.figures.drawing.labels import FAMILIES as NAMES
from tests.support.figures import (
    CURVE_DIMS,
    FAMILIES,
    assert_nothing_cut,
    assert_whole_and_the_same_twice,
    curves,
    lines,
    texts,
)


def given() -> dict[str, Any]:
    """Return the inputs of the figure."""
    return {"curves": curves(), "families": FAMILIES, "dims": CURVE_DIMS}


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(participation, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(participation, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_curves_are_drawn_in_the_colours_of_figure_4() -> None:
    figure, table = shared()
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    for panel in participation.PANELS:
        for family in FAMILIES:
            rows = table[(table["panel"] == panel) & (table["family"] == family)]
            np.testing.assert_array_equal(drawn[f"{panel} {family}"], rows[["x", "y"]])
    colours = [
        line.get_color()
        for line in figure.axes[0].get_lines()
        if str(line.get_gid()).startswith(participation.PANELS[0])
    ]
    assert colours == ["tab:blue", "tab:orange", "tab:green"]
    assert figure.axes[0].get_xscale() == "log"


def test_curves_that_are_missing_are_named() -> None:
    table = participation.table(
        curves=curves(few=FAMILIES[0]), families=FAMILIES, dims=[*CURVE_DIMS, 4096]
    )
    figure = participation.draw(table)
    assert any("1 pair: too few" in text for text in texts(figure))
    assert any("4096" in text and "not computed" in text for text in texts(figure))
    assert_nothing_cut(figure)
    none = pd.DataFrame({"family": list(NAMES), "pairs": 0}).reindex(columns=curves().columns)
    figure = participation.draw(
        participation.table(curves=none, families=list(NAMES), dims=CURVE_DIMS)
    )
    assert any("no family has enough pairs" in text for text in texts(figure))
    assert_nothing_cut(figure)
    legend = figure.legends[0].get_window_extent(style.renderer(figure))
    assert figure.bbox.y0 <= legend.y0 and legend.y1 <= figure.bbox.y1


def test_participation_states_the_fitted_exponents() -> None:
    figure, table = shared()
    found = table[table["panel"] == "exponent"].set_index("family")["y"]
    assert found.tolist() == pytest.approx([-0.5, -0.6, -0.7])
    assert all(any(f"d^{{{value:.2f}}}" in text for text in texts(figure)) for value in found)
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    for family in FAMILIES:
        law = drawn[f"law {family}"]
        curve = table[(table["panel"] == "participation") & (table["family"] == family)]
        np.testing.assert_allclose(law[[0, -1], 1], curve["y"].iloc[[0, -1]], rtol=1e-4)
    few = curves()[curves()["dim"] <= 16]
    table = participation.table(curves=few, families=FAMILIES)
    assert (table["panel"] == "missing law").sum() == len(FAMILIES)
    assert any("too few d" in text for text in texts(participation.draw(table)))
