"""Scores of predictors of word2vec: perfect for themselves, at chance for random directions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.prediction import untied_embeddings, word2vec_scores
from mstar.prediction.scores import Asked

V, D = 300, 12
RNG = np.random.default_rng(0)
TRAINED = RNG.standard_normal((V, D)) * np.geomspace(3, 1, D)


def found(rows: object) -> dict[str, float]:
    return {quantity: value for quantity, value, _, _ in rows}  # type: ignore[attr-defined]


def test_an_embedding_agrees_with_its_own_rotation_and_not_with_noise() -> None:
    turned = TRAINED @ np.linalg.qr(RNG.standard_normal((D, D)))[0]
    same = found(word2vec_scores.directions(TRAINED, 2 * turned))
    assert all(value == pytest.approx(1.0) for value in same.values())
    others = [RNG.standard_normal((V, D)) for _ in range(60)]
    noise = pd.DataFrame([found(word2vec_scores.directions(TRAINED, w)) for w in others]).mean()
    expected = found(word2vec_scores.chance(V, D))
    for quantity, value in expected.items():
        assert noise[quantity] == pytest.approx(value, rel=0.2)
    assert "gram" not in expected and noise["gram"] < 0.2


def test_first_features_are_matched_whatever_their_order() -> None:
    basis = np.linalg.qr(RNG.standard_normal((V, D)))[0]
    strengths = np.geomspace(3, 1, D)
    swapped = strengths[[1, 0, *range(2, D)]]
    same = found(word2vec_scores.directions(basis * strengths, basis * swapped))
    assert same["first ten"] == pytest.approx(1.0)
    # Two of the first ten features mixed by 45 degrees.
    mixed = basis.copy()
    mixed[:, :2] = basis[:, :2] @ np.array([[1, 1], [-1, 1]]) / np.sqrt(2)
    half = found(word2vec_scores.directions(basis * strengths, mixed * strengths))
    assert half["first ten"] == pytest.approx((8 + 2 / np.sqrt(2)) / 10)
    assert half["subspace"] == pytest.approx(1.0)


def test_times_are_compared_mode_by_mode() -> None:
    predicted = np.append(np.geomspace(1, 8, 20), [np.nan, 3.0])
    trained = 1.1 * predicted
    trained[-1] = np.nan
    rows = {row[0]: row[1:] for row in word2vec_scores.times(trained, predicted)}
    assert rows["time ratio"] == pytest.approx((1.1, 1.1, 1.1))
    share, low, high = rows["within 15 %"]
    assert share == 1.0 and 0 <= low < high < 0.5  # permuted modes rarely agree
    assert list(word2vec_scores.times(trained * np.nan, predicted)) == []


def test_analogies_are_compared_question_by_question() -> None:
    right = {1.0: np.array([1.0, 1, 0, 1, 0, 1]), 2.0: np.array([1.0, 0, 0, 1, 0, 1])}
    pairs = np.array([0, 1, 2, 3, 4, 5]), np.array([1, 2, 3, 4, 5, 0])
    questions = Asked(lambda w: right[float(w[0, 0])], *pairs)
    ones, twos = np.full((V, D), 1.0), np.full((V, D), 2.0)
    rows = dict(word2vec_scores.analogies(questions, ones, {"other": twos, "same": ones}))
    assert rows["trained"][:2] == ("accuracy", pytest.approx(4 / 6))
    quantity, value, low, high = rows["other"]
    assert quantity == "accuracy difference" and low < value < high
    assert value == pytest.approx(-1 / 6)
    assert rows["same"][1:] == (0.0, 0.0, 0.0)


def test_modes_are_chosen_by_value_or_by_size() -> None:
    basis = np.linalg.qr(RNG.standard_normal((40, 40)))[0]
    values = np.array([5.0, -4.0, 3.0, -2.0, *np.full(36, 0.1)])
    matrix, scale = basis * values @ basis.T, RNG.uniform(0.5, 2.0, 40)

    def part(*modes: int) -> Array:
        return basis[:, modes] * np.abs(values[list(modes)]) @ basis[:, modes].T

    by_value = untied_embeddings.embedding(matrix, 2, "value")
    assert np.allclose(by_value @ by_value.T, part(0, 2))
    by_size = untied_embeddings.embedding(matrix, 2, "size", scale)
    assert np.allclose(scale[:, None] * (by_size @ by_size.T) * scale, part(0, 1))
    with pytest.raises(UserError, match="dim: 3 asked for"):
        untied_embeddings.embedding(-matrix @ matrix, 3, "value")
