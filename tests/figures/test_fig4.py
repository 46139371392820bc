"""Figure 4: spectra, laws, modes and curves agree with the table; missing data."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure

from mstar.features.null_families import RANDOM
from mstar.figures import fig4
from mstar.figures.drawing import style
from mstar.files.writing import UserError
from mstar.statistics.marchenko_pastur import CLEAR, cdf
from tests.support.figures import (
    FAMILIES,
    WORDS,
    assert_nothing_cut,
    assert_whole_and_the_same_twice,
    lines,
    null_curves,
    null_families,
    null_modes,
    null_spectra,
    texts,
)
from tests.support.workflow import ROOT


def given(pairs: int = 27, few: str = "", top_dim: int = 128) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((pairs, 128)) + 0.7 * (np.arange(128) == 1) * 6
    gram, fits = [], []
    for dim in (32, 64, 128):
        if dim > top_dim:
            continue
        eigenvalues = np.linalg.eigvalsh(vectors[:, :dim] @ vectors[:, :dim].T) / dim
        common = {"family": "gram7-past-tense", "dim": dim}
        gram += [{**common, "eigenvalue": e} for e in eigenvalues]
        fits.append({**common, "sigma2": 1.0, "gamma": pairs / dim, "d_eff": float(dim)})
        fits[-1] |= {"d_eff_moments": 1.1 * dim, "d_eff_mstar": 0.7 * dim}
    shares = vectors.mean(axis=0) ** 2
    curves = [
        {
            "family": family,
            "dim": dim,
            "pairs": 2 if family == few else 20,
            "snr": 2.0 + dim % 7,
            "spike_over_edge": 1.0 + dim % 5,
            "accuracy": dim / 200,
        }
        for family in FAMILIES
        for dim in (4, 16, 64, 128)
        if dim <= top_dim
    ]
    words = [" ".join(WORDS[k % 100 : k % 100 + 5]) for k in range(128)]
    features = {"family": "gram7-past-tense", "mode": range(128), "share": shares, "words": words}
    spectra = {"gram": pd.DataFrame(gram), "fits": pd.DataFrame(fits)}
    return {
        **spectra,
        **null_spectra(**spectra),
        "shares": pd.DataFrame(features),
        "curves": pd.DataFrame(curves),
        "null_modes": null_modes(pd.DataFrame(features)),
        "null_curves": null_curves(["snr", "spike_over_edge"]),
        "null_families": null_families(),
        "family": "gram7-past-tense",
        "families": FAMILIES,
        "dims": [4, 16, 64, 128],
        "histogram_dims": [32, 64, 128],
        "modes": 100,
    }


@functools.cache
def shared() -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its table, shared by tests that do not change them."""
    return style.make(fig4, given(), {})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(fig4, given(), tmp_path)


def test_no_text_is_cut() -> None:
    assert_nothing_cut(shared()[0])


def test_fig4_draws_its_table() -> None:
    figure, table = shared()
    histograms = [ax for ax in figure.axes if any(p.get_gid() == "histogram" for p in ax.patches)]
    assert len(histograms) == 3
    for ax, dim in zip(histograms, (32, 64, 128), strict=True):
        rows = table[(table["panel"] == "histogram") & (table["dim"] == dim)]
        heights = [p.get_height() for p in ax.patches if p.get_gid() == "histogram"]
        np.testing.assert_array_equal(heights, rows["y"])
        assert sum(heights) == 27  # the eigenvalue of every task vector is drawn
    bars = [p for ax in figure.axes for p in ax.patches if p.get_gid() == "modes"]
    modes = table[table["panel"] == "mode"]
    assert len(modes) == 100 and modes["y"].sum() == pytest.approx(1, abs=1e-4)
    np.testing.assert_array_equal([p.get_height() for p in bars], modes["y"])
    said = [text.get_text() for ax in histograms for text in ax.texts]
    # d = 32, without a fit
    assert any("by moments 35" in text and "would give 22 (×0.7)" in text for text in said)
    assert any("27 pairs" in text or "$N = 27$" in text for text in texts(figure))
    # The mean is strong: beyond the edge of the law at every d.
    assert [ax.texts[0].get_gid() for ax in histograms] == ["outlier"] * 3
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    for panel, family in itertools.product(fig4.NAMES, FAMILIES):
        rows = table[(table["panel"] == panel) & (table["family"] == family)]
        np.testing.assert_array_equal(drawn[f"{panel} {family}"], rows[["x", "y"]].to_numpy())


def test_fig4_marks_the_largest_eigenvalue_where_claims_call_it_an_outlier() -> None:
    inputs = given()
    largest = inputs["gram"].groupby("dim")["eigenvalue"].max()
    gamma = 27 / largest.index.to_numpy()
    for share, marked in ((CLEAR + 0.01, [32, 64, 128]), (CLEAR - 0.01, [])):
        edges = largest.to_numpy() / share
        inputs["fits"]["gamma"] = gamma
        inputs["fits"]["sigma2"] = edges / (1 + np.sqrt(gamma)) ** 2
        table = fig4.table(**inputs)
        assert table.loc[table["panel"] == "outlier", "dim"].tolist() == marked
        figure = fig4.draw(table)
        words = [text.get_text() for ax in figure.axes for text in ax.texts]
        assert words.count("outlier") == len(marked)
        assert_nothing_cut(figure)
    claims = yaml.safe_load((ROOT / "config" / "claims.yaml").read_text())
    expected = {claim["expected"] for claim in claims if claim["measure"] == "outlier"}
    assert expected == {CLEAR}


@pytest.mark.parametrize("n", [None, 26])
def test_marchenko_pastur_curve_has_the_area_of_its_eigenvalues(n: int | None) -> None:
    inputs = given()
    if n is not None:
        inputs["fits"]["n"] = n
    table = fig4.table(**inputs)
    figure = fig4.draw(table)
    width = float(table.loc[table["panel"] == "histogram", "width"].iloc[0])
    end = fig4.BINS * width
    curves = [data for (_, gid), data in lines(figure).items() if gid == "law"]
    assert len(curves) == len(inputs["fits"])
    for data, fit in zip(curves, inputs["fits"].to_dict("records"), strict=True):
        law = (fit["sigma2"], fit["gamma"])
        mass = float(np.diff(cdf(np.array([1e-12, end]), *law))[0])
        area = np.trapezoid(data[:, 1], data[:, 0])
        assert area == pytest.approx((n or 27) * width * mass, rel=5e-3)


def test_fig4_draws_nulls() -> None:
    """Bands hold the middle 95 % of the draws, and bars within those of random words are pale."""
    figure, table = shared()
    inputs = given()
    drawn = inputs["null_curves"]
    own = drawn[(drawn["family"] == "family") & (drawn["null"] == RANDOM) & (drawn["dim"] == 16)]
    band = table[(table["panel"] == f"snr, {RANDOM}") & (table["family"] == "family")]
    found = band.set_index("dim").loc[16, ["low", "high"]].to_numpy(float)
    np.testing.assert_allclose(found, np.quantile(own["snr"], [0.025, 0.975]), rtol=1e-5)
    bands = [c for ax in figure.axes for c in ax.collections if c.get_gid() == f"snr, {RANDOM}"]
    assert len(bands) == len(FAMILIES)
    spans = [p for ax in figure.axes for p in ax.patches if p.get_gid() == RANDOM]
    ranges = table[table["panel"] == f"over edge, {RANDOM}"]
    assert [span.get_x() for span in spans] == pytest.approx((ranges["x"] * ranges["low"]).tolist())
    largest = inputs["gram"].groupby("dim")["eigenvalue"].max() / ranges.set_index("dim")["x"]
    shares = ranges[["low", "high"]].to_numpy(float) / largest.to_numpy()[:, None]
    assert (shares > 0.39).all() and (shares < 0.61).all()
    bars = [p for ax in figure.axes for p in ax.patches if p.get_gid() == "modes"]
    limits = table[table["panel"] == f"mode, {RANDOM}"]
    within = [
        low <= bar.get_height() <= high
        for bar, low, high in zip(bars, limits["low"], limits["high"], strict=True)
    ]
    assert [bar.get_alpha() < 0.5 for bar in bars] == within and 0 < sum(within) < len(within)
    snr = [ax for ax in figure.axes if ax.get_ylabel() == "signal-to-noise"]
    assert snr[0].get_ylim()[0] == 0.9


def test_fig4_states_what_is_missing() -> None:
    inputs = given(few="family", top_dim=64)
    drawn, lacking = inputs["null_curves"], "gram7-past-tense"
    inputs["null_families"] = null_families(omitted=lacking)
    inputs["null_curves"] = drawn[(drawn["family"] != lacking) | (drawn["null"] != RANDOM)]
    table = fig4.table(**inputs)
    missing = table.loc[table["panel"].str.startswith("missing"), "panel"]
    assert set(missing) == {"missing", "missing histogram", "missing curves", "missing null"}
    figure = fig4.draw(table)
    said = texts(figure)
    assert any("2 pairs: too few" in text for text in said)
    assert any("128" in text and "beyond" in text for text in said)
    assert any("128" in text and "not computed" in text for text in said)
    assert sum("no random words:\nno match" in text for text in said) == 2
    assert_nothing_cut(figure)
    # Colours follow the order of the families, so a missing one does not shift the others.
    colours = {
        line.get_gid(): line.get_color()
        for ax in figure.axes
        for line in ax.get_lines()
        if line.get_gid()
    }
    assert colours["snr gram7-past-tense"] == "tab:green"


def test_fig4_without_any_pair() -> None:
    inputs = given()
    inputs["gram"] = inputs["gram"].iloc[:0]
    inputs["fits"] = inputs["fits"].iloc[:0]
    inputs["shares"]["share"] = np.nan
    inputs["curves"]["pairs"] = 0
    figure = fig4.draw(fig4.table(**inputs))
    said = [t.get_text() for ax in figure.axes for t in ax.texts]
    assert any("too few" in text for text in said)
    assert any("no task vector" in text for text in said)
    inputs["curves"] = inputs["curves"].iloc[:0]
    with pytest.raises(UserError, match="no pair"):
        fig4.table(**inputs)
