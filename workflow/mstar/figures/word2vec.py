"""The figure of word2vec from counts: predictors against training, tied and as gensim trains it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, PercentFormatter, StrMethodFormatter

from mstar.features.predictors import AGAIN, BY_SIZE, CHANCE, MSTAR, PROP2, RECURSION
from mstar.figures.drawing import style

QUANTITIES = ("subspace", "time ratio", "accuracy difference")
# Colour and marker of each predictor.
STYLES = {
    MSTAR: (style.AZURE, "o"),
    MSTAR + BY_SIZE: (style.AZURE, "s"),
    PROP2: (style.TANGERINE, "o"),
    PROP2 + BY_SIZE: (style.TANGERINE, "s"),
    RECURSION: (style.RASPBERRY, "D"),
    AGAIN: ("black", "|"),
}


def table(*, scores: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return the numbers of the figure.

    Args:
        scores: with `mstar.prediction.word2vec_scores.COLUMNS`.
        labels: name of each model in the figure.

    Returns:
        The scores, with the labels in place of models.
    """
    return style.rounded(scores.assign(model=scores["model"].map(labels)))


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw subspaces, times and analogies, one row for each model."""
    models = list(dict.fromkeys(table["model"]))
    figure = style.new_figure(1.3 + 0.42 * len(models))
    panels = figure.subplots(1, 3, sharey=True)
    for axes, quantity in zip(panels, QUANTITIES, strict=True):
        _panel(axes, table[table["quantity"] == quantity], models)
    left, middle, right = panels
    left.set(xlim=(0, 1), xlabel="share of the d directions predicted")
    left.set_xticks([0, 0.25, 0.5, 0.75])
    left.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    left.set_yticks(range(len(models)), models)
    left.set_ylim(len(models) - 0.5, -0.5)
    chance = table[(table["predictor"] == CHANCE) & (table["quantity"] == "subspace")]["value"]
    if len(chance):
        left.axvline(float(chance.iloc[0]), color=style.GREY, lw=1, ls=":")
    middle.set(xscale="log", xlabel="learning time, trained / predicted")
    middle.axvline(1, color="black", lw=0.8)
    middle.set_xlim(0.45, 5)
    middle.set_xticks([0.5, 1, 2, 4])
    middle.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    middle.xaxis.set_minor_formatter(NullFormatter())
    right.axvline(0, color="black", lw=0.8)
    right.set_xlabel("analogies, predicted less trained")
    right.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    for axes in panels:
        axes.grid(axis="y", lw=0.4, alpha=0.5)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.label.set_size(10)
    named = dict.fromkeys(p for p in STYLES if p in set(table["predictor"]))
    handles = [
        left.plot([], [], ls="", marker=STYLES[p][1], color=STYLES[p][0], label=p)[0] for p in named
    ]
    bottom = 0.55 / figure.get_figheight()
    top = 1 - 0.45 / figure.get_figheight()
    figure.subplots_adjust(left=0.225, right=0.965, top=top, bottom=bottom, wspace=0.08)
    figure.legend(handles=handles, loc="upper center", ncol=6, fontsize=8.5, frameon=False)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    """Draw the rows of one quantity: points, with their ranges, side by side within each model."""
    for place, model in enumerate(models):
        own = rows[(rows["model"] == model) & rows["predictor"].isin(list(STYLES))]
        offsets = np.linspace(-0.22, 0.22, len(own)) if len(own) > 1 else np.zeros(len(own))
        for offset, (_, row) in zip(offsets.tolist(), own.iterrows(), strict=True):
            colour, marker = STYLES[row["predictor"]]
            y = place + offset
            if np.isfinite(row["low"]):
                axes.plot([row["low"], row["high"]], [y, y], color=colour, lw=1.2)
            axes.plot([row["value"]], [y], marker=marker, ms=5, color=colour, ls="")
