"""Linear analogies in a language whose analogies are known: spikes, accuracy and noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mstar.counts import targets
from mstar.evaluation.three_cos_add import predict
from mstar.prediction.count_noise import Groups, difference
from mstar.statistics.variance_profile import Noise, Outside
from tests.support.attributes import characters, family, ratios, sampled

K, L = 7, 8
STRENGTHS = np.array([0.5, 0.44, 0.4, 0.36, 0.32, 0.3, 0.28])
V = 2**K


def mstar_of(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2 * (ratio - 1) / (ratio + 1)


def leading(matrix: NDArray[np.float64], dim: int) -> NDArray[np.float64]:
    """Return the embedding (V, d) of the ``dim`` largest eigenpairs of a matrix."""
    values, vectors = np.linalg.eigh(matrix)
    order = np.argsort(-values)[:dim]
    return np.asarray(vectors[:, order] * np.sqrt(np.maximum(values[order], 0)))


def share_right(embedding: NDArray[np.float64], attribute: int) -> float:
    """Return the share of a family's analogies that 3CosAdd answers."""
    pairs = family(K, attribute)
    first, second = np.divmod(np.arange(len(pairs) ** 2), len(pairs))
    asked = first != second
    words = np.concatenate([pairs[first[asked]], pairs[second[asked]]], axis=1)
    return float((predict(embedding, words) == words[:, 3]).mean())


def signal_to_noise(embedding: NDArray[np.float64], attribute: int) -> float:
    """Return |mean|^2 of a family's task vectors over their variance."""
    pairs = family(K, attribute)
    vectors = embedding[pairs[:, 1]] - embedding[pairs[:, 0]]
    mean = vectors.mean(axis=0)
    return float(mean @ mean / ((vectors - mean) ** 2).sum(axis=1).mean())


def test_eigenvectors_are_characters_and_first_ones_make_parallelograms() -> None:
    matrix = mstar_of(ratios(STRENGTHS))
    sets, vectors = characters(K)
    values = np.einsum("is,ij,js->s", vectors, matrix, vectors)
    np.testing.assert_allclose(matrix @ vectors, vectors * values, atol=1e-9)
    order = np.argsort(-values)
    assert [sets[s] for s in order[:K]] == [(a,) for a in range(K)]
    embedding = leading(matrix, K)
    for attribute in range(K):
        pairs = family(K, attribute)
        differences = embedding[pairs[:, 1]] - embedding[pairs[:, 0]]
        assert np.ptp(differences, axis=0).max() < 1e-9
        length = 2 * (values[sets.index((attribute,))] / V) ** 0.5
        assert np.linalg.norm(differences[0]) == pytest.approx(length)
        assert share_right(embedding, attribute) == 1


def test_a_family_needs_its_own_mode_and_later_modes_are_noise() -> None:
    matrix = mstar_of(ratios(STRENGTHS))
    weakest = K - 1
    pairs, before = family(K, weakest), leading(matrix, K - 1)
    # Without its own mode the words of each pair are one.
    assert np.abs(before[pairs[:, 1]] - before[pairs[:, 0]]).max() < 1e-9
    assert share_right(leading(matrix, K), weakest) == 1
    ratio = {d: signal_to_noise(leading(matrix, d), weakest) for d in (K, 2 * K, V)}
    assert ratio[K] > 1e9 and ratio[2 * K] > ratio[V]


def test_the_logarithm_is_linear_in_attributes_and_the_ratio_is_not() -> None:
    ratio = ratios(STRENGTHS)
    log, raw = np.log(ratio), ratio
    values = np.sort(np.abs(np.linalg.eigvalsh(log)))[::-1]
    assert values[K] / values[K + 1 :].max() > 1e9  # the attributes, and the mean
    for attribute in (0, K - 1):
        kept = [signal_to_noise(leading(matrix, V), attribute) for matrix in (log, raw)]
        assert kept[0] > 100 * kept[1]
        bounded = signal_to_noise(leading(mstar_of(ratio), V), attribute)
        assert kept[1] < bounded < kept[0]


def test_analogies_survive_without_the_familys_own_pairs() -> None:
    ratio = ratios(STRENGTHS)
    pairs = family(K, 2)
    ratio[pairs[:, 0], pairs[:, 1]] = ratio[pairs[:, 1], pairs[:, 0]] = 1.0
    assert share_right(leading(mstar_of(ratio), K), 2) == 1


def test_noise_of_counts_has_the_predicted_edge_and_hides_the_predicted_attributes() -> None:
    ratio = ratios(STRENGTHS)
    sets, vectors = characters(K)
    true = np.einsum("is,ij,js->s", vectors, mstar_of(ratio), vectors)
    rng = np.random.default_rng(3)
    groups = Groups.by_rank(V)
    measured, predicted = [], []
    for _ in range(8):
        first, second = (sampled(ratio, 3.0, L, rng) for _ in range(2))
        apart = difference(first, second)
        outside = Outside.of(Noise(groups.sizes, groups.mean_squares(apart)), 100.0)
        edge = np.linalg.eigvalsh(apart.toarray())[-1]
        assert edge == pytest.approx(outside.edge, rel=0.1)
        sample = targets.dense("mstar", targets.probabilities(first))
        _, found = np.linalg.eigh(sample)
        singles = [sets.index((a,)) for a in range(K)]
        weights = groups.weights(vectors[:, singles])
        predicted.append(outside.overlaps(true[singles], weights)[0])
        space = found[:, ::-1][:, :K]
        measured.append(((space.T @ vectors[:, singles]) ** 2).sum(axis=0))
    np.testing.assert_allclose(np.mean(measured, axis=0), np.mean(predicted, axis=0), atol=0.02)
    assert np.ptp(np.mean(predicted, axis=0)) > 0.03  # strong ones stand out more


def test_random_pairs_of_words_have_no_task_vector() -> None:
    embedding = leading(mstar_of(ratios(STRENGTHS)), K)
    rng = np.random.default_rng(4)
    null = []
    for _ in range(200):
        words = rng.permutation(V)[: 2 * (V // 4)].reshape(-1, 2)
        vectors = embedding[words[:, 1]] - embedding[words[:, 0]]
        mean = vectors.mean(axis=0)
        null.append(float(mean @ mean / ((vectors - mean) ** 2).sum(axis=1).mean()))
    # Of n random vectors, the mean has 1/n of the variance.
    assert np.mean(null) == pytest.approx(1 / (V // 4), rel=0.3)
    assert signal_to_noise(embedding, 0) > 1e9
