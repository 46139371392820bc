"""Words tied to bars by bent arrows, which cross neither each other nor words of other bars."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from mstar.figures.drawing.labels import figure_of
from mstar.figures.drawing.style import renderer
from mstar.machine.arrays import Array

SLATE = "#5b7590"  # grey-blue
GAP = 0.03  # of the axis: the length of an arrow's level part
OUTSIDE = 8  # number of crossings that count as much as words cut off at the edge
SHORTEST = 0.09  # least length of an arrow's vertical part, relative to the tallest bar


@dataclass(frozen=True)
class Callout:
    """Words ``text``, in one or more lines, that point at the bar of ``height`` at ``x``."""

    x: float
    height: float
    text: str


@dataclass(frozen=True)
class _Placed:
    """A callout with its box of words [left, right] × [bottom, top] and its bend at (x, middle)."""

    callout: Callout
    left: float
    right: float
    bottom: float
    top: float
    on_right: bool

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


def _crossings(placed: Sequence[_Placed], bars: Array, limits: tuple[float, float]) -> int:
    """Count boxes off the axes, on a bar, too low, or in the way of another callout's arrow."""
    bad = 0
    for one in placed:
        bad += one.middle - one.callout.height < SHORTEST * float(bars.max())
        bad += OUTSIDE * (one.left < limits[0] or one.right > limits[1])
        low, high = max(0, int(np.ceil(one.left - 0.5))), int(np.floor(one.right + 0.5)) + 1
        bad += bool((bars[low:high] > one.bottom).any())
        span = sorted((one.callout.x, one.left if one.on_right else one.right))
        under = bars[max(0, int(np.ceil(span[0]))) : int(span[1]) + 1]
        bad += bool((under > one.middle).any())
        for other in placed:
            if other is one:
                continue
            if other.left - 1 < one.callout.x < other.right + 1:  # the vertical part, through words
                bad += one.callout.height < other.top and other.bottom < one.middle
            if (
                span[0] - 1 < other.callout.x < span[1] + 1
            ):  # the level part, over another's vertical
                bad += other.callout.height < one.middle < other.middle
    return bad


def _arrange(
    callouts: Sequence[Callout],
    sizes: Sequence[tuple[float, float]],
    bars: Array,
    limits: tuple[float, float],
    ceiling: float,
) -> tuple[int, list[_Placed]]:
    """Return the fewest crossings and the callouts placed with them, stacked below ``ceiling``."""
    gap = GAP * (limits[1] - limits[0])
    best: tuple[int, list[_Placed]] | None = None
    for order in itertools.permutations(range(len(callouts))):
        for sides in itertools.product((True, False), repeat=len(callouts)):
            top = ceiling
            placed = []
            for index in order:
                callout, (width, height) = callouts[index], sizes[index]
                near = callout.x + gap if sides[index] else callout.x - gap - width
                box = (near, near + width, top - height, top)
                placed.append(_Placed(callout, *box, sides[index]))
                top -= 1.25 * height
            cost = _crossings(placed, bars, limits)
            if best is None or cost < best[0]:
                best = cost, placed
            if cost == 0:
                return best
    assert best is not None
    return best


def draw_callouts(
    ax: Axes, callouts: Sequence[Callout], bars: Array, fontsize: float = 8.5
) -> None:
    """Write ``callouts`` above ``bars`` (heights at x = 0, 1, …), raising the y-limit to fit.

    Axes position and x-limits must be final. The search is slow for more than four callouts.
    """
    if not callouts:
        return
    measure = renderer(figure_of(ax))
    frame = ax.get_window_extent(measure)
    limits = ax.get_xlim()
    tallest = float(bars.max())
    pixels = []
    for callout in callouts:
        text = ax.text(0, 0, callout.text, fontsize=fontsize, linespacing=1.1)
        box = text.get_window_extent(measure)
        text.remove()
        pixels.append((box.width, box.height))
    placed: list[_Placed] = []
    for room in (1.12, 1.3, 1.5, 1.75, 2.0, 2.5):
        ax.set_ylim(0, room * tallest)
        sizes = [
            (w / frame.width * (limits[1] - limits[0]), h / frame.height * room * tallest)
            for w, h in pixels
        ]
        cost, placed = _arrange(
            callouts, sizes, bars, (limits[0], limits[1]), 0.97 * room * tallest
        )
        if cost == 0:
            break
    for one in placed:
        ax.annotate(
            one.callout.text,
            xy=(one.callout.x, one.callout.height + 0.01 * tallest),
            xytext=(one.left if one.on_right else one.right, one.middle),
            ha="left" if one.on_right else "right",
            va="center",
            fontsize=fontsize,
            linespacing=1.1,
            color="#444444",
            zorder=5,
            arrowprops={
                "arrowstyle": "-|>,head_width=0.18,head_length=0.35",
                "connectionstyle": f"angle,angleA={180 if one.on_right else 0},angleB=90,rad=4",
                "color": SLATE,
                "lw": 1.1,
                "shrinkA": 1,
                "shrinkB": 0,
                "relpos": (0.0 if one.on_right else 1.0, 0.5),
            },
        )
