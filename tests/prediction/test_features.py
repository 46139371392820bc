"""Predictions from the leading eigenpairs of M*, against training, brute force and identities."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.counts.counting import count
from mstar.counts.targets import Probabilities, dense, mstar_cells, probabilities
from mstar.dynamics import losses, schedule, theory, weightings
from mstar.evaluation.analogies import Questions
from mstar.features import names
from mstar.files.writing import UserError
from mstar.prediction import curves, features
from mstar.spectra.eigensolvers import all_eigenpairs
from mstar.spectra.spectrum import Spectrum

V = 60


@pytest.fixture(scope="module")
def text() -> Probabilities:
    """Return counts of a text of two topics, with Zipf's frequencies."""
    rng = np.random.default_rng(0)
    chance = 1.0 / np.arange(1, V + 1)
    documents = []
    for topic in range(200):
        tilted = chance * np.where(np.arange(V) % 2 == topic % 2, 3.0, 1.0)
        documents.append(rng.choice(V, 60, p=tilted / tilted.sum()))
    numbers = np.concatenate(documents)
    ranks = np.argsort(np.argsort(-np.bincount(numbers, minlength=V), kind="stable"))
    tokens = ranks[numbers].astype(np.uint16)
    return probabilities(count(tokens, np.arange(0, tokens.size + 1, 60), V, 5))


@pytest.fixture(scope="module")
def spectrum(text: Probabilities) -> Spectrum:
    return all_eigenpairs(dense("mstar", text))


@pytest.mark.parametrize("negative", [1.0, 2.0])
def test_a_step_covers_the_time_that_training_gives_it(
    text: Probabilities, negative: float
) -> None:
    run = {"negative": negative, "sgd": {"learning_rate": 5.0, "loss_scale": None}}
    weights = weightings.setting31(text, negative)
    squared = V**2 * text.mean_square(*mstar_cells(text, negative))
    expected = schedule.step_size(losses.Quartic(), weights, text, run)
    assert features.step_time(squared, 5.0, negative) == pytest.approx(expected, rel=1e-12)


def test_features_are_the_modes_in_order(spectrum: Spectrum) -> None:
    words = [f"w{i}" for i in range(V)]
    counts = np.arange(V, 0, -1)
    table = features.features(
        spectrum.leading(40), words, counts, init=1e-3, learning_rate=2.0, shown=4
    )
    assert list(table.columns) == features.COLUMNS
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    values = table["eigenvalue"].to_numpy()
    assert (np.diff(values) <= 0).all() and values[-1] > 1e-6
    assert len(table) == (spectrum.eigenvalues[:40] > 1e-6).sum() < 40
    # The sum of all lambda^2 is ||M*||^2, which is known without the omitted eigenvalues.
    assert table["share"].sum() < 1
    whole = features.features(spectrum, words, counts, init=1e-3, learning_rate=2.0)
    negative = spectrum.eigenvalues[spectrum.eigenvalues < 0]
    rest = (negative**2).sum() / spectrum.squared_norm
    assert whole["cumulative"].iloc[-1] + rest == pytest.approx(1.0, rel=1e-9)
    # Lowering the rate delays later modes: each unit of time then takes twenty times as many steps.
    first = float(table["steps"].iloc[2])
    late = features.features(
        spectrum.leading(40), words, counts,
        init=1e-3, learning_rate=2.0, drops=[(int(first), 0.05)],
    )["steps"]  # fmt: skip
    assert late[:2].tolist() == table["steps"][:2].tolist()
    waited = (table["steps"][3:] - int(first)) * 20 + int(first)
    assert late[3:].tolist() == pytest.approx(waited.tolist(), rel=1e-9)
    # Lemma 3.1: at tau_k the square of mode k is half of its final value.
    half = theory.sigmoid_squares(values, np.full(len(values), 1e-6), table["time"].to_numpy())
    assert np.diag(half) == pytest.approx(values / 2, rel=2e-3)
    top = table["positive"][0].split()
    vector = spectrum.eigenvectors[:, 0]
    assert top == [words[i] for i in np.argsort(-vector, kind="stable")[:4] if vector[i] > 0]


def test_what_cannot_be_predicted_is_refused_in_words(spectrum: Spectrum) -> None:
    words, counts = [""] * V, np.ones(V, np.int64)
    with pytest.raises(UserError, match=r"init: 100 is beyond .* choose a smaller"):
        features.features(spectrum, words, counts, init=100.0, learning_rate=1.0)
    with pytest.raises(UserError, match="dim: 9 asked for, and 5 eigenpairs are known"):
        next(features.follow(spectrum.leading(5), 9, 1e-3, np.array([1.0])))


@pytest.mark.parametrize("init", [1e-12, 1e-4])
def test_the_modes_left_out_do_not_matter(spectrum: Spectrum, init: float) -> None:
    """Following 20 of the 60 modes gives the result of following all of them."""
    dim, rank = 6, 20
    times = features.times_followed(spectrum.eigenvalues, dim, init, 25)
    whole = np.zeros((V, dim))
    whole[:] = theory.initial_weights(V, dim, init, 3)
    whole[:rank] = theory.initial_weights(rank, dim, init, 3)
    exact = theory.exact_flow(whole, spectrum.eigenvalues, times)
    some = features.follow(spectrum.leading(rank), dim, init, times, 3)
    for every, (few, loss) in zip(exact, some, strict=True):
        expected = theory.singular_values(every)
        assert np.abs(theory.singular_values(few) - expected).max() < 0.02 * expected[0]
        assert loss == pytest.approx(theory.normalised_loss(every, spectrum.eigenvalues), abs=1e-3)
    # The last mode still competes with the next one, whose eigenvalue is close.
    assert loss == pytest.approx(features.rank_loss(spectrum, [dim])[0], abs=0.02)


def test_losses_are_those_of_the_matrices(spectrum: Spectrum) -> None:
    matrix = (spectrum.eigenvectors * spectrum.eigenvalues) @ spectrum.eigenvectors.T
    some = spectrum.leading(10)

    def loss(w: np.ndarray) -> float:
        return float(((w @ w.T - matrix) ** 2).sum() / (matrix**2).sum())

    for dim, found in zip((1, 4, 10), features.rank_loss(some, [1, 4, 10]), strict=True):
        assert found == pytest.approx(loss(some.embedding(dim)), rel=1e-9)
    squares = np.random.default_rng(0).uniform(0, 3, (2, 10))
    for row, found in zip(squares, features.lemma_loss(some, squares), strict=True):
        assert found == pytest.approx(loss(some.eigenvectors * np.sqrt(row)), rel=1e-9)
    weights, found = next(features.follow(some, 4, 0.5, np.array([0.7])))
    assert found == pytest.approx(loss(some.eigenvectors @ weights), rel=1e-9)


def one_category(words: np.ndarray) -> Questions:
    return Questions("regenerated", ("a", "none"), np.zeros(len(words), np.int64), words)


def test_curves_end_where_the_best_embedding_begins(spectrum: Spectrum) -> None:
    questions = one_category(
        np.random.default_rng(1).permuted(np.tile(range(V), (30, 1)), axis=1)[:, :4]
    )
    dim = 6
    table = curves.curves(
        spectrum.leading(20), questions, dim=dim, init=1e-6, learning_rate=3.0, points=9
    )
    assert list(table.columns) == curves.COLUMNS
    time = table[table["axis"] == "time"]
    for model in ("exact", "lemma"):
        loss = time[(time["quantity"] == "loss") & (time["model"] == model)]["value"].to_numpy()
        assert len(loss) == 4 * 8 + 1 and (np.diff(loss) < 1e-12).all()
        assert loss[-1] == pytest.approx(features.rank_loss(spectrum, [dim])[0], abs=0.01)
    last = time[(time["quantity"] == "singular value") & (time["x"] == time["x"].max())]
    for _, own in last.groupby("model"):
        assert len(own) == dim
        expected = np.sqrt(spectrum.eigenvalues[:dim])
        assert own["value"].to_numpy() == pytest.approx(expected, rel=0.05)
    steps = time["steps"] * features.step_time(spectrum.squared_norm, 3.0)
    unit = theory.time_constant(spectrum.eigenvalues[0], 1e-12)
    assert np.allclose(steps, time["x"] * unit)
    at_dim = table[(table["axis"] == "dim") & (table["quantity"] == "accuracy")]
    assert set(at_dim["name"]) == {"a", "total"}
    assert len(curves.categories(table, questions)) == 2


def test_a_text_without_questions_has_curves_all_the_same(spectrum: Spectrum) -> None:
    questions = one_category(np.empty((0, 4), np.int64))
    given = {"dim": 3, "init": 1e-6, "learning_rate": 3.0, "points": 4}
    table = curves.curves(spectrum.leading(8), questions, **given)
    assert set(table["quantity"]) == {"loss", "singular value"}
    found = curves.categories(table, questions)
    assert found.empty and list(found.columns) == curves.CATEGORIES


@given(st.integers(1, 5000))
def test_the_largest_d_is_tried(most: int) -> None:
    dims = curves.dims_tried(most)
    assert dims[-1] == most and dims == sorted(set(dims)) and dims[0] >= 1
    assert all(b <= 1.6 * a + 1 for a, b in pairwise(dims))


def test_turning_points() -> None:
    dims = np.array([2.0, 4.0, 8.0, 16.0, 32.0])
    score = np.array([0.0, 0.5, 0.5, 0.45, 0.1])
    ends = score - 0.1, score + 0.1  # 0.45 is within the interval of 0.5; 0.1 is not
    assert curves.turning_point(dims, score, *ends) == (4.0, 0.5, 0.4, 0.6, 32.0)
    turned = (column[::-1].copy() for column in (score, *ends))
    assert curves.turning_point(dims, *turned) == (8.0, 0.5, 0.4, 0.6, 32.0)
    assert np.isnan(curves.turning_point(dims, score * 0, *ends)[0])


# --- names ---


def test_a_word_of_many_features_names_none() -> None:
    """Word 0 has the largest weight in both modes; words that are in only one mode name it."""
    vectors = np.zeros((8, 2))
    vectors[0] = 0.6, 0.6
    vectors[1:4, 0] = 0.5, 0.45, 0.4
    vectors[4:7, 1] = -0.5, -0.45, -0.4
    vectors /= np.linalg.norm(vectors, axis=0)
    both = Spectrum(np.array([2.0, 1.9]), vectors, np.zeros(2), 10.0)
    words = ["the", "sun", "moon", "star", "oil", "gas", "coal", "x"]
    assert names.names(both, words, 2) == ["sun, moon, the", "oil, gas, coal"]
    lengths = names.squared_lengths(both)
    score = names.score(both, 0, lengths)
    cosine = vectors[0, 0] ** 2 * 2.0 / (vectors[0] ** 2 @ both.eigenvalues)
    assert score[0] == pytest.approx(vectors[0, 0] ** 2 * cosine)
    assert lengths[7] == score[7] == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_names_do_not_depend_on_signs_and_scores_are_shares(seed: int) -> None:
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.standard_normal((30, 5)))
    values = np.sort(rng.uniform(-1, 3, 5))[::-1].copy()
    one = Spectrum(values, basis, np.zeros(5), 100.0)
    other = Spectrum(values, -basis, np.zeros(5), 100.0)
    words = [f"w{i}" for i in range(30)]
    lengths = names.squared_lengths(one)
    for k in range(one.positive):
        score = names.score(one, k, lengths)
        assert (score >= 0).all() and (score <= basis[:, k] ** 2 + 1e-12).all()
    named = names.names(one, words, one.positive)
    flipped = names.names(other, words, one.positive)
    assert [set(n.replace(" / ", ", ").split(", ")) for n in named] == [
        set(n.replace(" / ", ", ").split(", ")) for n in flipped
    ]


def test_tables_have_no_missing_numbers(spectrum: Spectrum) -> None:
    words = [f"w{i}" for i in range(V)]
    table = features.features(
        spectrum.leading(12), words, np.arange(V, 0, -1), init=1e-9, learning_rate=1.0
    )
    numbers = table.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()
    assert isinstance(table, pd.DataFrame) and table["frequency"].between(0, 1 + 1e-9).all()


def test_word2vec_s_features_are_the_components_of_its_embedding() -> None:
    generator = np.random.default_rng(3)
    basis = np.linalg.qr(generator.normal(size=(40, 5)))[0]
    values, scale = np.array([9.0, 5.0, 3.0, 1.0, -1.0]), generator.uniform(0.5, 2.0, 40)
    known = Spectrum(values, basis, np.zeros(5), 200.0, scale=scale)
    words = [f"w{i:02}" for i in range(40)]
    table = features.word2vec_features(known, words, np.arange(40, 0, -1), 3, shown=2)
    assert list(table) == features.WORD2VEC and table["rank"].tolist() == [1, 2, 3]
    left, singular, _ = np.linalg.svd(known.embedding(3), full_matrices=False)
    assert table["singular_value"].to_numpy() == pytest.approx(singular)
    assert table["cumulative"].iloc[-1] == pytest.approx(1)
    for k, row in table.iterrows():
        outermost = {words[i] for i in np.argsort(-np.abs(left[:, k]))[:1]}
        assert outermost <= {*row["positive"].split(), *row["negative"].split()}
    # Without weights of words they are the eigenvectors themselves.
    plain = Spectrum(values, basis, np.zeros(5), 200.0)
    found = features.word2vec_features(plain, words, np.arange(40, 0, -1), 3)
    assert found["singular_value"].to_numpy() ** 2 == pytest.approx(values[:3])
