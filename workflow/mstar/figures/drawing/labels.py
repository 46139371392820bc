"""Labels beside dots without overlaps, and names that figures print."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from mstar.figures.drawing.style import CREAM, GREY, renderer

# Names of the sections of questions-words.txt in the paper's figures.
FAMILIES = {
    "capital-common-countries": "country-capital",
    "capital-world": "country-capital (all)",
    "currency": "country-currency",
    "city-in-state": "city-state",
    "family": "male-female",
    "gram1-adjective-to-adverb": "adj-adverb",
    "gram2-opposite": "adj-antonym",
    "gram3-comparative": "adj-comparative",
    "gram4-superlative": "adj-superlative",
    "gram5-present-participle": "verb-participle",
    "gram6-nationality-adjective": "country-nationality",
    "gram7-past-tense": "verb-past tense",
    "gram8-plural": "noun-plural",
    "gram9-plural-verbs": "verb-plural",
}

Place = tuple[tuple[float, float], str, str]

# Offsets (points) and alignments of a label around its dot, outward first. A label to the left or
# right never goes straight above or below, where it would hide the line of Figure 1.
_ABOVE = ((0.0, 2.5), "center", "bottom")
_BELOW = ((0.0, -2.5), "center", "top")
_LEFT = ((-3.0, 0.0), "right", "center_baseline")
_RIGHT = ((3.0, 0.0), "left", "center_baseline")
_UP_LEFT, _UP_RIGHT = ((-2.0, 1.0), "right", "bottom"), ((2.0, 1.0), "left", "bottom")
_DOWN_LEFT, _DOWN_RIGHT = ((-2.0, -1.0), "right", "top"), ((2.0, -1.0), "left", "top")
PLACES: dict[str, tuple[Place, ...]] = {
    "top": (_ABOVE, _UP_RIGHT, _UP_LEFT, _RIGHT, _LEFT),
    "bottom": (_BELOW, _DOWN_RIGHT, _DOWN_LEFT, _RIGHT, _LEFT),
    "left": (_LEFT, _UP_LEFT, _DOWN_LEFT),
    "right": (_RIGHT, _UP_RIGHT, _DOWN_RIGHT),
}


@dataclass(frozen=True)
class Candidate:
    """A word that may be labelled at data coordinates (x, y), outlying on ``side``."""

    word: str
    x: float
    y: float
    side: str


def family_name(family: str) -> str:
    """Return the paper's name of an analogy family, or the family's own if the paper has none."""
    return FAMILIES.get(family, family)


def nice_ceiling(value: float) -> float:
    """Return the least of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 × a power of ten not below ``value``."""
    power = 10.0 ** math.floor(math.log10(value))
    for factor in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0):
        if factor * power >= value * (1 - 1e-12):
            return factor * power
    return 10 * power


def figure_of(ax: Axes) -> Figure:
    """Return the top-level figure that holds ``ax``."""
    figure = ax.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise TypeError("the axes belong to no figure")
    return figure


def _disjoint(box: Bbox, others: Sequence[Bbox]) -> bool:
    return not any(box.overlaps(other) for other in others)


def place_labels(
    ax: Axes, candidates: Sequence[Candidate], quota: int, fontsize: float = 7.5
) -> list[Annotation]:
    """Label candidates in order, at most ``quota`` per side, skipping those that would overlap.

    Labels also avoid the dots of labelled words and stay inside the axes. Limits and position of
    ``ax`` must be final. Returns the annotations, one for each black dot drawn.
    """
    figure = figure_of(ax)
    measure = renderer(figure)
    frame = ax.get_window_extent(measure)
    dot = 1.6 * figure.dpi / 72
    placed: list[Annotation] = []
    boxes: list[Bbox] = []
    dots: list[Bbox] = []
    used: Counter[str] = Counter()
    for candidate in candidates:
        if used[candidate.side] >= quota:
            continue
        px, py = ax.transData.transform((candidate.x, candidate.y))
        here = Bbox.from_extents(px - dot, py - dot, px + dot, py + dot)
        if not frame.contains(px, py) or not _disjoint(here, boxes):
            continue
        for offset, horizontal, vertical in PLACES[candidate.side]:
            text = ax.annotate(
                candidate.word,
                (candidate.x, candidate.y),
                xytext=offset,
                textcoords="offset points",
                ha=horizontal,
                va=vertical,
                fontsize=fontsize,
                color=GREY,
                zorder=5,
                path_effects=[withStroke(linewidth=1.6, foreground=CREAM)],
            )
            box = text.get_window_extent(measure).padded(0.5 * figure.dpi / 72)
            inside = (
                box.x0 >= frame.x0
                and box.x1 <= frame.x1
                and box.y0 >= frame.y0
                and box.y1 <= frame.y1
            )
            if inside and _disjoint(box, boxes) and _disjoint(box, dots):
                placed.append(text)
                boxes.append(box)
                dots.append(here)
                used[candidate.side] += 1
                ax.plot(candidate.x, candidate.y, "o", ms=2.6, mew=0, color="black", zorder=4)
                break
            text.remove()
    return placed


def exponent_text(base: str, exponent: float, low: float, high: float) -> str:
    """Return a fitted power in TeX, with its interval if known: $k^{-0.60}$ (−0.64, −0.56)."""
    text = rf"${base}^{{{exponent:.2f}}}$"
    if math.isfinite(low) and math.isfinite(high):
        text += f"  ({low:.2f}, {high:.2f})".replace("-", "−")
    return text
