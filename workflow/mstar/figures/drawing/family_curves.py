"""Rows and drawing of curves of analogy families against d, in the colours of Figure 4."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

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


def too_few(pairs: int) -> str:
    """Return the text of a figure on a family with fewer than `FEWEST_PAIRS` pairs."""
    return f"{pairs} {'pair' if pairs == 1 else 'pairs'}: too few"


def number_of_pairs(curves: pd.DataFrame, family: str) -> int:
    """Return the number of pairs of ``family`` in the vocabulary, from the table of curves."""
    pairs = curves.loc[curves["family"] == family, "pairs"]
    return int(pairs.max()) if len(pairs) else 0


def curve_rows(
    curves: pd.DataFrame, families: Sequence[str], dims: Sequence[int], panels: Sequence[str]
) -> list[dict[str, Any]]:
    """Return rows (panel, family, dim, x, y) of the columns ``panels`` of ``curves``, by family.

    A family with too few pairs has a row ``missing``, and a d of ``dims`` without values has a row
    ``missing curves``, each with a text that the figure shows.
    """
    lines: list[dict[str, Any]] = []
    for family in families:
        pairs = number_of_pairs(curves, family)
        if pairs < FEWEST_PAIRS:
            lines.append({"panel": "missing", "family": family, "text": too_few(pairs)})
            continue
        rows = curves[curves["family"] == family].sort_values("dim")
        for panel in panels:
            for dim, y in zip(rows["dim"], rows[panel], strict=True):
                if np.isfinite(y):
                    lines.append(
                        {"panel": panel, "family": family, "dim": int(dim), "x": dim, "y": float(y)}
                    )
    known = set(curves["dim"].dropna())
    beyond = sorted(set(dims) - known) if known else []
    lines += [
        {"panel": "missing curves", "dim": d, "text": "beyond the modes computed"} for d in beyond
    ]
    return lines


def colours(table: pd.DataFrame, panels: Sequence[str]) -> dict[str, str]:
    """Return the colour of each family, with or without curves, in the order of the table."""
    order = table.loc[table["panel"].isin([*panels, "missing"]), "family"].unique()
    return dict(zip(order, itertools.cycle(TAB10), strict=False))


def draw_curves(
    axes: Sequence[Axes], table: pd.DataFrame, panels: Sequence[str]
) -> tuple[list[Line2D], list[str]]:
    """Draw each of ``panels`` on its axes; return handles and names for a legend."""
    reasons = table[table["panel"] == "missing"].set_index("family")["text"]
    handles, names = [], []
    for family, colour in colours(table, panels).items():
        for ax, panel in zip(axes, panels, strict=True):
            rows = table[(table["panel"] == panel) & (table["family"] == family)]
            if not rows.empty:
                ax.plot(rows["x"], rows["y"], color=colour, lw=1.5, gid=f"{panel} {family}")
        drawn = family not in reasons.index
        handles.append(Line2D([], [], color=colour, lw=1.5, ls="-" if drawn else ""))
        names.append(family_name(family) + ("" if drawn else f"  ({reasons[family]})"))
    if not table["panel"].isin(panels).any():
        note(axes[-1], "no family has enough pairs")
    return handles, names


def rank_axis(ax: Axes, table: pd.DataFrame) -> None:
    """Make the x axis logarithmic in d; its label states beyond which d nothing is computed."""
    beyond = table.loc[table["panel"] == "missing curves", "dim"]
    lacking = rf"  ($\geq {int(beyond.min())}$: not computed)" if len(beyond) else ""
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(base=4, numticks=20))
    ax.xaxis.set_minor_locator(LogLocator(base=2, numticks=20))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.set_xlabel(r"$d$" + lacking, labelpad=1)


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
