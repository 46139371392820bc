"""Signs, principal components and their words, subspace overlaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.features.components import (
    component_words,
    frequency_share,
    principal_components,
    subspace_overlap,
)
from mstar.spectra.directions import column_signs, fix_signs


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_signs_do_not_depend_on_the_solver(seed):
    generator = np.random.default_rng(seed)
    vectors = generator.standard_normal((9, 5))
    fixed = fix_signs(vectors)
    ruling = np.abs(fixed).argmax(axis=0)
    assert (fixed[ruling, np.arange(5)] > 0).all()
    flips = generator.choice([-1.0, 1.0], 5)
    np.testing.assert_array_equal(fix_signs(vectors * flips), fixed)
    np.testing.assert_array_equal(fix_signs(fixed), fixed)


def test_signs_at_ties_and_zeros():
    # Of equal and opposite entries, one larger by rounding, the first decides, on every machine.
    for noise in (-1e-9, 0.0, 1e-9):
        column = np.array([[0.1], [-0.7], [0.7 + noise]])
        np.testing.assert_array_equal(fix_signs(column), -column)
    assert column_signs(np.zeros((3, 2))).tolist() == [1, 1]
    assert column_signs(np.zeros((0, 2))).tolist() == [1, 1]
    assert fix_signs(-np.eye(3, dtype=np.float32)).dtype == np.float32
    with pytest.raises(ValueError, match="matrix"):
        fix_signs(np.ones(3))


def test_components_are_the_svd():
    generator = np.random.default_rng(0)
    embedding = generator.standard_normal((30, 6)) @ np.diag([5, 4, 3, 2, 1, 0])
    parts = principal_components(embedding)
    assert parts.values.shape == (5,)  # one column is zero
    np.testing.assert_allclose(parts.left * parts.values @ parts.right.T, embedding, atol=1e-12)
    np.testing.assert_array_equal(fix_signs(parts.left), parts.left)
    # A rotation on the right changes only the right vectors.
    rotation = np.linalg.qr(generator.standard_normal((6, 6)))[0]
    turned = principal_components(embedding @ rotation)
    np.testing.assert_allclose(turned.left, parts.left, atol=1e-10)
    assert len(principal_components(np.zeros((4, 3))).values) == 0
    with pytest.raises(ValueError, match="NaN"):
        principal_components(np.full((4, 3), np.nan))


def _planted():
    """Plant two components: words 0-9 on the first (both ends), 10-19 on the second (one end)."""
    embedding = np.zeros((40, 4))
    embedding[0:5, 0] = 10 + np.arange(5)
    embedding[5:10, 0] = -(10 + np.arange(5))
    embedding[10:20, 1] = -(5 + 0.1 * np.arange(10))
    embedding[0:10, 1] = 0.01 * np.arange(10)
    embedding[20:30, 2] = 0.5
    embedding[30:40, 0] = 1.0
    return embedding, [f"w{i}" for i in range(40)]


def test_words_of_planted_components():
    embedding, words = _planted()
    found = component_words(embedding, words, [1, 2, 3, 4, 100], n_words=3, candidates=30)
    assert found[4] is None and found[100] is None  # rank 3
    first = found[1]
    assert first is not None
    assert {*first.top} <= {f"w{i}" for i in range(5)} or {*first.top} <= {
        f"w{i}" for i in range(5, 10)
    }
    assert first.side == "top" or sum(first.bottom_projections) < -sum(first.top_projections)
    second = found[2]
    assert second is not None
    assert set(second.words) <= {f"w{i}" for i in range(10, 20)}
    assert len(second.words) == 3
    third = found[3]
    assert third is not None
    # Of equal projections, the lower ids come first; words 30-39 are not candidates.
    assert third.words == ("w20", "w21", "w22")
    assert not {w for one in (first, second, third) for w in one.top} & {
        f"w{i}" for i in range(30, 40)
    }


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_words_follow_the_recipe(seed):
    generator = np.random.default_rng(seed)
    embedding = generator.standard_normal((25, 5))
    words = [f"w{i}" for i in range(25)]
    found = component_words(embedding, words, [1, 3], n_words=4, candidates=20)
    for k, one in found.items():
        assert one is not None and one.component == k
        parts = principal_components(embedding)
        projection = (embedding @ parts.right[:, k - 1]) / np.linalg.norm(embedding, axis=1)
        order = np.argsort(-projection[:20])
        assert list(one.top) == [words[i] for i in order[:4] if projection[i] > 0]
        assert list(one.bottom) == [words[i] for i in order[::-1][:4] if projection[i] < 0]
        top, bottom = sum(one.top_projections), -sum(one.bottom_projections)
        assert one.side == ("top" if top >= bottom else "bottom")
        assert one.words == (one.top if one.side == "top" else one.bottom)
    rotated = embedding @ np.linalg.qr(generator.standard_normal((5, 5)))[0]
    again = component_words(rotated, words, [1, 3], n_words=4, candidates=20)
    assert {k: v and v.words for k, v in again.items()} == {
        k: v and v.words for k, v in found.items()
    }


def test_bad_arguments():
    with pytest.raises(ValueError, match="for 3 words"):
        component_words(np.ones((2, 2)), ["a", "b", "c"], [1], 1, 1)
    with pytest.raises(ValueError, match="from 1"):
        component_words(np.ones((2, 2)), ["a", "b"], [0], 1, 1)


def test_subspace_overlap():
    generator = np.random.default_rng(1)
    basis = np.linalg.qr(generator.standard_normal((50, 10)))[0]
    u, v = basis[:, :4], basis[:, 4:8]
    rotation = np.linalg.qr(generator.standard_normal((4, 4)))[0]
    assert subspace_overlap(u, u @ rotation) == pytest.approx(1)
    assert subspace_overlap(u, v) == pytest.approx(0, abs=1e-15)
    assert subspace_overlap(basis[:, :4], basis[:, 2:6]) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="two"):
        subspace_overlap(u, basis[:, :3])


def test_frequency_share() -> None:
    unigram = np.repeat([100, 10, 1], [10, 100, 1000])
    assert frequency_share(np.log(unigram + 1.0), unigram) == pytest.approx(1)
    alternating = np.tile([1.0, -1.0], 555)
    assert frequency_share(alternating, unigram) == pytest.approx(0)
