"""The graded measures of Figure 8, word by word from their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mstar.evaluation.three_cos_add import predict
from mstar.features.analogy_cosines import answer_cosines, mean_cosines, neighbour_cosines
from mstar.spectra.directions import normalise_rows


def brute_force(
    embedding: NDArray[np.float64], questions: NDArray[np.int64]
) -> tuple[list[float], list[float]]:
    """Return cos(x^, w), and the largest cos(v, w) over v other than a, b, c, w."""
    hat = [row / np.linalg.norm(row) for row in embedding]
    cosines, nearest = [], []
    for a, b, c, w in questions.tolist():
        query = hat[c] + (hat[b] - hat[a])
        cosines.append(float(query / np.linalg.norm(query) @ hat[w]))
        others = [v for v in range(len(hat)) if v not in (a, b, c, w)]
        nearest.append(max((float(hat[v] @ hat[w]) for v in others), default=np.nan))
    return cosines, nearest


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), vocabulary=st.integers(4, 20), dim=st.integers(2, 6))
def test_cosines_equal_brute_force(seed: int, vocabulary: int, dim: int) -> None:
    generator = np.random.default_rng(seed)
    embedding = generator.standard_normal((vocabulary, dim))
    questions = np.array([generator.permutation(vocabulary)[:4] for _ in range(12)])
    cosines, nearest = brute_force(embedding, questions)
    unit = normalise_rows(embedding)
    np.testing.assert_allclose(answer_cosines(unit, questions), cosines, atol=1e-12)
    np.testing.assert_allclose(neighbour_cosines(unit, questions), nearest, atol=1e-12)
    ratios = [c / n for c, n in zip(cosines, nearest, strict=True) if n > 0]
    mean, ratio = mean_cosines(unit, questions)
    assert mean == pytest.approx(np.mean(cosines))
    assert ratio == pytest.approx(np.mean(ratios) if ratios else np.nan, nan_ok=True)


def test_a_parallelogram_has_cosine_one_and_ratio_above_one() -> None:
    """Four words whose differences agree exactly, and one more near the answer."""
    angles = np.array([0.0, 0.4, 0.8])
    flat = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    a, b, c = flat
    w = (c + b - a) / np.linalg.norm(c + b - a)
    near = w + np.array([0, 0, 0.5])
    embedding = np.stack([a, b, c, w, near])
    questions = np.array([[0, 1, 2, 3]])
    cosine, ratio = mean_cosines(normalise_rows(embedding), questions)
    assert cosine == pytest.approx(1)
    assert ratio == pytest.approx(np.sqrt(1.25))
    assert predict(embedding, questions).tolist() == [3]


def test_what_has_no_value_is_left_out() -> None:
    none = np.empty((0, 4), dtype=np.int64)
    unit = normalise_rows(np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1], [1, 1]]))
    assert np.isnan(mean_cosines(unit, none)).all()
    # Only the words of the question.
    assert np.isnan(neighbour_cosines(unit[:4], np.array([[0, 1, 2, 3]]))).all()
    # c is a zero row and a = b: the query has no direction.
    exact = np.array([[0.0, 1], [0, 1], [0, 0], [1, 0], [0.6, 0.8]])
    lost = np.array([[0, 1, 2, 3], [3, 0, 4, 1]])
    assert np.isnan(answer_cosines(exact, lost)).tolist() == [True, False]
    assert mean_cosines(exact, lost)[0] == answer_cosines(exact, lost)[1]
    # The nearest other word is at a right angle, so there is no ratio.
    assert neighbour_cosines(unit, np.array([[4, 0, 1, 3]]))[0] == 0
    assert np.isnan(mean_cosines(unit, np.array([[4, 0, 1, 3]]))[1])
