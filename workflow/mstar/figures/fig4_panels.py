"""The panels of Figure 4, each drawn from its rows of the table that `mstar.figures.fig4` makes."""

from __future__ import annotations

import itertools
import math
import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from mstar.figures import style
from mstar.figures.callouts import Callout, draw_callouts
from mstar.figures.labels import family_name

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


def _note(ax: Axes, text: str) -> None:
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


def _draw_histogram(ax: Axes, rows: pd.DataFrame, dim: int, top: float) -> None:
    bars = rows[rows["panel"] == "histogram"]
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
        head, tail = 1 + 0.06 * top, 1 + 0.3 * top
        look = {
            "arrowstyle": "-|>,head_width=0.25,head_length=0.5",
            "color": "blue",
            "lw": 1.4,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        ax.annotate("", xy=(x, head), xytext=(x, tail), arrowprops=look)
    label = rf"$d = {dim}$"
    for _, fit in rows[rows["panel"] == "d_eff"].iterrows():
        label += "\n" + rf"$d_\mathrm{{eff}} = {fit['y']:.1f}$"
        if np.isfinite(fit["low"]) and np.isfinite(fit["high"]):
            label += f"  ({fit['low']:.0f} – {fit['high']:.0f})"
    if law.empty:
        label += "\nno law fitted"
    ax.text(
        0.975,
        0.91,
        label,
        transform=ax.transAxes,
        ha="right",
        va="top",
        fontsize=11,
        linespacing=1.25,
    )


def draw_spectra(figure: Figure, where: SubplotSpec, table: pd.DataFrame) -> None:
    """One histogram per d over a shared axis, with the fitted law and an arrow on the outlier."""
    missing = table[(table["panel"] == "missing") & (table["family"] == "histogram")]
    family = table.loc[table["panel"] == "mode", "family"]
    name = family_name(str(family.iloc[0])) if len(family) else "no family"
    title = rf"spectra of $\mathbf{{R}}_d \mathbf{{R}}_d^\top$ ({name.replace('-past', '/past')})"
    spectra = table[table["panel"].isin(["histogram", "law", "outlier", "d_eff"])]
    dims = sorted({int(d) for d in spectra["dim"]} | {int(d) for d in missing["dim"].dropna()})
    if not dims:
        ax = figure.add_subplot(where)
        ax.set(xticks=[], yticks=[], title=title)
        _note(ax, "\n".join(missing["text"]))
        return
    bars = spectra[spectra["panel"] == "histogram"]
    high = float(bars["y"].max())
    curve = spectra.loc[spectra["panel"] == "law", "y"]
    # At least 4.5, or the arrow on an outlier (one eigenvalue high) would reach the label.
    top = max(4.5, 1.12 * max(high, min(float(curve.max()) if len(curve) else 0.0, 1.4 * high)))
    grid = where.subgridspec(len(dims), 1, hspace=0.09)
    axes: list[Axes] = []
    for i, dim in enumerate(dims):
        ax = figure.add_subplot(grid[i])
        axes.append(ax)
        ax.set_xlim(0, float((bars["x"] + bars["width"]).max()))
        ax.set_ylim(0, top)
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=2))
        if i + 1 < len(dims):
            ax.xaxis.set_major_formatter(NullFormatter())
        rows = spectra[spectra["dim"] == dim]
        if rows.empty:
            _note(ax, f"$d = {dim}$: " + str(missing.loc[missing["dim"] == dim, "text"].iloc[0]))
        else:
            _draw_histogram(ax, rows, dim, top)
    axes[0].set_title(title, pad=7)
    handles = [Patch(color=style.AZURE, alpha=0.6), Line2D([], [], color=style.TANGERINE, lw=1.6)]
    # The legend goes where the outlier is nearest to 0 and leaves room on the right.
    outliers = spectra[spectra["panel"] == "outlier"].set_index("dim")["x"]
    where_least = axes[dims.index(int(str(outliers.idxmin())))]
    left = float(outliers.min()) < 0.55 * where_least.get_xlim()[1]
    where_least.legend(
        handles,
        ["eigenvalues", "Marchenko–Pastur"],
        loc="center right" if left else "upper center",
        bbox_to_anchor=(1.0, 0.33) if left else (0.42, 1.0),
        fontsize=10,
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


def draw_modes(ax: Axes, table: pd.DataFrame) -> None:
    """Bars of the mean task vector's squared projections, the named ones with their words."""
    bars = table[table["panel"] == "mode"]
    ax.set_title("mean task vector in the eigenbasis", pad=7)
    ax.set_xlabel(r"eigen-feature index $k$", labelpad=2)
    ax.set_ylabel("squared projection")
    if bars.empty:
        _note(ax, "no task vector in this vocabulary")
        return
    ax.bar(bars["x"], bars["y"], width=0.85, color=style.AZURE, alpha=0.6, gid="modes")
    ax.set_xlim(-1.5, max(float(bars["x"].max()) + 1.5, 10))
    heights = np.zeros(int(bars["x"].max()) + 1)
    heights[bars["x"].astype(int)] = bars["y"]
    ax.set_ylim(0, 1.12 * heights.max())
    named = table[table["panel"] == "annotation"]
    callouts = [
        Callout(float(x), float(y), "\n".join(textwrap.wrap(str(text), 34)))
        for x, y, text in zip(named["x"], named["y"], named["text"], strict=True)
    ]
    draw_callouts(ax, callouts, heights)


def draw_curves(snr: Axes, accuracy: Axes, table: pd.DataFrame) -> None:
    """Signal-to-noise ratio and analogy accuracy against d; families coloured in table order."""
    missing = table[table["panel"] == "missing"]
    lacking = missing[~missing["family"].isin(["histogram", "curves"])]
    curves = table[table["panel"].isin(["snr", "accuracy"])]
    order = pd.concat([curves, lacking]).sort_index()["family"].unique()
    reasons = dict(zip(lacking["family"], lacking["text"], strict=True))
    handles, names = [], []
    for colour, family in zip(itertools.cycle(TAB10), order, strict=False):
        for ax, panel in ((snr, "snr"), (accuracy, "accuracy")):
            rows = curves[(curves["panel"] == panel) & (curves["family"] == family)]
            if not rows.empty:
                ax.plot(rows["x"], rows["y"], color=colour, lw=1.5, gid=f"{panel} {family}")
        drawn = family not in reasons
        handles.append(Line2D([], [], color=colour, lw=1.5, ls="-" if drawn else ""))
        names.append(family_name(family) + ("" if drawn else f"  ({reasons[family]})"))
    beyond = missing.loc[missing["family"] == "curves", "dim"]
    note = rf"  ($\geq {int(beyond.min())}$: not computed)" if len(beyond) else ""
    for ax, title in ((snr, "signal-to-noise ratio"), (accuracy, "analogy accuracy")):
        ax.set_title(title, pad=5)
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(base=4, numticks=20))
        ax.xaxis.set_minor_locator(LogLocator(base=2, numticks=20))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.set_xlabel(r"$d$" + note, labelpad=1)
    values = curves.loc[curves["panel"] == "snr", "y"]
    snr.set_yscale("log")
    if len(values):
        # The legend takes the lower part, below the smallest ratio (which is at least 1).
        top, share = 1.5 * float(values.max()), 0.14 + 0.075 * len(names)
        bottom = math.exp((math.log(float(values.min())) - share * math.log(top)) / (1 - share))
        snr.set_ylim(bottom, top)
    else:
        _note(accuracy, "no family has enough pairs")
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
