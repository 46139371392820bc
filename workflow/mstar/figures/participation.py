"""The participation figure: the spread of mean task vectors over modes, against the rank d."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import Panel, curve_rows, draw_families, grid_height
from mstar.figures.drawing.labels import exponent_text
from mstar.figures.drawing.task_vector_rows import finished
from mstar.statistics import power_law

PANELS = (
    Panel("participation", "participation", log=True),
    Panel("slope", "local slope", against=False),
)
# The authors' guide by eye, and a vector of which each further mode has an equal share.
GUIDE, EVEN = -0.58, -1.0
# Local slopes are over a factor of this of d on each side.
SPAN = 2.0


def table(
    *,
    curves: pd.DataFrame,
    null_curves: pd.DataFrame,
    null_families: pd.DataFrame,
    families: Sequence[str],
    dims: Sequence[int] = (),
) -> pd.DataFrame:
    """Return the numbers of the participation figure, in long form.

    Args:
        curves: columns family, dim, pairs, participation of `mstar.features.linear_structure`.
        null_curves, null_families: of `mstar.features.null_statistics`.
        families: families drawn, in order of colour.
        dims: d of the curves.

    Returns:
        The rows of `mstar.figures.drawing.family_curves.curve_rows` for participation; slope (x: d,
        y: least-squares slope of ln participation against ln d within a factor `SPAN` of d, where
        three d or more lie), exponent (y, low, high: the slope over all d, from
        `mstar.statistics.power_law.fit`), and missing law if a family has too few d for a fit.
    """
    name = PANELS[0].name
    lines = curve_rows(curves, null_curves, null_families, families, dims, (name,))
    drawn = pd.DataFrame(lines)
    for family in families:
        own = drawn[(drawn["panel"] == name) & (drawn["family"] == family)]
        if own.empty:
            continue
        x, y = own["x"].to_numpy(dtype=float), own["y"].to_numpy(dtype=float)
        lines += [{"family": family, **line} for line in (*_slopes(x, y), *_law(x, y))]
    return finished(lines)


def _slopes(x: Any, y: Any) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for d in x:
        near = (x >= d / SPAN * (1 - 1e-9)) & (x <= d * SPAN * (1 + 1e-9))
        if near.sum() >= 3 and x[0] < d < x[-1]:
            slope = float(np.polyfit(np.log(x[near]), np.log(y[near]), 1)[0])
            lines.append({"panel": PANELS[1].name, "dim": int(d), "x": d, "y": slope})
    return lines


def _law(x: Any, y: Any) -> list[dict[str, Any]]:
    if len(x) < power_law.FEWEST_POINTS:
        return [{"panel": "missing law", "text": f"too few d for a power law: {len(x)}"}]
    law = power_law.fit(x, y)
    return [{"panel": "exponent", "y": law.exponent, "low": law.low, "high": law.high}]


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the participation figure: curves above, their local slopes below."""
    figure = style.new_figure(grid_height(table, PANELS))
    axes = draw_families(figure, table, PANELS)
    slopes = table.loc[table["panel"] == PANELS[1].name, "y"]
    for (panel, family), ax in axes.items():
        own = table[table["family"] == family]
        x = own.loc[own["panel"] == PANELS[0].name, "x"]
        if x.empty:
            continue
        look: dict[str, Any] = {"fontsize": 8.5, "color": style.GREY}
        if panel == PANELS[0].name:
            ends = np.array([float(x.min()), float(x.max())])
            ax.plot(ends, 1 / ends, color=style.GREY, lw=1, ls=":", gid="even")
            middle = float(np.sqrt(ends.prod()))
            look |= {"ha": "right", "va": "top", "textcoords": "offset points"}
            ax.annotate("$1/d$", (middle, 1 / middle), (-3, -1), **look)
            continue
        ax.set_ylim(min(-1.4, *slopes) - 0.3, max(0.0, *slopes) + 0.1)
        for level, text in ((GUIDE, "authors' guide"), (EVEN, "spread evenly")):
            ax.axhline(level, color=style.GREY, lw=0.8, ls=":")
            if ax is next(own for (name, _), own in axes.items() if name == panel):
                look |= {"ha": "right", "textcoords": "offset points", "zorder": 4}
                look |= {"path_effects": [withStroke(linewidth=2, foreground=style.CREAM)]}
                ax.annotate(text, (float(x.max()), level), (0, 2), **look)
        ax.axhline(0, color=style.LIGHT_GREY, lw=0.8, zorder=0)
        rows = own.set_index("panel")
        said = rows.loc[rows.index == "missing law", "text"].tolist()
        if "exponent" in rows.index:
            power = rows.loc[["exponent"], ["y", "low", "high"]].to_numpy(dtype=np.float64)[0]
            said.append("over all: " + exponent_text("d", *power))
        ax.text(0.5, 0.03, said[0], transform=ax.transAxes, ha="center", fontsize=8.5)
    return figure
