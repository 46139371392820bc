"""Shared parts of figures: styles, curves over seeds, callouts and labels."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from matplotlib.text import Annotation, Text

from mstar.figures.drawing import curves, style
from mstar.figures.drawing.callouts import Callout, draw_callouts
from mstar.figures.drawing.labels import Candidate, nice_ceiling, place_labels
from mstar.figures.drawing.task_vector_rows import annotation_modes
from mstar.files.writing import UserError
from tests.support.figures import assert_texts_apart, trace


def test_mode_style_follows_the_rule() -> None:
    assert style.mode_style(7, style.SCHEME1)["color"] == style.SCHEME1[2]
    alphas = [style.mode_style(k, style.SCHEME0)["alpha"] for k in (0, 9, 10, 20, 21, 40)]
    assert alphas == [1.0, 1.0, 0.3, 1.0, 0.3, 1.0]


def test_characters_without_a_font_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings(record=True) as others, style.context():
        warnings.simplefilter("always")
        with style.missing_characters_in_one_line():
            figure = style.new_figure(1)
            figure.text(0.5, 0.5, "a\U0010fffd\U0010fffc")
            figure.canvas.draw()
            warnings.warn("another", RuntimeWarning, stacklevel=1)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(r"warning: no font of this machine has '\U0010fffd\U0010fffc': the pic")
    assert [str(warning.message) for warning in others] == ["another"]


def test_the_range_over_seeds_is_beside_the_first() -> None:
    first, second = trace(1e-12), trace(1e-8)
    whole = curves.spread([first, second], "x")
    assert whole[list(first.columns)].equals(first)
    np.testing.assert_array_equal(whole["loss_low"], np.minimum(first["loss"], second["loss"]))
    with pytest.raises(UserError, match="same times"):
        curves.spread([first, second.iloc[1:]], "x")


@pytest.mark.parametrize("modes", [(0, 1, 2, 3), (1, 11, 18, 20), (90, 95, 99), (0, 40, 60, 99)])
def test_callouts_keep_apart(modes: tuple[int, ...]) -> None:
    bars = np.full(100, 0.02)
    bars[list(modes)] = np.linspace(0.2, 0.08, len(modes))
    figure = style.new_figure(3)
    ax = figure.add_subplot()
    ax.set_xlim(-1.5, 101)
    ax.bar(range(100), bars)
    draw_callouts(
        ax, [Callout(m, bars[m], "five words, of some\nlength, here") for m in modes], bars
    )
    assert len(ax.texts) == len(modes)
    measure = style.renderer(figure)
    frame = ax.get_window_extent(measure)
    boxes = []
    for text in ax.texts:
        assert isinstance(text, Annotation)
        text.update_positions(measure)
        boxes.append(Text.get_window_extent(text, measure))  # the words without the arrow
    for box in boxes:
        assert box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y1 <= frame.y1
    for (i, one), other in itertools.product(enumerate(boxes), range(len(boxes))):
        if i == other:
            continue
        assert not one.overlaps(boxes[other])
        # The vertical part of an arrow, from its bend down to its bar, crosses no other words.
        top = (boxes[other].y0 + boxes[other].y1) / 2
        x, foot = ax.transData.transform(ax.texts[other].xy)  # type: ignore[attr-defined]
        assert not (one.x0 < x < one.x1 and foot < one.y1 and one.y0 < top)


def test_annotation_modes_are_tall_and_separate() -> None:
    shares = np.zeros(100)
    shares[[1, 0, 20, 11, 18, 19]] = [0.184, 0.08, 0.078, 0.055, 0.03, 0.05]
    assert annotation_modes(shares) == [1, 11, 18, 20]
    assert annotation_modes(np.full(5, np.nan)) == []


def test_labels_skip_what_would_overlap() -> None:
    figure = style.new_figure(3)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    crowd = [Candidate(f"word{i}", 0.001 * i, 0.0, "top") for i in range(30)]
    placed = place_labels(ax, [*crowd, Candidate("far", 0.5, 0.5, "top")], quota=10)
    names = [text.get_text() for text in placed]
    assert "word0" in names and "far" in names and len(names) < 8
    assert_texts_apart(figure, placed)
    assert len(place_labels(ax, [Candidate("x", 0, -0.9, "top")] * 3, quota=0)) == 0


@pytest.mark.parametrize(("value", "ceiling"), [(1.0, 1.0), (1.2, 1.5), (2.6, 3.0), (0.013, 0.015)])
def test_nice_ceiling(value: float, ceiling: float) -> None:
    assert nice_ceiling(value) == pytest.approx(ceiling)
