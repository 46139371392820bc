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
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, NullFormatter

from mstar.features.null_families import NULLS, RANDOM, SHUFFLED
from mstar.figures.drawing import style
from mstar.figures.drawing.callouts import Callout, draw_callouts
from mstar.figures.drawing.family_curves import BAND, LEVEL, note
from mstar.figures.drawing.labels import family_name

SPECTRUM = (
    *("histogram", "share", "law", "outlier", "d_eff", "d_eff_moments", "d_eff_mstar"),
    *("over edge", *(f"over edge, {null}" for null in NULLS)),
)
LINE: dict[str, Any] = {"color": "black", "lw": 0.8, "ls": (0, (3, 2))}
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
    # Half of the height is the label's. At least 5, since the arrow on an outlier (one eigenvalue
    # high) would reach it.
    return max(5.0, 1.9 * high, 1.12 * min(float(law.max()) if len(law) else 0.0, 1.4 * high))


def draw_histogram(ax: Axes, rows: pd.DataFrame, head: str, top: float) -> None:
    """Draw one spectrum with its law, an arrow on an outlier, and its d_eff below ``head``.

    Where the largest eigenvalue would be if it were as far over the edge as those of the nulls is a
    grey band (random words) and between dashed lines (shuffled partners).
    """
    bars = rows[rows["panel"] == "histogram"]
    ax.set_xlim(0, float((bars["x"] + bars["width"]).max()))
    ax.set_ylim(0, top)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=2))
    for null in NULLS:
        band = rows[rows["panel"] == f"over edge, {null}"]
        for edge, low, high in band[["x", "low", "high"]].to_numpy(dtype=float):
            if null == RANDOM:
                ax.axvspan(edge * low, edge * high, color=BAND, lw=0, zorder=0, gid=null)
            else:
                ax.vlines([edge * low, edge * high], 0, 0.45 * top, **LINE)
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
        look |= {"path_effects": [withStroke(linewidth=2, foreground=style.CREAM)]}
        ax.annotate("outlier", (x, word), (-6.5, 0), textcoords="offset points", **look)
    _label(ax, rows, head)


def draw_shares(ax: Axes, rows: pd.DataFrame, head: str, right: float) -> None:
    """Draw the share of eigenvalues up to x, with law and nulls, and a label below ``head``."""
    own = rows[rows["panel"] == "share"]
    ax.set(xlim=(0, right), ylim=(0, 1.12))
    random, shuffled = (rows[rows["panel"] == f"share, {null}"] for null in (RANDOM, SHUFFLED))
    ax.fill_between(
        random["x"].to_numpy(float),
        random["low"].to_numpy(float),
        random["high"].to_numpy(float),
        color=BAND,
        lw=0,
        gid=f"share, {RANDOM}",
    )
    for bound in ("low", "high"):
        ax.plot(shuffled["x"], shuffled[bound], **LINE)
    x = np.concatenate([[0.0], own["x"].to_numpy(float), [right]])
    y = np.concatenate([[0.0], own["y"].to_numpy(float), [1.0]])
    ax.plot(x, y, color=style.AZURE, lw=1.6, drawstyle="steps-post", gid="share")
    _law(ax, rows, fill=False)
    for largest in rows.loc[rows["panel"] == "outlier", "x"]:
        ax.annotate("", xy=(largest, 0.97), xytext=(largest, 0.8), arrowprops=ARROW, gid="outlier")
        look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 9.5, "color": "blue"}
        look |= {"path_effects": [withStroke(linewidth=2, foreground=style.CREAM)]}
        ax.annotate("outlier", (largest, 0.85), (-6.5, 0), textcoords="offset points", **look)
    _label(ax, rows, head, low=True)


def _law(ax: Axes, rows: pd.DataFrame, fill: bool = True) -> None:
    law = rows[rows["panel"] == "law"]
    x, y = law["x"].to_numpy(float), law["y"].to_numpy(float)
    if fill:
        ax.fill_between(x, y, color=style.TANGERINE, alpha=0.3, lw=0)
    ax.plot(x, y, color=style.TANGERINE, lw=1.6, gid="law")


def _numbers(rows: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return y, low and high of the first row of each panel."""
    first = rows.drop_duplicates("panel")
    columns = (first[name].to_numpy(dtype=float) for name in ("y", "low", "high"))
    return dict(zip(first["panel"], zip(*columns, strict=True), strict=True))


def _label(ax: Axes, rows: pd.DataFrame, head: str, low: bool = False) -> None:
    """Write ``head``, d_eff and the largest eigenvalue over the edge, at the right."""
    known, text = _numbers(rows), "no law fitted"
    if "d_eff" in known:
        fitted, *interval = known["d_eff"]
        text = rf"$d_\mathrm{{eff}} = {fitted:.1f}$"
        if np.isfinite(interval).all():
            text += "  ({:.0f} – {:.0f})".format(*interval)
    said = []
    if "d_eff_moments" in known:
        said.append(f"by moments {known['d_eff_moments'][0]:.0f}")
    if "d_eff_mstar" in known and "d_eff" in known:
        alone, fitted = known["d_eff_mstar"][0], known["d_eff"][0]
        said.append(rf"$\mathbf{{M}}^\ast$ would give {alone:.0f} (×{alone / fitted:.1f})")
    small = ["; ".join(said)] if said else []
    if "over edge" in known:
        spans = [
            f"{null.split()[0]} {known[f'over edge, {null}'][1]:.2f}–"
            f"{known[f'over edge, {null}'][2]:.2f}"
            for null in NULLS
            if f"over edge, {null}" in known
        ]
        largest = f"largest / edge {known['over edge'][0]:.2f}"
        # Low at the right the curve leaves little width, high there little height.
        small += [largest, "; ".join(spans)] if low else ["; ".join([largest, *spans])]
    look: dict[str, Any] = {"ha": "right", "xycoords": "axes fraction"}
    look |= {"textcoords": "offset points", "va": "bottom" if low else "top", "linespacing": 1.2}
    place = (0.985, 0.04) if low else (0.985, 0.96)
    joined = f"{head}\n{text}" if low else f"{head}:  {text}"
    ax.annotate(joined, place, (0, 11.5 * len(small) if low else 0), fontsize=11, **look)
    if small:
        look |= {"fontsize": SMALL, "color": "#444444"}
        ax.annotate("\n".join(small), place, (0, 0 if low else -15), **look)


def draw_spectra(figure: Figure, where: SubplotSpec, table: pd.DataFrame) -> None:
    """Draw one histogram for each d over a shared axis, as `draw_histogram` does."""
    missing = table[table["panel"] == "missing histogram"]
    spectra = table[table["panel"].isin(SPECTRUM)]
    family = pd.concat([spectra, missing])["family"]
    name = (
        family_name(str(family.iloc[0])).replace("-past", "/past") if len(family) else "no family"
    )
    pairs = spectra.loc[spectra["panel"] == "histogram"].groupby("dim")["y"].sum()
    name = name.replace("-past", "/past") + (f", $N = {pairs.max():.0f}$" if len(pairs) else "")
    title = rf"spectra of $\mathbf{{R}}_d \mathbf{{R}}_d^\top$ ({name})"
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
    return [Patch(color=BAND), Line2D([], [], **LINE)], [
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
    known = _numbers(rows)
    if "top" not in known:
        return ""
    count = float(rows.loc[rows["panel"] == "top", "x"].iloc[0])
    text = f"top {count:.0f}: {known['top'][0]:.2f}"
    if f"top, {RANDOM}" in known:
        text += f" ({RANDOM} {known[f'top, {RANDOM}'][1]:.2f}–{known[f'top, {RANDOM}'][2]:.2f})"
    return text
