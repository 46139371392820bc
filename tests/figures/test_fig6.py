"""Figure 6: spectra, laws and modes of each family, and families with too few pairs."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mstar.figures import fig6
from mstar.figures.drawing import style
from mstar.statistics.marchenko_pastur import cdf, fit_bulk
from tests.support.figures import (
    FAMILIES,
    assert_nothing_cut,
    assert_whole_and_the_same_twice,
    lines,
    null_families,
    null_modes,
    null_spectra,
    texts,
)


def given(few: str = "", dim: int = 64) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    gram, fits, features, curves = [], [], [], []
    for i, family in enumerate(FAMILIES):
        pairs = 2 if family == few else 20 + i
        curves.append({"family": family, "dim": 64.0, "pairs": pairs})
        vectors = rng.standard_normal((pairs, 64)) + (1.0 + i) * (np.arange(64) == 3)
        words = [f"w{k} x{k} y{k} z{k} more" for k in range(64)]
        shares = pd.DataFrame({"share": vectors.mean(axis=0) ** 2, "words": words})
        features.append(shares.assign(family=family, mode=range(64)))
        if family == few:
            continue
        eigenvalues = np.linalg.eigvalsh(vectors @ vectors.T / 64)
        gram.append(pd.DataFrame({"family": family, "dim": 64, "eigenvalue": eigenvalues}))
        fit = fit_bulk(eigenvalues)
        law = {"sigma2": fit.sigma2, "gamma": fit.gamma, "d_eff": fit.d_eff, "n": fit.n}
        other = {"low": 40.0, "high": 90.0, "d_eff_moments": 60.0, "d_eff_mstar": 50.0}
        fits.append({"family": family, "dim": 64, **law, **other})
    spectra = {"gram": pd.concat(gram), "fits": pd.DataFrame(fits)}
    return {
        **spectra,
        **null_spectra(**spectra),
        "null_modes": null_modes(pd.concat(features)),
        "null_families": null_families(),
        "shares": pd.concat(features),
        "curves": pd.DataFrame(curves),
        "families": FAMILIES,
        "dim": dim,
        "modes": 50,
    }


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(fig6, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(fig6, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_fig6_draws_its_table() -> None:
    figure, table = shared()
    for i, family in enumerate(FAMILIES):
        left, right = figure.axes[2 * i : 2 * i + 2]
        rows = table[table["family"] == family]
        drawn = {line.get_gid(): line.get_xydata() for line in left.get_lines()}
        share = rows[rows["panel"] == "share"]
        np.testing.assert_array_equal(drawn["share"][1:-1], share[["x", "y"]])
        assert len(share) == 20 + i and share["y"].iloc[-1] == 1
        modes = [p.get_height() for p in right.patches if p.get_gid() == "modes"]
        np.testing.assert_array_equal(modes, rows.loc[rows["panel"] == "mode", "y"])
        assert len(modes) == 50 and sum(modes) == pytest.approx(1, abs=1e-4)
        named = rows[rows["panel"] == "annotation"]
        assert 3 in set(named["x"])
        assert set(named["text"]) <= {t.get_text() for t in right.texts}
        said = [text.get_text() for text in left.texts]
        assert any(f"$N = {20 + i}$" in text for text in said)
        assert said.count("outlier") == (rows["panel"] == "outlier").sum()
    assert len({ax.get_xlim() for ax in figure.axes[::2]}) == 1


def test_fig6_laws_are_the_share_of_their_own_bulk() -> None:
    """Law and eigenvalues use one matrix: the law ends at the share that is not the spike."""
    figure, _ = shared()
    inputs = given()
    drawn = {i: data for (i, gid), data in lines(figure).items() if gid == "law"}
    assert len(drawn) == len(FAMILIES)
    for i, family in enumerate(FAMILIES):
        own = inputs["gram"].loc[inputs["gram"]["family"] == family, "eigenvalue"]
        fit = inputs["fits"].set_index("family").loc[family]
        assert fit["n"] == len(own) - 1
        curve = drawn[2 * i]
        expected = cdf(curve[:, 0], fit["sigma2"], fit["gamma"]) * fit["n"] / len(own)
        np.testing.assert_allclose(curve[:, 1], expected, atol=1e-4)
        assert curve[-1, 1] == pytest.approx(1 - 1 / len(own), rel=1e-5)
        refit = fit_bulk(own.to_numpy())
        assert (fit["sigma2"], fit["d_eff"]) == pytest.approx((refit.sigma2, refit.d_eff))


def test_fig6_states_that_there_are_no_random_words() -> None:
    inputs = {**given(), "null_families": null_families(omitted=FAMILIES[1])}
    figure = fig6.draw(fig6.table(**inputs))
    said = [
        any("no random words: no match" in t.get_text() for t in ax.texts) for ax in figure.axes
    ]
    assert [i for i, yes in enumerate(said) if yes] == [2]
    assert_nothing_cut(figure)


@pytest.mark.parametrize("few", [FAMILIES[0], FAMILIES[-1]])
def test_fig6_states_which_family_has_too_few_pairs(few: str) -> None:
    figure = fig6.draw(fig6.table(**given(few=few)))
    said = [any("2 pairs: too few" in t.get_text() for t in ax.texts) for ax in figure.axes]
    row = FAMILIES.index(few)
    assert [i for i, yes in enumerate(said) if yes] == [2 * row, 2 * row + 1]
    assert_nothing_cut(figure)


def test_fig6_beyond_what_was_computed() -> None:
    inputs = {**given(dim=4096), "modes": 80}
    table = fig6.table(**inputs)
    assert (table["panel"] == "missing histogram").sum() == len(FAMILIES)
    figure = fig6.draw(table)
    assert sum("4096" in text and "beyond" in text for text in texts(figure)) == len(FAMILIES)
    assert any("64 of 80 computed" in text for text in texts(figure))
    assert_nothing_cut(figure)
