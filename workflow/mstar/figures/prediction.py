"""The prediction figure: predictions over time and over d, and features shared by halves."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    NullFormatter,
    NullLocator,
    PercentFormatter,
    StrMethodFormatter,
)

from mstar.figures.drawing import style
from mstar.figures.drawing.curves import TICKS, time_axis
from mstar.prediction.reproducibility import last_reproducible

COLUMNS = ["panel", "name", "x", "y", "low", "high"]
MODES = (*range(1, 11), 20, 40, 60, 80, 100, 150, 200)  # singular values drawn
TOTAL = "total"  # the curve of all questions
BEST = 8  # categories drawn over d: those with the most correct answers at their best d
COLOURS = (
    style.AZURE, style.TANGERINE, style.RASPBERRY, style.SCHEME1[1], style.SCHEME1[2],
    style.SCHEME0[1], "xkcd:violet", "xkcd:brown",
)  # fmt: skip


def table(*, curves: pd.DataFrame, reproducibility: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of the prediction figure, in long form, with `COLUMNS`.

    low and high are the 95 % interval of an accuracy.

    Args:
        curves: with `mstar.prediction.curves.COLUMNS`.
        reproducibility: with `mstar.prediction.reproducibility.COLUMNS`; without rows if the text
            is one document.
    """
    curves = curves.assign(name=curves["name"].fillna(""))
    time, dims = (curves[curves["axis"] == axis] for axis in ("time", "dim"))
    parts = []

    def add(panel: str, rows: pd.DataFrame, x: str = "x", y: str = "value") -> None:
        columns = {"panel": panel, "name": rows["name"], "x": rows[x], "y": rows[y]}
        ends = rows.reindex(columns=["low", "high"])
        numbers = dict.fromkeys(("x", "y", "low", "high"), float)  # also of a table without rows
        parts.append(pd.DataFrame(columns).join(ends).astype(numbers))

    for model in ("exact", "lemma"):
        own = time[time["model"] == model]
        drawn = own["name"].isin([f"mode {mode}" for mode in MODES])
        add(f"singular value {model}", own[(own["quantity"] == "singular value") & drawn])
        add(f"loss {model}", own[own["quantity"] == "loss"])
    for panel, rows in (("time", time), ("dim", dims)):
        accuracy = rows[rows["quantity"] == "accuracy"]
        best = accuracy[accuracy["name"] != TOTAL].groupby("name")["value"].max()
        kept = best.sort_values(ascending=False, kind="stable").index[:BEST]
        shown = (
            accuracy["name"].isin([TOTAL, *kept]) if panel == "dim" else accuracy["name"] == TOTAL
        )
        add(f"accuracy {panel}", accuracy[shown])
    own = reproducibility[reproducibility["parts"] == 2].assign(name="halves")
    for column in ("subspace", "subspace_chance", "feature", "threshold"):
        add(column, own, "rank", column)
    return style.rounded(pd.concat(parts, ignore_index=True)[COLUMNS])


def _of(table: pd.DataFrame, panel: str) -> pd.DataFrame:
    return table[table["panel"] == panel]


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the prediction figure from its `table`."""
    figure = style.new_figure(6.6)
    grid = figure.add_gridspec(
        2, 2, left=0.07, right=0.94, top=0.95, bottom=0.085, hspace=0.33, wspace=0.2
    )
    values, progress, dims, halves = (
        figure.add_subplot(grid[i, j]) for i in (0, 1) for j in (0, 1)
    )
    span = (float(_of(table, "loss exact")["x"].min()), float(_of(table, "loss exact")["x"].max()))
    _singular_values(values, table)
    _progress(progress, table)
    for ax in (values, progress):
        time_axis(ax, span)
        ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if span[0] <= t <= span[1]]))
        ax.set_xlabel(r"time $t/\tau_1$")
    _dims(dims, _of(table, "accuracy dim"))
    _halves(halves, table)
    return figure


def _singular_values(ax: Axes, table: pd.DataFrame) -> None:
    for model, look in (
        ("exact", {"lw": 1.3}),
        ("lemma", {"ls": ":", "lw": 1.0, "color": "black"}),
    ):
        rows = _of(table, f"singular value {model}")
        names = sorted(rows["name"].unique(), key=lambda name: int(name.split()[1]))
        for place, name in enumerate(names):
            own = rows[rows["name"] == name]
            colour = {"color": style.SCHEME1[place % len(style.SCHEME1)]} | look
            label = {"exact": "exact flow", "lemma": "Lemma 3.1"}[model] if place == 0 else None
            ax.plot(own["x"], own["y"], label=label, **colour)
    drawn = _of(table, "singular value exact")["name"].unique()
    modes = _listed(int(name.split()[1]) for name in drawn)
    ax.set_title(rf"singular values $s_k$, $k = {modes}$", fontsize=10.5)
    ax.set_ylim(0, 1.12 * ax.get_ylim()[1])  # the legend is above the curves
    ax.legend(loc="upper left", fontsize=8.5, ncol=2, handlelength=1.1)


def _listed(modes: Iterable[int]) -> str:
    """Return modes in TeX and in order, with ranges shortened as in 1 \\ldots 10, 20."""
    ordered = sorted(modes)
    runs = itertools.groupby(range(len(ordered)), lambda i: ordered[i] - i)
    parts = []
    for _, run in runs:
        own = [str(ordered[i]) for i in run]
        parts += [rf"{own[0]} \ldots {own[-1]}"] if len(own) > 2 else own
    return ", ".join(parts)


def _progress(ax: Axes, table: pd.DataFrame) -> None:
    """Draw the loss on the left axis and analogies on the right axis."""
    right = ax.twinx()
    curves: tuple[tuple[Axes, str, str, dict[str, Any]], ...] = (
        (ax, "loss exact", "loss", {"color": style.RASPBERRY}),
        (ax, "loss lemma", "loss, Lemma 3.1", {"color": "black", "ls": ":", "lw": 1.0}),
        (right, "accuracy time", "analogies right", {"color": style.AZURE}),
    )
    handles = []
    for axes, panel, label, look in curves:
        rows = _of(table, panel)
        if len(rows):
            handles += axes.plot(rows["x"], rows["y"], label=label, **look)
            _band(axes, rows, look["color"])
    ax.set_title("loss (left) and analogies (right)")
    right.set_ylim(bottom=0)
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    right.set_visible(len(handles) > 2)
    ax.legend(handles=handles, loc="center left")


def _band(ax: Axes, rows: pd.DataFrame, colour: str) -> None:
    """Shade the interval of an accuracy; other curves have none."""
    if rows["low"].notna().any():
        ax.fill_between(rows["x"], rows["low"], rows["high"], color=colour, alpha=0.15, lw=0)


def _dims(ax: Axes, rows: pd.DataFrame) -> None:
    ax.set_title(r"analogies right, best embedding of each $d$")
    if rows.empty:
        ax.text(0.5, 0.5, "no question has all its words here", ha="center", transform=ax.transAxes)
        return
    names = rows.groupby("name")["y"].max().sort_values(ascending=False, kind="stable").index
    colours = iter(COLOURS)
    for name in names:
        own = rows[rows["name"] == name]
        total = {"color": "black", "lw": 2.0}
        look: dict[str, Any] = total if name == TOTAL else {"color": next(colours), "lw": 1.1}
        label = (
            "all questions" if name == TOTAL else name.split("-", 1)[-1] if "gram" in name else name
        )
        ax.plot(own["x"], own["y"], marker="o", ms=2.2, label=label, **look)
        if name == TOTAL:
            _band(ax, own, look["color"])
    _powers_of_two(ax, rows["x"].to_numpy(dtype=float))
    ax.set_xlabel("$d$")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_ylim(0, 1.02)
    ax.legend(loc="upper left", fontsize=8, ncol=2, columnspacing=1.0, handlelength=1.4)


def _halves(ax: Axes, table: pd.DataFrame) -> None:
    ax.set_title("what two halves of the text share")
    feature = _of(table, "feature")
    if feature.empty:
        ax.text(0.5, 0.5, "one document has no halves", ha="center", transform=ax.transAxes)
        return
    curves: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("feature", "mode $k$: $q_k$", {"marker": "o", "ms": 2.5, "ls": "", "color": style.AZURE}),
        ("threshold", "threshold: above, reproducible", {"color": style.RASPBERRY}),
        ("subspace", "first $r$ modes together", {"color": style.TANGERINE}),
        ("subspace_chance", "the same by chance, $r/V$", {"color": style.TANGERINE, "ls": ":"}),
    )
    for panel, label, look in curves:
        rows = _of(table, panel)
        ax.plot(rows["x"], rows["y"], label=label, **look)
    last = last_reproducible(feature["y"].to_numpy(), _of(table, "threshold")["y"].to_numpy())
    if last:
        ax.axvline(last + 0.5, color="black", lw=1.0, ls="--")
        # Left of the line there are no dots below the threshold, right of it none far above.
        left = last**2 > len(feature)
        ax.annotate(
            f"{last} reproducible", (last + 0.5, 0.12 if left else 0.95), fontsize=10,
            xytext=(-4 if left else 4, 0), textcoords="offset points", va="center",
            ha="right" if left else "left", xycoords=("data", "axes fraction"),
        )  # fmt: skip
    _powers_of_two(ax, feature["x"].to_numpy(dtype=float))
    ax.set_xlabel("mode $k$, or number of modes $r$")
    ax.set_ylabel("share held by both halves", labelpad=1)
    ax.set_ylim(-0.05, 1.02)
    ax.legend(loc="best")


def _powers_of_two(ax: Axes, x: Any) -> None:
    ax.set_xscale("log")
    ticks = 2.0 ** np.arange(0, np.log2(max(x)) + 1e-9)
    ax.xaxis.set_major_locator(FixedLocator([t for t in ticks if t >= min(x)]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
