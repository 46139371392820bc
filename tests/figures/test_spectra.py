"""The spectra figure: laws that fit, spectra that do not overlap, and too few eigenvalues."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mstar.figures import spectra
from mstar.figures.drawing import style
from mstar.files.writing import UserError
from mstar.prediction.vocabulary_size import chance_eigenvalues
from tests.support.figures import (
    assert_nothing_cut,
    assert_whole_and_the_same_twice,
    lines,
    texts,
)


def eigenvalues() -> dict[str, np.ndarray]:
    k = np.arange(1, 61)
    return {"mstar": 50 * k**-0.6, "pmi": 9 * k**-0.3, "ppmi": 7 * k**-0.8 - 1.0}


def given() -> dict[str, Any]:
    """Return the inputs of the figure: of a text whose rare words meet less than once."""
    counts = (1e5 / np.arange(1, 401)).astype(np.int64)
    shuffled = np.array([20.0, 8.0, 7.9, 7.8])
    words = [f"w{k}" for k in range(400)]
    null = {"shuffled": shuffled, "vocabulary": (words, counts), "size": 300, "window": 16}
    return {**eigenvalues(), **null, "modes": 50, "fit_from": 5}


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(spectra, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(spectra, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_spectra_fit_their_laws_and_keep_apart() -> None:
    figure, table = shared()
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    found = table[table["panel"] == "exponent"].set_index("target")["y"]
    assert found["mstar"] == pytest.approx(-0.6) and found["pmi"] == pytest.approx(-0.3)
    whole = eigenvalues()
    heights = {}
    for target in spectra.TARGETS:
        rows = table[(table["target"] == target) & (table["panel"] == "eigenvalue")]
        values = whole[target][: len(rows)]
        assert (values > 0).all()
        np.testing.assert_allclose(rows["eigenvalue"], values, rtol=1e-5)
        np.testing.assert_allclose(rows["y"], rows["offset"] * values / values[0], rtol=1e-5)
        np.testing.assert_array_equal(drawn[f"eigenvalue {target}"][:, 1], rows["y"])
        heights[target] = rows["y"].to_numpy()
        assert any(f"k^{{{found[target]:.2f}}}" in text for text in texts(figure))
        law = drawn[f"law {target}"]
        assert (law[0, 0], law[-1, 0]) == (5, len(rows))
    short = len(heights["ppmi"])
    assert short < 50  # the others are negative
    assert any(f"{short} of 50 modes" in text for text in texts(figure))
    assert (heights["mstar"] / heights["pmi"]).min() == pytest.approx(spectra.GAP, rel=1e-4)
    assert (heights["pmi"][:short] / heights["ppmi"]).min() >= spectra.GAP - 1e-4


def test_spectra_without_enough_eigenvalues() -> None:
    few = {name: values[:6] for name, values in eigenvalues().items()}
    rest = {**given(), **few, "shuffled": np.empty(0)}
    table = spectra.table(**rest)
    figure = spectra.draw(table, fit_from=5, modes=50)
    assert not (table["panel"] == "above").any()
    lacking = table[table["panel"] == "missing"].set_index("target")["text"]
    assert lacking["shuffled"] == "no positive eigenvalue"
    assert sum("no law fitted" in text for text in texts(figure)) == 3
    assert_nothing_cut(figure)
    with pytest.raises(UserError, match="no target has a positive eigenvalue"):
        spectra.table(
            **rest | {name: -values[:5] for name, values in few.items()} | {"ppmi": np.zeros(3)}
        )


def test_modes_are_counted_against_text_without_meaning() -> None:
    figure, table = shared()
    above = table[table["panel"] == "above"]
    mstar = eigenvalues()["mstar"]
    assert above["eigenvalue"].tolist() == [20.0, 8.0]
    assert above["mode"].tolist() == [(mstar > level).sum() for level in (20.0, 8.0)]
    assert any(f"{(mstar > 20).sum()} above all modes of shuffled" in t for t in texts(figure))
    null = table[table["panel"] == "null"].set_index("target")["eigenvalue"]
    assert null["shuffled"].tolist() == [20.0, 8.0, 7.9, 7.8]
    expected = chance_eigenvalues(given()["vocabulary"][1][:300], 16)
    assert null[["poisson"]].iloc[0] == pytest.approx(expected[0], rel=1e-5)


def test_the_slope_of_a_power_law_is_its_exponent_everywhere() -> None:
    figure, table = shared()
    for target, exponent in (("mstar", -0.6), ("pmi", -0.3)):
        own = table[(table["panel"] == "slope") & (table["target"] == target)]
        assert len(own) > 10 and own["y"].to_numpy() == pytest.approx(exponent)
        drawn = {gid: data for (_, gid), data in lines(figure).items()}[f"slope {target}"]
        np.testing.assert_array_equal(drawn[:, 1], own["y"])
