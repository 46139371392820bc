"""Figure 5: squared overlaps do not depend on signs and rotations, and share one colour scale."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mstar.figures import fig5
from mstar.figures.drawing import style
from mstar.files.writing import UserError
from tests.support.figures import assert_nothing_cut, assert_whole_and_the_same_twice, texts

MODELS = ("QWEM", "Prop. 2", "svd(PPMI)")


def embeddings() -> dict[str, np.ndarray]:
    """Return left vectors: word2vec's; modes 2 and 3 mixed by 30°; all modes shifted by one."""
    rng = np.random.default_rng(0)
    left = np.linalg.qr(rng.standard_normal((60, 11)))[0]
    values = np.geomspace(10, 1, 10)
    turn = np.eye(10)
    turn[1:3, 1:3] = [[np.cos(np.pi / 6), -0.5], [0.5, np.cos(np.pi / 6)]]
    rotation = np.linalg.qr(rng.standard_normal((10, 10)))[0]
    return {
        "word2vec": left[:, :10] * values,
        "qwem": (left[:, :10] @ turn * -values) @ rotation,
        "prop2": left[:, :10] * values,
        "ppmi": left[:, 10:] * 20 @ np.eye(1, 10) + left[:, :10] * values @ np.eye(10, k=1),
    }


def given() -> dict[str, Any]:
    """Return the inputs of the figure."""
    return {**embeddings(), "modes": 8}


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(fig5, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(fig5, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_fig5_holds_squared_overlaps_whatever_signs_and_rotations() -> None:
    _, table = shared()
    cells = table[table["panel"] == "overlap"]
    qwem, prop2, ppmi = (
        cells[cells["model"] == model].pivot(index="row", columns="column", values="value")
        for model in MODELS
    )
    expected = np.eye(8)
    expected[1:3, 1:3] = [[0.75, 0.25], [0.25, 0.75]]
    np.testing.assert_allclose(qwem, expected, atol=1e-6)
    np.testing.assert_allclose(prop2, np.eye(8), atol=1e-6)
    # PPMI has one additional first mode, so its diagonal is shifted by one.
    np.testing.assert_allclose(ppmi, np.eye(8, k=1), atol=1e-6)
    for panel, means in (("best", (7.5 / 8, 1, 7 / 8)), ("shared", (1, 1, 7 / 8))):
        assert table.loc[table["panel"] == panel, "value"].tolist() == pytest.approx(means)


def test_fig5_draws_its_table_in_one_scale() -> None:
    figure, table = shared()
    for ax, model in zip(figure.axes[1:], MODELS, strict=True):
        mesh = ax.collections[0]
        cells = table[(table["model"] == model) & (table["panel"] == "overlap")]
        np.testing.assert_array_equal(np.ravel(mesh.get_array()), cells["value"])
        assert (mesh.norm.vmin, mesh.norm.vmax, mesh.get_cmap().name) == (0, 1, "magma")
        assert ax.yaxis_inverted()  # mode 1 of word2vec is at the top
        assert ax.get_xlabel() == f"mode of {model}"


def test_fig5_with_fewer_modes_or_other_words() -> None:
    table = fig5.table(**embeddings(), modes=64)
    assert len(table[table["panel"] == "overlap"]) == 3 * 10 * 10
    figure = fig5.draw(table)
    assert sum("10 of 64 modes" in text for text in texts(figure)) == 3
    assert_nothing_cut(figure)
    words = embeddings()
    with pytest.raises(UserError, match="not the same vocabulary"):
        fig5.table(**{**words, "word2vec": words["word2vec"][:-1]})
