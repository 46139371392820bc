"""Figure 8 and the participation figure: curves of families in the colours of Figure 4."""

from __future__ import annotations

import functools
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mstar.figures import fig8, participation
from mstar.figures.drawing import style
from mstar.figures.drawing.labels import FAMILIES as NAMES
from tests.support.figures import (
    CURVE_DIMS,
    FAMILIES,
    assert_nothing_cut,
    assert_whole_and_the_same_twice,
    curves,
    lines,
    null_curves,
    null_families,
    texts,
)

both = pytest.mark.parametrize("module", [fig8, participation], ids=["fig8", "participation"])


def given() -> dict[str, Any]:
    """Inputs of either figure."""
    return {
        "curves": curves(),
        "null_curves": null_curves(["cosine", "cosine_ratio", "participation"]),
        "null_families": null_families(),
        "families": FAMILIES,
        "dims": CURVE_DIMS,
    }


@functools.cache
def shared(module: ModuleType) -> tuple[Figure, pd.DataFrame]:
    """A figure and its table, made once for all tests that only look."""
    return style.make(module, given(), {})


@both
def test_files_are_whole_and_the_same_twice(module: ModuleType, tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(module, given(), tmp_path)


@both
def test_no_text_is_cut(module: ModuleType) -> None:
    assert_nothing_cut(shared(module)[0])


@both
def test_curves_are_drawn_in_the_colours_of_figure_4(module: ModuleType) -> None:
    figure, table = shared(module)
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    for panel in (each.name for each in module.PANELS):
        for family in FAMILIES:
            rows = table[(table["panel"] == panel) & (table["family"] == family)]
            np.testing.assert_array_equal(drawn[f"{panel} {family}"], rows[["x", "y"]])
    colours = [
        line.get_color()
        for ax in figure.axes
        for line in ax.get_lines()
        if str(line.get_gid()).startswith(f"{module.PANELS[0].name} ")
    ]
    assert colours == ["tab:blue", "tab:orange", "tab:green"]
    assert figure.axes[0].get_xscale() == "log"
    assert [ax.get_title() for ax in figure.axes[:: len(module.PANELS)]] == [
        f"{NAMES[family]} ($N = 20$)" for family in FAMILIES
    ]
    names = {text.get_text() for text in figure.legends[0].get_texts()}
    assert "random words, 95 %" in names and "shuffled partners, 95 %" in names


@both
def test_curves_that_are_missing_are_named(module: ModuleType) -> None:
    table = module.table(
        **{
            **given(),
            "curves": curves(few=FAMILIES[0]),
            "null_families": null_families(omitted=FAMILIES[1]),
            "dims": [*CURVE_DIMS, 4096],
        }
    )
    figure = module.draw(table)
    assert any("no random words:\nno match" in text for text in texts(figure))
    assert any("1 pair: too few" in text for text in texts(figure))
    assert any("4096" in text and "not computed" in text for text in texts(figure))
    assert_nothing_cut(figure)
    none = pd.DataFrame({"family": list(NAMES), "pairs": 0}).reindex(columns=curves().columns)
    figure = module.draw(
        module.table(
            **{**given(), "curves": none, "families": list(NAMES)},
        )
    )
    assert any("no family has enough pairs" in text for text in texts(figure))
    assert_nothing_cut(figure)


@both
def test_families_beyond_five_take_further_rows(module: ModuleType) -> None:
    many = [f"family {i}" for i in range(7)]
    known = curves()[curves()["family"] == FAMILIES[0]]
    table = module.table(
        **{
            **given(),
            "curves": pd.concat(known.assign(family=family) for family in many),
            "families": many,
        }
    )
    figure = module.draw(table)
    assert len(figure.axes) == 7 * len(module.PANELS)
    first, sixth = (figure.axes[i * len(module.PANELS)].get_position() for i in (0, 5))
    assert first.x0 == pytest.approx(sixth.x0) and sixth.y1 < first.y0
    assert_nothing_cut(figure)


def test_fig8_keeps_the_papers_scale_until_a_curve_leaves_it() -> None:
    assert shared(fig8)[0].axes[1].get_ylim() == (0, 1.2)
    high = curves().assign(cosine_ratio=1.5, cosine=-0.2)
    figure = fig8.draw(fig8.table(**{**given(), "curves": high}))
    low, top = figure.axes[0].get_ylim()
    assert low < -0.2 and top > 1.5


def test_participation_states_the_fitted_exponents() -> None:
    figure, table = shared(participation)
    found = table[table["panel"] == "exponent"].set_index("family")["y"]
    assert found.tolist() == pytest.approx([-0.5, -0.6, -0.7])
    assert all(any(f"d^{{{value:.2f}}}" in text for text in texts(figure)) for value in found)
    slopes = table[table["panel"] == "slope"].groupby("family", sort=False)["y"]
    # The curves are power laws, so that every local slope is the exponent.
    np.testing.assert_allclose(slopes.min(), found, rtol=1e-4)
    np.testing.assert_allclose(slopes.max(), found, rtol=1e-4)
    few = curves()[curves()["dim"] <= 16]
    table = participation.table(**{**given(), "curves": few})
    assert (table["panel"] == "missing law").sum() == len(FAMILIES)
    assert any("too few d" in text for text in texts(participation.draw(table)))
