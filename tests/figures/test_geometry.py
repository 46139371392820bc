"""The figure of sequences: its curves, paths and omissions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mstar.features.ordered_words import WHOLE, WITHOUT
from mstar.features.sequences import measure, ordered
from mstar.figures import geometry
from tests.support.figures import assert_nothing_cut, assert_whole_and_the_same_twice

WORDS = [f"w{i}" for i in range(300)]
COUNTS = np.sort(np.random.default_rng(0).integers(5, 4000, 300))[::-1]


def measured() -> pd.DataFrame:
    """Return the geometry of a ring, a line and a sequence of unknown words, in two texts."""
    embedding = np.random.default_rng(1).standard_normal((300, 10)) * 0.2
    angle = 2 * np.pi * np.arange(8) / 8
    embedding[50:58, :2] += np.stack([np.cos(angle), np.sin(angle)], axis=1)
    embedding[90:97, 3] += np.arange(7)
    given = [
        ordered("months", "ring", WORDS[50:58], WORDS, []),
        ordered("numbers", "line", WORDS[90:97], WORDS, []),
        ordered("unknown", "line", ["a", "b", "c", "d", "e"], WORDS, []),
    ]
    matrix = embedding @ embedding.T
    found = measure(given, embedding, lambda ids: matrix[np.ix_(ids, ids)], COUNTS, 19, 5)
    texts = (WHOLE, WITHOUT)
    return pd.concat([found.assign(text=text) for text in texts], ignore_index=True)


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(geometry, {"measured": measured()}, tmp_path)


def test_curves_paths_and_omissions() -> None:
    table = geometry.table(measured=measured())
    figure = geometry.draw(table)
    axes = np.array(figure.axes).reshape(4, 3)
    for column, corners in ((0, 9), (1, 7)):
        for ax in axes[1:3, column]:
            (path,) = (line for line in ax.lines if line.get_gid() == "path")
            assert len(path.get_xdata()) == corners
    shown = {line.get_gid(): line for line in axes[3, 0].lines}
    own = table[(table["sequence"] == "months") & (table["panel"] == "modes")]
    for name, text in (("modes whole", WHOLE), ("modes without", WITHOUT)):
        expected = own[own["text"] == text]["y"].to_numpy(dtype=float)
        np.testing.assert_allclose(shown[name].get_ydata(), expected)
    assert all("0 of 5" in ax.texts[0].get_text() for ax in axes[:, 2])
    assert axes[1, 0].get_title().startswith("alignment")
    assert_nothing_cut(figure)
