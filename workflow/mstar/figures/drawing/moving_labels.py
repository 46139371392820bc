"""Labels that keep their side of a moving dot, and never overlap while visible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mstar.figures.drawing.labels import PLACES, Place, figure_of
from mstar.figures.drawing.style import renderer
from mstar.machine.arrays import Array

# A word fades in while its distance from its end point is between these shares of the way.
FADE = (0.6, 0.4)
MARGIN = 2.0  # points between a word and the frame


@dataclass(frozen=True)
class Mover:
    """A word that may be labelled: its ``track`` (F, 2) in data coordinates, and its side."""

    word: str
    track: Array
    side: str

    def opacity(self) -> Array:
        """Return (F,), 0 while the word is far from its end point and 1 when it is near."""
        end = self.track[-1]
        size = max(float(np.hypot(*end)), 1e-30)
        left = np.hypot(*(self.track - end).T) / size
        share = np.clip((FADE[0] - left) / (FADE[0] - FADE[1]), 0.0, 1.0)
        return np.asarray(share**2 * (3 - 2 * share))


def _boxes(pixels: Array, place: Place, size: tuple[float, float], scale: float) -> Array:
    """Return (F, 4) left, bottom, right, top of a text of ``size`` beside dots (all in pixels)."""
    (dx, dy), horizontal, vertical = place
    x, y = pixels[:, 0] + dx * scale, pixels[:, 1] + dy * scale
    left = x - size[0] * {"left": 0.0, "center": 0.5, "right": 1.0}[horizontal]
    bottom = y - size[1] * {"bottom": 0.0, "center_baseline": 0.5, "top": 1.0}[vertical]
    return np.stack([left, bottom, left + size[0], bottom + size[1]], axis=1)


def _meet(one: Array, other: Array) -> NDArray[np.bool_]:
    """Return (F,), whether two boxes (F, 4) overlap."""
    apart = (one[:, 2] < other[:, 0]) | (other[:, 2] < one[:, 0])
    return np.asarray(~(apart | (one[:, 3] < other[:, 1]) | (other[:, 3] < one[:, 1])))


def place_movers(
    ax: Axes, movers: Sequence[Mover], quota: int, fontsize: float
) -> list[tuple[Mover, Place]]:
    """Choose in order, at most ``quota`` per side, movers whose labels fit and never overlap.

    Each is returned with a place that is used for the whole movie, so that labels do not jump.
    Limits and position of ``ax`` must be final.
    """
    figure = figure_of(ax)
    measure = renderer(figure)
    frame, scale = ax.get_window_extent(measure), figure.dpi / 72
    chosen: list[tuple[Mover, Place]] = []
    taken: list[tuple[Array, NDArray[np.bool_]]] = []
    used: Counter[str] = Counter()
    for mover in movers:
        if used[mover.side] >= quota:
            continue
        pixels = np.asarray(ax.transData.transform(mover.track))
        seen = mover.opacity() > 0
        dot = np.concatenate([pixels - 1.6 * scale, pixels + 1.6 * scale], axis=1)
        text = ax.text(0, 0, mover.word, fontsize=fontsize)
        extent = text.get_window_extent(measure)
        text.remove()
        for place in PLACES[mover.side]:
            box = _boxes(pixels, place, (extent.width, extent.height), scale)
            above = box[seen, :2] >= np.add(frame.min, MARGIN * scale)
            below = box[seen, 2:] <= np.subtract(frame.max, MARGIN * scale)
            clear = all(
                not (seen & shown & (_meet(box, other) | _meet(dot, other))).any()
                for other, shown in taken
            )
            if above.all() and below.all() and clear:
                chosen.append((mover, place))
                taken += [(box, seen), (dot, seen)]
                used[mover.side] += 1
                break
    return chosen
