"""The figure of what gensim's word2vec learns: modes over epochs, analogies over epochs and d."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from mstar.figures.drawing import style

COLUMNS = ["panel", "name", "x", "y", "low", "high"]
MODES = (1, 2, 3, 5, 10, 20, 40, 60, 80, 100, 150, 200)  # drawn
TOTAL = "total"  # all questions
VECTORS = {"input": "input vectors", "sum": "input + output"}
COLOURS = {"input": style.AZURE, "sum": style.RASPBERRY}
# Before this strength of the first mode nothing is seen.
VISIBLE = 0.02


def table(*, curves: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of the figure, in long form, with `COLUMNS`.

    Args:
        curves: with `mstar.prediction.gensim_flow.CURVES`.
    """
    names = curves["name"].isin([TOTAL, *(f"mode {mode}" for mode in MODES)])
    kept = curves[names]
    panel = kept["quantity"] + " " + kept["axis"] + " " + kept["embedding"]
    found = kept.assign(panel=panel, y=kept["value"])[COLUMNS]
    return style.rounded(found.reset_index(drop=True))


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the figure from its `table`."""
    figure = style.new_figure(6.4)
    grid = figure.add_gridspec(
        2, 2, left=0.07, right=0.98, top=0.95, bottom=0.085, hspace=0.36, wspace=0.16
    )
    strength = table[table["panel"].str.startswith("strength")]
    seen = strength.loc[strength["y"] > VISIBLE, "x"]
    span = float(seen.min()), float(strength["x"].max())
    for place, (kind, label) in enumerate(VECTORS.items()):
        axes = figure.add_subplot(grid[0, place])
        _strengths(axes, table[table["panel"] == f"strength epochs {kind}"])
        _epochs(axes, span)
        axes.set_title(f"strength of modes, {label}")
    over_epochs, over_dims = (figure.add_subplot(grid[1, place]) for place in (0, 1))
    _accuracy(over_epochs, table, "epochs")
    _epochs(over_epochs, span)
    _accuracy(over_dims, table, "dim")
    over_dims.set(xlabel="$d$", xscale="log")
    dims = table.loc[table["panel"].str.startswith("accuracy dim"), "x"]
    if len(dims):
        over_dims.xaxis.set_major_locator(FixedLocator(_powers(2.0, dims.min(), dims.max())))
        over_dims.xaxis.set_minor_locator(NullLocator())
        over_dims.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    over_epochs.set_title("analogies right, over epochs")
    over_dims.set_title(r"analogies right, best embedding of each $d$")
    return figure


def _strengths(axes: Axes, rows: pd.DataFrame) -> None:
    names = sorted(rows["name"].unique(), key=lambda name: int(name.split()[1]))
    colours = mpl.colormaps["viridis_r"](np.linspace(0.08, 1, len(names)))
    for name, colour in zip(names, colours, strict=True):
        own = rows[rows["name"] == name]
        axes.plot(own["x"], own["y"], color=colour, label=name.split()[1])
    axes.axhline(0.5, color="black", lw=0.8, ls=":")
    axes.set(ylim=(-0.1, 1.6), yticks=np.linspace(0, 1, 5))  # the legend is above the curves
    axes.legend(
        title="mode", fontsize=8.5, title_fontsize=9, handlelength=1.2, loc="upper left", ncol=6
    )


def _accuracy(axes: Axes, table: pd.DataFrame, along: str) -> None:
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    for kind, label in VECTORS.items():
        rows = table[table["panel"] == f"accuracy {along} {kind}"]
        if rows.empty:
            continue
        axes.plot(rows["x"], rows["y"], color=COLOURS[kind], label=label)
        axes.fill_between(
            rows["x"], rows["low"], rows["high"], color=COLOURS[kind], alpha=0.13, lw=0
        )
    if not axes.lines:
        axes.text(
            0.5, 0.5, "no question has all its words here", ha="center", transform=axes.transAxes
        )
        return
    axes.set_ylim(0, 1.02)
    axes.legend(loc="upper left")


def _epochs(axes: Axes, span: tuple[float, float]) -> None:
    axes.set(xscale="log", xlim=span, xlabel="epochs")
    axes.xaxis.set_major_locator(FixedLocator(_powers(10.0, *span)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))


def _powers(base: float, low: float, high: float) -> list[float]:
    """Return the powers of ``base`` from ``low`` to ``high``."""
    exponents = range(
        int(np.ceil(np.log(low) / np.log(base) - 1e-9)),
        int(np.floor(np.log(high) / np.log(base) + 1e-9)) + 1,
    )
    return [base**n for n in exponents]
