"""Curves of analogy families against d, a column of panels for each, with the bands of their nulls.

Figures 4 and 8 and the participation figure share rows, colours and panels.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from mstar.features.null_families import NULLS, RANDOM, SHUFFLED
from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.figures.drawing import style
from mstar.figures.drawing.labels import family_name

TAB10 = (
    "tab:blue",
    "tab:orange",
    "tab:green",
    "tab:red",
    "tab:purple",
    "tab:brown",
    "tab:pink",
    "tab:gray",
    "tab:olive",
    "tab:cyan",
)


# Columns of panels beside each other; the height of a panel and of what is above each row of
# columns, in inches.
ACROSS = 5
PANEL, HEAD, FOOT = 1.32, 0.5, 0.42
# The part of its draws that a band holds.
LEVEL = 0.95
BAND = "#d9d9d9"


class Panel(NamedTuple):
    """One panel in the column of each family.

    Attributes:
        name: of its rows in the table.
        label: of the y axis.
        log: whether the y axis is logarithmic.
        against: whether nulls are drawn, or their lack stated.
    """

    name: str
    label: str
    log: bool = False
    against: bool = True


def too_few(pairs: int) -> str:
    """Return the text of a figure on a family with fewer than `FEWEST_PAIRS` pairs."""
    return f"{pairs} {'pair' if pairs == 1 else 'pairs'}: too few"


def number_of_pairs(curves: pd.DataFrame, family: str) -> int:
    """Return the number of pairs of ``family`` in the vocabulary, from the table of curves."""
    pairs = curves.loc[curves["family"] == family, "pairs"]
    return int(pairs.max()) if len(pairs) else 0


def curve_rows(
    curves: pd.DataFrame,
    null_curves: pd.DataFrame,
    null_families: pd.DataFrame,
    families: Sequence[str],
    dims: Sequence[int],
    panels: Sequence[str],
) -> list[dict[str, Any]]:
    """Return the rows of curves and of the bands of their nulls, by family.

    Args:
        curves, null_curves: columns family, dim, ``panels``; pairs, or null and draw.
        null_families: columns family, null, omitted.
        families: families, in order of colour.
        dims: d of the curves.
        panels: columns drawn.

    Returns:
        Rows of each panel (x: d, y), of its nulls "<panel>, <null>" (x: d, y: the median of the
        draws, low and high: the middle `LEVEL` of them), and pairs (y: their number). A family with
        too few pairs has a row ``missing``, a null without draws a row ``missing null``, and a d of
        ``dims`` without values a row ``missing curves``, each with a text that the figure shows.
    """
    lines: list[dict[str, Any]] = []
    for family in families:
        pairs = number_of_pairs(curves, family)
        if pairs < FEWEST_PAIRS:
            lines.append({"panel": "missing", "family": family, "text": too_few(pairs)})
            continue
        lines.append({"panel": "pairs", "family": family, "y": float(pairs)})
        rows = curves[curves["family"] == family].sort_values("dim")
        nulls = null_curves[null_curves["family"] == family]
        for panel in panels:
            for dim, y in zip(rows["dim"], rows[panel], strict=True):
                if np.isfinite(y):
                    lines.append(
                        {"panel": panel, "family": family, "dim": int(dim), "x": dim, "y": float(y)}
                    )
            lines += [{"family": family, **line} for line in _bands(nulls, panel)]
        lines += missing_nulls(null_families, family)
    known = set(curves["dim"].dropna())
    beyond = sorted(set(dims) - known) if known else []
    lines += [
        {"panel": "missing curves", "dim": d, "text": "beyond the modes computed"} for d in beyond
    ]
    return lines


def _bands(nulls: pd.DataFrame, panel: str) -> list[dict[str, Any]]:
    """Return the rows of the bands of one column of the nulls of one family."""
    if panel not in nulls:
        return []
    lines: list[dict[str, Any]] = []
    for null, part in nulls.dropna(subset=[panel]).groupby("null"):
        wide = part.pivot(index="draw", columns="dim", values=panel)
        levels = [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2]
        bounds = np.quantile(wide.to_numpy(dtype=float), levels, axis=0).T
        for dim, (low, middle, high) in zip(wide.columns.astype(int), bounds, strict=True):
            where = {"panel": f"{panel}, {null}", "dim": dim, "x": dim}
            lines.append({**where, "y": middle, "low": low, "high": high})
    return lines


def missing_nulls(null_families: pd.DataFrame, family: str) -> list[dict[str, Any]]:
    """Return a row ``missing null`` for each null of which ``family`` has no draws."""
    own = null_families[(null_families["family"] == family)].fillna({"omitted": ""})
    return [
        {"panel": "missing null", "family": family, "text": f"{row['null']}: {row['omitted']}"}
        for _, row in own[own["omitted"] != ""].iterrows()
    ]


def colours(table: pd.DataFrame, panels: Sequence[str]) -> dict[str, str]:
    """Return the colour of each family, with or without curves, in the order of the table."""
    order = table.loc[table["panel"].isin([*panels, "missing"]), "family"].unique()
    return dict(zip(order, itertools.cycle(TAB10), strict=False))


def grid_height(table: pd.DataFrame, panels: Sequence[Panel]) -> float:
    """Return the height of `draw_families`, in inches, with its legend."""
    count = len(colours(table, [panel.name for panel in panels]))
    return max(1, math.ceil(count / ACROSS)) * (len(panels) * PANEL + HEAD) + FOOT


def draw_families(
    figure: Figure, table: pd.DataFrame, panels: Sequence[Panel], bottom: float = 0.0
) -> dict[tuple[str, str], Axes]:
    """Draw a column of panels for each family, `ACROSS` beside each other, above a legend.

    Panels of one kind share their y axis. The band of random words is grey, the limits of that of
    shuffled partners are dashed.

    Args:
        figure: as wide as it is to be.
        table: rows of `curve_rows`.
        panels: from the top.
        bottom: lower end in the figure, in inches.

    Returns:
        The axes by panel and family.
    """
    names = [panel.name for panel in panels]
    shown = colours(table, names)
    width, height = figure.get_size_inches()
    axes: dict[tuple[str, str], Axes] = {}
    order = list(shown) if table["panel"].isin(names).any() else []
    groups = [order[at : at + ACROSS] for at in range(0, len(order), ACROSS)]
    if not groups:
        ax = figure.add_axes((0.07, (bottom + FOOT) / height, 0.91, PANEL / height))
        ax.set(xticks=[], yticks=[])
        note(ax, "no family has enough pairs")
    first: dict[str, Axes] = {}
    for at, group in enumerate(groups):
        top = bottom + FOOT + (len(groups) - at) * (len(panels) * PANEL + HEAD) - HEAD + 0.16
        grid = figure.add_gridspec(
            len(panels),
            ACROSS,
            left=0.62 / width,
            right=1 - 0.12 / width,
            top=top / height,
            bottom=(top - len(panels) * PANEL + 0.16) / height,
            hspace=0.12,
            wspace=0.07,
        )
        for column, family in enumerate(group):
            own = table[table["family"] == family]
            for row, panel in enumerate(panels):
                over = next(iter(axes.values()), None)
                ax = figure.add_subplot(
                    grid[row, column], sharex=over, sharey=first.get(panel.name)
                )
                first.setdefault(panel.name, ax)
                axes[panel.name, family] = ax
                _draw_panel(ax, own, panel, shown[family])
                rank_axis(ax, table, named=row + 1 == len(panels))
                ax.tick_params(labelbottom=row + 1 == len(panels))
                if column == 0:
                    ax.set_ylabel(panel.label, fontsize=10.5)
                else:
                    ax.tick_params(labelleft=False, which="both")
            pairs = own.loc[own["panel"] == "pairs", "y"]
            head = family_name(family) + "".join(f" ($N = {n:.0f}$)" for n in pairs)
            axes[panels[0].name, family].set_title(head, pad=4, fontsize=9.5)
    _legend(figure, table, names, bottom)
    return axes


def _draw_panel(ax: Axes, own: pd.DataFrame, panel: Panel, colour: str) -> None:
    """Draw one family's curve, with its nulls."""
    if panel.log:
        ax.set_yscale("log")
        drawn = own.loc[own["panel"] == panel.name, "y"]
        wide = len(drawn) > 0 and drawn.max() > 50 * drawn.min()
        ax.yaxis.set_major_locator(LogLocator(numticks=10, subs=(1,) if wide else (1, 2, 5)))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.yaxis.set_minor_locator(LogLocator(numticks=10, subs=range(1, 10)))
        ax.yaxis.set_minor_formatter(NullFormatter())
    else:
        ax.yaxis.set_major_locator(MaxNLocator(4))
    said = own.loc[own["panel"] == "missing", "text"].tolist()
    if said:
        note(ax, said[0])
        return
    random = own[own["panel"] == f"{panel.name}, {RANDOM}"]
    ax.fill_between(
        random["x"].to_numpy(float),
        random["low"].to_numpy(float),
        random["high"].to_numpy(float),
        color=BAND,
        lw=0,
        zorder=1,
        gid=f"{panel.name}, {RANDOM}",
    )
    shuffled = own[own["panel"] == f"{panel.name}, {SHUFFLED}"]
    for bound in ("low", "high"):
        ax.plot(shuffled["x"], shuffled[bound], color="black", lw=0.8, ls=(0, (3, 2)), zorder=2)
    curve = own[own["panel"] == panel.name]
    ax.plot(
        curve["x"], curve["y"], color=colour, lw=1.7, gid=f"{panel.name} {own['family'].iloc[0]}"
    )
    lacking = own.loc[own["panel"] == "missing null", "text"].tolist()
    if lacking and panel.against:
        ax.text(
            0.5,
            0.03,
            "\n".join("no " + text.replace(": ", ":\n") for text in lacking),
            transform=ax.transAxes,
            ha="center",
            va="bottom",
            fontsize=7.5,
            color=style.GREY,
        )


def _legend(figure: Figure, table: pd.DataFrame, names: Sequence[str], bottom: float) -> None:
    """Name the curve and the nulls that are drawn, below the panels."""
    drawn = {
        name: table["panel"].isin([f"{panel}, {null}" for panel in names]).any()
        for null, name in zip(
            NULLS,
            (f"{RANDOM}, {100 * LEVEL:.0f} %", f"{SHUFFLED}, {100 * LEVEL:.0f} %"),
            strict=True,
        )
    }
    handles: list[Any] = [
        Line2D([], [], color=style.GREY, lw=1.7),
        Patch(color=BAND),
        Line2D([], [], color="black", lw=0.8, ls=(0, (3, 2))),
    ]
    labels = ["the family", *drawn]
    kept = [table["panel"].isin(names).any(), *drawn.values()]
    figure.legend(
        list(itertools.compress(handles, kept)),
        list(itertools.compress(labels, kept)),
        loc="lower center",
        bbox_to_anchor=(0.5, bottom / float(figure.get_size_inches()[1])),
        ncols=3,
        fontsize=10,
        borderaxespad=0.15,
        handlelength=1.6,
    )


def rank_axis(ax: Axes, table: pd.DataFrame, named: bool = True) -> None:
    """Make the x axis logarithmic in d; if ``named``, state beyond which d nothing is computed."""
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(base=8, numticks=20))
    ax.xaxis.set_minor_locator(LogLocator(base=2, numticks=20))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.tick_params(axis="x", labelsize=9)
    if not named:
        return
    beyond = table.loc[table["panel"] == "missing curves", "dim"]
    lacking = rf"  ($\geq {int(beyond.min())}$: not computed)" if len(beyond) else ""
    ax.set_xlabel(r"$d$" + lacking, labelpad=0, fontsize=11 if not lacking else 9)


def note(ax: Axes, text: str) -> None:
    """Write in the middle of empty axes why they are empty."""
    ax.text(
        0.5,
        0.5,
        text,
        transform=ax.transAxes,
        ha="center",
        va="center",
        color=style.GREY,
        fontsize=10,
    )
