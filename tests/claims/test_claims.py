"""Claims: how outcomes are decided, and the measures themselves."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import ortho_group, spearmanr

from mstar.claims import dynamics, evaluation, features, linear, prediction
from mstar.claims.check import MEASURES, check
from mstar.claims.claims import Claim, Role, load_claims
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.measures import arguments_of_measures, measures_in
from mstar.claims.outcomes import COLUMNS, FAILED, REPRODUCED, UNDECIDED, UNTESTED
from mstar.claims.quantities import QUANTITIES
from mstar.counts import targets
from mstar.dynamics import losses, theory, weightings
from mstar.evaluation.analogies import VARIANTS, Questions
from mstar.evaluation.question_files import write_asked
from mstar.features.components import principal_components
from mstar.figures import fig3b
from mstar.files.tables import write_parquet
from mstar.prediction import scores as prediction_scores
from mstar.spectra.eigensolvers import all_eigenpairs
from mstar.spectra.spectrum import Spectrum
from mstar.statistics.estimates import Estimate
from mstar.training import population
from mstar.training.record import trace_frame
from tests.counts.test_targets import random_probabilities

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = load_claims(ROOT / "config" / "claims.yaml")
ENTRY: dict[str, Any] = {
    "id": "a.b",
    "where": "Figure 0",
    "statement": "it is so",
    "measure": "score",
    "relation": "about",
    "expected": 1,
    "why": "because",
}


# --- the claims ---


def test_every_measure_is_used() -> None:
    assert {claim.measure for claim in CLAIMS} == set(MEASURES) == set(arguments_of_measures())
    for claim in CLAIMS:
        if "variant" in claim.arguments:
            assert claim.arguments["variant"] in (*VARIANTS, "spearman"), claim.id


def test_every_value_has_a_name_a_unit_and_a_source() -> None:
    assert set(QUANTITIES) == set(MEASURES)
    for claim in CLAIMS:
        told = QUANTITIES[claim.measure].of(claim.arguments)
        assert told["quantity"] and told["unit"] and "{" not in "".join(told.values()), claim.id
        assert f"\ndef {claim.measure}(" in (ROOT / told["source"]).read_text(encoding="utf-8")
    spearman, angle = (
        QUANTITIES[name].of(arguments)
        for name, arguments in (
            ("score", {"model": "svd_mstar", "benchmark": "men", "variant": "spearman"}),
            ("prediction_score", {"role": "qwem", "quantity": "subspace, largest angle"}),
        )
    )
    assert spearman["quantity"] == "score of svd(M*) on MEN"
    assert spearman["unit"] == "Spearman's rho" and angle["unit"] == "degrees"
    assert spearman["measure"] == "score(model='svd_mstar', benchmark='men', variant='spearman')"


def test_benchmark_levels_are_those_that_figure_3b_prints() -> None:
    stated = {
        (fig3b.MODELS[c.arguments["model"]], c.arguments["benchmark"]): c.expected
        for c in CLAIMS
        if c.measure == "score"
    }
    printed = {
        (model, key.split()[0]): value
        for model, scores in fig3b.PAPER.items()
        for key, value in scores.items()
    }
    assert stated == printed


# --- outcomes ---


class Stated(Evidence):
    """Evidence with values set by a test."""

    tokens = 7e6  # type: ignore[assignment]

    def singular_values(self, role: Role) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if role not in self.files:
            raise NotTestable(f"no {role}")
        times, values = self.files[role]
        return times, values

    def trace(self, role: Role) -> pd.DataFrame:
        if role not in self.files.get("frames", {}):
            raise NotTestable(f"no {role}")
        return self.files["frames"][role]

    def table(self, name: str) -> pd.DataFrame:
        return self.files[name]


def evidence(**files: Any) -> Stated:
    return Stated("mine", (10000, 200), (1500, 100), 1e-6, 1.0, files)


def test_a_claim_beyond_its_scope_is_measured_but_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def constant(evidence: Evidence) -> Measurement:
        return Measurement(1.0, note="so it is")

    def lacking(evidence: Evidence) -> Measurement:
        raise NotTestable("no such thing here")

    monkeypatch.setitem(MEASURES, "score", constant)
    monkeypatch.setitem(MEASURES, "score_ratio", lacking)
    monkeypatch.setitem(MEASURES, "topics", lambda evidence: Measurement(math.nan))
    scopes: list[dict[str, Any]] = [
        {},
        {"tokens": 1e9},
        {"vocabulary": 20000, "dim": 200},
        {"dim": 200, "of": "dynamic"},
        {"corpus": "cocanow"},
        {"tokens": 1e6, "vocabulary": 10000, "dim": 200, "corpus": "mine"},
    ]
    claims = [Claim(**{**ENTRY, "scope": scope}) for scope in scopes]
    claims += [Claim(**{**ENTRY, "expected": 2})]
    claims += [Claim(**{**ENTRY, "measure": measure}) for measure in ("score_ratio", "topics")]
    table = check(claims, evidence())
    assert list(table.columns) == list(COLUMNS)
    assert table["outcome"].tolist() == (
        [REPRODUCED, UNTESTED, UNTESTED, UNTESTED, UNTESTED, REPRODUCED, FAILED, UNTESTED, UNTESTED]
    )
    assert table["value"].tolist()[:7] == [1.0] * 7 and table["value"].isna().sum() == 2
    notes = table["note"].tolist()
    assert notes[1].startswith("stated for 1,000 million tokens or more, here are 7.0 million")
    assert notes[2] == "stated at V = 20,000, this is V = 10,000; so it is"
    assert notes[3] == "stated at d = 200, this is d = 100; so it is"
    assert notes[4] == "stated for cocanow, this is mine; so it is"
    assert notes[7:] == ["no such thing here", "nothing to measure it on"]


def test_the_table_tells_interval_null_and_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def noisy(evidence: Evidence) -> Measurement:
        draws = np.linspace(0, 2, 201)
        return Measurement(1.5, 1.2, 1.8, "so it is", {"random words": draws})

    monkeypatch.setitem(MEASURES, "score", noisy)
    monkeypatch.setitem(MEASURES, "topics", lambda evidence: Measurement(1.0))
    claims = [
        Claim(**{**ENTRY, "relation": "at least"}),
        Claim(**{**ENTRY, "relation": "interval within", "measure": "topics"}),
        Claim(**{**ENTRY, "kind": "construction", "scope": {"dim": 3}}),
    ]
    table = check(claims, evidence())
    assert table["outcome"].tolist() == [UNDECIDED, UNTESTED, UNTESTED]
    assert table["kind"].tolist() == ["world", "world", "construction"]
    first = table.iloc[0]
    assert (first["null"], first["null_pass"]) == ("random words", pytest.approx(101 / 201))
    assert first[["null_low", "null_high"]].tolist() == pytest.approx([0.05, 1.95])
    assert first["note"] == "50 % of random words do as well; so it is"
    assert table["note"][1] == "no interval is known here"
    assert table["null"].tolist() == ["random words", "", "random words"]


# --- the measures ---


def in_blocks(size: int, blocks: int) -> targets.Probabilities:
    """Return probabilities of words that occur six times as often with those of their block."""
    block = np.arange(size) * blocks // size
    chances = np.where(block[:, None] == block, 6.0, 1.0)
    counts = np.triu(np.random.default_rng(0).poisson(80 * chances))
    rows, columns = np.nonzero(counts)
    full = counts + np.triu(counts, 1).T
    return targets.Probabilities(
        rows.astype(np.int32),
        columns.astype(np.int32),
        counts[rows, columns] / full.sum(),
        full.sum(axis=1) / full.sum(),
    )


def lemma(squared_norm: float = 6000.0) -> Stated:
    """Return runs that follow Lemma 3.1 exactly."""
    lam = np.array([50.0, 30.0, 20.0, 15.0, 12.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0])
    tau_1 = float(theory.time_constant(50.0, 1e-12))
    times = np.geomspace(0.3, 30, 4000)
    squares = theory.sigmoid_squares(lam, np.full(12, 1e-12), times * tau_1)
    loss = 1 + (squares**2 - 2 * lam * squares).sum(axis=1) / squared_norm
    frame = pd.DataFrame({"time": times * tau_1, "time_tau1": times, "loss": loss})
    found = evidence(
        qwem=(times, np.sqrt(squares)),
        theory=(times, np.sqrt(squares)),
        frames={"qwem": frame.assign(analogy_accuracy=0.5)},
    )
    spectrum = Spectrum(lam, np.eye(20)[:, :12], np.zeros(12), squared_norm, lam)
    found.__dict__["mstar_dynamic"] = spectrum
    return found


def test_the_lemma_reproduces_its_own_steps_plateaus_and_ends() -> None:
    given = lemma()
    assert dynamics.step_times(given).value < 2e-3
    assert dynamics.final_values(given, 12).value < 1e-6
    assert dynamics.theory_distance(given).value == 0
    flat = dynamics.plateaus(given, 4)
    assert flat.value < 0.06
    assert flat.note.startswith("after step 1: 0.5830 (predicted 0.5833)")
    assert dynamics.one_at_a_time(given, "qwem").value < 1e-4


def test_a_run_that_is_late_or_stops_early_is_seen() -> None:
    given = lemma()
    times, values = given.files["qwem"]
    late = evidence(**{**given.files, "qwem": (1.2 * times, values)})
    late.__dict__["mstar_dynamic"] = given.mstar_dynamic
    assert dynamics.step_times(late).value == pytest.approx(0.2, abs=5e-3)
    with pytest.raises(NotTestable, match="record other times"):
        dynamics.theory_distance(late)
    early = evidence(**{**given.files, "qwem": (times[:1000], values[:1000])})
    early.__dict__["mstar_dynamic"] = given.mstar_dynamic
    with pytest.raises(NotTestable, match="fewer than 10 modes"):
        dynamics.step_times(early)


def answers(path: Path, right: list[int]) -> Path:
    """Write answers to regenerated analogies, each of two neighbours among as many word pairs."""
    first = np.arange(len(right))
    named = {"benchmark": "google", "variant": "regenerated", "category": "c", "human": math.nan}
    units = {"first": first, "second": (first + 1) % len(right)}
    write_parquet(pd.DataFrame({**named, **units, "value": np.array(right, float)}), path)
    return path


def test_ablations_are_compared_at_their_ends(tmp_path: Path) -> None:
    times = np.array([1.0, 5.0, 10.0])
    right = {"quartic": [1, 0, 0, 0], "sgns": [1, 1, 0, 0], "qwem": [0, 0, 0, 0]}
    worse = answers(tmp_path / "svd_pmi.parquet", 9 * [0, 0, 1, 0])
    given = evidence(
        quartic=(times, np.array([[0, 0], [1, 1], [2.0, 1.1]])),
        sgns=(times, np.array([[0, 0], [1, 1], [2.0, 1.0]])),
        role_answers={
            role: answers(tmp_path / f"{role}.parquet", 9 * values)
            for role, values in right.items()
        },
        answers={"svd_pmi 1500 100 0": worse},
    )
    apart = dynamics.ablation_values(given, "quartic", "sgns")
    assert (apart.value, apart.low, apart.high) == pytest.approx((0.05, 0.0, 0.1))
    # Two modes in the right order, or exchanged: |1.1/2 - 1| and |2 - 1|.
    assert set(apart.nulls["permuted modes"].round(6)) == {0.05, 0.725}
    found = dynamics.final_accuracy_ratio(given, "quartic", "sgns")
    assert found.value == pytest.approx(0.5) and 0.2 < found.low < 0.5 < found.high < 0.9
    chance = found.nulls["models exchanged"]
    assert len(chance) >= 200 and np.median(chance) == pytest.approx(1, abs=0.1)
    alike = dynamics.final_accuracy_ratio(given, "quartic", "sgns", against="baselines")
    with pytest.raises(NotTestable, match="no model to hold it against"):
        bare = evidence(**{**given.files, "answers": {}})
        dynamics.final_accuracy_ratio(bare, "quartic", "sgns", against="baselines")
    (name, draws), *others = alike.nulls.items()
    assert name == "PMI in its place" and not others
    assert np.median(draws) == pytest.approx(0.5, abs=0.1)  # PMI over sgns
    assert dynamics.late_growth(given, "quartic").value == pytest.approx(2.0)
    with pytest.raises(NotTestable, match="no analogy"):
        dynamics.final_accuracy_ratio(given, "quartic", "qwem")
    with pytest.raises(NotTestable, match="ends at 10"):
        dynamics.late_growth(given, "quartic", after=10)


def test_the_authors_curve_is_read_in_flow_time(tmp_path: Path) -> None:
    """The authors' run is imitated by ours: the loss scaled to half and steps of their size."""
    given = lemma()
    frame = given.trace("qwem")
    size, rate = given.dynamic[0], 5.0
    step = 4 * rate / (6000.0 / size**2 * size**2)
    their = pd.DataFrame({"run": "qwem_small", "step": frame["time"] / step})
    their["loss"] = (frame["loss"] + 1) / 2
    file = tmp_path / "authors.tsv"
    file.write_text("# where from\n" + their.to_csv(sep="\t", index=False), encoding="utf-8")
    known = evidence(**{**given.files, "authors": file})
    known.__dict__["mstar_dynamic"] = given.mstar_dynamic
    assert dynamics.authors_loss(known, "qwem_small", rate).value < 1e-9
    assert dynamics.authors_loss(known, "qwem_small", 2 * rate).value > 0.1
    with pytest.raises(NotTestable, match="no run other"):
        dynamics.authors_loss(known, "other", rate)


def curves() -> pd.DataFrame:
    rows = [
        ("a", 4, 9, 2.0, 0.95, 0.2, 0.9),
        ("a", 16, 9, 6.0, 0.92, 0.8, 0.6),
        ("a", 64, 9, 3.0, 0.91, 0.4, 0.3),
        ("b", 16, 9, 1.0, 0.70, math.nan, math.nan),
        ("few", 16, 2, 1.0, 0.10, math.nan, math.nan),
    ]
    names = ["family", "dim", "pairs", "snr", "spike_mean_ratio", "accuracy", "cosine"]
    return pd.DataFrame(rows, columns=names)


def null_curves() -> pd.DataFrame:
    """Return two draws of each null of family a, with the ratio and cosine of half and a tenth."""
    own = curves()[curves()["family"] == "a"].drop(columns=["pairs", "accuracy"])
    shares = {"random words": (0.1, 0.05), "shuffled partners": (0.5, 0.5)}
    return pd.concat(
        own.assign(null=null, draw=draw, snr=share * own["snr"], cosine=share * own["cosine"])
        for null, both in shares.items()
        for draw, share in enumerate(both)
    )


def test_curves_of_families() -> None:
    given = evidence(curves=curves())
    given.__dict__["nulls"] = {"curves": null_curves()}
    assert linear.snr_peak_dim(given, "a").value == 16
    assert linear.snr_peak(given, "a").value == 6
    assert linear.snr_rise(given, "a").value == 3
    assert linear.snr_fall(given, "a").value == 2
    assert linear.best_accuracy(given, "a").value == 0.8
    assert linear.accuracy_kept(given, "a").value == 0.5
    assert linear.largest_rise(given, "a", "cosine").value == 0
    assert linear.largest_rise(given, "a", "snr").value == 1
    assert linear.flatness(given, "a", "cosine").value == pytest.approx(1 / 3)
    above = linear.above_random(given, "a", "cosine")
    assert above.value == pytest.approx(1 / 0.09875)
    assert above.nulls["random words"] == pytest.approx([0.1 / 0.09875, 0.05 / 0.09875])
    lowest = linear.spike_mean(given, 16)
    assert lowest.value == 0.7 and lowest.note == "2 categories; lowest: b 0.70, a 0.92"
    for family in ("few", "absent"):
        with pytest.raises(NotTestable, match="too few pairs"):
            linear.snr_peak(given, family)
    with pytest.raises(NotTestable, match="no null of random words"):
        linear.above_random(given, "a", "accuracy")


def test_measures_of_curves_give_their_values_for_each_null() -> None:
    given = evidence(curves=curves())
    given.__dict__["nulls"] = {"curves": null_curves()}
    found = linear.snr_peak(given, "a").nulls
    assert {null: list(values) for null, values in found.items()} == {
        "random words": pytest.approx([0.6, 0.3]),
        "shuffled partners": [3, 3],
    }
    for measure in (linear.snr_peak_dim, linear.snr_rise, linear.snr_fall):
        value = measure(given, "a")
        for values in value.nulls.values():
            assert values == pytest.approx([value.value] * 2)
    assert linear.spike_mean(given, 16).nulls["random words"] == pytest.approx([0.92, 0.92])
    assert linear.best_accuracy(given, "a").nulls == {}


def test_spectra_of_families() -> None:
    fit = {"family": "a", "dim": 8, "sigma2": 1.0, "gamma": 0.25, "d_eff": 40.0, "low": 30.0}
    fits = pd.DataFrame([{**fit, "high": 50.0, "d_eff_moments": 41.0, "d_eff_mstar": 60.0}])
    gram = pd.DataFrame({"family": "a", "dim": 8, "eigenvalue": [4.5, 1.0]})
    modes = pd.DataFrame({"family": "a", "share": [0.1, 0.5, 0.2, 0.2]})
    given = evidence(fits=fits, gram=gram, modes=modes)
    drawn = {"null": "random words", "draw": 3}
    given.__dict__["nulls"] = {
        "gram": gram.assign(eigenvalue=2 * gram["eigenvalue"], **drawn),
        "fits": fits.assign(d_eff=20.0, **drawn),
        "modes": modes.assign(mode=range(4), share=[0.7, 0.1, 0.1, 0.1], **drawn),
    }
    assert linear.outlier(given, "a", 8).value == pytest.approx(4.5 / 1.5**2)
    assert linear.outlier(given, "a", 8).nulls["random words"] == pytest.approx([9 / 1.5**2])
    assert linear.d_eff(given, "a", 8).nulls["random words"] == [20]
    assert linear.localisation(given, "a", 2).nulls["random words"] == pytest.approx([0.8])
    found = linear.d_eff(given, "a", 8)
    assert (found.value, found.low, found.high) == (40, 30, 50)
    assert linear.localisation(given, "a", 2).value == pytest.approx(0.7)
    for absent in (
        lambda: linear.d_eff(given, "a", 9),
        lambda: linear.outlier(given, "b", 8),
    ):
        with pytest.raises(NotTestable, match="no law was fitted"):
            absent()


def scores() -> pd.DataFrame:
    rows = [
        ("qwem", 1500, 100, "google", "regenerated", 50, 0.6, 0.5, 0.7),
        ("word2vec", 1500, 100, "google", "regenerated", 50, 0.8, 0.7, 0.9),
        ("svd_mstar", 10000, 200, "google", "regenerated", 0, math.nan, math.nan, math.nan),
    ]
    names = ["model", "vocabulary", "dim", "benchmark", "variant", "questions", "score", "low"]
    return pd.DataFrame(rows, columns=[*names, "high"]).assign(category="total")


def test_scores_and_places(tmp_path: Path) -> None:
    compared = {"vocabulary": 1500, "dim": 100, "benchmark": "google", "variant": "regenerated"}
    right = {"word2vec": 10 * [1, 1, 1, 1, 0], "qwem": 10 * [1, 0, 1, 1, 0]}
    right["svd_pmi"] = 10 * [0, 0, 1, 0, 0]
    paths = {f"{m} 1500 100 0": answers(tmp_path / f"{m}.parquet", r) for m, r in right.items()}
    row = {**compared, "model": "word2vec", "other": "qwem", "difference": 0.2}
    row |= {"low": 0.1, "high": 0.3, "p": 0.01, "p_holm": 0.03, "ratio_low": 1.0, "ratio_high": 2.0}
    given = evidence(comparisons=pd.DataFrame([row]), answers=paths)
    given.__dict__["scores"] = scores()
    asked = {"benchmark": "google", "variant": "regenerated", "of": "dynamic"}
    assert evaluation.score(given, "qwem", **asked).value == 0.6
    ratio = evaluation.score_ratio(given, "qwem", "word2vec", **asked)
    assert ratio.value == pytest.approx(0.75) and (ratio.low, ratio.high) == (0.5, 1.0)
    assert (ratio.nulls["models exchanged"] > 0).all()
    turned = evaluation.score_difference(given, "qwem", "word2vec", **asked)
    assert (turned.value, turned.low, turned.high) == (-0.2, -0.3, -0.1)
    assert turned.nulls["models exchanged"].mean() == pytest.approx(0, abs=0.03)
    held = evaluation.score_difference(given, "qwem", "word2vec", **asked, against="baselines")
    assert np.median(held.nulls["PMI in its place"]) == pytest.approx(-0.6, abs=0.05)
    own = evaluation.score_ratio(given, "qwem", "word2vec", **asked, against="baselines")
    assert np.median(own.nulls["PMI in its place"]) == pytest.approx(0.25, abs=0.05)
    with pytest.raises(NotTestable, match="no question of google"):
        evaluation.score(given, "svd_mstar", "google", "regenerated")
    with pytest.raises(NotTestable, match="men is not among the benchmarks scored"):
        evaluation.score(given, "qwem", "men", of="dynamic")
    with pytest.raises(NotTestable, match="was not made at V = 10,000"):
        evaluation.score(given, "qwem", "google")


def test_shares_of_eigenvalues() -> None:
    given = evidence()
    whole = all_eigenpairs(np.diag([2.0, 1.0, 0.0, -1.0]))
    part = Spectrum(whole.eigenvalues, whole.eigenvectors, whole.residuals, 6.0, np.empty(0))
    given.__dict__["mstar"] = whole
    found = features.nonnegative_share(given)
    assert found.value == 0.75
    null = found.nulls["random symmetric matrices"]
    assert len(null) >= 200 and null.mean() == pytest.approx(0.5, abs=0.01)
    given.__dict__["mstar"] = part
    with pytest.raises(NotTestable, match="only the leading"):
        features.nonnegative_share(given)


def test_a_prediction_is_judged_by_the_last_time_and_all_seeds() -> None:
    given = evidence(
        prediction_scores=pd.DataFrame(
            [
                ("small", 1, "subspace", 1.1, 2, 0.1, math.nan),
                ("small", 1, "subspace", 30.0, 8, 0.8, math.nan),
                ("small", 2, "subspace", 30.0, 8, 0.6, math.nan),
                ("other", 1, "subspace", 60.0, 9, 0.0, math.nan),
                ("small", 1, "accuracy", math.nan, 0, -0.25, 0.1),
            ],
            columns=prediction_scores.COLUMNS,
        ),
        runs={"qwem": "small", "word2vec": "absent"},
    )
    found = prediction.prediction_score(given, "qwem", "subspace")
    assert found.value == pytest.approx(0.7) and found.note == "small, 8 modes, 2 seeds"
    assert math.isnan(found.low) and found.nulls["random subspaces"].max() < 0.2
    scored = prediction.prediction_score(given, "qwem", "accuracy")
    assert (scored.value, scored.low, scored.high) == pytest.approx((-0.25, -0.446, -0.054))
    assert not scored.nulls
    with pytest.raises(NotTestable, match="absent is not scored"):
        prediction.prediction_score(given, "word2vec", "subspace")


@pytest.mark.parametrize("quantity", ["accuracy", "accuracy over d"])
def test_the_null_of_a_mean_accuracy_is_one_step(quantity: str) -> None:
    """The run answers all questions from half of its times on, and from d' = 2 of 2 on."""
    row = ("small", 1, f"{quantity}, mean difference", math.nan, 2, 0.01, 0.001)
    found = evidence(
        prediction_scores=pd.DataFrame([row], columns=prediction_scores.COLUMNS),
        runs={"qwem": "small"},
        frames={"qwem": pd.DataFrame({"analogy_accuracy": [0.0, 0.0, 1.0, 1.0]})},
    )
    corners = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    found.__dict__["asked"] = Questions(
        "regenerated", ("x",), np.zeros(1, int), np.array([[0, 1, 2, 3]])
    )
    object.__setattr__(found, "components", lambda role: principal_components(corners))
    measured = prediction.prediction_score(found, "qwem", row[2])
    draws = measured.nulls["one step at any place"]
    mean = 0.5 if quantity == "accuracy" else 1.0
    assert (draws.min(), draws.max()) == pytest.approx((mean - 1, mean), abs=0.01)


def learned(trained: NDArray[np.float64], predicted: NDArray[np.float64]) -> Stated:
    """Return evidence of modes learned at times ``trained``, the strongest of them last."""
    table = pd.DataFrame({"run": "small", "seed": 1, "mode": range(1, len(trained) + 1)})
    table["predicted"], table["trained"] = predicted, trained
    table["predicted_strength"], table["trained_strength"] = 1 / predicted, trained**2
    return evidence(learning_times=table, runs={"qwem": "small", "word2vec": "absent"})


def strengths(halves: NDArray[np.float64]) -> pd.DataFrame:
    """Return a trace in which strength k passes half of its last value at ``halves[k - 1]``."""
    times = np.geomspace(0.1, 400, 4000)
    steps = trace_frame([], 0, len(halves)).reindex(range(len(times)))
    steps["time"] = times
    for k, half in enumerate(halves, start=1):
        steps[f"strength_{k}"] = expit(40 * np.log(times / half))
    return steps


def test_times_of_the_recursion_are_compared_mode_by_mode() -> None:
    times = np.geomspace(1, 20, 60)
    trained = times * np.where(np.arange(60) < 40, 1.1, 1.5)

    def given(predicted: NDArray[np.float64]) -> Stated:
        frames = {"word2vec": strengths(trained), "recursion": strengths(predicted)}
        return evidence(frames=frames, runs={"word2vec": "small"})

    found = prediction.recursion(given(times), "times")
    assert found.value == pytest.approx(0.1, abs=0.01) and "67% within 15 %" in found.note
    assert (found.value < found.nulls["permuted modes"]).all()
    assert prediction.recursion(given(times), "order").value == pytest.approx(1, abs=0.01)
    # The same times in another order are those of other modes.
    other = given(np.random.default_rng(0).permutation(times))
    assert prediction.recursion(other, "times").value > 0.3
    assert abs(prediction.recursion(other, "order").value) < 0.3
    with pytest.raises(NotTestable, match="learns 3 modes"):
        prediction.recursion(given(np.where(np.arange(60) < 3, times, 0.01)), "times")


def test_modes_are_compared_with_the_prediction_one_by_one() -> None:
    times = np.geomspace(1, 20, 60)
    exact = learned(1.1 * times, times)
    order = prediction.learned_modes(exact, "qwem", "order")
    assert (order.value, order.low, order.high) == pytest.approx((1, 1, 1))
    late = prediction.learned_modes(exact, "qwem", "times")
    assert late.value == late.low == pytest.approx(0.1) and "median ratio 1.1" in late.note
    assert prediction.learned_modes(exact, "qwem", "strengths").value == pytest.approx(-1)
    # Modes learned at the times of others have the same sorted times, and another order.
    other = learned(np.random.default_rng(1).permutation(times), times)
    found = prediction.learned_modes(other, "qwem", "order")
    shuffled = other.table("learning_times")["trained"]
    assert found.value == pytest.approx(spearmanr(shuffled, times).statistic)
    for compared, beyond in (("order", np.greater), ("times", np.less)):
        null = prediction.learned_modes(exact, "qwem", compared).nulls["permuted modes"]
        assert len(null) >= 200
        assert beyond(prediction.learned_modes(exact, "qwem", compared).value, null).all()
        low, high = np.quantile(null, [0.005, 0.995])
        assert low < prediction.learned_modes(other, "qwem", compared).value < high
    unknown = learned(np.full(60, np.nan), times)
    with pytest.raises(NotTestable, match="small learns 0 modes"):
        prediction.learned_modes(unknown, "qwem", "order")


@pytest.mark.parametrize(("dim", "size"), [(5, 60), (20, 30), (7, 7)])
def test_the_null_of_a_subspace_is_that_of_random_ones(dim: int, size: int) -> None:
    squares = prediction._random_cosines(dim, size, draws=300)
    generator = np.random.default_rng(5)
    brute = [
        np.linalg.svd(np.linalg.qr(generator.standard_normal((size, dim)))[0][:dim])[1] ** 2
        for _ in range(300)
    ]
    assert np.sort(squares, axis=1).mean(axis=0) == pytest.approx(
        np.sort(brute, axis=1).mean(axis=0), abs=0.03
    )
    assert squares.mean() == pytest.approx(dim / size, abs=0.01)


def test_a_start_follows_the_lemma_if_modes_start_lower_one_after_the_other() -> None:
    given = lemma()
    times, _ = given.files["qwem"]
    lam, dim = given.mstar_dynamic.eigenvalues, 12
    starts = 1e-12 * np.arange(dim, 0, -1) / dim
    flow = given.trace("qwem")["time"].to_numpy()
    values = np.sqrt(theory.sigmoid_squares(lam, starts, flow))
    random = evidence(**{**given.files, "qwem": (times, values)})
    random.__dict__["mstar_dynamic"] = given.mstar_dynamic
    assert dynamics.expected_flow_distance(random).value < 1e-12
    assert dynamics.expected_flow_distance(given).value > 0.05
    assert dynamics.theory_distance(random).value > 0.05


def test_modes_are_learned_at_once_where_the_spectrum_is_noise() -> None:
    ratios = dynamics.one_at_a_time(lemma(), "qwem").nulls["spectra of pure noise"]
    assert len(ratios) >= 200 and (ratios > 0.1).all() and (ratios < 1).all()
    # Without random numbers: the gap of the two leading eigenvalues decides.
    generator = np.random.default_rng(3)
    brute = []
    for _ in range(60):
        matrix = generator.standard_normal((100, 100))
        one, two = np.linalg.eigvalsh((matrix + matrix.T) / np.sqrt(2))[::-1][:2]
        time = np.log(one / 1e-12) / one
        brute.append(theory.sigmoid_squares(np.array([two]), np.array([1e-12]), np.array([time])))
        brute[-1] = float(brute[-1][0, 0] / (one / 2))
    own = dynamics._one_at_a_time_in_noise(100, 1e-6)
    assert np.median(own) == pytest.approx(np.median(brute), abs=0.12)


def test_a_model_leads_if_it_is_ahead_of_every_other() -> None:
    """The lower end is that of the least certain difference, value and upper end of the least."""
    models = ("qwem", "svd_mstar", "svd_ppmi", "svd_pmi")
    found = zip(models, (0.1, 0.2, 0.3, 0.5), (0.05, -0.01, 0.2, 0.4), strict=True)
    asked = {"benchmark": "google", "variant": "regenerated"}
    size = {"vocabulary": 1500, "dim": 100}
    rows = [
        {**asked, **size, "model": "word2vec", "other": other, "difference": value}
        | {"low": low, "high": 2 * value - low, "p": 0.01, "p_holm": 0.03}
        for other, value, low in found
    ]
    units = {model: Estimate(0.5, np.array([0.1, -0.1]), 1) for model in ("word2vec", *models)}
    scored = pd.DataFrame(
        {"model": list(units), "score": [0.9, 0.8, 0.7, 0.6, 0.4], "questions": 9}
    )
    given = evidence(comparisons=pd.DataFrame(rows))
    given.__dict__["scores"] = scored.assign(**asked, **size, category="total", low=0, high=1)
    object.__setattr__(given, "answered", lambda model, *_: units[model])
    lead = evaluation.lead(given, "word2vec", **asked)
    assert (lead.value, lead.low, lead.high) == pytest.approx((0.1, -0.01, 0.15))
    assert lead.note.startswith("word2vec 0.900, qwem 0.800") and "models exchanged" in lead.nulls
    with pytest.raises(NotTestable, match="were not compared"):
        evaluation.lead(given, "qwem", **asked)


def test_the_first_plateau_is_the_least_loss_of_rank_one() -> None:
    p = in_blocks(40, 2)
    weights = weightings.word2vec(p, 1.0, 1e-3)
    run = population.population(
        losses.Sgns(), weights, 3, 1e-9, 1, np.geomspace(0.3, 30, 200), [], lambda _: 0.0, 1e-5
    )
    columns = [f"singular_value_{k}" for k in (1, 2, 3)]
    given = evidence(
        word2vec=(run.times, run.trace[columns].to_numpy()), frames={"word2vec": run.trace}
    )
    settings = {"weighting": "word2vec", "negative": 1.0, "subsample": 1e-3}
    given = dataclasses.replace(given, word2vec=settings)
    given.__dict__["probabilities_dynamic"] = p
    found = dynamics.first_plateau(given)
    assert found.value < 0.02, found.note
    anywhere = found.nulls["any time"]
    assert anywhere.min() < 0.02 and anywhere.max() > 0.9  # on the plateau, and at the start
    higher = run.trace.assign(loss=1 - 0.5 * (1 - run.trace["loss"]))
    given.files["frames"]["word2vec"] = higher
    assert dynamics.first_plateau(given).value > 0.4
    one = given.files["word2vec"][1][:, :1]
    given.files["word2vec"] = (run.times, np.tile(one, 2))
    with pytest.raises(NotTestable, match="no plateau"):
        dynamics.first_plateau(given)


def test_the_authors_accuracy_is_compared_in_units_of_the_first_drop(tmp_path: Path) -> None:
    times = np.geomspace(0.3, 30, 300)
    frame = pd.DataFrame({"time_tau1": times, "loss": 1 / (1 + times**3)})
    frame["analogy_accuracy"] = 0.6 / (1 + (4 / times) ** 2)
    their = pd.DataFrame({"run": "theirs", "step": 1000 * times, "loss": frame["loss"]})
    their["analogy_accuracy_percent"] = 100 * frame["analogy_accuracy"]
    file = tmp_path / "authors.tsv"
    later = their.assign(run="later", step=their["step"] * 3)
    later["loss"] = their["loss"]
    late = pd.DataFrame({**frame, "analogy_accuracy": frame["analogy_accuracy"].shift(30).bfill()})
    pd.concat([their, later]).to_csv(file, sep="\t", index=False)
    frames = {"qwem": frame, "word2vec": late, "sgns": frame.assign(analogy_accuracy=0.0)}
    given = evidence(authors=file, frames=frames)
    for run in ("theirs", "later"):  # another learning rate changes nothing
        assert dynamics.authors_accuracy(given, "qwem", run).value < 1e-9
        assert dynamics.authors_accuracy(given, "word2vec", run).value > 0.05
    ratio = dynamics.half_accuracy_time(given, "word2vec", "qwem", "later", "theirs")
    assert ratio.value == pytest.approx(100 ** (30 / 299), rel=0.05)
    assert ratio.note.endswith("authors' 1.00")
    with pytest.raises(NotTestable, match="no run other"):
        dynamics.authors_accuracy(given, "qwem", "other")
    with pytest.raises(NotTestable, match="no analogy"):
        dynamics.half_accuracy_time(given, "sgns", "qwem", "later", "theirs")


def test_late_growth_has_the_modes_that_settle_as_its_null() -> None:
    times = np.arange(1.0, 13.0)
    # Three modes have half of their last value at 1, 2 and 6; times three, the last is beyond.
    settling = np.stack([np.ones(12), np.minimum(times, 4.0), times], axis=1)
    given = evidence(setting31=(times, times[:, None]), qwem=(times, settling))
    found = dynamics.late_growth(given, "setting31", after=3)
    assert found.value == 4.0 and found.nulls["settled modes"].tolist() == [1.0, 1.0]
    assert dynamics.late_growth(given, "setting31", after=1.5).nulls["settled modes"].tolist() == [
        1.0, 4 / 3, 12 / 9,
    ]  # fmt: skip


def test_an_overshoot_is_measured_over_the_end() -> None:
    times = np.array([1.0, 2.0, 3.0])
    settled = {
        role: (times, np.array([[1, 3], [2, 2], [2, 1.0]])) for role in dynamics.IN_SETTING31
    }
    given = evidence(sgns=(times, np.array([[1.0], [3.0], [2.0]])), **settled)
    found = dynamics.overshoot(given, "sgns")
    assert found.nulls["Setting 3.1"].tolist() == [1.0, 3.0, 1.0, 3.0]
    assert found.value == 1.5 and found.note == "at 2 tau_1"


def test_m_star_is_bounded_by_its_value_for_a_pair_never_seen() -> None:
    given = evidence()
    given.__dict__["probabilities"] = random_probabilities(1, size=30, tokens=300)
    assert features.beyond_bound(given).value < 1e-12
    given = dataclasses.replace(given, negative=3.0)
    given.__dict__["probabilities"] = random_probabilities(1, size=30, tokens=300)
    assert features.beyond_bound(given).value < 1e-12


def test_topics_beat_random_words_only_where_words_keep_company() -> None:
    """Words of a block occur together; the modes of M* find the blocks, other directions do not."""
    size, p = 80, in_blocks(80, 8)
    given = Stated("mine", (size, 5), (size, 5), 1e-6, 1.0, {}, [f"w{i:02}" for i in range(size)])
    given.__dict__["probabilities"] = p
    given.__dict__["mstar"] = all_eigenpairs(targets.dense("mstar", p))
    found = features.topics(given, modes=5, words=4)
    null = found.nulls["random words"]
    assert found.value == 1.0 and found.low < 1 == found.high
    assert len(null) >= 200 and null.mean() == pytest.approx(0.05, abs=0.01)
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((size, size)))[0]
    given.__dict__["mstar"] = Spectrum(
        given.mstar.eigenvalues, turned, np.zeros(size), 1.0, given.mstar.eigenvalues
    )
    assert features.topics(given, modes=5, words=4).value <= np.quantile(null, 0.975)


def test_features_line_up_only_if_each_keeps_its_direction() -> None:
    generator = np.random.default_rng(0)
    left = np.linalg.qr(generator.standard_normal((200, 12)))[0]
    scale = np.arange(12, 0, -1.0)
    turned = left @ ortho_group.rvs(12, random_state=1)
    found = {"word2vec": left, "qwem": left, "svd_ppmi": np.roll(left, 3, axis=1)}
    given = evidence()
    components = {role: principal_components(basis * scale) for role, basis in found.items()}
    object.__setattr__(given, "components", components.__getitem__)
    measured = features.aligned_features(given, "qwem", "svd_ppmi", modes=8)
    null = measured.nulls["rotated modes"]
    assert measured.value == pytest.approx(1.0) and measured.low == pytest.approx(1.0)
    assert len(null) >= 200 and null.max() < 0.8
    components["qwem"] = principal_components(turned * scale)
    again = features.aligned_features(given, "qwem", "svd_ppmi", modes=8)
    low, high = np.quantile(again.nulls["rotated modes"], [0.005, 0.995])
    assert low < again.value < high and again.low < again.value < again.high


def test_a_subspace_is_nearer_only_if_the_run_lies_within_it() -> None:
    basis = np.linalg.qr(np.random.default_rng(1).standard_normal((200, 60)))[0]
    values = np.arange(30, 0, -1.0)
    given = evidence()
    # Of 30 directions of the run, the space of M* holds the last 20, Proposition 2's the first 25.
    given.__dict__["mstar_dynamic"] = Spectrum(np.ones(60), basis[:, 10:], np.zeros(60), 1.0)
    spaces = {
        "word2vec": basis[:, :30] * values,
        "svd_prop2": basis[:, [*range(25), *range(55, 60)]],
    }
    found = {role: principal_components(w) for role, w in spaces.items()}
    object.__setattr__(given, "components", found.__getitem__)
    measured = features.nearer_subspace(given, "word2vec", "svd_prop2")
    assert measured.value == pytest.approx((25 - 20) / 30) and measured.low < measured.value
    assert measured.note == "svd_prop2 0.833, M* 0.667"
    squares = values**2 / (values**2).sum()
    weighted = features.nearer_subspace(given, "word2vec", "svd_prop2", "squared norm")
    assert weighted.value == pytest.approx(squares[:10].sum() - squares[25:].sum())
    null = measured.nulls["models exchanged"]
    assert abs(null.mean()) < 0.01 and null.std() == pytest.approx(15**0.5 / 30, rel=0.1)


def test_answers_with_only_the_candidates_normalised() -> None:
    """Brute force over words, on an embedding whose rows have different lengths."""
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((30, 4)) * generator.lognormal(0, 1, (30, 1))
    pairs = [(2 * i, 2 * i + 1) for i in range(8)]
    words = np.array([[*p, *q] for p in pairs for q in pairs if p != q])
    for p in pairs[:4]:  # some questions that both ways answer
        rows[p[1]] = rows[p[0]] + np.array([3.0, 0, 0, 0])
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    right = []
    for given in (rows, unit):
        hits = []
        for a, b, c, d in words:
            scores = unit @ (given[c] + given[b] - given[a])
            scores[[a, b, c]] = -np.inf
            hits.append(float(scores.argmax() == d))
        right.append(np.array(hits))
    found = evidence()
    found.__dict__["asked"] = Questions("regenerated", ("x",), np.zeros(len(words), int), words)
    object.__setattr__(found, "embedding", lambda role: rows)
    measured = features.candidates_only(found, "qwem")
    assert right[0].sum() > 0 and not np.array_equal(*right)
    assert measured.value == pytest.approx((right[0] - right[1]).mean())
    assert measured.low < measured.value < measured.high
    permuted = measured.nulls["permuted lengths"]
    assert len(permuted) >= 200 and permuted.std() > 0
    rows = unit  # where all lengths are the same, permuting them changes nothing
    assert not features.candidates_only(found, "qwem").nulls["permuted lengths"].any()


def test_shares_of_tokens_and_of_pairs_in_the_vocabulary(tmp_path: Path) -> None:
    corpus, google = tmp_path / "corpus.json", tmp_path / "questions.txt"
    corpus.write_text('{"tokens": 10000000}')
    write_asked(
        {"x": [("a", "b", "c", "d"), ("a", "b", "e", "f")], "y": [("a", "c", "e", "d")]}, google
    )
    given = Stated("mine", (4, 2), (4, 2), 1e-6, 1.0, {"corpus": corpus, "google": google})
    given = dataclasses.replace(given, words=["a", "b", "c", "d", "e", "f"])
    assert features.tokens_kept(given).value == pytest.approx(0.7)
    found = features.pairs_kept(given)
    assert found.value == pytest.approx(3 / 5) and found.note == "3 of 5"


def test_claims_of_ours_are_said_to_be() -> None:
    beside = ("fig4.uncapped-", "fig8.above-random-")  # beside the paper's of the same figure
    assert all((c.by == "ours") == c.id.startswith(("ours.", *beside)) for c in CLAIMS)
    of_prediction = set(measures_in(prediction.__file__))
    ours = [claim for claim in CLAIMS if claim.by == "ours" and claim.measure in of_prediction]
    given = evidence(
        prediction_scores=pd.DataFrame(columns=prediction_scores.COLUMNS),
        learning_times=pd.DataFrame(columns=prediction_scores.TIMES),
        runs={"qwem": "a", "word2vec": "b"},
    )
    assert set(check(ours, given)["by"]) == {"ours"}


def test_what_holds_by_construction_is_said_to_be() -> None:
    """Whatever concerns QWEM's own flow, or an identity, is not a claim of the world."""
    construction = {claim.id for claim in CLAIMS if claim.kind == "construction"}
    assert {id for id in construction if id.startswith("ours.")} == {
        claim.id for claim in CLAIMS if claim.id.startswith("ours.qwem")
    }
    assert all(id.split(".")[0] in ("theory", "fig1", "fig2", "ours") for id in construction)


def test_the_paper_s_numbers_are_not_those_of_logs_and_notebooks() -> None:
    for claim in CLAIMS:
        if re.search("notebook|training logs", claim.where):
            assert claim.paper is None or claim.id == "participation.exponent", claim.id
