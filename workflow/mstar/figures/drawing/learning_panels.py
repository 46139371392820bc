"""Panels of Figure 1 and the movie: loss, singular values and moving words of two models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator, StrMethodFormatter

from mstar.figures.drawing import style
from mstar.figures.drawing.curves import draw_curve, time_axis
from mstar.figures.drawing.labels import Candidate, nice_ceiling, place_labels
from mstar.machine.arrays import Array

ROWS = ("QWEM", "word2vec")
HORIZONTAL, VERTICAL = 2, 0  # principal directions 3 and 1
SPARE = 4  # candidates for each word named, since many are too close together
HIDDEN = 0.27  # words nearer to the origin than this share of the half-width stay unnamed


def outlying(clouds: Sequence[Array], count: int, among: int) -> dict[int, tuple[str, int]]:
    """Return the side and the rank, from 1, of the ``count`` most outlying words on each side.

    Coordinates are summed over models, which favours words that are outlying in all of them, but
    also finds words of one model where models disagree.

    Args:
        clouds: for each model (V, 2), the words at its last time.
        count: words on each of the sides top, bottom, left and right.
        among: number of most frequent words considered.
    """
    x, y = np.sum([cloud[:among] for cloud in clouds], axis=0).T
    orders = {
        "top": np.argsort(-y),
        "bottom": np.argsort(y),
        "left": np.argsort(x),
        "right": np.argsort(-x),
    }
    chosen: dict[int, tuple[str, int]] = {}
    taken = dict.fromkeys(orders, 0)
    for place in range(len(x)):
        for side, order in orders.items():
            word = int(order[place])
            if taken[side] < count and word not in chosen:
                chosen[word] = (side, taken[side] + 1)
                taken[side] += 1
    return chosen


def half_width(snapshots: pd.DataFrame) -> float:
    """Return half the side of every scatter plot, with room for the cloud's ends and their names.

    ``snapshots`` has columns row, time, x, y; the last time of each row counts.
    """
    last = snapshots[snapshots["time"] == snapshots.groupby("row")["time"].transform("max")]
    reach = np.abs(last[["x", "y"]].to_numpy())
    half = max(1.4 * float(np.quantile(reach, 0.995)), 1.2 * float(reach.max()), 1e-6)
    digit = 10.0 ** (np.floor(np.log10(half)) - 1)
    return float(np.ceil(half / digit) * digit)


def draw_curves(
    loss: Axes, values: Axes, rows: pd.DataFrame, times: Sequence[float], span: tuple[float, float]
) -> None:
    """Draw loss and singular values of one model over ``span`` (τ₁), and lines at ``times``."""
    for ax in (loss, values):
        for time in times:
            ax.axvline(time, color=style.LIGHT_GREY, lw=1, zorder=0.5)
    for series in ("expt", "theory"):
        some = rows[rows["series"] == series]
        curve = some[some["panel"] == "loss"]
        theory = series == "theory"
        if not curve.empty:
            colour = style.lighten(style.RASPBERRY) if theory else style.RASPBERRY
            draw_curve(
                loss,
                curve,
                color=colour,
                ls=":" if theory else "-",
                lw=1.5,
                gid=series,
            )
        for mode, curve in some[some["panel"] == "singular values"].groupby("mode"):
            look = style.mode_style(int(str(mode)) - 1, style.SCHEME1)
            if theory:
                look |= {
                    "color": style.lighten(look["color"]),
                    "linestyle": ":",
                    "linewidth": 1.6,
                    "zorder": 3,
                }
            draw_curve(values, curve, gid=f"{series} {mode}", **look)
    if (rows["series"] == "theory").any():
        handles = [Line2D([], [], color="grey", ls=ls) for ls in (":", "-")]
        values.legend(
            handles, ["theory", "expt"], loc="upper left", handlelength=1.6, borderaxespad=0.2
        )
    time_axis(loss, span, labelled=False)
    time_axis(values, span)
    loss.set_ylabel("Loss")
    values.set_ylabel("Singular values")


def latent_axes(ax: Axes, half: float) -> None:
    """Let both axes reach from -``half`` to ``half``, with few round ticks."""
    ax.set_xlim(-half, half)
    ax.set_ylim(-half, half)
    step = max(1.0, float(np.floor(half / 2))) if half >= 1 else half / 2
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MultipleLocator(step))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))


def draw_cloud(ax: Axes, cloud: pd.DataFrame, half: float, quota: int) -> None:
    """Draw one snapshot within ± ``half``, with at most ``quota`` words named on each side."""
    latent_axes(ax, half)
    ax.plot(
        cloud["x"],
        cloud["y"],
        "o",
        ms=1.5,
        mew=0,
        alpha=0.7,
        color=style.AZURE,
        zorder=2,
        gid="words",
    )
    far = cloud[(cloud["side"] != "") & (np.hypot(cloud["x"], cloud["y"]) > HIDDEN * half)]
    order = far.sort_values(["rank", "side"], kind="stable")
    place_labels(
        ax,
        [
            Candidate(str(w), float(x), float(y), str(s))
            for w, x, y, s in zip(order["word"], order["x"], order["y"], order["side"], strict=True)
        ],
        quota,
    )


def loss_ticks(low: float, high: float) -> list[float]:
    """Return up to four round ticks, down from 1, that span most of [low, high]."""
    step = nice_ceiling(max(high - low, 1e-6) / 2.6)
    return [1 - k * step for k in range(4) if 1 - k * step >= low - 0.05 * (high - low)]
