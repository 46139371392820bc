"""Tables set as figures: cells of wrapped text between thin rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mstar.figures.drawing.style import renderer

LINE = 1.22  # distance of lines in units of the font size
# Names that are set as mathematics.
PRINTED = {"svd(M*)": r"svd($M^{*\!}$)", "svd(M*_κ)": r"svd($M^{*}_{\kappa}$)"}


def text_width(figure: Figure, text: str, fontsize: float) -> float:
    """Return the width of ``text`` in inches in ``figure``."""
    artist = figure.text(0, 0, text, fontsize=fontsize)
    width = artist.get_window_extent(renderer(figure)).width / figure.dpi
    artist.remove()
    return float(width)


def wrap(figure: Figure, words: Sequence[str], fontsize: float, width: float) -> list[str]:
    """Join ``words`` by commas in lines of at most ``width`` inches; wider words get own lines."""
    lines: list[str] = []
    for i, word in enumerate(words):
        item = word + ("," if i + 1 < len(words) else "")
        longer = f"{lines[-1]} {item}" if lines else item
        if lines and text_width(figure, longer, fontsize) <= width:
            lines[-1] = longer
        else:
            lines.append(item)
    return lines


@dataclass
class Sheet:
    """A cursor down a figure, in inches from its top left corner."""

    figure: Figure
    y: float = 0.0

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        """Write ``text`` at ``x`` inches from the left and ``y`` from the top."""
        width, height = self.figure.get_size_inches()
        self.figure.text(x / width, 1 - y / height, text, **{"va": "center", **look})

    def rule(self, x0: float, x1: float, weight: float = 0.8, color: str = "black") -> None:
        """Draw a horizontal rule at the cursor, from ``x0`` to ``x1`` inches."""
        width, height = self.figure.get_size_inches()
        y = 1 - self.y / height
        self.figure.add_artist(Line2D([x0 / width, x1 / width], [y, y], color=color, lw=weight))
