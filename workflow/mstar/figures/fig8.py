"""Figure 8: cosines of analogy queries with their answers, against the rank d."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import curve_rows, draw_curves, rank_axis
from mstar.figures.drawing.task_vector_rows import finished

PANELS = ("cosine", "cosine_ratio")
HIGHEST = 1.2


def table(
    *, curves: pd.DataFrame, families: Sequence[str], dims: Sequence[int] = ()
) -> pd.DataFrame:
    """Return the numbers of Figure 8, in long form.

    Args:
        curves: columns family, dim, pairs, cosine, cosine_ratio of
            `mstar.features.linear_structure`.
        families: drawn, in order of colour.
        dims: d of the curves.

    Returns:
        Panels cosine and cosine_ratio (x: d), missing (a family with too few pairs) and missing
        curves (d of ``dims`` beyond the modes computed), which the figure states.
    """
    return finished(curve_rows(curves, families, dims, PANELS))


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 8 from its `table`: the cosine left, its ratio to the nearest word's right."""
    lacking = (table["panel"] == "missing").any()
    columns = 2 if lacking else 5
    rows = math.ceil(table["family"].replace("", None).nunique() / columns)
    height = 2.95 + 0.19 * rows
    figure = style.new_figure(6.8, height)
    axes = figure.subplots(1, 2, sharey=True)
    top = 1 - (0.31 + 0.19 * rows) / height
    figure.subplots_adjust(left=0.062, right=0.985, top=top, bottom=0.43 / height, wspace=0.07)
    handles, names = draw_curves(axes, table, PANELS)
    titles = (r"$\cos(\hat{x}, w)$", r"$\cos(\hat{x}, w)\,/\,\mathrm{max}_v\,\cos(v, w)$")
    values = table.loc[table["panel"].isin(PANELS), "y"]
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title, pad=5)
        rank_axis(ax, table)
        ax.axhline(1, color=style.LIGHT_GREY, lw=0.8, zorder=0)
        ax.set_ylim(*_limits(values))
    figure.legend(
        handles,
        names,
        loc="upper center",
        ncols=columns,
        fontsize=9,
        handlelength=1.3,
        handletextpad=0.5,
        columnspacing=1.2,
        labelspacing=0.25,
        borderaxespad=0.2,
    )
    return figure


def _limits(values: pd.Series[float]) -> tuple[float, float]:
    """Return 0 and 1.2 as in the paper, or wider limits if a curve exceeds them."""
    if values.empty:
        return 0.0, HIGHEST
    return min(0.0, 1.1 * float(values.min())), max(HIGHEST, 1.05 * float(values.max()))
