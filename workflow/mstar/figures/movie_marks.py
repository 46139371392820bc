"""Predicted times over the curves of the movie, each with its name, black once passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from scipy.optimize import isotonic_regression

from mstar.figures.drawing import style
from mstar.figures.drawing.labels import figure_of
from mstar.machine.arrays import Array

SOURCES = {"QWEM": "times predicted by Lemma 3.1", "word2vec": "times predicted by linear growth"}
APART = 0.2  # inches between names
LEADER = 0.09  # inches from the panel to them


@dataclass
class Mark:
    """A predicted time: its name over the panel, tied to its place on the axis."""

    time: float
    name: Text
    leader: Line2D

    def light(self, passed: bool) -> None:
        """Colour it by whether its time has passed."""
        colour = "black" if passed else style.LIGHT_GREY
        self.name.set_color(colour)
        self.leader.set_color(colour)


def spread_out(x: Array, apart: float) -> Array:
    """The places nearest to ascending ``x`` (least squares) that are at least ``apart``."""
    steps = apart * np.arange(len(x))
    return np.asarray(isotonic_regression(x - steps).x + steps)


def draw_marks(
    upper: Axes, lower: Axes, predicted: pd.DataFrame, span: tuple[float, float]
) -> tuple[list[Mark], list[Line2D]]:
    """Marks over ``upper`` for rows (row, mode, time) of ``predicted`` within ``span`` (τ₁).

    Both panels get a light line at each time, and one in the mode's colour, to be shown once it has
    passed; those are returned beside the marks, which are not drawn with the figure.
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
