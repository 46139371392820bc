"""Claims: how outcomes are decided, and the measures themselves."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mstar.claims import dynamics, evaluation, features, linear, prediction
from mstar.claims.check import MEASURES, check, holds
from mstar.claims.claims import Claim, Role, load_claims
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.measures import arguments_of_measures
from mstar.claims.outcomes import COLUMNS, FAILED, REPRODUCED, UNTESTED
from mstar.dynamics import theory
from mstar.evaluation.analogies import VARIANTS
from mstar.figures import fig3b
from mstar.spectra.eigensolvers import all_eigenpairs
from mstar.spectra.spectrum import Spectrum

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


@pytest.mark.parametrize(
    ("relation", "found", "expected"),
    [
        ("about", Measurement(1.1), True),
        ("about", Measurement(0.85), False),
        ("at least", Measurement(5.0), True),
        ("at least", Measurement(0.85), False),
        ("at most", Measurement(1.1), True),
        ("at most", Measurement(1.15), False),
        ("interval above", Measurement(2.0, 1.5, 2.5), True),
        ("interval above", Measurement(2.0, 0.5, 2.5), False),
        ("interval above", Measurement(2.0), False),
    ],
)
def test_relations(relation: str, found: Measurement, expected: bool) -> None:
    claim = Claim(**{**ENTRY, "relation": relation, "tolerance": 0.11})
    assert holds(claim, found) is expected


class Stated(Evidence):
    """Evidence with values set by a test."""

    tokens = 7e6  # type: ignore[assignment]

    def singular_values(self, role: Role) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        times, values = self.files[role]
        return times, values

    def trace(self, role: Role) -> pd.DataFrame:
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


# --- the measures ---


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


def test_ablations_are_compared_at_their_ends() -> None:
    times = np.array([1.0, 5.0, 10.0])
    frame = pd.DataFrame({"analogy_accuracy": [0.0, 0.1, 0.3]})
    given = evidence(
        quartic=(times, np.array([[0, 0], [1, 1], [2.0, 1.1]])),
        sgns=(times, np.array([[0, 0], [1, 1], [2.0, 1.0]])),
        frames={"quartic": frame, "sgns": frame * 2, "qwem": frame * 0},
    )
    assert dynamics.ablation_values(given, "quartic", "sgns").value == pytest.approx(0.05)
    assert dynamics.final_accuracy_ratio(given, "quartic", "sgns").value == pytest.approx(0.5)
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


def test_scores_and_places() -> None:
    compared = {"vocabulary": 1500, "dim": 100, "benchmark": "google", "variant": "regenerated"}
    given = evidence(
        comparisons=pd.DataFrame(
            [{**compared, "model": "word2vec", "other": "qwem", "difference": 0.2}]
        ).assign(low=0.1, high=0.3, p=0.01)
    )
    given.__dict__["scores"] = scores()
    asked = {"benchmark": "google", "variant": "regenerated", "of": "dynamic"}
    assert evaluation.score(given, "qwem", **asked).value == 0.6
    ratio = evaluation.score_ratio(given, "qwem", "word2vec", **asked)
    assert ratio.value == pytest.approx(0.75)
    turned = evaluation.score_difference(given, "qwem", "word2vec", **asked)
    assert (turned.value, turned.low, turned.high) == (-0.2, -0.3, -0.1)
    assert evaluation.rank_of_model(given, "word2vec", **asked).value == 1
    assert evaluation.rank_of_model(given, "qwem", **asked).value == 2
    with pytest.raises(NotTestable, match="no question of google"):
        evaluation.score(given, "svd_mstar", "google", "regenerated")
    with pytest.raises(NotTestable, match="men was not given"):
        evaluation.score(given, "qwem", "men", of="dynamic")
    with pytest.raises(NotTestable, match="was not made at V = 10,000"):
        evaluation.score(given, "qwem", "google")


def test_shares_of_eigenvalues() -> None:
    given = evidence()
    whole = all_eigenpairs(np.diag([2.0, 1.0, 0.0, -1.0]))
    part = Spectrum(whole.eigenvalues, whole.eigenvectors, whole.residuals, 6.0, np.empty(0))
    given.__dict__["mstar"] = whole
    assert features.nonnegative_share(given).value == 0.75
    given.__dict__["mstar"] = part
    with pytest.raises(NotTestable, match="only the leading"):
        features.nonnegative_share(given)


def test_a_prediction_is_judged_by_the_last_time_and_all_seeds() -> None:
    given = evidence(
        prediction_scores=pd.DataFrame(
            [
                ("small", 1, "subspace", 1.1, 2, 0.1),
                ("small", 1, "subspace", 30.0, 8, 0.8),
                ("small", 2, "subspace", 30.0, 8, 0.6),
                ("other", 1, "subspace", 60.0, 9, 0.0),
                ("small", 1, "accuracy", math.nan, 0, -0.25),
            ],
            columns=["run", "seed", "quantity", "time", "modes", "value"],
        ),
        runs={"qwem": "small", "word2vec": "absent"},
    )
    found = prediction.prediction_score(given, "qwem", "subspace")
    assert found.value == pytest.approx(0.7) and found.note == "small, 8 modes, 2 seeds"
    assert prediction.prediction_score(given, "qwem", "accuracy").value == -0.25
    with pytest.raises(NotTestable, match="absent is not scored"):
        prediction.prediction_score(given, "word2vec", "subspace")


def test_claims_of_ours_are_said_to_be() -> None:
    beside = ("fig4.uncapped-", "fig8.above-random-")  # beside the paper's of the same figure
    assert all((c.by == "ours") == c.id.startswith(("ours.", *beside)) for c in CLAIMS)
    ours = [claim for claim in CLAIMS if claim.measure == "prediction_score"]
    scores = pd.DataFrame(columns=["run", "seed", "quantity", "time", "modes", "value"])
    given = evidence(prediction_scores=scores, runs={"qwem": "a", "word2vec": "b"})
    assert set(check(ours, given)["by"]) == {"ours"}
