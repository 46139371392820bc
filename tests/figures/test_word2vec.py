"""The figure of word2vec from counts draws each predictor of each model, with its range."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mstar.figures import word2vec
from mstar.prediction import word2vec_scores
from tests.support.figures import assert_whole_and_the_same_twice

ROWS = [
    ("sparse_small", "M*", "subspace", 0.6, np.nan, np.nan),
    ("sparse_small", "Proposition 2", "subspace", 0.8, np.nan, np.nan),
    ("sparse_small", "second run", "subspace", 0.9, np.nan, np.nan),
    ("sparse_small", "chance", "subspace", 0.1, np.nan, np.nan),
    ("sparse_small", "recursion", "time ratio", 1.1, 0.9, 1.3),
    ("sparse_small", "trained", "accuracy", 0.5, 0.4, 0.6),
    ("sparse_small", "M*", "accuracy difference", -0.1, -0.2, 0.0),
    ("gensim_k5", "M* by |λ|", "subspace", 0.5, np.nan, np.nan),
    ("gensim_sum_k5", "M*", "subspace", 0.6, np.nan, np.nan),
]


def given() -> dict[str, Any]:
    """Return the inputs of the figure."""
    labels = {"sparse_small": "word2vec", "gensim_k5": "inputs", "gensim_sum_k5": "sums"}
    return {"scores": pd.DataFrame(ROWS, columns=word2vec_scores.COLUMNS), "labels": labels}


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(word2vec, given(), tmp_path)


def test_models_are_named_and_only_predictions_are_drawn() -> None:
    figure = word2vec.draw(word2vec.table(**given()))
    left, middle, right = figure.axes
    labels = [text.get_text() for text in left.get_yticklabels()]
    assert labels == ["word2vec", "inputs", "sums"]
    drawn = [float(line.get_xdata()[0]) for line in left.lines if len(line.get_xdata()) == 1]
    assert drawn == [0.6, 0.8, 0.9, 0.5, 0.6]  # chance is a line
    ranges = [list(line.get_xdata()) for line in right.lines if len(line.get_xdata()) == 2]
    assert ranges[0] == [-0.2, 0.0]
    ratios = [line for line in middle.lines if len(line.get_xdata()) == 1]
    assert [float(line.get_xdata()[0]) for line in ratios] == [1.1]
    (legend,) = figure.legends
    named = [text.get_text() for text in legend.get_texts()]
    assert named == ["M*", "M* by |λ|", "Proposition 2", "recursion", "second run"]
