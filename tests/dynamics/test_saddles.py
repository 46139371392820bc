"""The saddle-to-saddle recursion: closed forms, stationarity, and an integration of the flow."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mstar.counts import targets
from mstar.dynamics import learning_times, saddles, weightings
from mstar.dynamics.saddles import DenseModel, Saddle, minimise, stage_rates
from mstar.dynamics.separable import separable
from mstar.dynamics.separable_saddles import SeparableModel
from mstar.dynamics.weightings import Weights
from mstar.files.writing import UserError
from mstar.machine.arrays import Array

SIZE, DIM = 12, 4


@pytest.fixture(autouse=True)
def converged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saddles, "COLD", 200)


def every(weights: Weights) -> list[Saddle]:
    """Return the saddles of every rank, converged."""
    return saddles.saddles(DenseModel(weights), DIM, steps=400, gap=SIZE, tolerance=1e-9)


def symmetric(values: Array, seed: int = 0) -> Array:
    """Return a symmetric matrix with these eigenvalues."""
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(SIZE, SIZE)))[0]
    return np.asarray(turn * values @ turn.T)


VALUES = np.concatenate([[8.0, 5.0, 3.0, 2.0, 1.0], np.linspace(0.5, -2, SIZE - 5)])


def separated(seed: int = 1) -> Weights:
    """Return weights whose modes are learned far apart, with a G of full rank."""
    total = np.exp(np.random.default_rng(seed).normal(size=(SIZE, SIZE)))
    return Weights(symmetric(VALUES), (total + total.T) / 2)


def test_constant_weights_give_lemma_3_1() -> None:
    weights = Weights(symmetric(VALUES / 2), np.ones((SIZE, SIZE)))
    found = every(weights)
    ours = saddles.learning_times(found, 1e-6, aligned=True)
    expected = learning_times.time_constants(VALUES[:DIM], 1e-6)
    np.testing.assert_allclose(ours.times, expected, rtol=1e-7)
    np.testing.assert_allclose(ours.final, VALUES[:DIM], rtol=1e-7)
    np.testing.assert_allclose(ours.rates[0], VALUES[:DIM] / 2, rtol=1e-7)


def test_rank_one_weights_give_proposition_2() -> None:
    scale = np.linspace(0.5, 2.0, SIZE)
    target = symmetric(VALUES)
    total = np.outer(scale, scale)
    weights = Weights(total * target / 2, total)
    values, vectors = np.linalg.eigh(np.sqrt(scale)[:, None] * target * np.sqrt(scale))
    for saddle in every(weights):
        leading = slice(SIZE - saddle.rank, SIZE)
        root = vectors[:, leading] / np.sqrt(scale)[:, None]
        expected = root * values[leading] @ root.T
        np.testing.assert_allclose(saddle.weights @ saddle.weights.T, expected, atol=1e-6)


def test_saddles_are_critical_points_with_modes_that_grow_beside_them() -> None:
    model = DenseModel(separated())
    for saddle in every(separated())[:-1]:
        kernel = model.kernel(saddle.weights)
        assert np.abs(model.drift(saddle.weights)).max(initial=0.0) < 1e-6
        (rate,), (mode,) = saddle.rates[:1], saddle.directions.T
        np.testing.assert_allclose(kernel(mode), rate * mode, atol=1e-5)
        values = np.linalg.eigvalsh(kernel(np.eye(SIZE)))
        np.testing.assert_allclose(rate, values[-1], rtol=1e-6)


def test_times_are_those_of_the_flow() -> None:
    weights, init = separated(), 1e-8
    start = init * np.linalg.eigh(weights.difference)[1][:, -DIM:]
    found = every(weights)
    predicted = saddles.learning_times(found, init, aligned=True)
    assert (np.diff(predicted.times) * np.diag(predicted.rates)[1:] > 2).all()

    def flow(_: float, flat: Array) -> Array:
        w = flat.reshape(SIZE, DIM)
        return np.asarray((weights.difference - 0.5 * weights.total * (w @ w.T)) @ w).ravel()

    times = np.linspace(0, 1.5 * predicted.times[-1], 1500)
    tight = {"rtol": 1e-9, "atol": 1e-16}
    path = solve_ivp(flow, (0, times[-1]), start.ravel(), "DOP853", times, **tight).y
    values = np.linalg.svd(path.T.reshape(-1, SIZE, DIM), compute_uv=False) ** 2
    # Half of the size at the next saddle.
    for k, saddle in enumerate(found[1:]):
        half = np.linalg.svd(saddle.weights, compute_uv=False)[k] ** 2 / 2
        found_time = learning_times.first_passed(times, values[:, k], half, "linear")
        assert abs(found_time / predicted.times[k] - 1) < 0.04
    # Linear growth from the start alone is further off.
    rates = predicted.rates[0, 1:]
    alone = np.log(predicted.final[1:] / init**2) / (2 * rates)
    assert (np.abs(alone / predicted.times[1:] - 1) > 0.05).any()


def test_shares_pass_half_at_the_learning_times() -> None:
    found = every(separated())
    predicted = saddles.learning_times(found, 1e-4)
    for k, time in enumerate(predicted.times):
        np.testing.assert_allclose(predicted.learned(time)[k], 0.5, rtol=1e-9)
    start = predicted.learned(0.0)
    np.testing.assert_allclose(start, np.exp(predicted.starts) / predicted.final, rtol=1e-6)


def test_random_starts_have_the_mean_volume() -> None:
    drawn = np.random.default_rng(0).normal(size=(4000, DIM, DIM)) * (1e-3 / np.sqrt(DIM))
    own = np.log(np.abs(np.diagonal(np.linalg.qr(drawn)[1], axis1=1, axis2=2)) ** 2).mean(axis=0)
    np.testing.assert_allclose(saddles.random_starts(DIM, 1e-3), own, atol=0.1)


def test_rates_between_saddles_are_interpolated() -> None:
    def saddle(rank: int, rates: list[float], added: int) -> Saddle:
        empty = np.zeros((SIZE, 0))
        return Saddle(np.zeros((SIZE, rank)), np.array(rates), empty, np.ones(added))

    found = [saddle(0, [8.0, 6.0, 4.0, 2.0], 2), saddle(2, [3.0, 1.0], 1), saddle(3, [0.5], 0)]
    rates = stage_rates(found)
    np.testing.assert_allclose(rates[0], [8, 6, 4])
    # Mode 3 is half way from 4 to 3, and mode 2 changes by the same factor.
    np.testing.assert_allclose(rates[1, 1:], [6 * 3.5 / 4, 3.5])
    np.testing.assert_allclose(rates[2, 2:], [3])


def test_fewer_saddles_and_steps_give_nearly_the_same_times() -> None:
    generator = np.random.default_rng(0)
    size, dim = 50, 16
    turn = np.linalg.qr(generator.normal(size=(size, size)))[0]
    values = np.concatenate([20 / np.arange(1.0, 26), -np.linspace(0, 2, 25)])
    total = np.exp(0.2 * generator.normal(size=(size, size)))
    model = DenseModel(Weights(turn * values @ turn.T, (total + total.T) / 2))
    exact = saddles.learning_times(saddles.saddles(model, dim, steps=50, gap=size), 1e-6)
    quick = saddles.learning_times(saddles.saddles(model, dim), 1e-6)
    np.testing.assert_allclose(quick.times, exact.times, rtol=0.05)


def test_nothing_grows() -> None:
    weights = Weights(-np.eye(SIZE), np.ones((SIZE, SIZE)))
    with pytest.raises(UserError, match="no mode grows"):
        saddles.saddles(DenseModel(weights), DIM)


def test_a_start_without_plateaus() -> None:
    found = every(separated())
    with pytest.raises(UserError, match=r"init: 100 is beyond .* no plateaus"):
        saddles.learning_times(found, 100.0)


def test_modes_beyond_those_that_grow_are_never_learned() -> None:
    values = np.concatenate([[4.0, 2.0], -np.ones(SIZE - 2)])
    found = every(Weights(symmetric(values), np.ones((SIZE, SIZE))))
    predicted = saddles.learning_times(found, 1e-6)
    assert np.isfinite(predicted.times).tolist() == [True, True, False, False]
    assert predicted.learned(1e6)[2:].tolist() == [0, 0]


def test_minimise_stops_at_its_tolerance() -> None:
    model = DenseModel(separated())
    start = np.random.default_rng(0).normal(size=(SIZE, 2))
    found = minimise(model, start, 500, 1e-10)
    assert np.abs(model.drift(found)).max() < 1e-7


def test_no_dense_array_gives_the_same_saddles() -> None:
    generator = np.random.default_rng(4)
    joint = np.triu(generator.poisson(np.outer(*[60 / np.arange(1.0, 31)] * 2)))
    rows, columns = (index.astype(np.int32) for index in np.nonzero(joint))
    whole = (joint + joint.T) / (joint + joint.T).sum()
    p = targets.Probabilities(rows, columns, whole[rows, columns], whole.sum(axis=1))
    dense, sparse = DenseModel(weightings.word2vec(p, 2.0)), SeparableModel(separable(p, 2.0))
    w = generator.normal(size=(30, 3))
    np.testing.assert_allclose(sparse.scale, dense.scale, rtol=1e-9)
    np.testing.assert_allclose(sparse.drift(w), dense.drift(w), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(sparse.kernel(w)(w), dense.drift(w), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(sparse.quartic(w), dense.quartic(w), rtol=1e-5)
