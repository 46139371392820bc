"""Figure 1: features are learned one at a time, by QWEM and by word2vec.

Each row has the loss, the top singular values, and the embedding along two of its principal
directions at three times.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpecFromSubplotSpec
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullFormatter

from mstar.figures.drawing import style
from mstar.figures.drawing.curves import curve, spread
from mstar.figures.drawing.learning_panels import (
    HORIZONTAL,
    ROWS,
    SPARE,
    VERTICAL,
    draw_cloud,
    draw_curves,
    half_width,
    loss_ticks,
    outlying,
)
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.spectra.directions import principal_directions, turned
from mstar.training.record import Training, singular_value_columns

COLUMNS = ["row", "panel", "series", "mode", "time", "x", "y", "low", "high"]
COLUMNS += ["word", "side", "rank"]


def window(times: Sequence[float]) -> tuple[float, float]:
    """Return the time axis around snapshot times, in τ₁: 0.8 of the first to twice the last."""
    return 0.8 * min(times), 2.0 * max(times)


def _curves(
    name: str, series: str, trace: pd.DataFrame, modes: int, span: tuple[float, float]
) -> pd.DataFrame:
    """Return rows of the table for the loss and the first singular values of one trace."""
    inside = style.within(trace, *span, f"{name} ({series})")
    parts = [curve(inside, "loss").assign(panel="loss")]
    for k, column in enumerate(singular_value_columns(inside, modes), start=1):
        parts.append(curve(inside, column).assign(panel="singular values", mode=k))
    return pd.concat(parts).assign(row=name, series=series)


def table(
    *,
    qwem: Training,
    word2vec: Training,
    qwem_traces: Sequence[pd.DataFrame],
    word2vec_traces: Sequence[pd.DataFrame],
    theory: pd.DataFrame,
    recursion: pd.DataFrame | None = None,
    vocabulary: Sequence[str],
    modes: int = 20,
    labels: int = 24,
    candidates: int = 4000,
) -> pd.DataFrame:
    """Return the numbers of Figure 1, in long form.

    Snapshots list every second word, and the words that may be labelled.

    Args:
        qwem, word2vec: the runs of the two rows, at their first seed, with snapshots.
        qwem_traces, word2vec_traces: their traces at every seed, the first one first.
        theory: trace drawn dotted in the row of QWEM.
        recursion: trace drawn dotted in the row of word2vec, if any.
        vocabulary: words, most frequent first; the first V are those of the embeddings (V, d).
        modes: number of singular values drawn.
        labels: number of words named in a panel.
        candidates: number of most frequent words that may be labelled.

    Returns:
        Columns row (`ROWS`); panel (loss, singular values, snapshot); series (expt, theory); mode
        (from 1); time, in τ₁ of the run; x, y (coordinates of a snapshot along principal directions
        3 and 1 of the row's final embedding; curves only have y); low, high (range of a curve over
        several seeds); word; side and rank of a word that may be labelled, from `outlying`.

    Raises:
        UserError: the arrays do not match, the embeddings have fewer than 3 dimensions, or the
            seeds do not record the same times.
    """
    rows = dict(zip(ROWS, (qwem, word2vec), strict=True))
    traces = dict(zip(ROWS, (qwem_traces, word2vec_traces), strict=True))
    words = vocabulary[: len(qwem.embedding)]
    reference: Array | None = None
    clouds: dict[str, list[Array]] = {}
    for name, row in rows.items():
        size, dim = row.embedding.shape
        if size != len(words) or row.snapshots.shape[1:] != (size, dim):
            raise UserError(
                f"{name}: embedding {row.embedding.shape} and snapshots {row.snapshots.shape}"
                f" do not fit {len(words)} words"
            )
        if min(size, dim) <= max(HORIZONTAL, VERTICAL):
            raise UserError(
                f"{name}: the embedding has {dim} dimensions; Figure 1 needs at least 3"
            )
        left, right = principal_directions(row.embedding, reference)
        reference = left if reference is None else reference
        plane = right[:, [HORIZONTAL, VERTICAL]]
        clouds[name] = [turned(snapshot, row.embedding) @ plane for snapshot in row.snapshots]
    chosen = outlying([cloud[-1] for cloud in clouds.values()], SPARE * (labels // 4), candidates)
    listed = np.union1d(np.arange(0, len(words), 2), np.fromiter(chosen, dtype=np.int64))
    parts = []
    for name, row in rows.items():
        span = window([float(t) for t in row.snapshot_times])
        parts.append(_curves(name, "expt", spread(traces[name], "Figure 1"), modes, span))
        predicted = theory if name == "QWEM" else recursion
        if predicted is not None:
            parts.append(_curves(name, "theory", predicted, modes, span))
        for time, cloud in zip(row.snapshot_times, clouds[name], strict=True):
            part = pd.DataFrame(cloud[listed], columns=["x", "y"])
            part["word"] = [words[i] for i in listed]
            part["side"] = [chosen[i][0] if i in chosen else "" for i in listed]
            part["rank"] = [chosen[i][1] if i in chosen else 0 for i in listed]
            parts.append(part.assign(row=name, panel="snapshot", series="expt", time=float(time)))
    whole = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    whole["mode"] = whole["mode"].fillna(0).astype(int)
    whole["rank"] = whole["rank"].fillna(0).astype(int)
    whole[["word", "side"]] = whole[["word", "side"]].fillna("")
    return style.rounded(whole)


@style.styled
def draw(table: pd.DataFrame, *, labels: int = 24) -> Figure:
    """Draw Figure 1 from its `table`, with at most ``labels`` words named in a panel.

    A quarter of the labels goes to each side.
    """
    figure = style.new_figure(5)
    outer = figure.add_gridspec(
        2,
        2,
        width_ratios=(2.3, 5.1),
        left=0.115,
        right=0.988,
        top=0.94,
        bottom=0.1,
        wspace=0.17,
        hspace=0.3,
    )
    snapshots = table[table["panel"] == "snapshot"]
    half = half_width(snapshots)
    heights = {
        panel: (float(rows[["y", "low"]].min().min()), float(rows[["y", "high"]].max().max()))
        for panel, rows in table[table["panel"] != "snapshot"].groupby("panel")
    }
    for i, name in enumerate(ROWS):
        rows = table[table["row"] == name]
        clouds = rows[rows["panel"] == "snapshot"].groupby("time")
        times = [float(str(time)) for time, _ in clouds]
        left = GridSpecFromSubplotSpec(2, 1, outer[i, 0], height_ratios=(1, 2), hspace=0.1)
        loss, values = figure.add_subplot(left[0]), figure.add_subplot(left[1])
        draw_curves(loss, values, rows, times, window(times))
        low, high = heights["loss"]
        loss.set_ylim(low - 0.08 * (high - low), high + 0.12 * (high - low))
        loss.yaxis.set_major_locator(FixedLocator(loss_ticks(low, high)))
        values.set_ylim(0, 1.06 * heights["singular values"][1])
        right = GridSpecFromSubplotSpec(
            1, len(times), outer[i, 1], width_ratios=np.linspace(0.8, 1.5, len(times)), wspace=0.06
        )
        for j, (time, cloud) in enumerate(clouds):
            ax = figure.add_subplot(right[j])
            ax.set_title(rf"$t = {float(str(time)):g}\,\tau_1$", pad=4)
            draw_cloud(ax, cloud, half, labels // 4)
            if j == 0:
                ax.set_ylabel("PCA direction 1", labelpad=2)
            else:
                ax.yaxis.set_major_formatter(NullFormatter())
        if i == 1:
            strip = outer[i, 1].get_position(figure)
            middle = (strip.x0 + strip.x1) / 2
            figure.text(middle, 0.012, "PCA direction 3", ha="center", va="bottom")
            values.set_xlabel(r"$t/\tau_1$", labelpad=2)
        box = outer[i, 0].get_position(figure)
        figure.text(
            0.018,
            (box.y0 + box.y1) / 2,
            name,
            rotation=90,
            ha="center",
            va="center",
            fontsize=15,
        )
    figure.align_ylabels(
        [ax for ax in figure.axes if ax.get_ylabel() in ("Loss", "Singular values")]
    )
    gap = (outer[0, 0].get_position(figure).y0 + outer[1, 0].get_position(figure).y1) / 2
    figure.add_artist(Line2D([0.01, 0.99], [gap - 0.005] * 2, color="black", ls="--", lw=1))
    return figure
