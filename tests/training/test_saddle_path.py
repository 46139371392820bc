"""Runs predicted by the recursion against a trained run, as records."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from mstar.counts import counting, targets
from mstar.dynamics import losses, saddles, weightings
from mstar.training import population, saddle_path
from mstar.training.record import strength_columns

SIZE, DIM = 40, 6
SETTINGS = {
    "loss": "quartic",
    "weighting": "word2vec",
    "init": 1e-10,
    "negative": 1.0,
    "subsample": 1e-2,
    "negative_power": 0.75,
    "start": 0.5,
    "horizon": 20.0,
    "points": 60,
    "snapshots": [2.0],
}


def corpus() -> targets.Probabilities:
    """Return counts of a text that goes from topic to topic."""
    generator = np.random.default_rng(5)
    topics = generator.dirichlet(np.full(SIZE, 0.2), 8)
    text = np.concatenate([generator.choice(SIZE, 50, p=topics[i % 8]) for i in range(400)])
    return targets.probabilities(
        counting.count(text.astype(np.uint16), np.array([0, text.size]), SIZE, 4)
    )


def test_the_record_is_like_that_of_the_run_it_predicts() -> None:
    p = corpus()
    predicted, table, directions = saddle_path.follow(p, SETTINGS, DIM, lambda _: 0.0)
    trained = population.population(
        losses.named("quartic"),
        weightings.configured(p, SETTINGS),
        DIM,
        1e-10,
        1,
        predicted.times,
        [2.0],
        lambda _: 0.0,
        dtype="float64",
        modes=population.leading_modes(p, 1.0, DIM),
    )
    assert list(predicted.trace) == list(trained.trace)
    assert predicted.snapshots.shape == (1, SIZE, DIM) and directions.shape == (SIZE, DIM)
    np.testing.assert_allclose(predicted.tau_1, trained.tau_1, rtol=1e-2)
    ends = [run.embedding @ run.embedding.T for run in (predicted, trained)]
    assert np.linalg.norm(ends[0] - ends[1]) < 0.1 * np.linalg.norm(ends[1])
    loss, expected = (run.trace["loss"].to_numpy() for run in (predicted, trained))
    assert np.abs(loss - expected).mean() < 0.05 * np.ptp(expected)
    names = strength_columns(trained.trace)
    last, found = (run.trace[names].iloc[-1].to_numpy() for run in (trained, predicted))
    np.testing.assert_allclose(found, last, atol=0.1 * last.max())
    assert table.columns.tolist() == saddle_path.COLUMNS
    assert (np.diff(table["time"]) >= 0).all() and table["time_tau1"][0] == 1
    np.testing.assert_allclose(np.linalg.norm(directions, axis=0), 1, rtol=1e-9)


def test_singular_values_are_those_of_the_embedding() -> None:
    predicted, _, _ = saddle_path.follow(corpus(), SETTINGS, DIM, lambda _: 0.0)
    values = np.linalg.svd(predicted.embedding, compute_uv=False)
    columns = [f"singular_value_{k}" for k in range(1, DIM + 1)]
    np.testing.assert_allclose(predicted.trace[columns].iloc[-1], values, rtol=1e-6)
    np.testing.assert_allclose(
        predicted.embedding.T @ predicted.embedding, np.diag(values**2), atol=1e-6
    )


@pytest.mark.parametrize("loss", ["quartic", "sgns"])
def test_without_dense_arrays_the_record_is_the_same(
    loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    p, records = corpus(), {}
    # A few steps do not converge: rounding may then decide whether one more is taken.
    converged = functools.partial(saddles.saddles, steps=200, tolerance=1e-4)
    for share in (0.0, 1.1):
        monkeypatch.setattr(saddle_path, "SPARSE", share)
        if share > 1:  # a dense array would be refused
            monkeypatch.setattr(saddle_path.memory, "require_dense", None)
        records[share] = saddle_path.follow(
            p, {**SETTINGS, "loss": loss}, DIM, lambda _: 0.0, 2, converged
        )
    (dense, times, _), (sparse, own, _) = records[0.0], records[1.1]
    # Rates come from one Rayleigh-Ritz step, whose basis is nearly dependent where modes have
    # hardly changed: with few words it amplifies rounding, which is that of float32 here.
    np.testing.assert_allclose(own["time"][:3], times["time"][:3], rtol=1e-2)
    np.testing.assert_allclose(own["time"], times["time"], rtol=0.1)
    ends = [run.embedding @ run.embedding.T for run in (dense, sparse)]
    np.testing.assert_allclose(ends[1], ends[0], atol=5e-2 * np.abs(ends[0]).max())
    # word2vec's loss is expanded where a pair was never seen; the quartic one is exact.
    apart = np.abs(dense.trace["loss"] - sparse.trace["loss"]).max()
    assert apart < (0.02 if loss == "quartic" else 0.05)
