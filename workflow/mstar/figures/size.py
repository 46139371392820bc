"""The size figure: values of claims against the number of tokens, on random subsets of the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter, PercentFormatter, StrMethodFormatter

from mstar.claims.outcomes import PAIRS_SEEN, PAPER_TOKENS
from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import TAB10, note
from mstar.machine.arrays import Array

# The vocabularies of the factorisations and of the training runs.
LARGE, SMALL = "factorisations' $V$", "training runs' $V$"
COLUMNS = ["panel", "series", "kind", "id", "tokens", "y", "low", "high", "text"]
MODELS = {
    "word2vec": "word2vec",
    "QWEM": "qwem",
    "svd(M*)": "svd-mstar",
    "svd(PPMI)": "svd-ppmi",
    "svd(PMI)": "svd-pmi",
}
FAMILIES = {
    "nationality": "nationality",
    "male-female": "male-female",
    "past tense": "past-tense",
    "adverb": "adverb",
    "antonym": "antonym",
}
OTHERS = {
    "male-female": "male-female",
    "adverb": "adverb",
    "plural": "noun-plural",
    "comparative": "comparative",
}


class Panel(NamedTuple):
    """One panel: its title, the id of each series' claim or share, and the kind of its axis."""

    title: str
    series: Mapping[str, str]
    axis: str = ""  # "percent", "log" or, for a linear axis, empty


def _each(pattern: str, names: Mapping[str, str]) -> dict[str, str]:
    return {series: pattern.format(name) for series, name in names.items()}


PANELS = (
    Panel("Google analogies", _each("fig3b.{}.google", MODELS), "percent"),
    Panel("WordSim-353, rank correlation", _each("fig3b.{}.wordsim353", MODELS)),
    Panel("MEN, rank correlation", _each("fig3b.{}.men", MODELS)),
    Panel("signal-to-noise at its peak", _each("fig4.snr-height-{}", FAMILIES), "log"),
    Panel("$d$ of that peak", _each("fig4.snr-peak-{}", FAMILIES), "log"),
    Panel("best accuracy over $d$", _each("fig4.best-accuracy-{}", FAMILIES), "percent"),
    Panel("accuracy kept at the largest $d$", _each("fig4.late-accuracy-{}", FAMILIES)),
    Panel(
        r"$d_\mathrm{eff}$ of past tense",
        {f"$d = {d}$": f"fig4.d-eff-{d}" for d in (128, 256, 512, 1024)},
        "log",
    ),
    Panel(r"$d_\mathrm{eff}$ of other families", _each("fig6.d-eff-{}", OTHERS), "log"),
    Panel(r"exponent of $\lambda_k$", {"M*": "spectra.exponent"}),
    Panel(
        "shares of a whole",
        {
            "eigenvalues ≥ 0": "theory.half-the-modes",
            f"pairs seen, {SMALL}": PAIRS_SEEN["dynamic"],
            f"pairs seen, {LARGE}": PAIRS_SEEN["static"],
        },
        "percent",
    ),
    Panel(
        "svd(PMI) over svd(M*), analogies",
        {LARGE: "order.pmi-fails", SMALL: "order.pmi-fails-dense"},
    ),
    Panel(
        "difference in analogy accuracy",
        {"svd(M*) − svd(PPMI)": "order.mstar-beats-ppmi", "svd(M*) − QWEM": "order.mstar-as-qwem"},
    ),
    Panel("half-accuracy time, word2vec/QWEM", {"small start": "fig2.half-accuracy-small"}),
    Panel(
        "spike of past tense over its bulk",
        {f"$d = {d}$": f"fig4.outlier-{d}" for d in (128, 256, 512, 1024)},
        "log",
    ),
    Panel(
        "mean task vector",
        {"exponent of participation": "participation.exponent", "localised": "fig4.localised"},
    ),
)


def table(*, sizes: pd.DataFrame, lines: pd.DataFrame, trends: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of the size figure, in long form.

    Args:
        sizes: values of claims and shares of pairs seen (`mstar.claims.trends.collect`).
        lines: fitted lines (`mstar.claims.trends.lines`).
        trends: their extrapolations (`mstar.claims.trends.trends`).

    Returns:
        Kinds measured, line (with low and high), paper (at the paper's size) and missing (a series
        without a value, with a text that the figure shows), by panel and series.
    """
    known = trends.set_index("id")
    parts = []
    for panel in PANELS:
        for series, claim in panel.series.items():
            own = sizes[sizes["id"] == claim].dropna(subset=["value"]).sort_values("tokens")
            line = lines[lines["id"] == claim]
            labels = {"panel": panel.title, "series": series, "id": claim}
            parts.append(own.assign(kind="measured", y=own["value"], **labels))
            parts.append(line.assign(kind="line", y=line["value"], **labels))
            star = known[known.index == claim].dropna(subset=["paper"])
            star = star.assign(
                kind="paper", tokens=PAPER_TOKENS, y=star["paper"], text=star["trend"]
            )
            parts.append(star[["kind", "tokens", "y", "text"]].assign(**labels))
            if own.empty:
                parts.append(pd.DataFrame([{**labels, "kind": "missing", "text": "not measured"}]))
    whole = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    numbers = dict.fromkeys(("tokens", "y", "low", "high"), float)  # also where there is no line
    return style.rounded(whole.assign(text=whole["text"].fillna("")).astype(numbers))


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the size figure: dots for texts, lines with bands, stars for the paper."""
    figure = style.new_figure(11.4)
    axes = figure.subplots(4, 4)
    figure.subplots_adjust(
        left=0.06, right=0.985, top=0.944, bottom=0.045, hspace=0.34, wspace=0.32
    )
    for ax, panel in zip(axes.flat, PANELS, strict=True):
        _draw_panel(ax, panel, table[table["panel"] == panel.title])
    for ax in axes[-1]:
        ax.set_xlabel("tokens", labelpad=1)
    handles = [
        Line2D([], [], color=style.GREY, marker="o", ls="", ms=4),
        Line2D([], [], color=style.GREY, lw=1.2),
        Patch(color=style.GREY, alpha=0.18, lw=0),
        Line2D([], [], color=style.GREY, marker="*", ls="", ms=10),
    ]
    names = ["a random subset, or the whole text", "line in log tokens", "to be expected"]
    figure.legend(handles, [*names, "the paper"], loc="upper center", ncols=4, fontsize=10)
    return figure


def _draw_panel(ax: Axes, panel: Panel, rows: pd.DataFrame) -> None:
    ax.set_title(panel.title, pad=4, fontsize=9)
    ax.tick_params(labelsize=9)
    ax.set_xscale("log")
    handles, names = [], []
    for (series, _), colour in zip(panel.series.items(), TAB10, strict=False):
        own = rows[rows["series"] == series].set_index("kind")
        measured, line, star = (own[own.index == k] for k in ("measured", "line", "paper"))
        if measured.empty:
            continue
        ax.plot(
            measured["tokens"], measured["y"], "o", color=colour, ms=3, gid=f"measured {series}"
        )
        ax.plot(line["tokens"], line["y"], color=colour, lw=1.1)
        ax.fill_between(
            line["tokens"].to_numpy(), line["low"].to_numpy(dtype=float),
            line["high"].to_numpy(dtype=float), color=colour, alpha=0.1, lw=0,
        )  # fmt: skip
        ax.plot(star["tokens"], star["y"], "*", color=colour, ms=10, mec="white", mew=0.5)
        handles.append(Line2D([], [], color=colour, marker="o", ms=3, lw=1.1))
        names.append(series)
    if not handles:
        ax.set(xticks=[], yticks=[])
        note(ax, "not measured on this text")
        return
    shown = rows[rows["kind"].isin(("measured", "paper")) & rows["series"].isin(names)]
    _limits(ax, panel, shown["y"].to_numpy(dtype=float))
    ax.set_xlim(0.7 * float(shown["tokens"].min()), 1.9 * PAPER_TOKENS)
    ax.xaxis.set_major_locator(LogLocator(numticks=12))
    ax.xaxis.set_minor_formatter(NullFormatter())
    if len(handles) > 1:
        ax.legend(handles, names, fontsize=7.5, labelspacing=0.15, handlelength=1.2, loc="best",
                  borderaxespad=0.2, handletextpad=0.4)  # fmt: skip


def _limits(ax: Axes, panel: Panel, values: Array) -> None:
    """Set the limits of y to the points and stars, not to bands, which can be very wide."""
    low, high = float(values.min()), float(values.max())
    if panel.axis == "log":
        ax.set_yscale("log")
        ax.set_ylim(low / 1.35, high * 1.5)
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
        return
    room = 0.12 * max(high - low, 1e-3)
    ax.set_ylim(low - room, high + room)
    if panel.axis == "percent":
        ax.set_ylim(max(0.0, low - room), min(1.0, high + room))
        ax.yaxis.set_major_formatter(PercentFormatter(1))
