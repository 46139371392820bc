"""The figure of small starts omits modes below the start, and explains dots and lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.legend import Legend

from mstar.figures import small
from tests.prediction.test_small_start import DIAGONAL, D
from tests.support.figures import assert_whole_and_the_same_twice


def given() -> dict[str, Any]:
    """Return the inputs of the figure."""
    inits = [1e-6, 1e-2, 4.5, 100.0]
    return {"spectrum": DIAGONAL, "dim": D, "inits": inits, "modes": [1, 5, 99], "seed": 0}


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(small, given(), tmp_path)


def test_the_figure_leaves_out_what_a_start_exceeds() -> None:
    numbers = small.table(**given())
    assert set(numbers["init"]) == {1e-6, 1e-2, 4.5}  # 100 exceeds every mode
    assert 0 < (numbers["init"] == 4.5).sum() < D
    figure = small.draw(numbers)
    left, right = figure.axes
    measured = [line for line in left.lines if line.get_marker() == "o"]
    assert measured[0].get_markersize() > measured[1].get_markersize()  # mode 1 stays visible
    for ax in (left, right):  # both explain dots and lines
        keys = [text.get_text() for legend in ax.findobj(Legend) for text in legend.get_texts()]
        assert "bound, 95 %" in keys and "absolute error" in ax.get_title()
    assert left.get_legend_handles_labels()[1] == ["mode 1", "mode 5"]
    assert (
        len(right.get_legend_handles_labels()[1])
        == numbers.loc[numbers["scale_drawn"], "init"].nunique()
    )
