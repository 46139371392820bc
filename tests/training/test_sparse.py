"""Training without a V x V array against `population`, interrupted and on any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from mstar.dynamics import losses, weightings
from mstar.dynamics.separable import SeparableDrift, separable
from mstar.dynamics.separable_population import DeviceDrift, SeparablePopulation
from mstar.files.writing import UserError
from mstar.training import population, sparse
from mstar.training.record import Training
from tests.dynamics.test_separable import corpus
from tests.training.test_population import SETTINGS, no_questions, values_of

P = corpus(100, 2500)
RUN = {
    **SETTINGS,
    "estimator": "sparse",
    "weighting": "word2vec",
    "dtype": "float32",
    "horizon": 6.0,
    "points": 12,
    "tolerance": 1e-3,
    "subsample": 1e-2,
}


def trained(folder: Path, threads: int = 1, accuracy: Callable = no_questions, **more) -> Training:
    return sparse.train(P, {**RUN, **more}, "cpu", 6, 3, accuracy, folder, "code", threads)


def assert_same(first: Training, second: Training) -> None:
    for name in ("embedding", "snapshots", "paths", "times", "taus"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    np.testing.assert_array_equal(first.trace.to_numpy(), second.trace.to_numpy())


def test_it_is_the_run_of_population(tmp_path: Path) -> None:
    found, dense = trained(tmp_path), population.train(P, RUN, "cpu", 6, 3, no_questions)
    assert found.tau_1 == pytest.approx(dense.tau_1, rel=1e-5)
    np.testing.assert_allclose(
        values_of(found), values_of(dense), atol=5e-3 * values_of(dense).max()
    )
    np.testing.assert_allclose(found.trace["loss"], dense.trace["loss"], atol=1e-3)
    first, second = (run.embedding @ run.embedding.T for run in (found, dense))
    assert np.abs(first - second).max() < 1e-2 * np.abs(second).max()
    strengths = [run.trace.filter(like="strength_").to_numpy() for run in (found, dense)]
    np.testing.assert_allclose(*strengths, atol=1e-2 * strengths[1].max())


@pytest.mark.parametrize("loss", ["quartic", "sgns"])
def test_an_interrupted_run_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    monkeypatch.setattr(population, "CHECKPOINT", 0.0)
    calls = 0

    def interrupt(_: np.ndarray) -> float:
        nonlocal calls
        calls += 1
        if calls in (4, 9, 13):
            raise KeyboardInterrupt
        return float("nan")

    whole = trained(tmp_path / "whole", loss=loss)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "parts", 2, interrupt, loss=loss)
    assert_same(trained(tmp_path / "parts", 2, interrupt, loss=loss), whole)
    assert calls < 3 + len(whole.times) + 9  # each part continued where the last one had stopped


def test_recorded_states_stay_on_disk(tmp_path: Path) -> None:
    """A state that is lost before the paths are made of all of them is missed, in one line."""

    def lose(_: np.ndarray) -> float:
        (tmp_path / "record0003.npz").unlink(missing_ok=True)
        return float("nan")

    with pytest.raises(UserError, match=r"record0003\.npz: lost while the run needed it"):
        trained(tmp_path, accuracy=lose)


@pytest.mark.parametrize("loss", ["quartic", "sgns"])
def test_torch_has_the_drift_and_loss_of_the_compiled_loops(loss: str) -> None:
    drift = SeparableDrift(separable(P, 2.0, 1e-2), 1, loss)
    device = DeviceDrift(drift, "cpu", chunk=700)
    w = np.random.default_rng(1).normal(size=(100, 5)).astype(np.float32)
    rows = np.array([1, 50, 99])
    for chosen in (None, rows):
        there = None if chosen is None else torch.as_tensor(chosen)
        expected = drift(w, chosen)
        found = device(torch.as_tensor(w), there).numpy()
        np.testing.assert_allclose(found, expected, atol=2e-6 * np.abs(expected).max())
    assert device.loss(torch.as_tensor(w)) == pytest.approx(drift.loss(w), rel=1e-6)


def test_fast_rows_are_the_heaviest_within_their_share_of_cells() -> None:
    weights = separable(P, 2.0, 1e-2)
    model = SeparablePopulation(losses.Quartic(), weights)
    dense = weightings.word2vec(P, 2.0, 1e-2)
    heavy = np.flatnonzero(dense.total.mean(axis=0) > 3)
    assert model.fast.numel() > 0 and set(model.fast.tolist()) <= set(heavy.tolist())
    w = torch.randn(100, 4)
    torch.testing.assert_close(model.fast_drift(w), model.drift(w)[model.fast])


@pytest.mark.parametrize("weighting", ["setting31", "unigram"])
def test_weights_without_a_sparse_form_are_refused(tmp_path: Path, weighting: str) -> None:
    with pytest.raises(UserError, match=f"expected word2vec.*population takes {weighting}"):
        trained(tmp_path, weighting=weighting)
