"""Population training against the closed form, and the integrator against an ODE solver."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import torch
from scipy.integrate import solve_ivp

from mstar.counts import targets
from mstar.dynamics import (
    chebyshev,
    chebyshev_flow,
    exponential,
    losses,
    stiffness,
    theory,
    weightings,
)
from mstar.dynamics.drift import Population
from mstar.files.writing import UserError
from mstar.spectra import directions, eigensolvers
from mstar.training import closed_form, population, record
from tests.counts.test_targets import random_probabilities

P = random_probabilities(7, size=40, tokens=6000)
SPECTRUM = eigensolvers.all_eigenpairs(targets.dense("mstar", P))
TIMES = record.recorded_times(0.4, 20.0, 25, [0.5, 2.0])
SETTINGS = {
    "estimator": "population",
    "loss": "quartic",
    "weighting": "setting31",
    "negative": 1.0,
    "init": 1e-6,
    "start": 0.4,
    "horizon": 20.0,
    "points": 25,
    "snapshots": [0.5, 2.0],
    "tolerance": 1e-4,
    "dtype": "float64",
    "subsample": 1e-3,
    "negative_power": 0.75,
}


def no_questions(_: np.ndarray) -> float:
    return float("nan")


def values_of(result: record.Training) -> np.ndarray:
    return result.trace.filter(like="singular_value_").to_numpy()


@pytest.mark.parametrize(
    ("init", "dtype"), [(1e-1, "float64"), (1e-8, "float64"), (1e-8, "float32")]
)
def test_population_training_follows_the_exact_flow(init: float, dtype: str) -> None:
    settings = {**SETTINGS, "init": init, "dtype": dtype}
    trained = population.train(P, settings, "cpu", 6, 3, no_questions)
    exact = closed_form.follow(SPECTRUM, {**settings, "estimator": "exact"}, 6, 3, no_questions)
    assert trained.tau_1 == pytest.approx(exact.tau_1)
    assert np.abs(values_of(trained) - values_of(exact)).max() < 5e-3 * values_of(exact).max()
    assert np.abs(trained.trace["loss"] - exact.trace["loss"]).max() < 1e-3
    strengths = [run.trace[record.strength_columns(run.trace)] for run in (trained, exact)]
    assert strengths[0].shape[1] == 6
    assert (strengths[0] - strengths[1]).abs().max(axis=None) < 1e-2 * strengths[1].max(axis=None)
    first, second = (w @ w.T for w in (trained.embedding, exact.embedding))
    assert np.abs(first - second).max() < 1e-2 * np.abs(second).max()


def test_errors_shrink_with_the_tolerance() -> None:
    exact = closed_form.follow(SPECTRUM, {**SETTINGS, "estimator": "exact"}, 6, 3, no_questions)
    errors = []
    for tolerance in (1e-2, 1e-4):
        run = population.train(P, {**SETTINGS, "tolerance": tolerance}, "cpu", 6, 3, no_questions)
        errors.append(np.abs(values_of(run) - values_of(exact)).max())
    assert errors[1] < 0.3 * errors[0]


def test_sgns_flow_against_an_ode_solver() -> None:
    weights = weightings.word2vec(P, 1.0, 1e-3)
    model = Population(losses.Sgns(), weights, "cpu", torch.float64)
    times = np.array([0.5, 1.0, 3.0, 8.0])
    result = population.population(
        losses.Sgns(), weights, 5, 1e-3, 1, times, [], no_questions, 1e-5, "cpu", "float64"
    )
    start = theory.initial_weights(40, 5, 1e-3, 1)

    def drift(_: float, flat: np.ndarray) -> np.ndarray:
        return model.drift(torch.as_tensor(flat.reshape(40, 5))).numpy().ravel()

    ends = times * result.tau_1
    solved = solve_ivp(drift, (0, ends[-1]), start.ravel(), "DOP853", ends, rtol=1e-10, atol=1e-14)
    expected = [np.linalg.svd(y.reshape(40, 5), compute_uv=False) for y in solved.y.T]
    assert np.abs(values_of(result) - expected).max() < 2e-3 * np.max(expected)


def test_lemma_and_exact_flow_meet_for_small_weights() -> None:
    """The first mode of a random small start is the aligned sigmoid, shifted by its own overlap."""
    settings = {**SETTINGS, "init": 1e-12, "horizon": 60.0}
    lemma = closed_form.follow(SPECTRUM, {**settings, "estimator": "sigmoid"}, 6, 0, no_questions)
    exact = closed_form.follow(SPECTRUM, {**settings, "estimator": "exact"}, 6, 0, no_questions)
    assert np.allclose(values_of(lemma)[-1], np.sqrt(SPECTRUM.eigenvalues[:6]), rtol=1e-3)
    assert np.allclose(values_of(exact)[-1], values_of(lemma)[-1], rtol=1e-3)
    half = np.sqrt(SPECTRUM.eigenvalues[0] / 2)
    crossed = [np.interp(half, values_of(r)[:, 0], r.trace["time_tau1"]) for r in (lemma, exact)]
    assert abs(crossed[0] - crossed[1]) < 0.1


def test_strengths_from_an_aligned_start_are_the_sigmoids_of_their_own_modes() -> None:
    settings = {**SETTINGS, "init": 1e-2, "estimator": "sigmoid"}
    run = closed_form.follow(SPECTRUM, settings, 6, 0, no_questions)
    found = run.trace[record.strength_columns(run.trace)].to_numpy()
    flow_times = run.times * run.tau_1
    exact = theory.sigmoid_squares(SPECTRUM.eigenvalues[:6], np.full(6, 1e-4), flow_times)
    assert np.allclose(found, exact, rtol=1e-9, atol=1e-12 * exact.max())


def test_strengths_of_all_modes_sum_to_the_squared_singular_values() -> None:
    weights = weightings.word2vec(P, 1.0, 1e-3)
    every = SPECTRUM.eigenvectors
    run = population.population(
        losses.Sgns(), weights, 5, 1e-3, 1, np.array([0.5, 8.0]), [], no_questions, modes=every
    )
    strengths = run.trace[record.strength_columns(run.trace)].to_numpy()
    assert strengths.shape == (2, 40)
    assert strengths.sum(axis=1) == pytest.approx((values_of(run) ** 2).sum(axis=1), rel=1e-5)


def test_a_time_at_the_start_of_the_flow_needs_no_step(capsys: pytest.CaptureFixture[str]) -> None:
    """The rest of the linear phase may be below rounding, and the flow then needs no step."""
    model = Population(losses.Quartic(), weightings.setting31(P, 1.0), "cpu", torch.float64)
    start = torch.as_tensor(theory.initial_weights(40, 3, 1e-3, 1))
    late = [0.5 * (1 + 4e-16)]
    ((time, state),) = population.nonlinear(model, start, 0.5, late, 2.0, 1e-3, 0)
    assert time == late[0] > 0.5 and torch.equal(state, start)
    assert "0 steps" in capsys.readouterr().err


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run = population.train(P, SETTINGS, "cpu", 4, 9, no_questions)
        record.save(run, tmp_path / f"{name}.npz", tmp_path / f"{name}.parquet")
    for suffix in ("npz", "parquet"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    again = record.load(tmp_path / "a.npz", tmp_path / "a.parquet")
    assert again.snapshots.shape == (2, 40, 4)
    assert np.array_equal(again.snapshot_times, [0.5, 2.0])
    assert list(again.trace.columns[:4]) == ["time", "time_tau1", "loss", "analogy_accuracy"]


def test_snapshots_are_the_state_at_their_time() -> None:
    run = population.train(P, SETTINGS, "cpu", 4, 2, no_questions)
    rows = run.trace.set_index("time_tau1").filter(like="singular_value_")
    for time, snapshot in zip(run.snapshot_times, run.snapshots, strict=True):
        expected = rows.loc[time].to_numpy()
        assert np.allclose(
            np.linalg.svd(snapshot, compute_uv=False), expected, rtol=1e-4, atol=1e-9
        )


def test_paths_end_at_the_principal_components_and_ignore_rotations() -> None:
    """Population training and the exact flow differ by a rotation, but their paths agree."""
    settings = {**SETTINGS, "init": 1e-8}
    trained = population.train(P, settings, "cpu", 6, 3, no_questions)
    exact = closed_form.follow(SPECTRUM, {**settings, "estimator": "exact"}, 6, 3, no_questions)
    for run in (trained, exact):
        assert run.paths.shape == (len(run.trace), 40, 5)
        assert np.array_equal(run.times, run.trace["time_tau1"])
        left, right = directions.principal_directions(run.embedding)
        np.testing.assert_allclose(run.paths[-1], run.embedding @ right[:, :5], atol=1e-5)
        cosines = np.sum(run.paths[-1] * left[:, :5], axis=0)
        assert np.allclose(cosines, values_of(run)[-1, :5], rtol=1e-4)
    scale = np.abs(exact.paths).max()
    assert np.abs(trained.paths - exact.paths).max() < 0.02 * scale
    # Along its own directions, a state equals its singular values.
    late = exact.times > 5
    sizes = np.linalg.norm(exact.paths[late], axis=1)
    assert np.allclose(sizes, values_of(exact)[late, :5], rtol=0.02)


def test_nearest_rotation_is_the_nearest() -> None:
    rng = np.random.default_rng(0)
    final, early = rng.standard_normal((2, 30, 4))
    best = directions.nearest_rotation(early, final)
    np.testing.assert_allclose(best @ best.T, np.eye(4), atol=1e-12)
    distance = np.linalg.norm(early @ best - final)
    for _ in range(20):
        nearby, _ = np.linalg.qr(best + 0.1 * rng.standard_normal((4, 4)))
        nearby = nearby * np.sign(np.sum(nearby * best, axis=0))
        assert np.linalg.norm(early @ nearby - final) > distance
    rotation, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    np.testing.assert_allclose(directions.turned(final @ rotation, final), final, atol=1e-12)


@pytest.mark.parametrize("loss", losses.LOSSES)
def test_every_mode_has_its_predicted_time(loss: str) -> None:
    """Under Setting 3.1 the times are those of Lemma 3.1, for every loss; tau_1 is the unit."""
    lemma = closed_form.follow(SPECTRUM, {**SETTINGS, "estimator": "sigmoid"}, 6, 0, no_questions)
    run = population.train(P, {**SETTINGS, "loss": loss}, "cpu", 6, 3, no_questions)
    np.testing.assert_allclose(run.taus, lemma.taus)
    assert run.tau_1 == run.taus[0]
    np.testing.assert_allclose(run.trace["time"], run.times * run.tau_1)
    squares = values_of(lemma)[:, :4] ** 2
    crossed = [
        np.interp(SPECTRUM.eigenvalues[k] / 2, squares[:, k], lemma.trace["time"]) for k in range(4)
    ]
    np.testing.assert_allclose(crossed, lemma.taus[:4], rtol=0.03)


def test_factorisation_records_its_loss() -> None:
    result = closed_form.factorisation(SPECTRUM, 5, no_questions)
    mstar = targets.dense("mstar", P)
    w = result.embedding
    distance = np.sum((w @ w.T - mstar) ** 2) / np.sum(mstar**2)
    assert result.trace["loss"].item() == pytest.approx(distance)
    assert np.isinf(result.trace["time"].item())
    assert np.array_equal(result.times, [np.inf]) and result.paths.shape == (1, 40, 5)
    np.testing.assert_allclose(np.abs(result.paths[0]), np.abs(w), atol=1e-5)


def test_start_beyond_saturation_is_refused() -> None:
    for estimator, call in (("exact", closed_form.follow), ("sigmoid", closed_form.follow)):
        with pytest.raises(UserError, match="init"):
            call(SPECTRUM, {**SETTINGS, "estimator": estimator, "init": 1e3}, 4, 0, no_questions)
    with pytest.raises(UserError, match="init"):
        population.train(P, {**SETTINGS, "init": 1e3}, "cpu", 4, 0, no_questions)


@pytest.mark.parametrize("stages", [2, 3, 7, 20])
def test_chebyshev_scheme_is_second_order_and_stable(stages: int) -> None:
    table = chebyshev.scheme(stages)

    def amplify(z: float) -> float:
        one = torch.ones(1, 1, dtype=torch.float64)
        return float(chebyshev.advance(lambda y, _: z * y, one, z * one, 1.0, table))

    for z in (1e-2, 1e-3):
        assert amplify(z) == pytest.approx(1 + z + z**2 / 2, abs=2 * z**3)
    grid = np.linspace(0.01, chebyshev.reach(stages), 200)
    assert all(abs(amplify(-z)) <= 1.0 for z in grid)
    assert chebyshev.stages_for(chebyshev.reach(stages)) <= stages


@pytest.mark.parametrize("stages", [2, 5, 20])
def test_chebyshev_stages_stand_at_their_times(stages: int) -> None:
    """A slope that depends only on time is integrated to second order."""
    table = chebyshev.scheme(stages)
    zero = torch.zeros(1, 1, dtype=torch.float64)
    ramp = chebyshev.advance(lambda _, u: torch.full_like(zero, u), zero, zero, 3.0, table)
    assert float(ramp) == pytest.approx(4.5)


def step_with_a_fast_row(jacobian: np.ndarray, h: float, stages: int) -> np.ndarray:
    """Return the (2, 2) matrix of one step of dY/du = J Y that integrates row 0 separately."""
    j = torch.as_tensor(jacobian)
    fast = stiffness.FastRows(torch.tensor([0]), lambda y: j[:1] @ y, abs(float(j[0, 0])))
    frame = chebyshev_flow._Frame(lambda y: j @ y, torch.zeros(2, dtype=torch.float64), fast)
    one = torch.eye(2, dtype=torch.float64)
    table = chebyshev.scheme(stages)
    return chebyshev.advance(frame.slope, one, j @ one, h, table, frame.settle).numpy()


@pytest.mark.parametrize("stages", [2, 3, 5, 12])
def test_steps_are_stable_however_fast_the_fast_rows(stages: int) -> None:
    """Steps are stable for every negative J, if the stages cover the slow row."""
    reach = chebyshev.reach(stages)
    for slow, ratio, coupling in itertools.product(
        np.linspace(0.02, 1.0, 20) * reach, (0.5, 2.0, 10.0, 100.0), (0.0, 0.5, 0.9, 0.999)
    ):
        cross = coupling * slow * np.sqrt(ratio)
        step = step_with_a_fast_row(np.array([[-ratio * slow, cross], [cross, -slow]]), 1.0, stages)
        assert np.abs(np.linalg.eigvals(step)).max() <= 1.0 + 1e-9


@pytest.mark.parametrize("stages", [2, 5])
def test_steps_with_fast_rows_are_second_order(stages: int) -> None:
    jacobian = np.array([[-8.0, 2.0], [2.0, -1.0]])
    errors = [
        np.abs(step_with_a_fast_row(jacobian, h, stages) - scipy.linalg.expm(h * jacobian)).max()
        for h in (0.04, 0.02)
    ]
    assert errors[0] / errors[1] == pytest.approx(8.0, rel=0.2)


def test_fast_rows_save_evaluations_and_change_nothing() -> None:
    """word2vec's weighting with one word many times as frequent as the others."""
    weights = weightings.word2vec(P, 1.0, 1e-3)
    heavy = np.r_[np.full(2, 30.0), np.ones(38)]
    scaled = weightings.Weights(
        weights.difference * np.outer(heavy, heavy), weights.total * np.outer(heavy, heavy)
    )
    model = Population(losses.Sgns(), scaled, "cpu", torch.float64)
    assert set(model.fast.tolist()) == {0, 1}
    start = torch.as_tensor(0.1 * theory.initial_weights(40, 5, 1.0, 1))
    torch.testing.assert_close(model.fast_drift(start), model.drift(start)[model.fast])
    ends, evaluations = [], []
    for fast in (None, stiffness.FastRows(model.fast, model.fast_drift)):
        *_, last = chebyshev_flow.chebyshev_flow(model.drift, start, 0.0, 3.0, 1e-4, 0, fast)
        ends.append(last.at(last.stop))
        evaluations.append(last.evaluations)
    first, second = (w @ w.T for w in ends)
    assert float((first - second).abs().max()) < 2e-3 * float(first.abs().max())
    assert evaluations[1] < 0.6 * evaluations[0]


def test_exponential_action_is_that_of_scipy() -> None:
    rng = np.random.default_rng(2)
    matrix = rng.standard_normal((40, 40))
    matrix += matrix.T
    block, times = rng.standard_normal((40, 3)), [0.0, 0.3, 1.2]
    highest = float(np.linalg.eigvalsh(matrix)[-1])
    found = exponential.exponential_action(matrix, highest, block, times)
    for time, state in zip(times, found, strict=True):
        expected = scipy.linalg.expm(time * matrix) @ block
        np.testing.assert_allclose(state.numpy(), expected, atol=1e-12 * np.abs(expected).max())


def test_waiting_modes_grow_without_error() -> None:
    """In the linear phase a column along a mode is exact at any tolerance."""
    rates = torch.tensor([5.0, 3.0, 1.0, -4.0], dtype=torch.float64)
    w = 1e-12 * torch.eye(4, 3, dtype=torch.float64)
    *_, last = chebyshev_flow.chebyshev_flow(lambda w: rates[:, None] * w, w, 0.0, 6.0, 0.1)
    grown = torch.linalg.svdvals(last.at(6.0))
    np.testing.assert_allclose(grown, 1e-12 * np.exp(6 * rates[:3].numpy()), rtol=1e-9)
    assert last.evaluations < 100
