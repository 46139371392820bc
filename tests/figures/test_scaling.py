"""The scaling figure: its rows for each vocabulary, and the picture."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pandas as pd

from mstar.counts import targets
from mstar.figures import scaling
from mstar.spectra import eigensolvers
from tests.prediction.test_vocabulary_size import WINDOW, unrelated
from tests.support.figures import assert_whole_and_the_same_twice

SIZES = (200, 50, 100)


def answers(size: int) -> pd.DataFrame:
    """Return questions (0, 1, 2, 3), right, and (0, 1, 2, size - 1), wrong, for words V a + b."""
    return pd.DataFrame(
        {
            "benchmark": "google",
            "variant": "original",
            "category": "c",
            "first": [1, 1],
            "second": [2 * size + 3, 2 * size + size - 1],
            "value": [1.0, 0.0],
        }
    )


@functools.cache
def given() -> dict[str, Any]:
    """Return the inputs of the figure for a text of unrelated words."""
    texts = {size: unrelated(size, 20 * max(SIZES)) for size in SIZES}
    matrices = [targets.dense("mstar", p) for _, p in texts.values()]
    return {
        "spectra": [eigensolvers.all_eigenpairs(matrix) for matrix in matrices],
        "answers": [answers(size) for size in SIZES],
        "vocabulary": ([f"word{i}" for i in range(max(SIZES))], texts[max(SIZES)][0]),
        "sizes": SIZES,
        "among": 60,
        "window": WINDOW,
        "negative": 1.0,
        "fit_from": 2,
        "modes": 20,
    }


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(scaling, given(), tmp_path)


def test_rows_and_picture() -> None:
    numbers = scaling.table(**given())
    fixed = numbers[numbers["panel"] == "accuracy fixed"].set_index("vocabulary")
    # At V = 50 some of the fixed questions are not in the vocabulary.
    assert fixed["y"].to_dict() == {100: 1.0, 200: 1.0}
    assert fixed["questions"].to_dict() == {100: 1, 200: 1}
    every = numbers[numbers["panel"] == "accuracy all"].set_index("vocabulary")
    assert every["y"].to_dict() == {50: 0.5, 100: 0.5, 200: 0.5}
    words = numbers[(numbers["panel"] == "words") & (numbers["mode"] == 1)]
    assert [len(text.split()) for text in words["text"]] == [8, 8, 8]
    figure = scaling.draw(numbers, fit_from=2, modes=20)
    accuracy, exponent, values, share = figure.axes
    drawn = {line.get_label(): line.get_ydata() for line in accuracy.lines}
    assert list(drawn["the same 1 questions"]) == [1.0, 1.0]
    assert [len(ax.lines) for ax in (exponent, values, share)] == [1, 5, 4]
    texts = [text.get_text() for text in figure.texts]
    assert [scaling._short(size) for size in (200, 3000, 1234, 30_000, 220_545)] == (
        ["200", "3k", "1,234", "30k", "221k"]
    )
    assert r"$k = 2 \ldots 20$" in exponent.get_title()
    for ax in (accuracy, exponent):  # the meaning of the shading
        assert "95 % interval" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert words["text"].iloc[0].replace(" ", ", ") in texts
