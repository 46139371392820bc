"""The figure of small starts: the exact flow's learning times against Lemma 3.1's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, StrMethodFormatter

from mstar.figures.drawing import style
from mstar.prediction import small_start
from mstar.spectra.spectrum import Spectrum

COLOURS = (*style.SCHEME1[:3], style.SCHEME0[2], style.RASPBERRY, style.AZURE, style.TANGERINE)
WITHIN = 0.01


def table(
    *, spectrum: Spectrum, inits: Sequence[float], modes: Sequence[int], dim: int, seed: int
) -> pd.DataFrame:
    """Return the numbers of the figure: rows of `small_start.compare`, and which panels draw them.

    Args:
        spectrum: complete spectrum of M*.
        inits: scales s of the start.
        modes: modes drawn against the scale (column ``drawn``). All modes are drawn at three scales
            (column ``scale_drawn``): the first, a middle one, and the last but one.
        dim: d.
        seed: of the start.
    """
    compared = small_start.compare(spectrum, dim, inits, seed)
    scales = sorted(compared["init"].unique())
    last = max(len(scales) - 2, 0)
    chosen = {scales[k] for k in (0, len(scales) // 2, last)} if scales else set()
    return style.rounded(compared).assign(
        drawn=compared["mode"].isin(list(modes)), scale_drawn=compared["init"].isin(list(chosen))
    )


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the figure of small starts: error against the scale, and against the mode."""
    figure = style.new_figure(3.9)
    left, right = figure.subplots(1, 2, sharey=True)
    figure.subplots_adjust(left=0.085, right=0.98, top=0.92, bottom=0.14, wspace=0.07)
    for place, (mode, rows) in enumerate(table[table["drawn"]].groupby("mode")):
        # Smaller dots for later modes leave a rim of the dots of earlier modes visible.
        size = max(7.5 - 0.8 * place, 3.0)
        _pair(left, rows, "init", COLOURS[place % len(COLOURS)], f"mode {mode}", size)
    scales = table[table["scale_drawn"]]
    for place, init in enumerate(sorted(scales["init"].unique().tolist())):
        _pair(
            right,
            scales[scales["init"] == init],
            "mode",
            COLOURS[place % len(COLOURS)],
            f"$s = {_power(init)}$",
            2.5,
        )
    for ax, label in ((left, "initial scale $s$"), (right, "mode $k$")):
        ax.axhline(WITHIN, color="black", lw=0.9, ls="--")
        ax.set(xscale="log", yscale="log", xlabel=label)
        ax.xaxis.set_major_locator(LogLocator(numticks=8))
        ax.xaxis.set_minor_formatter(NullFormatter())
    left.set_ylim(1e-4, 10)
    left.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
    right.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    left.set_title(r"absolute error of $\tau_k$, over the scale")
    right.set_title(r"absolute error of $\tau_k$, over the mode")
    kinds = [
        Line2D([], [], color=style.GREY, marker="o", ms=4, ls="", label="measured, exact flow"),
        Line2D([], [], color=style.GREY, label="bound, 95 %"),
        Line2D([], [], color="black", lw=0.9, ls="--", label="1 %"),
    ]
    for ax in (left, right):
        ax.add_artist(ax.legend(handles=kinds, loc="lower right", fontsize=8.5))
        ax.legend(loc="upper left", fontsize=8.5, ncol=2 if ax is left else 1)
    return figure


def _pair(ax: Axes, rows: pd.DataFrame, x: str, colour: str, label: str, size: float) -> None:
    """Draw the bound as a line, and measured errors as dots of ``size`` points."""
    ax.plot(rows[x], rows["bound"], color=colour, label=label)
    error = np.abs(rows["measured"].to_numpy(dtype=float))
    ax.plot(rows[x], error, marker="o", ms=size, mew=0, ls="", color=colour)


def _power(value: float) -> str:
    """Return a number in TeX, as a power of ten if it is one."""
    exponent = np.log10(value)
    return f"10^{{{round(exponent)}}}" if abs(exponent - round(exponent)) < 1e-9 else f"{value:g}"
