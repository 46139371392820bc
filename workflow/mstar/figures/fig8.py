"""Figure 8: cosines of analogy queries with their answers, against the rank d."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import Panel, curve_rows, draw_families, grid_height
from mstar.figures.drawing.task_vector_rows import finished

PANELS = (
    Panel("cosine", r"$\cos(\hat{x}, w)$"),
    Panel("cosine_ratio", r"$\cos(\hat{x}, w)\,/\,\mathrm{max}_v$"),
)
NAMES = tuple(panel.name for panel in PANELS)
HIGHEST = 1.2


def table(
    *,
    curves: pd.DataFrame,
    null_curves: pd.DataFrame,
    null_families: pd.DataFrame,
    families: Sequence[str],
    dims: Sequence[int] = (),
) -> pd.DataFrame:
    """Return the numbers of Figure 8, in long form.

    Args:
        curves: columns family, dim, pairs, cosine, cosine_ratio of
            `mstar.features.linear_structure`.
        null_curves, null_families: of `mstar.features.null_statistics`.
        families: drawn, in order of colour.
        dims: d of the curves.

    Returns:
        The rows of `mstar.figures.drawing.family_curves.curve_rows` for panels cosine and
        cosine_ratio.
    """
    return finished(curve_rows(curves, null_curves, null_families, families, dims, NAMES))


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 8 from its `table`: the cosine above, its ratio to the nearest word's below."""
    figure = style.new_figure(grid_height(table, PANELS))
    values = table.loc[table["panel"].isin(NAMES), "y"]
    for ax in draw_families(figure, table, PANELS).values():
        ax.axhline(1, color=style.LIGHT_GREY, lw=0.8, zorder=0)
        ax.set_ylim(*_limits(values))
    return figure


def _limits(values: pd.Series[float]) -> tuple[float, float]:
    """Return 0 and 1.2 as in the paper, or wider limits if a curve exceeds them."""
    if values.empty:
        return 0.0, HIGHEST
    return min(0.0, 1.1 * float(values.min())), max(HIGHEST, 1.05 * float(values.max()))
