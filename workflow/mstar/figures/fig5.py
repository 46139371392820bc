"""Figure 5: overlaps of the features of word2vec with those of QWEM, Prop. 2 and svd(PPMI)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from mstar.features.components import principal_components, squared_overlaps
from mstar.figures.drawing import style
from mstar.files.writing import UserError
from mstar.machine.arrays import Array

COLUMNS = ["panel", "model", "row", "column", "value", "text"]


def table(
    *, word2vec: Array, qwem: Array, prop2: Array, ppmi: Array, modes: int = 64
) -> pd.DataFrame:
    """Return the numbers of Figure 5, in long form.

    Args:
        word2vec: embedding (V, d), whose left singular vectors are the rows.
        qwem, prop2, ppmi: embeddings (V, d'), whose left singular vectors are the columns.
        modes: number of leading vectors compared.

    Returns:
        Columns panel, model (of the columns), row and column (modes from 1), value, text. Panel
        overlap holds (v_row · v~_column)²; best the mean over rows of the largest overlap with one
        feature; shared the mean over rows of the sum of overlaps with all features; missing a text
        with the number of modes, if there are fewer than ``modes``.

    Raises:
        UserError: the embeddings are of different vocabularies.
    """
    others = {"QWEM": qwem, "Prop. 2": prop2, "svd(PPMI)": ppmi}
    rows = principal_components(word2vec).left[:, :modes]
    lines: list[pd.DataFrame] = []
    for model, embedding in others.items():
        if len(embedding) != len(rows):
            raise UserError(
                f"Figure 5: {model} has {len(embedding)} words and word2vec {len(rows)}:"
                " not the same vocabulary"
            )
        columns = principal_components(embedding).left[:, :modes]
        overlaps = squared_overlaps(rows, columns).round(6)  # below that is rounding
        row, column = np.indices(overlaps.shape)
        cells = {"row": row.ravel() + 1, "column": column.ravel() + 1, "value": overlaps.ravel()}
        lines.append(pd.DataFrame({"panel": "overlap", "model": model, **cells}))
        means = [overlaps.max(axis=1).mean(), overlaps.sum(axis=1).mean()]
        lines.append(pd.DataFrame({"panel": ["best", "shared"], "model": model, "value": means}))
        found = min(overlaps.shape)
        if found < modes:
            text = f"{found} of {modes} modes: there are no more"
            lines.append(pd.DataFrame({"panel": ["missing"], "model": [model], "text": [text]}))
    whole = style.rounded(pd.concat(lines, ignore_index=True).reindex(columns=COLUMNS))
    for name in ("row", "column"):
        whole[name] = whole[name].astype("Int64")
    whole["text"] = whole["text"].fillna("")
    return whole


def _ticks(ax: Axes, count: int, across: bool) -> None:
    step = next(2**power for power in range(32) if count / 2**power <= 4)
    shown = sorted({1, *range(step, count + 1, step)})
    axis = ax.xaxis if across else ax.yaxis
    axis.set_ticks([k - 0.5 for k in shown], [str(k) for k in shown], rotation=0)
    axis.set_minor_locator(NullLocator())


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 5 from its `table`: a heat map for each model, and one colour bar."""
    models = list(table["model"].unique())
    note = 0.3 if (table["panel"] == "missing").any() else 0.0  # inches for one more line
    height = 3.4 + note
    figure = style.new_figure(height)
    grid = figure.add_gridspec(
        1,
        len(models) + 1,
        width_ratios=[1.0] * len(models) + [0.045],
        left=0.08,
        right=0.935,
        top=1 - 0.51 / height,
        bottom=(0.46 + note) / height,
        wspace=0.12,
    )
    bar = figure.add_subplot(grid[len(models)])
    for i, model in enumerate(models):
        own = table[table["model"] == model]
        cells = own[own["panel"] == "overlap"]
        values = cells.pivot(index="row", columns="column", values="value").astype(float)
        ax = figure.add_subplot(grid[i])
        seaborn.heatmap(
            values,
            ax=ax,
            cmap="magma",
            # Overlaps of later modes are small; their square root is visible.
            norm=PowerNorm(0.5, vmin=0, vmax=1),
            cbar=i == 0,
            cbar_ax=bar if i == 0 else None,
            cbar_kws={"ticks": [0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.7, 1], "format": "%g"},
            square=True,
            rasterized=True,
        )
        for spine in ax.spines.values():
            spine.set_visible(True)
        mean = own.set_index("panel")["value"]
        ax.set_title(model, pad=19)
        said = f"best match {mean['best']:.2f}, together {mean['shared']:.2f}"
        ax.text(0.5, 1.03, said, transform=ax.transAxes, ha="center", fontsize=9.5)
        lacking = own.loc[own["panel"] == "missing", "text"]
        ax.set_xlabel("\n".join([f"mode of {model}", *lacking]), labelpad=2)
        ax.set_ylabel("mode of word2vec" if i == 0 else "", labelpad=2)
        _ticks(ax, values.shape[1], across=True)
        _ticks(ax, values.shape[0], across=False)
        ax.tick_params(labelleft=i == 0)
    bar.set_title(r"$(v_i \cdot \tilde{v}_j)^2$", fontsize=11, pad=7)
    return figure
