"""The participation figure: the spread of mean task vectors over modes, against the rank d."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import colours, curve_rows, draw_curves, rank_axis
from mstar.figures.drawing.labels import exponent_text, family_name
from mstar.figures.drawing.task_vector_rows import finished
from mstar.statistics import power_law

PANELS = ("participation",)


def table(
    *, curves: pd.DataFrame, families: Sequence[str], dims: Sequence[int] = ()
) -> pd.DataFrame:
    """Return the numbers of the participation figure, in long form.

    Args:
        curves: columns family, dim, pairs, participation of `mstar.features.linear_structure`.
        families: families drawn, in order of colour.
        dims: d of the curves.

    Returns:
        Panels participation (x: d), law (two points of the fitted power law), exponent (y, low,
        high: from `mstar.statistics.power_law.fit`), missing and missing curves as in Figure 4;
        missing law if a family has too few d for a fit.
    """
    lines = curve_rows(curves, families, dims, PANELS)
    drawn = pd.DataFrame(lines)
    for family in families:
        own = drawn[(drawn["panel"] == PANELS[0]) & (drawn["family"] == family)]
        if own.empty:
            continue
        x, y = own["x"].to_numpy(dtype=float), own["y"].to_numpy(dtype=float)
        lines += _law(family, x, y)
    return finished(lines)


def _law(family: str, x: Any, y: Any) -> list[dict[str, Any]]:
    if len(x) < power_law.FEWEST_POINTS:
        text = f"too few d for a power law: {len(x)}"
        return [{"panel": "missing law", "family": family, "text": text}]
    law = power_law.fit(x, y)
    ends = np.array([law.first, law.last])
    lines: list[dict[str, Any]] = [
        {"panel": "law", "family": family, "x": a, "y": b}
        for a, b in zip(ends, law(ends), strict=True)
    ]
    value = {"y": law.exponent, "low": law.low, "high": law.high}
    return [*lines, {"panel": "exponent", "family": family, **value}]


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the participation figure: curves solid, laws dashed, exponents in the legend."""
    height = max(3.9, 0.9 + 0.47 * len(colours(table, PANELS)))  # of the legend, if it is long
    figure = style.new_figure(6.9, height)
    ax = figure.add_subplot()
    figure.subplots_adjust(left=0.095, right=0.69, top=1 - 0.39 / height, bottom=0.47 / height)
    handles, names = draw_curves((ax,), table, PANELS)
    labelled = []
    for (family, colour), name in zip(colours(table, PANELS).items(), names, strict=True):
        rows = table[table["family"] == family].set_index("panel")
        if "law" in rows.index:
            law = rows.loc[["law"]]
            ax.plot(law["x"], law["y"], color=colour, lw=0.9, ls="--", gid=f"law {family}")
        if "exponent" in rows.index:
            power = rows.loc[["exponent"], ["y", "low", "high"]].to_numpy(dtype=np.float64)[0]
            labelled.append(f"{family_name(family)}\n{exponent_text('d', *power)}")
        else:
            labelled.append(
                "\n".join(
                    [name.replace("  (", "\n("), *rows.loc[rows.index == "missing law", "text"]]
                )
            )
    if (table["panel"] == "law").any():
        handles.append(Line2D([], [], color="black", lw=0.9, ls="--"))
        labelled.append("fitted power laws")
    x = table.loc[table["panel"] == PANELS[0], "x"]
    if len(x):
        ends = np.array([float(x.min()), float(x.max())])
        middle = float(np.sqrt(ends.prod()))
        ax.plot(ends, 1 / ends, color=style.GREY, lw=1, ls=":", gid="even")
        ax.annotate(
            "spread evenly, $1/d$",
            (middle, 1 / middle),
            xytext=(-3, -3),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=9,
            color=style.GREY,
        )
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(numticks=10))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    rank_axis(ax, table)
    ax.set_title("inverse participation ratio of mean task vectors", pad=6)
    figure.legend(
        handles,
        labelled,
        loc="center left",
        bbox_to_anchor=(0.695, 0.5),
        fontsize=9.5,
        handlelength=1.4,
        labelspacing=0.6,
    )
    return figure
