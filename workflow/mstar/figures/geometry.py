"""The figure of words that have an order: rings and lines, their modes and nulls."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from mstar.features.ordered_words import ALIGNED, PERMUTED, PROBED_POSITION, WHOLE, WITHOUT
from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import note
from mstar.figures.drawing.labels import Candidate, place_labels

ROWS = (
    "M* against distance",
    "principal plane",
    "the same, without\njoint windows",
    "share of each\nFourier mode",
)


def table(*, measured: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of the figure, of `mstar.features.sequences` and the text they are of."""
    return style.rounded(measured)


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw a column for each sequence."""
    names = list(dict.fromkeys(table["sequence"]))
    figure = style.new_figure(10.4)
    axes = figure.subplots(4, len(names), squeeze=False)
    figure.subplots_adjust(
        left=0.95 / style.WIDTH, right=0.985, top=0.945, bottom=0.05, hspace=0.36, wspace=0.26
    )
    for column, name in zip(axes.T, names, strict=True):
        own = table[table["sequence"] == name]
        column[0].set_title(name, pad=6)
        missing = own[own["panel"] == "missing"]["note"]
        if len(missing):
            for ax in column:
                ax.set(xticks=[], yticks=[])
                note(ax, missing.iloc[0].replace(" words", "\nwords"))
            continue
        texts = dict(list(own.groupby("text")))
        _curves(column[0], texts[WHOLE], "distance")
        for ax, text in zip(column[1:3], (WHOLE, WITHOUT), strict=True):
            _plane(ax, texts[text])
        _curves(column[3], texts[WHOLE], "modes")
        other = texts[WITHOUT][texts[WITHOUT]["panel"] == "modes"]
        column[3].plot(
            other["x"], other["y"], "--o", color=style.RASPBERRY, mfc="white", ms=4.5, lw=1,
            label=WITHOUT, gid="modes without",
        )  # fmt: skip
        column[3].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        column[0].set_xlabel("distance in the sequence", labelpad=1)
        column[3].set_xlabel("number of the mode", labelpad=1)
    for ax, label in zip(axes[:, 0], ROWS, strict=True):
        ax.set_ylabel(label)
    first = next((ax for ax in axes[3] if ax.get_legend_handles_labels()[0]), None)
    if first is not None:
        handles, labels = first.get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper center", ncols=3, fontsize=10)
    return figure


def _curves(ax: Axes, rows: pd.DataFrame, panel: str) -> None:
    """Draw one curve of the whole text, with its null."""
    own = rows[rows["panel"] == panel]
    x, y, low, high = (own[c].to_numpy(dtype=float) for c in ("x", "y", "low", "high"))
    ax.fill_between(x, low, high, color=style.GREY, alpha=0.2, lw=0, label=f"95 % of {PERMUTED}")
    ax.plot(x, y, "-o", color=style.AZURE, ms=4.5, label="the text", gid=f"{panel} whole")
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))


def _side(x: float, y: float) -> str:
    """Return the side of a point that faces away from the origin."""
    if abs(x) > abs(y):
        return "right" if x > 0 else "left"
    return "top" if y > 0 else "bottom"


def _plane(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the words in their plane, joined in order, and the strength of this order."""
    words = rows[rows["panel"] == "plane"].sort_values("position")
    x, y = (words[c].to_numpy(dtype=float) for c in ("x", "y"))
    ring = words["shape"].iloc[0] == "ring"
    path = np.append(np.arange(len(x)), 0) if ring else np.arange(len(x))
    ax.plot(x[path], y[path], "-", color=style.AZURE, lw=1, alpha=0.6, zorder=1, gid="path")
    found = rows[(rows["panel"] == "statistic") & (rows["null"] == PERMUTED)]
    name = ALIGNED if ring else PROBED_POSITION
    own = found[found["name"] == name]
    value, passed = (own[c].to_numpy(dtype=float)[0] for c in ("y", "holm"))
    what = "alignment" if ring else "$R^2$ of position"
    ax.set_title(f"{what} {value:.2f}, $p$ = {passed:.1g}", fontsize=9.5, pad=3)
    # Square, with the origin in the middle and room for the names.
    half = 1.5 * float(np.abs([x, y]).max())
    ax.set(xlim=(-half, half), ylim=(-half, half))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    # The outermost are named first, for names that would overlap are left out.
    order = np.argsort(-np.hypot(x, y), kind="stable")
    named = words["name"].astype(str).to_numpy()
    place_labels(ax, [Candidate(named[i], x[i], y[i], _side(x[i], y[i])) for i in order], len(x))
    ax.plot(x, y, "o", color="black", ms=2.8, mew=0, zorder=2, gid="words")
