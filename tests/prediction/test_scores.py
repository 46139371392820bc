"""Scores of trained runs against the prediction: perfect for the exact flow, not for others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mstar.prediction import scores as prediction_scores
from mstar.spectra.spectrum import Spectrum
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


def run(of: Spectrum) -> Training:
    times = np.unique([*np.geomspace(0.3, 30, 80), 1.1, 3.0])
    return closed_form.exact(of, D, 1e-9, 7, times, [1.1, 3.0], accuracy)


def scores(trained: Training, against: Spectrum) -> pd.Series:
    table = prediction_scores.compare("a", 1, trained, against, 1e-9, accuracy, 3)
    assert list(table.columns) == prediction_scores.COLUMNS
    assert (table["run"] == "a").all() and (table["seed"] == 1).all()
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
    found = scores(run(spectrum()), spectrum(1))
    # The spectrum is unchanged, so sizes and times agree, but directions do not.
    assert found["learning times, rank correlation"].item() == pytest.approx(1.0)
    assert (found["subspace, mean squared cosine"] < 0.5).all()
    assert (found["subspace, largest angle"] > 45).all()


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
    table = prediction_scores.compare("a", 1, trained, spectrum(), 1e-9, accuracy)
    modes = table[table["quantity"] == "subspace, largest angle"].set_index("time")["modes"]
    taus = np.log(VALUES[:D] / 1e-18) / VALUES[:D]
    for time in (1.1, 3.0, 30.0):
        assert modes[time] == (taus < time * taus[0]).sum()


def test_a_late_run_is_late() -> None:
    trained = run(spectrum())
    late = trained.trace.copy()
    columns = [
        c for c in late.columns if c.startswith("singular_value_") or c == "analogy_accuracy"
    ]
    # All times are late by a tenth of log time: 4 of 80 points over two decades.
    late[columns] = late[columns].shift(4).bfill()
    found = scores(Training(**{**trained.__dict__, "trace": late}), spectrum())
    assert found["learning times, ratio"].item() == pytest.approx(100 ** (4 / 80), rel=0.06)
    assert found["accuracy, mean difference"].item() < 0
