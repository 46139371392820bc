"""Figures 5, 6 and 8, spectra and participation: they draw what their tables hold."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from mstar.figures import fig5, fig6, fig8, participation, spectra
from mstar.figures.drawing import style
from mstar.figures.drawing.labels import FAMILIES as NAMES
from mstar.files.writing import UserError
from mstar.statistics.marchenko_pastur import cdf, fit_bulk
from tests.figures.test_figures import FAMILIES, assert_nothing_cut, lines

NEW = ["fig5", "fig6", "fig8", "spectra", "participation"]
DIMS = [4, 8, 16, 32, 64, 128]


def embeddings() -> dict[str, np.ndarray]:
    """Left vectors of word2vec; the same with modes 2 and 3 mixed by 30°; the same, one later."""
    rng = np.random.default_rng(0)
    left = np.linalg.qr(rng.standard_normal((60, 11)))[0]
    values = np.geomspace(10, 1, 10)
    turn = np.eye(10)
    turn[1:3, 1:3] = [[np.cos(np.pi / 6), -0.5], [0.5, np.cos(np.pi / 6)]]
    rotation = np.linalg.qr(rng.standard_normal((10, 10)))[0]
    return {
        "word2vec": left[:, :10] * values,
        "QWEM": (left[:, :10] @ turn * -values) @ rotation,
        "svd(PPMI)": left[:, 10:] * 20 @ np.eye(1, 10) + left[:, :10] * values @ np.eye(10, k=1),
    }


def fig5_table(modes: int = 8) -> pd.DataFrame:
    others = embeddings()
    return fig5.table(others.pop("word2vec"), others, modes=modes)


def fig6_inputs(few: str = "", dim: int = 64) -> dict[str, Any]:
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
    return {
        "gram": pd.concat(gram),
        "fits": pd.DataFrame(fits),
        "features": pd.concat(features),
        "curves": pd.DataFrame(curves),
        "families": FAMILIES,
        "dim": dim,
        "modes": 50,
    }


def curves(few: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "family": family,
            "dim": dim,
            "pairs": 1 if family == few else 20,
            "cosine": 0.9 - 0.1 * np.log(dim),
            "cosine_ratio": 0.8 + 0.05 * i,
            "participation": dim ** (-0.5 - 0.1 * i),
        }
        for i, family in enumerate(FAMILIES)
        for dim in DIMS
    )


def eigenvalues() -> dict[str, np.ndarray]:
    k = np.arange(1, 61)
    return {"mstar": 50 * k**-0.6, "pmi": 9 * k**-0.3, "ppmi": 7 * k**-0.8 - 1.0}


def made(name: str) -> tuple[Figure, pd.DataFrame]:
    if name == "fig5":
        table = fig5_table()
        return fig5.draw(table), table
    if name == "fig6":
        table = fig6.table(**fig6_inputs())
        return fig6.draw(table), table
    if name == "fig8":
        table = fig8.table(curves(), families=FAMILIES, dims=DIMS)
        return fig8.draw(table), table
    if name == "spectra":
        table = spectra.table(eigenvalues(), modes=50, fit_from=5)
        return spectra.draw(table), table
    table = participation.table(curves(), families=FAMILIES, dims=DIMS)
    return participation.draw(table), table


@functools.cache
def shared(name: str) -> tuple[Figure, pd.DataFrame]:
    return made(name)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize("name", NEW)
def test_files_are_whole_and_the_same_twice(name: str, tmp_path: Path) -> None:
    written = []
    for attempt in ("a", "b"):
        figure, table = made(name)
        paths = [tmp_path / attempt / f"{name}.{suffix}" for suffix in ("pdf", "png", "csv")]
        style.save(figure, table, *paths)
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
    assert written[0][0].startswith(b"%PDF") and written[0][1].startswith(b"\x89PNG")
    read = pd.read_csv(tmp_path / "a" / f"{name}.csv", float_precision="round_trip")
    for column in table.columns:
        if pd.api.types.is_float_dtype(table[column]):
            np.testing.assert_array_equal(read[column].astype(float), table[column])


@pytest.mark.parametrize("name", NEW)
def test_no_text_is_cut(name: str) -> None:
    assert_nothing_cut(shared(name)[0])


# --- Figure 5 ---


def test_fig5_holds_squared_overlaps_whatever_signs_and_rotations() -> None:
    _, table = shared("fig5")
    cells = table[table["panel"] == "overlap"]
    qwem, ppmi = (
        cells[cells["model"] == model].pivot(index="row", columns="column", values="value")
        for model in ("QWEM", "svd(PPMI)")
    )
    expected = np.eye(8)
    expected[1:3, 1:3] = [[0.75, 0.25], [0.25, 0.75]]
    np.testing.assert_allclose(qwem, expected, atol=1e-6)
    # PPMI has one mode more in front, so its diagonal is shifted by one.
    np.testing.assert_allclose(ppmi, np.eye(8, k=1), atol=1e-6)
    for panel, means in (("best", (7.5 / 8, 7 / 8)), ("shared", (1, 7 / 8))):
        assert table.loc[table["panel"] == panel, "value"].tolist() == pytest.approx(means)


def test_fig5_draws_its_table_in_one_scale() -> None:
    figure, table = shared("fig5")
    for ax, model in zip(figure.axes[1:], ("QWEM", "svd(PPMI)"), strict=True):
        mesh = ax.collections[0]
        cells = table[(table["model"] == model) & (table["panel"] == "overlap")]
        np.testing.assert_array_equal(np.ravel(mesh.get_array()), cells["value"])
        assert (mesh.norm.vmin, mesh.norm.vmax, mesh.get_cmap().name) == (0, 1, "magma")
        assert ax.yaxis_inverted()  # mode 1 of word2vec is at the top
        assert ax.get_xlabel() == f"mode of {model}"


def test_fig5_with_fewer_modes_or_other_words() -> None:
    table = fig5_table(modes=64)
    assert len(table[table["panel"] == "overlap"]) == 2 * 10 * 10
    figure = fig5.draw(table)
    assert sum("10 of 64 modes" in text for text in texts(figure)) == 2
    assert_nothing_cut(figure)
    words = embeddings()
    with pytest.raises(UserError, match="not the same vocabulary"):
        fig5.table(words["word2vec"][:-1], {"QWEM": words["QWEM"]})


# --- Figure 6 ---


def test_fig6_draws_its_table() -> None:
    figure, table = shared("fig6")
    for i, family in enumerate(FAMILIES):
        left, right = figure.axes[2 * i : 2 * i + 2]
        rows = table[table["family"] == family]
        bars = [p.get_height() for p in left.patches if p.get_gid() == "histogram"]
        np.testing.assert_array_equal(bars, rows.loc[rows["panel"] == "histogram", "y"])
        assert sum(bars) == 20 + i
        modes = [p.get_height() for p in right.patches if p.get_gid() == "modes"]
        np.testing.assert_array_equal(modes, rows.loc[rows["panel"] == "mode", "y"])
        assert len(modes) == 50 and sum(modes) == pytest.approx(1, abs=1e-4)
        named = rows[rows["panel"] == "annotation"]
        assert 3 in set(named["x"])
        assert set(named["text"]) <= {t.get_text() for t in right.texts}
        said = [text.get_text() for text in left.texts]
        assert any(f"{20 + i} pairs" in text for text in said)
        assert said.count("outlier") == (rows["panel"] == "outlier").sum()
    assert len({ax.get_xlim() for ax in figure.axes[::2]}) == 1


def test_fig6_laws_have_the_area_of_their_own_eigenvalues() -> None:
    """Law, histogram and fit are of one matrix: density × bulk eigenvalues × bin width."""
    figure, table = shared("fig6")
    inputs = fig6_inputs()
    drawn = {i: data for (i, gid), data in lines(figure).items() if gid == "law"}
    assert len(drawn) == len(FAMILIES)
    for i, family in enumerate(FAMILIES):
        bars = table[(table["family"] == family) & (table["panel"] == "histogram")]
        width = float(bars["width"].iloc[0])
        own = inputs["gram"].loc[inputs["gram"]["family"] == family, "eigenvalue"]
        counts, _ = np.histogram(own, bins=len(bars), range=(0, len(bars) * width))
        assert np.abs(counts - bars["y"]).sum() <= 2  # the rounded width moves one at most
        fit = inputs["fits"].set_index("family").loc[family]
        assert fit["n"] == len(own) - 1
        end = np.array([1e-12, len(bars) * width])
        mass = float(np.diff(cdf(end, fit["sigma2"], fit["gamma"]))[0])
        curve = drawn[2 * i]
        area = np.trapezoid(curve[:, 1], curve[:, 0])
        assert area == pytest.approx(fit["n"] * width * mass, rel=5e-3)
        refit = fit_bulk(own.to_numpy())
        assert (fit["sigma2"], fit["d_eff"]) == pytest.approx((refit.sigma2, refit.d_eff))


@pytest.mark.parametrize("few", [FAMILIES[0], FAMILIES[-1]])
def test_fig6_states_which_family_has_too_few_pairs(few: str) -> None:
    figure = fig6.draw(fig6.table(**fig6_inputs(few=few)))
    said = [any("2 pairs: too few" in t.get_text() for t in ax.texts) for ax in figure.axes]
    row = FAMILIES.index(few)
    assert [i for i, yes in enumerate(said) if yes] == [2 * row, 2 * row + 1]
    assert_nothing_cut(figure)


def test_fig6_beyond_what_was_computed() -> None:
    inputs = {**fig6_inputs(dim=4096), "modes": 80}
    table = fig6.table(**inputs)
    assert (table["panel"] == "missing histogram").sum() == len(FAMILIES)
    figure = fig6.draw(table)
    assert sum("4096" in text and "beyond" in text for text in texts(figure)) == len(FAMILIES)
    assert any("64 of 80 computed" in text for text in texts(figure))
    assert_nothing_cut(figure)


# --- Figure 8, and the participation figure ---


@pytest.mark.parametrize("name", ["fig8", "participation"])
def test_curves_are_drawn_in_the_colours_of_figure_4(name: str) -> None:
    figure, table = shared(name)
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    panels = fig8.PANELS if name == "fig8" else participation.PANELS
    for panel in panels:
        for family in FAMILIES:
            rows = table[(table["panel"] == panel) & (table["family"] == family)]
            np.testing.assert_array_equal(drawn[f"{panel} {family}"], rows[["x", "y"]])
    colours = [
        line.get_color()
        for line in figure.axes[0].get_lines()
        if str(line.get_gid()).startswith(panels[0])
    ]
    assert colours == ["tab:blue", "tab:orange", "tab:green"]
    assert figure.axes[0].get_xscale() == "log"


@pytest.mark.parametrize("name", ["fig8", "participation"])
def test_curves_that_are_missing_are_named(name: str) -> None:
    module = {"fig8": fig8, "participation": participation}[name]
    table = module.table(curves(few=FAMILIES[0]), families=FAMILIES, dims=[*DIMS, 4096])
    figure = module.draw(table)
    assert any("1 pair: too few" in text for text in texts(figure))
    assert any("4096" in text and "not computed" in text for text in texts(figure))
    assert_nothing_cut(figure)
    none = pd.DataFrame({"family": list(NAMES), "pairs": 0}).reindex(columns=curves().columns)
    figure = module.draw(module.table(none, families=list(NAMES), dims=DIMS))
    assert any("no family has enough pairs" in text for text in texts(figure))
    assert_nothing_cut(figure)
    legend = figure.legends[0].get_window_extent(style.renderer(figure))
    assert figure.bbox.y0 <= legend.y0 and legend.y1 <= figure.bbox.y1


def test_fig8_keeps_the_papers_scale_until_a_curve_leaves_it() -> None:
    assert shared("fig8")[0].axes[1].get_ylim() == (0, 1.2)
    high = curves().assign(cosine_ratio=1.5, cosine=-0.2)
    figure = fig8.draw(fig8.table(high, families=FAMILIES))
    low, top = figure.axes[0].get_ylim()
    assert low < -0.2 and top > 1.5


def test_participation_states_the_fitted_exponents() -> None:
    figure, table = shared("participation")
    found = table[table["panel"] == "exponent"].set_index("family")["y"]
    assert found.tolist() == pytest.approx([-0.5, -0.6, -0.7])
    assert all(any(f"d^{{{value:.2f}}}" in text for text in texts(figure)) for value in found)
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    for family in FAMILIES:
        law = drawn[f"law {family}"]
        curve = table[(table["panel"] == "participation") & (table["family"] == family)]
        np.testing.assert_allclose(law[[0, -1], 1], curve["y"].iloc[[0, -1]], rtol=1e-4)
    few = curves()[curves()["dim"] <= 16]
    table = participation.table(few, families=FAMILIES)
    assert (table["panel"] == "missing law").sum() == len(FAMILIES)
    assert any("too few d" in text for text in texts(participation.draw(table)))


# --- spectra ---


def test_spectra_fit_their_laws_and_keep_apart() -> None:
    figure, table = shared("spectra")
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
    figure = spectra.draw(spectra.table(few, modes=50, fit_from=5))
    assert sum("no law fitted" in text for text in texts(figure)) == 3
    assert_nothing_cut(figure)
    with pytest.raises(UserError, match="no target has a positive eigenvalue"):
        spectra.table({name: -values[:5] for name, values in few.items()} | {"ppmi": np.zeros(3)})
