"""The spectra figure: M*, PMI and PPMI, M* of texts without meaning, and local slopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
from numpy.typing import NDArray

from mstar.figures.drawing import style
from mstar.figures.drawing.labels import exponent_text
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.prediction.vocabulary_size import chance_eigenvalues
from mstar.statistics import power_law

TARGETS = {"mstar": r"$\mathbf{M}^\ast$", "pmi": "PMI", "ppmi": "PPMI"}
COLOURS = {"mstar": style.AZURE, "pmi": style.TANGERINE, "ppmi": style.RASPBERRY}
# M* of texts in which words are unrelated: one with its words shuffled, and the mean over all.
NULLS = {
    "shuffled": r"$\mathbf{M}^\ast$, words shuffled",
    "poisson": r"$\mathbf{E}\,\mathbf{M}^\ast$ by chance",
}
ABOVE = ("above all modes of shuffled text", "above all but its first")
COLUMNS = ["panel", "target", "mode", "eigenvalue", "y", "offset", "low", "high", "text"]
GAP = 1.7  # least ratio between curves drawn one below the other
# The slope at mode k is fitted from k / SPAN to k * SPAN, with as many as SLOPES values of k.
SPAN, SLOPES = 1.5, 40
PAPER_EXPONENT = -0.6


def table(
    *,
    mstar: Array,
    pmi: Array,
    ppmi: Array,
    shuffled: Array,
    vocabulary: tuple[Sequence[str], NDArray[np.int64]],
    size: int,
    window: int,
    negative: float = 1.0,
    modes: int = 200,
    fit_from: int = 10,
) -> pd.DataFrame:
    """Return the numbers of the spectra figure, in long form.

    Args:
        mstar, pmi, ppmi: eigenvalues (r,), descending.
        shuffled: those of M* of the text with its words shuffled.
        vocabulary: all words of the text, most frequent first, and their counts.
        size: V.
        window, negative: L and k.
        modes: number of leading positive eigenvalues drawn.
        fit_from: first mode, from 1, of the power law, which is fitted up to the last one drawn.

    Returns:
        Columns panel, target, mode, eigenvalue, y (the value drawn), offset, low, high, text. The
        panels are eigenvalue (y: eigenvalue / largest × offset), law, exponent (y, with its
        interval), slope (y: the slope at the mode), null (targets `NULLS`, positive eigenvalues),
        above (mode: how many eigenvalues of M* exceed ``eigenvalue``, the first and then the second
        of shuffled text) and missing.

    Raises:
        UserError: no target has a positive eigenvalue.
    """
    targets = {"mstar": mstar, "pmi": pmi, "ppmi": ppmi}
    lines: list[dict[str, Any]] = []
    above = np.full(modes, np.inf)
    for target in TARGETS:
        values = np.asarray(targets[target], dtype=np.float64)[:modes]
        values = values[values > 0]
        if len(values) < modes:
            text = f"{len(values)} of {modes} modes"
            lines.append({"panel": "missing", "target": target, "text": text})
        if not len(values):
            continue
        share = values / values[0]
        offset = min(1.0, float((above[: len(share)] / share).min()) / GAP)
        above[: len(share)] = offset * share
        x = np.arange(1, len(share) + 1)
        lines += [
            {"panel": "eigenvalue", "mode": k, "eigenvalue": e, "y": y, "offset": offset}
            | {"target": target}
            for k, e, y in zip(x, values, offset * share, strict=True)
        ]
        lines += [
            line | {"target": target}
            for line in _law(x[fit_from - 1 :], offset * share[fit_from - 1 :])
        ]
        lines += [line | {"target": target} for line in _slopes(values)]
    if not any(line["panel"] == "eigenvalue" for line in lines):
        raise UserError("spectra figure: no target has a positive eigenvalue")
    chance = chance_eigenvalues(vocabulary[1][:size], window, negative)
    for target, values in {"shuffled": shuffled, "poisson": chance}.items():
        drawn = values[: min(modes, len(mstar))]
        # A mean matrix has few eigenvalues besides rounding.
        drawn = drawn[drawn > 1e-6 * np.abs(values).max(initial=0.0)]
        lines += [
            {"panel": "null", "target": target, "mode": k, "eigenvalue": e, "y": e}
            for k, e in enumerate(drawn, start=1)
        ]
        if not len(drawn):
            lines.append({"panel": "missing", "target": target, "text": "no positive eigenvalue"})
    for level, words in zip(shuffled, ABOVE, strict=False):
        count = int((mstar > level).sum())
        text = f"{'at least ' if count == len(mstar) else ''}{count:,} {words}"
        row = {"panel": "above", "target": "mstar", "mode": count, "eigenvalue": level}
        lines.append(row | {"text": text})
    whole = style.rounded(pd.DataFrame(lines).reindex(columns=COLUMNS))
    whole["mode"] = whole["mode"].astype("Int64")
    whole["text"] = whole["text"].fillna("")
    return whole


def _law(x: NDArray[Any], y: Array) -> list[dict[str, Any]]:
    if len(x) < power_law.FEWEST_POINTS:
        return [{"panel": "missing", "text": f"no law fitted: {len(x)} modes"}]
    law = power_law.fit(x, y)
    ends = np.array([law.first, law.last])
    lines: list[dict[str, Any]] = [
        {"panel": "law", "mode": int(a), "y": b} for a, b in zip(ends, law(ends), strict=True)
    ]
    value = {"y": law.exponent, "low": law.low, "high": law.high}
    return [*lines, {"panel": "exponent", **value}]


def _slopes(values: Array) -> list[dict[str, Any]]:
    """Return the slope of ln(eigenvalue) against ln(mode) near modes evenly spaced in ln(mode)."""
    x = np.arange(1, len(values) + 1)
    lines = []
    for k in np.unique(np.geomspace(1, len(values), SLOPES).round()):
        near = (x >= k / SPAN) & (x <= k * SPAN)
        # Only where modes to both sides are known.
        if near.sum() >= power_law.FEWEST_POINTS and k * SPAN <= len(values):
            slope = power_law.fit(x[near], values[near]).exponent
            lines.append({"panel": "slope", "mode": int(k), "y": slope})
    return lines


@style.styled
def draw(table: pd.DataFrame, *, fit_from: int, modes: int) -> Figure:
    """Draw the spectra figure: M* and its nulls, the three targets, and local slopes.

    The horizontal axis of the slopes marks ``fit_from`` to ``modes``, the range of the power laws.
    """
    figure = style.new_figure(6.6)
    grid = figure.add_gridspec(
        2, 2, height_ratios=(1.55, 1), left=0.08, right=0.985, top=0.955, bottom=0.08,
        hspace=0.36, wspace=0.23,
    )  # fmt: skip
    left, right = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    slopes = figure.add_subplot(grid[1, :])
    _nulls(left, table)
    _targets(right, table)
    _slope_panel(slopes, table, fit_from, modes)
    return figure


def _axes(ax: Axes, vertical: bool = True) -> None:
    """Set logarithmic axes with plain numbers."""
    ax.set(xscale="log", xlabel=r"mode $k$")
    if vertical:
        ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis)[: 1 + vertical]:
        subs = (1.0, 2.0, 5.0) if axis is ax.yaxis else (1.0,)  # y can span less than a decade
        axis.set_major_locator(LogLocator(subs=subs, numticks=10))
        axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        axis.set_minor_formatter(NullFormatter())


def _nulls(ax: Axes, table: pd.DataFrame) -> None:
    own = table[(table["panel"] == "eigenvalue") & (table["target"] == "mstar")]
    look: dict[str, Any] = {"ls": "", "mew": 0}
    ax.plot(
        own["mode"].astype(int),
        own["eigenvalue"],
        marker="o",
        color=COLOURS["mstar"],
        ms=2.6,
        label=TARGETS["mstar"],
        gid="absolute mstar",
        **look,
    )
    for target, marker, size in (("shuffled", "o", 2.6), ("poisson", "x", 5.0)):
        rows = table[(table["panel"] == "null") & (table["target"] == target)]
        rows = rows[rows["eigenvalue"] > 0.5 * own["eigenvalue"].min()] if len(own) else rows
        ax.plot(
            rows["mode"].astype(int),
            rows["eigenvalue"],
            marker=marker,
            color="black" if target == "poisson" else style.GREY,
            ms=size,
            ls="",
            mew=1.2 if marker == "x" else 0,
            label=NULLS[target] + ("" if len(rows) else ": none so large"),
            gid=f"null {target}",
        )
    above = table[table["panel"] == "above"]
    for level in above["eigenvalue"]:
        ax.axhline(level, color=style.GREY, lw=0.9, ls=":", zorder=1)
    if len(above):
        text = f"modes of {TARGETS['mstar']}: " + ",\n".join(above["text"])
        ax.text(0.03, 0.04, text, transform=ax.transAxes, fontsize=9.5, color=style.GREY)
    ax.set_title("against texts of unrelated words")
    ax.set_ylabel(r"$\lambda_k$", labelpad=1)
    _axes(ax)
    # Its ground hides the dotted line behind it.
    frame: dict[str, Any] = {"frameon": True, "facecolor": style.CREAM, "edgecolor": "none"}
    ax.legend(loc="upper right", fontsize=9.5, handlelength=1.2, framealpha=1, **frame)
    low, high = ax.get_ylim()
    ax.set_ylim(low / (high / low) ** 0.2, high)  # room for the text


def _targets(ax: Axes, table: pd.DataFrame) -> None:
    handles, names = [], []
    for target, name in TARGETS.items():
        own = table[table["target"] == target].set_index("panel")
        if "eigenvalue" in own.index:
            dots = own.loc[["eigenvalue"]]
            ax.plot(
                dots["mode"].astype(int),
                dots["y"],
                "o",
                color=COLOURS[target],
                ms=2.2,
                mew=0,
                gid=f"eigenvalue {target}",
            )
            offset = float(dots["offset"].iloc[0])
            name += "" if offset == 1 else rf"  $\times {offset:.2g}$"
        if "law" in own.index:
            law = own.loc[["law"]]
            ax.plot(law["mode"].astype(int), law["y"], "k--", lw=1.0, gid=f"law {target}")
            power = own.loc[["exponent"], ["y", "low", "high"]].to_numpy(dtype=np.float64)[0]
            name += "   " + exponent_text("k", *power)
        lacking = own.loc[own.index == "missing", "text"]
        handles.append(Line2D([], [], color=COLOURS[target], marker="o", ms=4, mew=0, ls=""))
        names.append(name + "".join(f"  ({text})" for text in lacking))
    handles.append(Line2D([], [], color="black", lw=1, ls="--"))
    names.append("power law, fitted")
    ax.set_title(r"three targets, each divided by its $\lambda_1$")
    ax.set_ylabel(r"$\lambda_k / \lambda_1$", labelpad=4)
    _axes(ax)
    low, high = ax.get_ylim()
    ax.set_ylim(low / (high / low) ** 0.45, high)  # room for the legend
    ax.legend(handles, names, loc="lower left", fontsize=9, handlelength=1.5)


def _slope_panel(ax: Axes, table: pd.DataFrame, fit_from: int, modes: int) -> None:
    for target, name in TARGETS.items():
        own = table[(table["panel"] == "slope") & (table["target"] == target)]
        ax.plot(
            own["mode"].astype(int),
            own["y"],
            "-o",
            color=COLOURS[target],
            ms=3,
            lw=1,
            label=name,
            gid=f"slope {target}",
        )
    ax.axhline(PAPER_EXPONENT, color="black", lw=1, ls="--", label="the authors' guide, −0.6")
    ax.axvspan(fit_from, modes, color=style.GREY, alpha=0.1, lw=0, label="range of the fits")
    ax.set_title("a power law would be a level line: local slopes of the spectra")
    ax.set_ylabel(r"$d\,\ln\lambda_k / d\,\ln k$", labelpad=1)
    ax.set_xlim(1, modes)
    _axes(ax, vertical=False)
    ax.legend(loc="upper left", fontsize=9.5, handlelength=1.5)
