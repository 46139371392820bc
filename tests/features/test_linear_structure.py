"""The numbers of Figure 4, and the agreement table, on synthetic data."""

from __future__ import annotations

import numpy as np
import pytest

from mstar.evaluation import analogies
from mstar.features import linear_structure
from mstar.features.analogy_cosines import mean_cosines
from mstar.files.writing import UserError
from mstar.prediction import scores
from mstar.spectra import eigensolvers, spectrum
from mstar.spectra.directions import normalise_rows
from mstar.statistics import marchenko_pastur
from mstar.training import closed_form, record

WORDS = [f"{kind}{i}" for i in range(8) for kind in ("a", "b")] + [f"c{i}" for i in range(30)]
SECTIONS = {
    "near": [("a0", "b0", f"a{i}", f"b{i}") for i in range(1, 8)],
    "few": [("c0", "c1", "c2", "c3")],
}


def made_up() -> spectrum.Spectrum:
    """Return a positive matrix whose leading mode separates the a's from the b's."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(len(WORDS), 20)) * np.geomspace(3, 0.3, 20)
    rows[:16:2, 0] -= 12.0
    rows[1:16:2, 0] += 12.0
    return eigensolvers.all_eigenpairs(rows @ rows.T - 0.01 * np.eye(len(WORDS)))


def test_analysis_against_direct_computation() -> None:
    found = made_up()
    result = linear_structure.analyse(
        found, WORDS, SECTIONS, {"near": [2, 8, 400]}, ["near", "few"], [1, 4, 16, 400], 10
    )
    pairs = np.array([[2 * i, 2 * i + 1] for i in range(8)])
    w = found.embedding(8)
    r = w[pairs[:, 1]] - w[pairs[:, 0]]
    direct = np.linalg.eigvalsh(r @ r.T / 8)[::-1]
    gram = result.gram[result.gram["dim"] == 8]["eigenvalue"].to_numpy()
    assert np.allclose(gram, direct)
    assert set(result.gram["dim"]) == {2, 8}  # 400 is beyond the positive eigenvalues
    near = result.curves[result.curves["family"] == "near"].set_index("dim")
    for dim in (1, 4, 16):
        w = found.embedding(dim)
        r = w[pairs[:, 1]] - w[pairs[:, 0]]
        g = r @ r.T
        snr = np.linalg.eigvalsh(g)[-1] * np.linalg.matrix_rank(g) / np.trace(g)
        assert near.loc[dim, "snr"] == pytest.approx(snr)
        mean = r.mean(axis=0) ** 2
        assert near.loc[dim, "participation"] == pytest.approx((mean**2).sum() / mean.sum() ** 2)
    questions = analogies.build_questions(SECTIONS, WORDS, "regenerated").select("near")
    for dim in (1, 4, 16):
        expected = analogies.accuracy(found.embedding(dim), questions)
        assert near.loc[dim, "accuracy"] == pytest.approx(expected)
        unit = normalise_rows(found.embedding(dim))
        cosine, ratio = mean_cosines(unit, questions.words)
        assert near.loc[dim, "cosine"] == pytest.approx(cosine, abs=1e-5)
        assert near.loc[dim, "cosine_ratio"] == pytest.approx(ratio, abs=1e-5)
    few = result.curves[result.curves["family"] == "few"]
    assert few["pairs"].tolist() == [2]
    assert few["snr"].isna().all()
    assert result.modes["share"].sum() == pytest.approx(1.0)
    assert result.modes["share"].idxmax() == 0
    fit = result.fits.set_index("dim").loc[8]
    bulk = np.sort(direct)[:-1]
    assert fit["d_eff_moments"] == pytest.approx(marchenko_pastur.moment_dimension(bulk))
    values = found.eigenvalues[:8]
    assert fit["d_eff_mstar"] == pytest.approx(values.sum() ** 2 / (values**2).sum())


def test_every_section_has_curves_and_only_chosen_ones_are_scored() -> None:
    sections = {**SECTIONS, "other": [("c4", "c5", f"c{i}", f"c{i + 1}") for i in range(6, 16, 2)]}
    histograms = {"near": [4, 8], "other": [8], "few": [8]}
    result = linear_structure.analyse(made_up(), WORDS, sections, histograms, ["near"], [4, 8], 5)
    curves = result.curves.set_index("family")
    assert curves.loc[["near", "other"], "snr"].notna().all()
    assert curves.loc[["near", "other"], "participation"].notna().all()
    for name in ("accuracy", "cosine", "cosine_ratio"):
        assert curves.loc["near", name].notna().all()
        assert curves.loc[["other", "few"], name].isna().all()
    spectra = result.gram.groupby(["family", "dim"], sort=False).size()
    assert spectra.to_dict() == {("near", 4): 8, ("near", 8): 8, ("other", 8): 6}
    assert result.fits.set_index(["family", "dim"]).index.is_unique
    shares = result.modes.groupby("family")["share"].sum()
    assert shares.to_dict() == pytest.approx({"near": 1, "other": 1, "few": 1})
    assert list(result.modes["family"].unique()) == list(histograms)


def test_family_without_pairs_gives_empty_tables() -> None:
    result = linear_structure.analyse(made_up(), WORDS, SECTIONS, {"few": [4]}, ["few"], [4], 5)
    assert result.gram.empty
    assert result.fits.empty
    assert result.curves.set_index("family").loc["few", "pairs"] == 2


def test_agreement_of_a_flow_with_itself_and_with_another() -> None:
    found = made_up()
    times = record.recorded_times(0.5, 40.0, 10, [])
    first, second = (
        closed_form.exact(found, 6, 1e-3, seed, times, [], lambda _: 0.0) for seed in (1, 2)
    )
    same = scores.agreement("x", 1, first, first, found).set_index("quantity")["value"]
    assert same["singular values"] == 0.0
    assert same["top-5 overlap with M*"] > 0.99
    other = scores.agreement("x", 1, first, second, found).set_index("quantity")["value"]
    columns = [f"singular_value_{k}" for k in range(1, 7)]
    gap = (first.trace[columns] - second.trace[columns]).abs().to_numpy().max()
    assert gap > 0.0
    largest = second.trace[columns].to_numpy().max()
    assert other["singular values"] == pytest.approx(gap / largest)
    short = closed_form.exact(found, 6, 1e-3, 1, times[:4], [], lambda _: 0.0)
    with pytest.raises(UserError, match="x, seed 1: 10 times"):
        scores.agreement("x", 1, first, short, found)


def test_first_step_of_an_aligned_start_comes_at_tau_1() -> None:
    times = record.recorded_times(0.5, 10.0, 60, [])
    lemma = closed_form.sigmoid(made_up(), 6, 1e-6, times, [], lambda _: 0.0)
    row = scores.first_step("lemma", 0, lemma.trace).iloc[0]
    assert row["value"] == pytest.approx(1.0, abs=0.01)
    late = lemma.trace.assign(time_tau1=2.0 * lemma.trace["time_tau1"])
    assert scores.first_step("late", 0, late).iloc[0]["value"] == pytest.approx(2.0, abs=0.02)
