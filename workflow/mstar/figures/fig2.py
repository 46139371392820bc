"""Figure 2: all singular values of word2vec, QWEM and the theory, from large and small weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import NullFormatter
from matplotlib.transforms import Bbox

from mstar.figures.drawing import curves, style
from mstar.training.record import singular_value_columns

ROWS = ("word2vec", "QWEM", "Theory")
RECURSION = "recursion"  # drawn in the row of word2vec
COLUMNS = ("large", "small")
PREDICTED = 10  # singular values drawn of the recursion
SCHEMES = {"large": style.SCHEME0, "small": style.SCHEME1}
TITLES = {"large": "word2vec init", "small": "small init"}
STEPS = (
    ("quartic approximation", "Setting 3.1"),
    ("sufficiently small init",),  # QWEM follows the full batch here: the paper's other difference
)


def power_of_ten(value: float) -> str:
    """Return ``value`` > 0 in TeX, such as 10^{-12} or 3 \\times 10^{-2}."""
    exponent = math.floor(math.log10(value) + 1e-9)
    factor = value / 10.0**exponent
    tens = f"10^{{{exponent}}}"
    return tens if abs(factor - 1) < 1e-6 else rf"{factor:.2g}\times {tens}"


def table(
    *,
    large_word2vec: Sequence[pd.DataFrame] = (),
    large_qwem: Sequence[pd.DataFrame] = (),
    large_theory: Sequence[pd.DataFrame] = (),
    small_word2vec: Sequence[pd.DataFrame] = (),
    small_qwem: Sequence[pd.DataFrame] = (),
    small_theory: Sequence[pd.DataFrame] = (),
    large_recursion: pd.DataFrame | None = None,
    small_recursion: pd.DataFrame | None = None,
    inits: Mapping[str, float],
    start: float = 0.5,
    horizon: float = 30.0,
) -> pd.DataFrame:
    """Return the numbers of Figure 2: one line per panel and time, one column per singular value.

    Args:
        large_word2vec, large_qwem, large_theory: traces from a large start, one for each seed; the
            panel of a run without traces states that.
        small_word2vec, small_qwem, small_theory: traces from a small start.
        large_recursion, small_recursion: traces drawn dashed over those of word2vec, if any.
        inits: initial size of each column, large and small.
        start, horizon: first and last time kept, in τ₁ of the run.

    Returns:
        Columns column, row, init, time, singular_value_1 … singular_value_d of the first seed and,
        if a run has several, the range over them as singular_value_1_low, singular_value_1_high ….

    Raises:
        UserError: seeds of one run do not record the same times, or none of those kept.
    """
    runs = {
        "large": dict(zip(ROWS, (large_word2vec, large_qwem, large_theory), strict=True)),
        "small": dict(zip(ROWS, (small_word2vec, small_qwem, small_theory), strict=True)),
    }
    recursions = {"large": large_recursion, "small": small_recursion}
    for column, one in recursions.items():
        runs[column][RECURSION] = [] if one is None else [one]
    parts = []
    for column in COLUMNS:
        for row in (*ROWS, RECURSION):
            traces = runs[column][row]
            if not traces:
                continue
            what = f"{row}, {column} init"
            inside = style.within(curves.spread(traces, what), start, horizon, what)
            values = inside.filter(regex=r"^(time_tau1|singular_value_\d+(_low|_high)?)$")
            part = values.rename(columns={"time_tau1": "time"})
            parts.append(part.assign(column=column, row=row, init=float(inits[column])))
    if not parts:
        return pd.DataFrame(columns=["column", "row", "init", "time"])
    whole = pd.concat(parts, ignore_index=True)
    names = singular_value_columns(whole)
    ranges = [f"{k}_{end}" for k in names for end in ("low", "high") if f"{k}_{end}" in whole]
    return style.rounded(whole[["column", "row", "init", "time", *names, *ranges]])


def _draw_panel(
    ax: Axes, rows: pd.DataFrame, predicted: pd.DataFrame, column: str, legend: bool
) -> None:
    if rows.empty:
        ax.text(
            0.5, 0.5, "not run", transform=ax.transAxes, ha="center", va="center", color=style.GREY
        )
        return
    timed = rows.rename(columns={"time": "time_tau1"})
    for k, name in enumerate(singular_value_columns(rows)):
        if rows[name].notna().any():
            line = curves.curve(timed, name)
            curves.draw_curve(ax, line, gid=name, **style.mode_style(k, SCHEMES[column]))
    dashed = predicted.rename(columns={"time": "time_tau1"})
    for name in singular_value_columns(predicted)[:PREDICTED]:
        if predicted[name].notna().any():
            look = {"color": "black", "ls": (0, (3, 2)), "lw": 0.8, "zorder": 4}
            curves.draw_curve(ax, curves.curve(dashed, name), gid=f"recursion {name}", **look)
    if legend and not predicted.empty:
        handle = Line2D([], [], color="black", ls=(0, (3, 2)), lw=0.8)
        ax.legend([handle], ["recursion"], loc="upper left", handlelength=2, borderaxespad=0.2)


@style.styled
def draw(table: pd.DataFrame, *, start: float = 0.5, horizon: float = 30.0) -> Figure:
    """Draw Figure 2 from its `table`, over times from ``start`` to ``horizon`` (τ₁)."""
    figure = style.new_figure(5)
    grid = figure.add_gridspec(
        3, 2, left=0.3, right=0.985, top=0.93, bottom=0.105, hspace=0.13, wspace=0.075
    )
    values = table.filter(like="singular_value_")
    top = float(values.max().max()) if values.size else 1.0
    for i, row in enumerate(ROWS):
        for j, column in enumerate(COLUMNS):
            ax = figure.add_subplot(grid[i, j])
            rows = table[(table["column"] == column) & (table["row"] == row)]
            over = RECURSION if row == "word2vec" else ""
            predicted = table[(table["column"] == column) & (table["row"] == over)]
            _draw_panel(ax, rows, predicted, column, legend=j == 0)
            curves.time_axis(ax, (start, horizon), labelled=i == 2)
            ax.set_ylim(0, 1.06 * top)
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
    """Draw curved arrows in the left margin, labelled by what leads from each row to the next."""
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
            y = (y0 + y1) / 2 + ((len(lines) - 1) / 2 - k) * 0.042
            figure.text(0.173, y, line, ha="right", va="center", fontsize=10, color=style.GREY)
