"""Panels of Figures 4 and 6, drawn from rows of `mstar.figures.drawing.task_vector_rows`."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from mstar.figures.drawing import style
from mstar.figures.drawing.callouts import Callout, draw_callouts
from mstar.figures.drawing.family_curves import draw_curves, note, rank_axis
from mstar.figures.drawing.labels import family_name

CURVES = ("snr", "accuracy")
SPECTRUM = ("histogram", "law", "outlier", "d_eff", "d_eff_moments", "d_eff_mstar")
SMALL = 8.5
ARROW: dict[str, Any] = {
    "arrowstyle": "-|>,head_width=0.25,head_length=0.5",
    "color": "blue",
    "lw": 1.4,
    "shrinkA": 0,
    "shrinkB": 0,
}


def histogram_top(table: pd.DataFrame) -> float:
    """Return one upper limit for all histograms of ``table``."""
    high = float(table.loc[table["panel"] == "histogram", "y"].max())
    law = table.loc[table["panel"] == "law", "y"]
    # At least 5, since the arrow on an outlier (one eigenvalue high) would reach the label.
    return max(5.0, 1.12 * max(high, min(float(law.max()) if len(law) else 0.0, 1.4 * high)))


def draw_histogram(ax: Axes, rows: pd.DataFrame, head: str, top: float) -> None:
    """Draw one spectrum with its law, an arrow on an outlier, and its d_eff below ``head``."""
    bars = rows[rows["panel"] == "histogram"]
    ax.set_xlim(0, float((bars["x"] + bars["width"]).max()))
    ax.set_ylim(0, top)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=2))
    ax.bar(
        bars["x"],
        bars["y"],
        width=bars["width"],
        align="edge",
        color=style.AZURE,
        alpha=0.6,
        gid="histogram",
    )
    law = rows[rows["panel"] == "law"]
    ax.fill_between(
        law["x"].to_numpy(), law["y"].to_numpy(), color=style.TANGERINE, alpha=0.3, lw=0
    )
    ax.plot(law["x"], law["y"], color=style.TANGERINE, lw=1.6, gid="law")
    for x in rows.loc[rows["panel"] == "outlier", "x"]:
        foot, tail, word = 1 + 0.05 * top, 1 + 0.22 * top, 1 + 0.14 * top
        ax.annotate("", xy=(x, foot), xytext=(x, tail), arrowprops=ARROW, gid="outlier")
        look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 9.5, "color": "blue"}
        ax.annotate("outlier", (x, word), (-6.5, 0), textcoords="offset points", **look)
    _label(ax, rows, head)


def _label(ax: Axes, rows: pd.DataFrame, head: str) -> None:
    lines, value = [head], rows.set_index("panel")["y"]
    for _, fit in rows[rows["panel"] == "d_eff"].iterrows():
        text = rf"$d_\mathrm{{eff}} = {fit['y']:.1f}$"
        if np.isfinite(fit["low"]) and np.isfinite(fit["high"]):
            text += f"  ({fit['low']:.0f} – {fit['high']:.0f})"
        lines.append(text)
    if len(lines) == 1:
        lines.append("no law fitted")
    look: dict[str, Any] = {"ha": "right", "va": "top"}
    look |= {"xycoords": "axes fraction", "textcoords": "offset points"}
    ax.annotate("\n".join(lines), (0.975, 0.95), (0, 0), fontsize=11, linespacing=1.25, **look)
    named = {"d_eff_moments": "from moments", "d_eff_mstar": r"from $\mathbf{M}^\ast$"}
    others = [f"{value[panel]:.0f} {name}" for panel, name in named.items() if panel in value]
    if others:
        text = "without a fit: " + ", ".join(others)
        ax.annotate(text, (0.975, 0.95), (0, -31), fontsize=SMALL, color="#444444", **look)


def draw_spectra(figure: Figure, where: SubplotSpec, table: pd.DataFrame) -> None:
    """Draw one histogram for each d over a shared axis, as `draw_histogram` does."""
    missing = table[table["panel"] == "missing histogram"]
    spectra = table[table["panel"].isin(SPECTRUM)]
    family = pd.concat([spectra, missing])["family"]
    name = family_name(str(family.iloc[0])) if len(family) else "no family"
    title = rf"spectra of $\mathbf{{R}}_d \mathbf{{R}}_d^\top$ ({name.replace('-past', '/past')})"
    dims = sorted({int(d) for d in spectra["dim"]} | {int(d) for d in missing["dim"].dropna()})
    if spectra.empty:
        ax = figure.add_subplot(where)
        ax.set(xticks=[], yticks=[], title=title)
        note(ax, "\n".join(missing["text"].unique()))
        return
    top = histogram_top(spectra)
    grid = where.subgridspec(len(dims), 1, hspace=0.09)
    axes: list[Axes] = []
    for i, dim in enumerate(dims):
        ax = figure.add_subplot(grid[i])
        axes.append(ax)
        rows = spectra[spectra["dim"] == dim]
        if rows.empty:
            ax.set(yticks=[])
            note(ax, f"$d = {dim}$: " + str(missing.loc[missing["dim"] == dim, "text"].iloc[0]))
        else:
            draw_histogram(ax, rows, rf"$d = {dim}$", top)
        if i + 1 < len(dims):
            ax.xaxis.set_major_formatter(NullFormatter())
    axes[0].set_title(title, pad=7)
    # The legend goes where the largest eigenvalue is nearest to 0 and leaves room on the right.
    bars = spectra[(spectra["panel"] == "histogram") & (spectra["y"] > 0)]
    largest = bars.groupby("dim")["x"].max()
    where_least = axes[dims.index(int(str(largest.idxmin())))]
    left = float(largest.min()) < 0.55 * where_least.get_xlim()[1]
    spectrum_legend(
        where_least,
        loc="center right" if left else "upper center",
        bbox_to_anchor=(1.0, 0.21) if left else (0.42, 1.0),
    )
    axes[-1].set_xlabel(r"eigenvalue of $\mathbf{R}_d \mathbf{R}_d^\top / d$", labelpad=3)
    box = where.get_position(figure)
    figure.text(
        box.x0 - 0.037,
        (box.y0 + box.y1) / 2,
        "number of eigenvalues",
        rotation=90,
        ha="center",
        va="center",
    )


def spectrum_legend(
    ax: Axes,
    loc: Literal["center right", "upper center", "upper left"],
    bbox_to_anchor: tuple[float, float],
) -> None:
    """Add a legend for bars and curve of a histogram."""
    handles = [Patch(color=style.AZURE, alpha=0.6), Line2D([], [], color=style.TANGERINE, lw=1.6)]
    names = ["eigenvalues", "Marchenko–Pastur"]
    ax.legend(handles, names, loc=loc, bbox_to_anchor=bbox_to_anchor, fontsize=10)


def draw_modes(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the squared projections of a mean task vector as bars, some with words."""
    bars = rows[rows["panel"] == "mode"]
    lacking: Sequence[str] = rows.loc[rows["panel"] == "missing modes", "text"].tolist()
    ax.set_xlabel(r"eigen-feature index $k$" + "".join(f"  ({t})" for t in lacking), labelpad=2)
    ax.set_ylabel("squared projection")
    if bars.empty:
        note(ax, "no task vector in this vocabulary")
        return
    ax.bar(bars["x"], bars["y"], width=0.85, color=style.AZURE, alpha=0.6, gid="modes")
    ax.set_xlim(-1.5, max(float(bars["x"].max()) + 1.5, 10))
    heights = np.zeros(int(bars["x"].max()) + 1)
    heights[bars["x"].astype(int)] = bars["y"]
    ax.set_ylim(0, 1.12 * heights.max())
    named = rows[rows["panel"] == "annotation"]
    callouts = [
        Callout(float(x), float(y), "\n".join(textwrap.wrap(str(text), 34)))
        for x, y, text in zip(named["x"], named["y"], named["text"], strict=True)
    ]
    draw_callouts(ax, callouts, heights)


def draw_scores(snr: Axes, accuracy: Axes, table: pd.DataFrame) -> None:
    """Draw signal-to-noise ratio and analogy accuracy against d, a curve for each family."""
    handles, names = draw_curves((snr, accuracy), table, CURVES)
    for ax, title in ((snr, "signal-to-noise ratio"), (accuracy, "analogy accuracy")):
        ax.set_title(title, pad=5)
        rank_axis(ax, table)
    values = table.loc[table["panel"] == "snr", "y"]
    snr.set_yscale("log")
    if len(values):
        # The legend takes the lower part, below the smallest ratio (which is at least 1).
        top, share = 1.5 * float(values.max()), 0.14 + 0.075 * len(names)
        bottom = math.exp((math.log(float(values.min())) - share * math.log(top)) / (1 - share))
        snr.set_ylim(bottom, top)
    snr.yaxis.set_major_locator(LogLocator(numticks=10))
    snr.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    snr.yaxis.set_minor_formatter(NullFormatter())
    snr.legend(
        handles,
        names,
        loc="lower left",
        fontsize=8.5,
        handlelength=1.3,
        labelspacing=0.2,
        borderaxespad=0.3,
        handletextpad=0.5,
    )
    accuracy.set_ylim(0, 1.03)
