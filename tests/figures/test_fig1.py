"""Figure 1: the data drawn, the places of words, and inputs that do not fit."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from mstar.figures import fig1
from mstar.figures.drawing import style
from mstar.files.writing import UserError
from mstar.spectra import directions
from mstar.training.record import Training
from tests.support.figures import (
    WORDS,
    assert_nothing_cut,
    assert_texts_apart,
    assert_whole_and_the_same_twice,
    lines,
    sigmoids,
    trace,
    training,
)


def given(qwem: Training | None = None, word2vec: Training | None = None) -> dict[str, Any]:
    """Return the inputs of the figure; there are more words than rows in the embeddings."""
    return {
        "qwem": qwem or training(),
        "word2vec": word2vec or training(1, 0.2),
        "qwem_traces": [trace()],
        "word2vec_traces": [trace()],
        "theory": trace(),
        "vocabulary": [*WORDS, "rare", "rarer"],
    }


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(fig1, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(fig1, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_fig1_draws_its_table() -> None:
    figure, table = shared()
    drawn = lines(figure)
    for start, name in ((0, "QWEM"), (5, "word2vec")):
        rows = table[table["row"] == name]
        for series in rows["series"].unique():
            curves = rows[(rows["series"] == series) & (rows["panel"] == "singular values")]
            for mode, curve in curves.groupby("mode"):
                np.testing.assert_array_equal(
                    drawn[start + 1, f"{series} {mode}"], curve[["time", "y"]].to_numpy()
                )
            loss = rows[(rows["series"] == series) & (rows["panel"] == "loss")]
            np.testing.assert_array_equal(drawn[start, series], loss[["time", "y"]].to_numpy())
        for j, (time, cloud) in enumerate(rows[rows["panel"] == "snapshot"].groupby("time")):
            np.testing.assert_array_equal(
                drawn[start + 2 + j, "words"], cloud[["x", "y"]].to_numpy()
            )
            assert f"{time:g}" in figure.axes[start + 2 + j].get_title()
    # The theory belongs to the row it describes, and all panels have equal limits.
    assert set(table.loc[table["series"] == "theory", "row"]) == {"QWEM"}
    windows = {figure.axes[i].get_xlim() + figure.axes[i].get_ylim() for i in (2, 3, 4, 7, 8, 9)}
    assert len(windows) == 1


def test_fig1_coordinates_ignore_rotations_and_signs() -> None:
    """Equal left vectors give equal clouds, whatever their signs and right bases."""
    table = fig1.table(**given(training(0), training(5)))
    clouds = table[table["panel"] == "snapshot"]
    qwem, word2vec = (clouds[clouds["row"] == name] for name in fig1.ROWS)
    assert list(qwem["word"]) == list(word2vec["word"])
    np.testing.assert_allclose(qwem[["x", "y"]], word2vec[["x", "y"]], atol=2e-5)
    # Along direction k the words spread by s_k at each time. The table holds only some of the rows,
    # so check the whole cloud.
    one = training(0)
    _, right = directions.principal_directions(one.embedding)
    whole = directions.turned(one.snapshots[-1], one.embedding) @ right
    np.testing.assert_allclose(
        np.linalg.norm(whole, axis=0), sigmoids(np.array([3.0]), 1e-12)[0], rtol=1e-6, atol=1e-9
    )


def test_fig1_labels_are_extreme_and_apart() -> None:
    figure, table = shared()
    last = table[(table["panel"] == "snapshot") & (table["time"] == 3.0)]
    total = last.groupby("word")[["x", "y"]].sum()
    first = last[(last["side"] == "top") & (last["rank"] == 1)]["word"].iloc[0]
    assert first == total["y"].idxmax()
    for i in (2, 3, 4, 7, 8, 9):
        named = [t for t in figure.axes[i].texts if isinstance(t, Annotation)]
        assert_texts_apart(figure, named)
        assert len(named) <= 24
        half = figure.axes[i].get_xlim()[1]
        assert all(np.hypot(*t.xy) > 0.27 * half for t in named)
    assert len(figure.axes[4].texts) >= 8 and not figure.axes[2].texts


def test_fig1_refuses_what_does_not_fit() -> None:
    with pytest.raises(UserError, match="fit"):
        fig1.table(**{**given(), "vocabulary": WORDS[:-1]})
    late = dataclasses.replace(training(), snapshot_times=training().snapshot_times * 1000)
    with pytest.raises(UserError, match="no time recorded"):
        fig1.table(**given(late))


def test_a_band_spans_the_seeds() -> None:
    """One seed draws no band; several draw the range, with the first seed as the line."""
    assert shared()[1][["low", "high"]].isna().all(axis=None)
    several = {**given(), "qwem_traces": [trace(1e-12), trace(1e-8)], "theory": trace()}
    figure = fig1.draw(fig1.table(**several, modes=4))
    assert [len(ax.collections) for ax in figure.axes[:2] + figure.axes[5:7]] == [1, 4, 0, 0]
    with pytest.raises(UserError, match="same times"):
        fig1.table(**{**given(), "qwem_traces": [trace(), trace().iloc[1:]]})
