"""Figure 2: all singular values of word2vec, QWEM and the theory, from large and small weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, StrMethodFormatter
from matplotlib.transforms import Bbox

from mstar.figures import style

ROWS = ("word2vec", "QWEM", "Theory")
COLUMNS = ("large", "small")
SCHEMES = {"large": style.SCHEME0, "small": style.SCHEME1}
TITLES = {"large": "word2vec init", "small": "small init"}
STEPS = (
    ("quartic approximation", "Setting 3.1"),
    ("sufficiently small init", "full batch gradient flow"),
)


def power_of_ten(value: float) -> str:
    """``value`` > 0 as TeX: 10^{-12}, or 3 \\times 10^{-2} where it is no power of ten."""
    exponent = math.floor(math.log10(value) + 1e-9)
    factor = value / 10.0**exponent
    tens = f"10^{{{exponent}}}"
    return tens if abs(factor - 1) < 1e-6 else rf"{factor:.2g}\times {tens}"


def table(
    runs: Mapping[str, Mapping[str, pd.DataFrame]],
    inits: Mapping[str, float],
    *,
    start: float = 0.5,
    horizon: float = 30.0,
) -> pd.DataFrame:
    """The numbers of Figure 2: one line per panel and time, one column per singular value.

    ``runs[column][row]`` is a trace (time_tau1, singular_value_1 …, times in the run's own τ₁) for
    column large, small and row word2vec, QWEM, Theory; a missing one leaves a panel that says so.
    ``inits[column]`` is the initial size. Columns returned: column, row, init, time,
    singular_value_1 … singular_value_d; times between ``start`` and ``horizon`` alone.
    """
    parts = []
    for column in COLUMNS:
        for row in ROWS:
            trace = runs.get(column, {}).get(row)
            if trace is None:
                continue
            inside = style.within(trace, start, horizon, f"{row}, {column} init")
            values = inside[["time_tau1", *style.singular_value_columns(inside)]]
            part = values.rename(columns={"time_tau1": "time"})
            parts.append(part.assign(column=column, row=row, init=float(inits[column])))
    if not parts:
        return pd.DataFrame(columns=["column", "row", "init", "time"])
    whole = pd.concat(parts, ignore_index=True)
    names = style.singular_value_columns(whole)
    return style.rounded(whole[["column", "row", "init", "time", *names]])


def _draw_panel(ax: Axes, rows: pd.DataFrame, column: str) -> None:
    if rows.empty:
        ax.text(
            0.5, 0.5, "not run", transform=ax.transAxes, ha="center", va="center", color=style.GREY
        )
        return
    for k, name in enumerate(style.singular_value_columns(rows)):
        if rows[name].notna().any():
            ax.plot(rows["time"], rows[name], gid=name, **style.mode_style(k, SCHEMES[column]))


@style.styled
def draw(table: pd.DataFrame, *, start: float = 0.5, horizon: float = 30.0) -> Figure:
    """Draw the `table`: rows word2vec, QWEM, Theory; columns large and small initial weights."""
    figure = style.new_figure(9, 5)
    grid = figure.add_gridspec(
        3, 2, left=0.3, right=0.985, top=0.93, bottom=0.105, hspace=0.13, wspace=0.075
    )
    names = style.singular_value_columns(table)
    top = float(table[names].max().max()) if names else 1.0
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if start <= t <= horizon]
    if ticks and horizon / ticks[-1] >= 1.5 - 1e-9:
        ticks.append(horizon)
    for i, row in enumerate(ROWS):
        for j, column in enumerate(COLUMNS):
            ax = figure.add_subplot(grid[i, j])
            rows = table[(table["column"] == column) & (table["row"] == row)]
            _draw_panel(ax, rows, column)
            ax.set_xscale("log")
            ax.set_xlim(start, horizon)
            ax.set_ylim(0, 1.06 * top)
            ax.xaxis.set_minor_locator(NullLocator())
            ax.xaxis.set_major_locator(FixedLocator(ticks))
            ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}") if i == 2 else NullFormatter())
            if j:
                ax.yaxis.set_major_formatter(NullFormatter())
            if i == 0:
                inits = table.loc[table["column"] == column, "init"]
                size = (
                    rf"  ($s_k(0) \sim {power_of_ten(float(inits.iloc[0]))}$)" if len(inits) else ""
                )
                ax.set_title(TITLES[column] + size, pad=6)
            if i == 2:
                ax.set_xlabel(r"$t/\tau_1$", labelpad=2)
        box = grid[i, 0].get_position(figure)
        figure.text(0.233, (box.y0 + box.y1) / 2, row, ha="right", va="center", fontsize=14)
    left = grid[1, 0].get_position(figure)
    figure.text(
        0.2555, (left.y0 + left.y1) / 2, "Singular values", rotation=90, ha="center", va="center"
    )
    _draw_steps(figure, [grid[i, 0].get_position(figure) for i in range(3)])
    return figure


def _draw_steps(figure: Figure, boxes: Sequence[Bbox]) -> None:
    """Curved arrows down the left margin: what leads from each row to the next."""
    for i, lines in enumerate(STEPS):
        above, below = boxes[i], boxes[i + 1]
        y0, y1 = (above.y0 + above.y1) / 2 - 0.045, (below.y0 + below.y1) / 2 + 0.045
        figure.add_artist(
            FancyArrowPatch(
                (0.205, y0),
                (0.205, y1),
                transform=figure.transFigure,
                connectionstyle="arc3,rad=0.32",
                arrowstyle="-|>,head_width=3,head_length=5",
                color=style.GREY,
                lw=1.2,
                shrinkA=0,
                shrinkB=0,
            )
        )
        for k, line in enumerate(lines):
            y = (y0 + y1) / 2 + (0.5 - k) * 0.042
            figure.text(0.173, y, line, ha="right", va="center", fontsize=10, color=style.GREY)
