"""Drawing of the learning movie: fixed parts once, moving parts on every frame.

Predicted times are above the curves, each with its name, grey until it has passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedLocator
from scipy.optimize import isotonic_regression

from mstar.figures.drawing import style
from mstar.figures.drawing.gif import Picture
from mstar.figures.drawing.labels import figure_of
from mstar.figures.drawing.learning_panels import (
    HIDDEN,
    ROWS,
    draw_curves,
    latent_axes,
    loss_ticks,
)
from mstar.figures.drawing.moving_labels import Mover, place_movers
from mstar.machine.arrays import Array

FONT = 8.0  # of the words, in points
ROOM = 1.15  # side of the latent space over the outermost word's distance from the middle
SOURCES = {"QWEM": "times predicted by Lemma 3.1", "word2vec": "times predicted by linear growth"}
APART = 0.2  # inches between names
LEADER = 0.09  # inches from the panel to them


def pictures(
    table: pd.DataFrame,
    clouds: Mapping[str, Array],
    times: Array,
    labels: int,
    dpi: float,
    which: Sequence[int],
) -> list[Picture]:
    """Return frames ``which`` (from 0) of the movie, each (H, W, 3), within `style.context`.

    Args:
        table: from `mstar.figures.movie.table`.
        clouds: for each row (F, n, 2), coordinates of n words at F frames.
        times: (F,) of the frames, in τ₁.
        labels: words named in each latent space.
        dpi: pixels per inch of 9 × 5 inches.
    """
    stage = Stage(table, clouds, times, labels, dpi)
    return [stage.frame(k) for k in which]


@dataclass
class Mark:
    """A predicted time: its name above the panel, tied to its place on the axis."""

    time: float
    name: Text
    leader: Line2D

    def light(self, passed: bool) -> None:
        """Colour the mark by whether its time has passed."""
        colour = "black" if passed else style.LIGHT_GREY
        self.name.set_color(colour)
        self.leader.set_color(colour)


def spread_out(x: Array, apart: float) -> Array:
    """Return the places nearest to ascending ``x`` (least squares) that are ``apart`` or more."""
    steps = apart * np.arange(len(x))
    return np.asarray(isotonic_regression(x - steps).x + steps)


def draw_marks(
    upper: Axes, lower: Axes, predicted: pd.DataFrame, span: tuple[float, float]
) -> tuple[list[Mark], list[Line2D]]:
    """Mark the times of ``predicted`` (columns row, mode, time) within ``span`` (τ₁).

    Both panels get a light line at each time, and one in the colour of the mode.

    Returns:
        The marks above ``upper``, which are not drawn with the figure, and the coloured lines, to
        be shown when their time has passed.
    """
    inside = predicted[predicted["time"].between(*span)].sort_values("time")
    if inside.empty:
        return [], []
    width, height = (side / figure_of(upper).dpi for side in upper.bbox.size)
    x = np.log(inside["time"].to_numpy(dtype=np.float64) / span[0]) / np.log(span[1] / span[0])
    places = spread_out(x, APART / width)
    over = 1 + LEADER / height
    above: dict[str, Any] = {"va": "bottom", "transform": upper.transAxes}
    marks: list[Mark] = []
    passed: list[Line2D] = []
    for time, mode, at, place in zip(inside["time"], inside["mode"], x, places, strict=True):
        colour = style.mode_style(int(mode) - 1, style.SCHEME1)["color"]
        for ax in (upper, lower):
            ax.axvline(time, color=style.LIGHT_GREY, lw=0.8, zorder=0.5)
            passed.append(ax.axvline(time, color=colour, lw=1.2, zorder=0.6))
        leader = Line2D([at, place], [1, over], transform=upper.transAxes, clip_on=False, lw=0.8)
        leader.set_animated(True)
        upper.add_artist(leader)
        name = rf"$\tau_{mode}$"
        text = upper.text(place, over, name, ha="center", animated=True, **above)
        marks.append(Mark(float(time), text, leader))
    source = SOURCES[str(inside["row"].iloc[0])]
    note = upper.text(1.0, over, source, ha="right", fontsize=9, color=style.GREY, **above)
    room = note.get_window_extent(style.renderer(figure_of(upper))).width / upper.bbox.width
    note.set_visible(bool(places[-1] < 0.97 - room))
    return marks, passed


@dataclass
class _Label:
    """A moving word and its black dot."""

    track: Array
    opacity: Array
    word: Annotation
    dot: Line2D


@dataclass
class _Row:
    """One row: its axes, and the artists that are redrawn on every frame."""

    loss: Axes
    values: Axes
    latent: Axes
    cloud: Array
    dots: Line2D
    clock: Text
    marks: list[Mark]
    labels: list[_Label]


class Stage:
    """A figure that draws single frames; use it within `style.context`.

    The whole curves are drawn once, and a frame shows them up to its own pixel column; those of a
    prediction stand in every frame. Other moving parts are drawn on a copy of the empty figure.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        clouds: Mapping[str, Array],
        times: Array,
        labels: int,
        dpi: float,
    ) -> None:
        self.times, self.dpi = times, dpi
        self.figure = style.new_figure(5)
        self.figure.set_dpi(dpi)
        self.canvas = cast(Any, self.figure.canvas)  # Agg's canvas has no types
        reach = np.abs(np.concatenate([cloud[-1] for cloud in clouds.values()]))
        half = max(1.35 * float(np.quantile(reach, 0.995)), ROOM * float(reach.max()), 1e-6)
        curves = table[table["panel"].isin(["loss", "singular values"])]
        limits = {
            str(panel): (float(rows["y"].min()), float(rows["y"].max()))
            for panel, rows in curves.groupby("panel")
        }
        self.later: list[Line2D] = []
        self.rows = [
            self._row(i, table[table["row"] == name], clouds[name], half, limits, labels)
            for i, name in enumerate(ROWS)
        ]
        self.figure.text(0.84, 0.012, "PCA direction 3", ha="center", va="bottom")
        middle = (self.rows[0].values.get_position().y0 + self.rows[1].loss.get_position().y1) / 2
        line = Line2D([0.01, 0.99], [middle] * 2, color="black", ls="--", lw=1)
        self.figure.add_artist(line)
        self.whole = self._drawn()
        for curve in self.later:
            curve.set_visible(False)
        self._drawn()
        self.empty = self.canvas.copy_from_bbox(self.figure.bbox)

    def _drawn(self) -> Picture:
        self.canvas.draw()
        return np.asarray(self.canvas.buffer_rgba())[..., :3].copy()

    def _row(
        self,
        i: int,
        table: pd.DataFrame,
        cloud: Array,
        half: float,
        limits: Mapping[str, tuple[float, float]],
        labels: int,
    ) -> _Row:
        bottom, height = (0.575, 0.1)[i], 0.33
        third = height / 3
        loss = self.figure.add_axes((0.1, bottom + 2 * third + 0.01, 0.52, third - 0.01))
        values = self.figure.add_axes((0.1, bottom, 0.52, 2 * third - 0.01))
        latent = self.figure.add_axes((0.692, bottom, 0.296, height))
        span = float(self.times[0]), float(self.times[-1])
        draw_curves(loss, values, table, [], span)
        lines = [*loss.get_lines(), *values.get_lines()]
        self.later += [line for line in lines if not str(line.get_gid()).startswith("theory")]
        low, high = limits["loss"]
        loss.set_ylim(low - 0.08 * (high - low), high + 0.12 * (high - low))
        loss.yaxis.set_major_locator(FixedLocator(loss_ticks(low, high)))
        values.set_ylim(0, 1.06 * limits["singular values"][1])
        for ax in (loss, values):
            ax.yaxis.set_label_coords(-0.075, 0.5)
        if i == 1:
            values.set_xlabel(r"$t/\tau_1$", labelpad=0)
        latent_axes(latent, half)
        latent.set_ylabel("PCA direction 1", labelpad=0)
        name = str(table["row"].iloc[0])
        self.figure.text(
            0.018, bottom + height / 2, name, rotation=90, ha="center", va="center", fontsize=15
        )
        look = {"marker": "o", "mew": 0, "ls": "", "animated": True}
        dots = Line2D([], [], ms=1.7, alpha=0.7, color=style.AZURE, zorder=2, **look)  # type: ignore[arg-type]
        latent.add_line(dots)
        # The number alone changes: setting mathematics takes long.
        above: dict[str, Any] = {"va": "baseline", "transform": latent.transAxes}
        latent.text(0.44, 1.04, "$t =$", ha="right", **above)
        latent.text(0.565, 1.04, r"$\tau_1$", ha="left", **above)
        clock = latent.text(0.5, 1.04, "", ha="center", animated=True, **above)
        marks, passed = draw_marks(loss, values, table[table["panel"] == "predicted"], span)
        self.later += passed
        words = self._labels(latent, table[table["panel"] == "word"], half, labels)
        return _Row(loss, values, latent, cloud, dots, clock, marks, words)

    def _labels(self, ax: Axes, table: pd.DataFrame, half: float, labels: int) -> list[_Label]:
        ranked = table.sort_values(["rank", "side", "word", "frame"], kind="stable")
        movers = [
            Mover(str(word), rows[["x", "y"]].to_numpy(dtype=np.float64), str(rows["side"].iloc[0]))
            for word, rows in ranked.groupby("word", sort=False)
        ]
        far = [mover for mover in movers if np.hypot(*mover.track[-1]) > HIDDEN * half]
        placed = []
        for mover, (offset, horizontal, vertical) in place_movers(ax, far, labels // 4, FONT):
            word = ax.annotate(
                mover.word,
                (0, 0),
                xytext=offset,
                textcoords="offset points",
                ha=horizontal,
                va=vertical,
                fontsize=FONT,
                color=style.GREY,
                path_effects=[withStroke(linewidth=1.6, foreground=style.CREAM)],
                animated=True,
            )
            dot = Line2D([], [], marker="o", ms=2.8, mew=0, ls="", color="black", animated=True)
            ax.add_line(dot)
            placed.append(_Label(mover.track, mover.opacity(), word, dot))
        return placed

    def frame(self, k: int) -> Picture:
        """Return frame ``k`` (from 0), (H, W, 3)."""
        time = float(self.times[k])
        self.canvas.restore_region(self.empty)
        for row in self.rows:
            self._move(row, k, time)
        picture = np.asarray(self.canvas.buffer_rgba())[..., :3].copy()
        for row in self.rows:
            now = round(float(row.loss.transData.transform((time, 1.0))[0]))
            for ax in (row.loss, row.values):
                left, low, _, high = (round(edge) for edge in ax.bbox.extents)
                rows = slice(len(picture) - high, len(picture) - low)
                picture[rows, left:now] = self.whole[rows, left:now]
                if k + 1 < len(self.times):
                    picture[rows, now : now + max(1, round(self.dpi / 100))] = 85
        return picture

    def _move(self, row: _Row, k: int, time: float) -> None:
        row.dots.set_data(*row.cloud[k].T)
        row.latent.draw_artist(row.dots)
        row.clock.set_text(f"{time:.2f}")
        row.latent.draw_artist(row.clock)
        for label in row.labels:
            opacity = float(label.opacity[k])
            if opacity > 0:
                label.dot.set_data(*label.track[k : k + 1].T)
                label.word.xy = tuple(label.track[k])
                label.dot.set_alpha(opacity)
                label.word.set_alpha(opacity)
                row.latent.draw_artist(label.dot)
                row.latent.draw_artist(label.word)
        for mark in row.marks:
            mark.light(mark.time <= time)
            row.loss.draw_artist(mark.name)
            row.loss.draw_artist(mark.leader)
