"""Panels of Figures 4 and 6, drawn from rows of `mstar.figures.drawing.task_vector_rows`."""

from __future__ import annotations

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
from matplotlib.ticker import MaxNLocator, NullFormatter

from mstar.features.null_families import NULLS, RANDOM, SHUFFLED
from mstar.figures.drawing import style
from mstar.figures.drawing.callouts import Callout, draw_callouts
from mstar.figures.drawing.family_curves import BAND, LEVEL, note
from mstar.figures.drawing.labels import family_name

SPECTRUM = ("histogram", "share", "law", "outlier", "over edge")
SPECTRUM += ("d_eff", "d_eff_moments", "d_eff_mstar")
SPECTRUM += tuple(f"{panel}, {null}" for panel in ("share", "over edge") for null in NULLS)
DASHES: dict[str, Any] = {"color": "black", "lw": 0.8, "ls": (0, (3, 2))}
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
    """Draw one spectrum with its law, an arrow on an outlier, and its d_eff below ``head``.

    Where the largest eigenvalue would be if it were as far over the edge as those of the nulls is a
    grey band (random words) and between dashed lines (shuffled partners).
    """
    bars = rows[rows["panel"] == "histogram"]
    ax.set_xlim(0, float((bars["x"] + bars["width"]).max()))
    ax.set_ylim(0, top)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=2))
    for _, band in rows[rows["panel"] == f"over edge, {RANDOM}"].iterrows():
        ends = band["x"] * band["low"], band["x"] * band["high"]
        ax.axvspan(*ends, color=BAND, lw=0, zorder=0, gid=RANDOM)
    for _, band in rows[rows["panel"] == f"over edge, {SHUFFLED}"].iterrows():
        for bound in ("low", "high"):
            ax.axvline(band["x"] * band[bound], ymax=0.45, **DASHES)
    ax.bar(
        bars["x"],
        bars["y"],
        width=bars["width"],
        align="edge",
        color=style.AZURE,
        alpha=0.6,
        gid="histogram",
    )
    _law(ax, rows)
    for x in rows.loc[rows["panel"] == "outlier", "x"]:
        foot, tail, word = 1 + 0.05 * top, 1 + 0.22 * top, 1 + 0.14 * top
        ax.annotate("", xy=(x, foot), xytext=(x, tail), arrowprops=ARROW, gid="outlier")
        look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 9.5, "color": "blue"}
        ax.annotate("outlier", (x, word), (-6.5, 0), textcoords="offset points", **look)
    _label(ax, rows, head)


def draw_shares(ax: Axes, rows: pd.DataFrame, head: str, right: float) -> None:
    """Draw the share of eigenvalues up to x, with law and nulls, and a label below ``head``."""
    own = rows[rows["panel"] == "share"]
    ax.set(xlim=(0, right), ylim=(0, 1.12))
    random, shuffled = (rows[rows["panel"] == f"share, {null}"] for null in (RANDOM, SHUFFLED))
    ax.fill_between(
        *(random[name].to_numpy(float) for name in ("x", "low", "high")),
        color=BAND,
        lw=0,
        gid=f"share, {RANDOM}",
    )
    for bound in ("low", "high"):
        ax.plot(shuffled["x"], shuffled[bound], **DASHES)
    x = np.concatenate([[0.0], own["x"].to_numpy(float), [right]])
    y = np.concatenate([[0.0], own["y"].to_numpy(float), [1.0]])
    ax.plot(x, y, color=style.AZURE, lw=1.6, drawstyle="steps-post", gid="share")
    _law(ax, rows, fill=False)
    for largest in rows.loc[rows["panel"] == "outlier", "x"]:
        ax.annotate("", xy=(largest, 0.97), xytext=(largest, 0.8), arrowprops=ARROW, gid="outlier")
        look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 9.5, "color": "blue"}
        ax.annotate("outlier", (largest, 0.85), (-6.5, 0), textcoords="offset points", **look)
    _label(ax, rows, head, low=True)


def _law(ax: Axes, rows: pd.DataFrame, fill: bool = True) -> None:
    law = rows[rows["panel"] == "law"]
    x, y = law["x"].to_numpy(float), law["y"].to_numpy(float)
    if fill:
        ax.fill_between(x, y, color=style.TANGERINE, alpha=0.3, lw=0)
    ax.plot(x, y, color=style.TANGERINE, lw=1.6, gid="law")


def _label(ax: Axes, rows: pd.DataFrame, head: str, low: bool = False) -> None:
    """Write ``head``, d_eff and the largest eigenvalue over the edge, at the right."""
    lines, value = [], rows.drop_duplicates("panel").set_index("panel")
    for _, fit in rows[rows["panel"] == "d_eff"].iterrows():
        text = rf"$d_\mathrm{{eff}} = {fit['y']:.1f}$"
        if np.isfinite(fit["low"]) and np.isfinite(fit["high"]):
            text += f"  ({fit['low']:.0f} – {fit['high']:.0f})"
        lines.append(text)
    lines = lines or ["no law fitted"]
    lines = [head, *lines] if low else [f"{head}:  {lines[0]}"]
    small = []
    if "d_eff_moments" in value.index:
        small.append(f"by moments {value.loc['d_eff_moments', 'y']:.0f}")
    if "d_eff_mstar" in value.index and "d_eff" in value.index:
        alone, fitted = value.loc["d_eff_mstar", "y"], value.loc["d_eff", "y"]
        small.append(rf"$\mathbf{{M}}^\ast$ would give {alone:.0f} (×{alone / fitted:.1f})")
    said = ["; ".join(small)] if small else []
    if "over edge" in value.index:
        said.append(f"largest / edge {value.loc['over edge', 'y']:.2f}")
        names = {RANDOM: "random", SHUFFLED: "shuffled"}
        spans = [
            f"{name} {value.loc[f'over edge, {null}', 'low']:.2f}–"
            f"{value.loc[f'over edge, {null}', 'high']:.2f}"
            for null, name in names.items()
            if f"over edge, {null}" in value.index
        ]
        said[-1] += "".join(f"; {span}" for span in spans)
    look: dict[str, Any] = {"ha": "right", "xycoords": "axes fraction"}
    look |= {"textcoords": "offset points", "va": "bottom" if low else "top"}
    place = (0.985, 0.04) if low else (0.985, 0.96)
    below = 11.5 * len(said) if low else 0
    ax.annotate("\n".join(lines), place, (0, below), fontsize=11, linespacing=1.2, **look)
    if said:
        down = 0 if low else -1 - 14 * len(lines)
        look |= {"fontsize": SMALL, "color": "#444444", "linespacing": 1.2}
        ax.annotate("\n".join(said), place, (0, down), **look)


def draw_spectra(figure: Figure, where: SubplotSpec, table: pd.DataFrame) -> None:
    """Draw one histogram for each d over a shared axis, as `draw_histogram` does."""
    missing = table[table["panel"] == "missing histogram"]
    spectra = table[table["panel"].isin(SPECTRUM)]
    family = pd.concat([spectra, missing])["family"]
    name = (
        family_name(str(family.iloc[0])).replace("-past", "/past") if len(family) else "no family"
    )
    pairs = spectra.loc[spectra["panel"] == "histogram"].groupby("dim")["y"].sum()
    number = f", $N = {pairs.max():.0f}$" if len(pairs) else ""
    title = rf"spectra of $\mathbf{{R}}_d \mathbf{{R}}_d^\top$ ({name}{number})"
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


def null_handles() -> tuple[list[Any], list[str]]:
    """Return handles and names of the nulls, for a legend."""
    part = f"{100 * LEVEL:.0f} %"
    return [Patch(color=BAND), Line2D([], [], **DASHES)], [
        f"{RANDOM}, {part}",
        f"{SHUFFLED}, {part}",
    ]


def draw_modes(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the squared projections of a mean task vector as bars, some with words.

    Bars within the band of random words are pale.
    """
    bars = rows[rows["panel"] == "mode"]
    lacking: Sequence[str] = rows.loc[rows["panel"] == "missing modes", "text"].tolist()
    ax.set_xlabel(r"eigen-feature index $k$" + "".join(f"  ({t})" for t in lacking), labelpad=2)
    ax.set_ylabel("squared projection")
    if bars.empty:
        note(ax, "no task vector in this vocabulary")
        return
    band = rows[rows["panel"] == f"mode, {RANDOM}"]
    heights = np.zeros(int(bars["x"].max()) + 1)
    heights[bars["x"].astype(int)] = bars["y"]
    within = np.zeros(len(heights), dtype=bool)
    if len(band):
        low, high = (band[name].to_numpy(float) for name in ("low", "high"))
        within = (heights >= low) & (heights <= high)
        ax.bar(band["x"], high - low, bottom=low, width=1.0, color=BAND, gid=f"mode, {RANDOM}")
    alphas = [0.3 if inside else 0.75 for inside in within[bars["x"].astype(int)]]
    shown = ax.bar(bars["x"], bars["y"], width=0.7, color=style.AZURE, gid="modes")
    for bar, alpha in zip(shown, alphas, strict=True):
        bar.set_alpha(alpha)
    ax.set_xlim(-1.5, max(float(bars["x"].max()) + 1.5, 10))
    ax.set_ylim(0, 1.12 * heights.max())
    named = rows[rows["panel"] == "annotation"]
    callouts = [
        Callout(float(x), float(y), "\n".join(textwrap.wrap(str(text), 34)))
        for x, y, text in zip(named["x"], named["y"], named["text"], strict=True)
    ]
    draw_callouts(ax, callouts, heights)


def top_text(rows: pd.DataFrame) -> str:
    """Return what the tallest bars of `draw_modes` hold, and those of random words."""
    value = rows.drop_duplicates("panel").set_index("panel")
    if "top" not in value.index:
        return ""
    text = f"top {value.loc['top', 'x']:.0f}: {value.loc['top', 'y']:.2f}"
    if f"top, {RANDOM}" in value.index:
        low, high = value.loc[f"top, {RANDOM}", ["low", "high"]]
        text += f" ({RANDOM} {low:.2f}–{high:.2f})"
    return text
