"""The figure of the noise of counts: how much there is, and which features stand out of it."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import note
from mstar.prediction.noise_models import (
    ALONG,
    BY_ENTRY,
    FREQUENCY,
    HALVES,
    INDEPENDENT,
    MEASURED,
    MODELS,
    PAIRS,
    SHUFFLED,
    SIGNS,
)

COLOURS = {INDEPENDENT: style.TANGERINE, BY_ENTRY: style.RASPBERRY, ALONG: style.AZURE}
MATRICES = {
    SHUFFLED: "shuffled\nwords",
    FREQUENCY: "their first,\nfrequency",
    PAIRS: "halves of\nindependent pairs",
    HALVES: "halves of\nthe text",
}


def table(*, measured: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of the figure, those of `mstar.prediction.count_noise`."""
    return style.rounded(measured)


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw dispersion and edges above, noise along features and what it predicts below."""
    figure = style.new_figure(7.4)
    (spread, edges), (along, overlap) = figure.subplots(2, 2)
    figure.subplots_adjust(left=0.09, right=0.975, top=0.945, bottom=0.08, hspace=0.38, wspace=0.42)
    missing = table[table["panel"] == "missing"]["note"]
    if len(missing):
        for ax in figure.axes:
            ax.set(xticks=[], yticks=[])
            note(ax, str(missing.iloc[0]).replace(": ", ":\n"))
        return figure
    _curve(spread, table, "dispersion", INDEPENDENT, "-o")
    _curve(spread, table, "dispersion", BY_ENTRY, "-o", "halves of the text")
    spread.set(
        title="counts of a pair, between halves",
        xlabel="occurrences of the pair",
        ylabel="variance / that of independent pairs",
    )
    _curve(along, table, "along", ALONG, "-", "$\\rho_k$")
    _curve(along, table, "along", SIGNS, ".", SIGNS)
    along.set(
        title="noise that reaches a feature",
        xlabel="feature $k$",
        ylabel="noise / that of independent entries",
    )
    for ax in (spread, along):
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(ScalarFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set_yticks([1, 2, 5, 10, 20])
        ax.legend(loc="best")
    _edges(edges, table)
    _overlaps(overlap, table)
    return figure


def _curve(
    ax: Axes, table: pd.DataFrame, panel: str, model: str, form: str, label: str | None = None
) -> None:
    own = table[(table["panel"] == panel) & (table["model"] == model)]
    x, y = (own[c].to_numpy(dtype=float) for c in ("x", "y"))
    colour = COLOURS.get(model, style.GREY)
    ax.plot(x, y, form, color=colour, ms=4, label=label or model, gid=f"{panel} {model}")


def _edges(ax: Axes, table: pd.DataFrame) -> None:
    """Draw predicted edges and measured eigenvalues of each matrix, one matrix a row."""
    own = table[table["panel"] == "edge"]
    names = [name for name in MATRICES if name in set(own["name"])]
    marks = {
        (SHUFFLED, BY_ENTRY): ("|", style.RASPBERRY, "predicted, entries independent"),
        (SHUFFLED, ALONG): ("|", style.AZURE, "predicted, with words of one window"),
        (HALVES, SIGNS): ("o", "white", f"measured, {SIGNS}"),
        (HALVES, MEASURED): ("o", "black", "largest eigenvalue measured"),
    }
    forms = {model: mark for (_, model), mark in marks.items()}
    for y, name in enumerate(reversed(names)):
        rows = own[own["name"] == name]
        for model, value in zip(rows["model"], rows["y"].to_numpy(float), strict=True):
            mark, colour, label = forms[str(model)]
            bar = mark == "|"
            ax.plot(
                value,
                y,
                mark,
                color=colour if bar else "black",
                mfc=colour,
                ms=20 if bar else 6,
                mew=2.2 if bar else 0.9,
                label=label,
                gid=f"edge {name} {model}",
                zorder=2 if bar else 3,
            )
    ax.set_xscale("log")
    ax.set_yticks(range(len(names)), [MATRICES[name] for name in reversed(names)])
    ax.set(title="edge of the noise, and eigenvalues", xlabel="eigenvalue")
    ax.set_ylim(-0.6, len(names) + 1.5)
    ax.set_xticks([100, 200, 500, 1000])
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_formatter(NullFormatter())
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    legend = ax.legend(handles.values(), handles.keys(), loc="upper right", ncols=1)
    for handle in legend.legend_handles:
        if handle is not None and hasattr(handle, "set_markersize"):
            handle.set_markersize(7)


def _overlaps(ax: Axes, table: pd.DataFrame) -> None:
    """Draw measured and predicted q, and how many features are reproducible by each."""
    numbers = table[table["panel"] == "number"].set_index("model")["y"]
    own = table[(table["panel"] == "overlap") & (table["model"] == MEASURED)]
    ax.plot(own["x"], own["y"], ".", color="black", ms=3.5, gid="overlap measured")
    ax.plot([], [], ".", color="black", label=f"{MEASURED}: {numbers[MEASURED]:.0f}")
    for model in MODELS:
        count = numbers[model]
        _curve(ax, table, "overlap", model, "-", f"{model}: {count:.0f}")
    ax.axhline(0.25, color=style.GREY, lw=0.8, ls=":")
    ax.set(
        title="overlap with both halves; number reproducible",
        xlabel="feature $k$",
        ylabel="$q_k$",
        xlim=(0, None),
        ylim=(-0.02, 1.02),
    )
    ax.legend(loc="upper right")
