"""Scores of trained runs against the prediction: perfect for the exact flow, not for others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mstar.prediction import scores as prediction_scores
from mstar.spectra.spectrum import Spectrum
from mstar.statistics.dyads import Dyads
from mstar.training import closed_form
from mstar.training.record import Training

V, D = 40, 5
VALUES = np.concatenate([[30.0, 22.0, 15.0, 9.0, 6.0, 3.0], -np.linspace(0.1, 8, V - 6)])


def spectrum(seed: int = 0) -> Spectrum:
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((V, V)))[0]
    return Spectrum(VALUES, basis, np.zeros(V), float((VALUES**2).sum()))


def accuracy(embedding: np.ndarray) -> float:
    """Return a score that grows as modes are learned and ignores rotations of the columns."""
    return float(np.linalg.norm(embedding) ** 2 / VALUES[:D].sum())


# Four questions made of three pairs.
QUESTIONS = prediction_scores.Asked(
    lambda embedding: np.full(4, accuracy(embedding)),
    np.array([0, 0, 1, 2]),
    np.array([1, 2, 2, 0]),
)


def run(of: Spectrum) -> Training:
    times = np.unique([*np.geomspace(0.3, 30, 80), 1.1, 3.0])
    return closed_form.exact(of, D, 1e-9, 7, times, [1.1, 3.0], accuracy)


def compare(trained: Training, against: Spectrum) -> tuple[pd.DataFrame, pd.DataFrame]:
    return prediction_scores.compare("a", 1, trained, against, 1e-9, 3, QUESTIONS)


def scores(trained: Training, against: Spectrum) -> pd.Series:
    table, times = compare(trained, against)
    assert list(table.columns) == prediction_scores.COLUMNS
    assert list(times.columns) == prediction_scores.TIMES
    for frame in (table, times):
        assert (frame["run"] == "a").all() and (frame["seed"] == 1).all()
    return table.set_index(["quantity", "time"])["value"]


def test_the_flow_itself_is_as_predicted_from_another_start() -> None:
    found = scores(run(spectrum()), spectrum())
    assert found["learning times, rank correlation"].item() == pytest.approx(1.0)
    assert found["learning times, ratio"].item() == pytest.approx(1.0, abs=0.1)
    assert (found["subspace, mean squared cosine"] > 0.99).all()
    assert (found["subspace, largest angle"] < 5).all()
    assert found["mode strengths, rank correlation"].loc[30.0] == pytest.approx(1.0)
    assert abs(found["accuracy, mean difference"].item()) < 0.02
    assert abs(found["accuracy, last difference"].item()) < 1e-3
    assert found["accuracy, ratio of half times"].item() == pytest.approx(1.0, abs=0.1)
    # The first d' components are the best embedding of each d'.
    assert abs(found["accuracy over d, mean difference"].item()) < 1e-3
    assert found["accuracy over d, largest difference"].item() < 1e-3


def test_a_run_that_learned_other_features_is_found_out() -> None:
    trained = run(spectrum())
    columns = [f"strength_{k}" for k in range(1, D + 1)]
    # The spectrum is unchanged, so sizes of singular values agree, but directions do not.
    other = spectrum(1).eigenvectors[:, :D]
    strengths = ((other.T @ spectrum().eigenvectors[:, :D]) ** 2) @ trained.trace[columns].T
    trained.trace[columns] = strengths.T.to_numpy()
    found = scores(trained, spectrum(1))
    assert found["learning times, rank correlation"].item() < 0.9
    assert (found["subspace, mean squared cosine"] < 0.5).all()
    assert (found["subspace, largest angle"] > 45).all()


def test_times_keep_the_identity_of_modes() -> None:
    """Modes learned in the opposite order, with the same singular values, are found out."""
    trained = run(spectrum())
    columns = [f"strength_{k}" for k in range(1, D + 1)]
    straight = compare(trained, spectrum())[1]
    assert (straight["trained"].diff().dropna() > 0).all()
    assert straight["trained"].to_numpy() == pytest.approx(straight["predicted"], rel=0.2)
    # Each mode ends as strong as it should, but at the time of another.
    shares = (trained.trace[columns] / trained.trace[columns].iloc[-1]).to_numpy()[:, ::-1]
    trained.trace[columns] = shares * trained.trace[columns].iloc[-1].to_numpy()
    turned = compare(trained, spectrum())
    assert turned[1]["trained"].to_numpy() == pytest.approx(straight["trained"][::-1].to_numpy())
    assert turned[0].set_index("quantity")["value"]["learning times, rank correlation"] == -1.0


def test_a_mode_that_is_never_learned_has_no_time() -> None:
    trained = run(spectrum())
    trained.trace["strength_2"] *= 1e-6
    trained.trace["strength_3"] = trained.trace["strength_3"].iloc[-1]  # before the first time
    times = compare(trained, spectrum())[1].set_index("mode")["trained"]
    assert times.isna().tolist() == [False, True, True, False, False]


def test_the_error_of_accuracy_is_that_of_questions_which_share_pairs() -> None:
    first, second = np.nonzero(~np.eye(6, dtype=bool))
    answers = (first < 3).astype(np.float64)
    asked = prediction_scores.Asked(
        # The embedding at the end, in float64, is better than any other.
        lambda embedding: answers * (embedding.dtype == np.float64),
        first,
        second,
    )
    table = prediction_scores.compare("a", 1, run(spectrum()), spectrum(), 1e-9, 3, asked)[0]
    errors = table.set_index("quantity")["error"]
    expected = Dyads(first, second).estimate(answers).error
    assert expected > 0
    assert errors["accuracy, last difference"] == errors["accuracy, mean difference"] == expected
    assert errors["accuracy over d, mean difference"] == 0.0
    assert np.isnan(errors["learning times, ratio"])


def test_accuracy_over_d_is_that_of_each_number_of_components() -> None:
    trained, dims = run(spectrum()), [2, 3, 4, 5]
    half = Training(**{**trained.__dict__, "embedding": trained.embedding / np.sqrt(2)})
    found = scores(half, spectrum())
    lost = [-VALUES[:d].sum() / VALUES[:D].sum() / 2 for d in dims]
    assert found["accuracy over d, mean difference"].item() == pytest.approx(
        np.mean(lost), abs=1e-3
    )
    assert found["accuracy over d, largest difference"].item() == pytest.approx(0.5, abs=1e-3)


def test_a_subspace_is_that_of_the_modes_predicted_by_then() -> None:
    trained = run(spectrum())
    table = compare(trained, spectrum())[0]
    modes = table[table["quantity"] == "subspace, largest angle"].set_index("time")["modes"]
    taus = np.log(VALUES[:D] / 1e-18) / VALUES[:D]
    for time in (1.1, 3.0, 30.0):
        assert modes[time] == (taus < time * taus[0]).sum()


def test_a_late_run_is_late() -> None:
    trained = run(spectrum())
    late = trained.trace.copy()
    columns = [c for c in late.columns if c.startswith("strength_") or c == "analogy_accuracy"]
    # All times are late by a tenth of log time: 4 of 80 points over two decades.
    late[columns] = late[columns].shift(4).bfill()
    found = scores(Training(**{**trained.__dict__, "trace": late}), spectrum())
    assert found["learning times, ratio"].item() == pytest.approx(100 ** (4 / 80), rel=0.06)
    assert found["accuracy, mean difference"].item() < 0


def test_without_questions_only_accuracies_are_unknown() -> None:
    none = np.empty(0, np.int64)
    asked = prediction_scores.Asked(lambda embedding: np.empty(0), none, none)
    trained = run(spectrum())
    trained.trace["analogy_accuracy"] = np.nan
    table = prediction_scores.compare("a", 1, trained, spectrum(), 1e-9, 3, asked)[0]
    unknown = table.set_index("quantity")["value"].isna()
    assert unknown[unknown.index.str.startswith("accuracy")].all()
    assert not unknown[~unknown.index.str.startswith("accuracy")].any()
