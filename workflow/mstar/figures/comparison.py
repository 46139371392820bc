"""The figure of two texts: features of each that the other has, when, and words that moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullFormatter, PercentFormatter, StrMethodFormatter

from mstar.figures.drawing import style
from mstar.prediction.verdicts import LEAST_HELD, LEVEL, NOISE, OWN, SHARED, UNDECIDED

COLUMNS = ["panel", "name", "verdict", "x", "y", "low", "high", "own", "near_a", "near_b"]
COLOURS = {SHARED: style.AZURE, OWN: style.RASPBERRY, UNDECIDED: style.TANGERINE}
COLOURS |= {NOISE: style.LIGHT_GREY}
LISTED = 12  # reproducible features of each text whose times are drawn
MOVED = 16  # words drawn
NEAR = 3  # neighbours shown of each
RATIOS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


def table(*, features: pd.DataFrame, words: pd.DataFrame, texts: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of the figure, in long form, with `COLUMNS`.

    Args:
        features, words, texts: with the columns of `mstar.prediction.verdicts`.
    """
    parts = []
    for text, title in zip(texts["text"], texts["name"], strict=True):
        rows = features[features["text"] == text]
        shares = rows[["name", "verdict"]].assign(
            panel=f"held {text}", x=rows["rank"], y=rows["held_other"], own=rows["held_own"],
            low=rows["held_other_low"], high=rows["held_other_high"],
        )  # fmt: skip
        kept = rows[rows["verdict"] != NOISE].head(LISTED)
        times = kept[["name", "verdict"]].assign(
            panel=f"times {text}", x=kept["later"].where(kept["verdict"] == SHARED), y=kept["rank"],
            low=kept["later_low"], high=kept["later_high"],
        )  # fmt: skip
        label = pd.DataFrame({"panel": [f"text {text}"], "name": [title]})
        parts += [label, shares, times]
    moved = words[words["p"] <= LEVEL].head(MOVED)
    parts.append(
        moved[["low", "high", "near_a", "near_b"]].assign(
            panel="words", name=moved["word"], x=moved["excess"], y=range(1, len(moved) + 1)
        )
    )
    return style.rounded(pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS))


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the figure of two texts from its `table`."""
    figure = style.new_figure(11.0)
    grid = figure.add_gridspec(
        2, 2, left=0.07, right=0.98, top=0.955, bottom=0.695, wspace=0.16, hspace=0.0
    )
    titles = {
        text: str(table.loc[table["panel"] == f"text {text}", "name"].iloc[0]) for text in "AB"
    }
    for column, (text, other) in enumerate((("A", "B"), ("B", "A"))):
        held = figure.add_subplot(grid[:, column])
        _held(held, table[table["panel"] == f"held {text}"], titles[text], titles[other])
        times = figure.add_axes((0.265 + 0.495 * column, 0.385, 0.215, 0.225))
        _times(times, table[table["panel"] == f"times {text}"], titles[text], titles[other])
    _words(figure.add_axes((0.43, 0.045, 0.27, 0.265)), table[table["panel"] == "words"], titles)
    return figure


def _held(ax: Axes, rows: pd.DataFrame, title: str, other: str) -> None:
    """Draw how much of each feature another part of its text and the other text hold."""
    ax.set_title(f"features of {title}")
    colours = [COLOURS[verdict] for verdict in rows["verdict"]]
    ax.vlines(rows["x"], rows["y"], rows["own"], color=colours, lw=0.8, alpha=0.6)
    ax.scatter(rows["x"], rows["own"], s=18, facecolors="white", edgecolors=colours, linewidths=1.0)
    ax.scatter(rows["x"], rows["y"], s=18, color=colours)
    ax.axhline(LEAST_HELD, color=style.GREY, lw=0.7, ls=":")
    ax.set_ylim(0, 1.3)
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("rank $k$ of the feature")
    ax.set_ylabel("share held", labelpad=1)
    grey: dict[str, Any] = {"color": style.GREY, "ls": "", "marker": "o", "ms": 4.2}
    handles = [
        Line2D([], [], **grey, mfc="white", label="by another part of it"),
        Line2D([], [], **grey, label=f"by {other}"),
    ]
    found = [verdict for verdict in COLOURS if (rows["verdict"] == verdict).any()]
    names = {OWN: "its own"}
    for verdict in found:
        label = names.get(verdict, verdict)
        handles.append(Line2D([], [], color=COLOURS[verdict], lw=3, label=label))
    ax.legend(handles=handles, loc="upper right", ncol=2, fontsize=9, handlelength=1.2)


def _times(ax: Axes, rows: pd.DataFrame, title: str, other: str) -> None:
    """Draw how much later the other text learns each of the first reproducible features."""
    places = np.arange(len(rows))
    ax.set_title(f"features of {title}, learned from {other}", fontsize=12, x=0.0)
    ax.axvline(1.0, color=style.GREY, lw=0.8)
    ax.set_xscale("log")
    drawn = rows["x"].notna().to_numpy()
    ends = rows.loc[drawn, ["low", "high"]].to_numpy(dtype=float)
    low, high = (
        (min(0.7, np.nanmin(ends)), max(1.5, np.nanmax(ends))) if drawn.any() else (0.5, 2.0)
    )
    ax.set_xlim(max(low, RATIOS[0]) / 1.1, min(high, RATIOS[-1]) * 1.1)
    # Words are beside the line at 1.
    right = float(np.mean(np.log(ax.get_xlim()))) < 0
    for place, (_, row) in enumerate(rows.iterrows()):
        colour = COLOURS[row["verdict"]]
        if np.isnan(row["x"]):
            verdict = "its own" if row["verdict"] == OWN else str(row["verdict"])
            ax.text(
                *((0.02, place) if right else (0.98, place)), verdict, color=colour, fontsize=9,
                transform=ax.get_yaxis_transform(), ha="left" if right else "right",
                va="center_baseline",
            )  # fmt: skip
        else:
            ax.hlines(place, row["low"], row["high"], color=colour, lw=1.2)
            ax.plot(row["x"], place, "o", ms=4, color=colour)
    ax.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    ax.set_yticks(places, [_short(name) for name in rows["name"]], fontsize=9)
    ax.tick_params(axis="y", length=0)
    first, last = ax.get_xlim()
    ax.xaxis.set_major_locator(FixedLocator([x for x in RATIOS if first <= x <= last]))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(r"$\tau$ there over $\tau$ here", fontsize=11)
    if rows.empty:
        ax.text(0.5, 0.5, "no reproducible feature", ha="center", transform=ax.transAxes)


def _short(name: str, most: int = 40) -> str:
    """Return a name of at most ``most`` characters."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _words(ax: Axes, rows: pd.DataFrame, titles: dict[str, str]) -> None:
    """Draw the words that moved most, with their neighbours in both texts."""
    ax.set_title("words that moved most")
    if rows.empty:
        ax.text(0.5, 0.5, "none moved more than by chance", ha="center", transform=ax.transAxes)
        ax.set_axis_off()
        return
    ax.hlines(rows["y"], rows["low"], rows["high"], color=style.AZURE, lw=1.2)
    ax.plot(rows["x"], rows["y"], "o", ms=4, color=style.AZURE)
    ax.axvline(0.0, color=style.GREY, lw=0.8)
    ax.set_ylim(len(rows) + 0.6, 0.4)
    ax.set_yticks(rows["y"], [""] * len(rows))
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("distance beyond chance, 1 − cosine")
    at = ax.get_yaxis_transform()
    look: dict[str, Any] = {"transform": at, "va": "center_baseline"}
    heading: dict[str, Any] = {"transform": ax.transAxes, "va": "bottom", "color": style.GREY}
    ax.text(-0.37, 1.01, f"near it in {titles['A']}", ha="right", **heading)
    ax.text(1.03, 1.01, f"near it in {titles['B']}", ha="left", **heading)
    for _, row in rows.iterrows():
        a, b = (", ".join(str(row[key]).split()[:NEAR]) for key in ("near_a", "near_b"))
        ax.text(-0.03, row["y"], row["name"], ha="right", fontsize=10, fontweight="bold", **look)
        ax.text(-0.37, row["y"], a, color=style.GREY, ha="right", fontsize=9.5, **look)
        ax.text(1.03, row["y"], b, color=style.GREY, ha="left", fontsize=9.5, **look)
