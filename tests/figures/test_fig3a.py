"""Figure 3a: every word is printed, and gaps are explained."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mstar.features.components import component_words
from mstar.figures import fig3a
from mstar.figures.drawing import style
from tests.support.figures import (
    WORDS,
    D,
    V,
    assert_nothing_cut,
    assert_texts_apart,
    assert_whole_and_the_same_twice,
)


def given() -> dict[str, Any]:
    """Return the inputs of the figure; svd(PPMI) has fewer components than the others."""
    rng = np.random.default_rng(2)
    embeddings = {name: rng.standard_normal((V, D)) for name in ("word2vec", "qwem")}
    chosen = {"components": [30, 1, 2, D], "words": 8, "candidates": 100}
    ppmi = rng.standard_normal((V, D - 1))
    return {**embeddings, "ppmi": ppmi, "vocabulary": [*WORDS, "rare"], **chosen}


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(fig3a, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(fig3a, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_fig3a_prints_every_word_and_explains_gaps() -> None:
    figure, table = shared()
    assert table["component"].tolist() == [1, 2, D, 30]
    qwem = component_words(given()["qwem"], WORDS, [1], 8, 100)[1]
    assert qwem and table["QWEM"].iloc[0] == ", ".join(qwem.words)
    assert table["svd(PPMI)"].tolist()[2:] == ["", ""]
    text = " ".join(t.get_text() for t in figure.texts)
    for cell in table[list(fig3a.MODELS)].to_numpy().ravel():
        for word in filter(None, str(cell).split(", ")):
            assert word in text
    assert "fewer components" in text
    assert_texts_apart(figure, figure.texts)


def test_a_failed_save_leaves_nothing(tmp_path: Path) -> None:
    figure, _ = shared()
    paths = {kind: tmp_path / f"a.{kind}" for kind in ("pdf", "png", "csv")}
    with pytest.raises(AttributeError):
        style.save(figure, None, **paths)  # type: ignore[arg-type]
    assert not (tmp_path / "a.csv").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
