"""The flow that predicts gensim against an integration by scipy, and against trained gensim."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import expit

from mstar.corpus.encoded_text import EncodedText
from mstar.dynamics.weightings import Weights
from mstar.evaluation.analogies import Questions
from mstar.machine.arrays import Array
from mstar.prediction import gensim_flow, gensim_weights

RATE, EPOCHS = 0.03, 3


def asymmetric(size: int = 12) -> Weights:
    """Return gensim's weights for random numbers of pairs of a few clusters of words."""
    rng = np.random.default_rng(0)
    topic = rng.standard_normal((size, 3))
    pairs = 40 * np.exp(0.6 * topic @ topic.T)
    return gensim_weights.weights(pairs, rng.integers(50, 500, size), 2, 0.75)


def test_the_flow_is_that_of_scipy() -> None:
    weights, dim = asymmetric(), 3
    passed = gensim_flow.epochs_followed(weights, RATE, EPOCHS, 8)
    found = list(gensim_flow.follow(weights, dim, passed, RATE, EPOCHS, seed=4, tolerance=1e-5))
    plus = (weights.total + weights.difference) / 2
    minus = (weights.total - weights.difference) / 2
    size = len(plus)

    def drift(_: float, state: Array) -> Array:
        w, c = np.split(state.reshape(2 * size, dim), 2)
        kernel = 2 * (plus * expit(-w @ c.T) - minus * expit(w @ c.T))
        return np.vstack([kernel @ c, kernel.T @ w]).ravel()

    times = gensim_weights.flow_time(passed, weights.mean, RATE, EPOCHS)
    start = gensim_weights.start(size, dim, 4).ravel()
    exact = solve_ivp(drift, (0, times[-1]), start, t_eval=times, rtol=1e-8, atol=1e-10).y.T
    assert np.abs(exact[-1]).max() > 0.5  # far from the start
    for one, other in zip(found, exact.reshape(-1, 2 * size, dim), strict=True):
        gram = other @ other.T  # columns may be turned
        assert np.abs(one @ one.T - gram).max() < 2e-3 * np.abs(gram).max()


def test_a_mode_is_learned_when_its_part_of_the_product_reaches_one_half() -> None:
    """Noise in other columns, which adds to |u^T W|, is not taken for the mode."""
    rng = np.random.default_rng(1)
    left, right = (np.linalg.qr(rng.standard_normal((n, 2)))[0] for n in (30, 8))
    passed = np.geomspace(0.01, 1, 41)
    grown = np.stack([passed**2, passed**0.5], axis=1)  # one half at .71 and at .25
    states = []
    for row in grown:
        own = np.sqrt(row * [9.0, 4.0])
        w, c = left @ np.diag(own) @ right.T, left @ np.diag(own * [1, -1]) @ right.T
        noise = left @ rng.standard_normal((2, 8))
        noise -= noise @ right @ right.T
        turn = np.linalg.qr(rng.standard_normal((8, 8)))[0]
        states.append(np.vstack([w + 5 * noise * (row[0] < 1), c]) @ turn)
    spectrum, paired = gensim_flow.modes_of(states[-1], "input")
    assert spectrum.eigenvalues[:2] == pytest.approx([9.0, 4.0])
    modes = spectrum.eigenvectors[:, :2], paired[:, :2]
    strength = gensim_flow.strengths(states, *modes)
    assert strength == pytest.approx(grown)
    times = gensim_flow.learned(passed, strength)
    assert times == pytest.approx([np.sqrt(0.5), 0.25], rel=0.02)
    # Of input plus output vectors the mode with the negative sign is not there.
    assert gensim_flow.modes_of(states[-1], "sum")[0].eigenvalues[:2] == pytest.approx([36.0, 0.0])


def test_gensim_learns_the_topics_of_a_text_when_it_is_predicted_to() -> None:
    pytest.importorskip("gensim")
    from tools.gensim_epochs import SETTINGS, trained

    rng = np.random.default_rng(3)
    # Four topics of different strength, of ten words each.
    topics = rng.choice(4, 1500, p=[0.4, 0.3, 0.2, 0.1])
    own = 10 * topics[:, None] + rng.integers(0, 10, (1500, 60))
    tokens = np.where(rng.random((1500, 60)) < 0.5, own, rng.integers(0, 40, (1500, 60)))
    counts = np.bincount(tokens.ravel(), minlength=40)
    text = EncodedText.of(tokens.ravel().astype(np.uint16), np.arange(1501) * 60)
    settings = {key: SETTINGS[key] for key in ("window", "subsample")}
    pairs = gensim_weights.pair_numbers(text, counts, settings["window"], settings["subsample"], 5)
    weights = gensim_weights.weights(pairs, counts, 1, SETTINGS["negative_power"])
    rate, epochs = 0.025, SETTINGS["epochs"]
    passed = gensim_flow.epochs_followed(weights, rate, epochs, 60)
    flow = list(gensim_flow.follow(weights, 6, passed, rate, epochs, seed=1))
    words = [f"w{i}" for i in range(40)]
    at, states = trained(
        [[words[i] for i in row] for row in tokens], words, counts, 6, 1, rate, passed
    )
    spectrum, paired = gensim_flow.modes_of(flow[-1], "input")
    modes = spectrum.eigenvectors[:, :3], paired[:, :3]
    predicted = gensim_flow.learned(passed, gensim_flow.strengths(flow, *modes))
    found = gensim_flow.learned(at, gensim_flow.strengths(states, *modes))
    assert np.ptp(predicted) > 0.1 * predicted.min()
    assert found / predicted == pytest.approx(np.ones(3), abs=0.25)


def test_a_prediction_has_features_and_curves_of_both_kinds_of_vectors() -> None:
    weights, words = asymmetric(40), [f"w{i}" for i in range(40)]
    asked = Questions("original", ("own",), np.zeros(2, int), np.arange(8).reshape(2, 4))
    settings = {"learning_rate": RATE, "epochs": EPOCHS}
    features, curves = gensim_flow.predict(
        weights, settings, 4, words, np.arange(40, 0, -1), asked, points=6, shown=3
    )
    assert list(features.columns) == gensim_flow.COLUMNS and len(features) == 8
    assert (features["epochs"] > 0).all() and (features["epochs"] <= EPOCHS).all()
    assert set(curves["embedding"]) == set(gensim_flow.EMBEDDINGS)
    strength = curves[curves["quantity"] == "strength"]
    assert strength.loc[strength["x"] == EPOCHS, "value"].to_numpy() == pytest.approx(1.0)
    dims = curves[curves["axis"] == "dim"]
    assert set(dims["x"]) == {2.0, 3.0, 4.0, 6.0, 8.0} and dims["value"].between(0, 1).all()
