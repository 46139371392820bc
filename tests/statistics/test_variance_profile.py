"""Edges of noise and overlaps with it: closed forms, random matrices, and random text."""

from __future__ import annotations

import numpy as np
import pytest

from mstar.statistics.variance_profile import Noise, Outside


def symmetric(variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a symmetric matrix of normal entries with a variance each."""
    upper = np.triu(rng.standard_normal(variance.shape) * np.sqrt(variance))
    return np.asarray(upper + np.triu(upper, 1).T)


def test_equal_variances_have_wigners_semicircle_and_bbp() -> None:
    noise = Noise(np.full(4, 250.0), np.ones((4, 4)))
    outside = Outside.of(noise, 200.0)
    sigma2, weights = 1000.0, np.full((3, 4), 0.25)
    assert outside.edge == pytest.approx(2 * sigma2**0.5, rel=1e-6)
    theta = np.array([20.0, 40.0, 100.0])
    squares, places = outside.overlaps(theta, weights)
    assert squares == pytest.approx([0, 1 - sigma2 / 1600, 1 - sigma2 / 10_000], abs=2e-3)
    assert places[1:] == pytest.approx(theta[1:] + sigma2 / theta[1:], rel=1e-3)
    assert outside.strengths(places, weights) == pytest.approx([0, 40, 100], rel=2e-3)


def test_any_profile_agrees_with_random_matrices() -> None:
    rng = np.random.default_rng(0)
    sizes = np.array([60, 180, 360])
    group = np.repeat(np.arange(3), sizes)
    variance = np.array([[0.05, 0.2, 0.8], [0.2, 1.0, 1.5], [0.8, 1.5, 3.0]])
    full = variance[np.ix_(group, group)]
    outside = Outside.of(Noise(sizes.astype(float), variance), 300.0)
    assert np.linalg.eigvalsh(symmetric(full, rng))[-1] == pytest.approx(outside.edge, rel=0.03)
    for spread, theta in ((np.array([1.0, 1, 1]), 90.0), (np.array([5.0, 1, 0]), 45.0)):
        u = rng.standard_normal(600) * spread[group]
        u /= np.linalg.norm(u)
        values, vectors = np.linalg.eigh(theta * np.outer(u, u) + symmetric(full, rng))
        weights = np.bincount(group, u**2)[None]
        square, place = outside.overlaps(np.array([theta]), weights)
        best = int(np.argmax((vectors.T @ u) ** 2))
        assert values[best] == pytest.approx(place[0], rel=0.03) or square[0] == 0
        if square[0]:
            assert (vectors[:, -1] @ u) ** 2 == pytest.approx(square[0], abs=0.07)


def test_words_of_one_window_skew_the_spectrum_to_the_right() -> None:
    # Counts of random words, linear in K: X^T K X with all words equally frequent.
    rng, words, window, positions = np.random.default_rng(1), 400, 16, 24_000
    text = rng.integers(0, words, positions)
    counts = np.zeros((words, words))
    for distance in range(1, window + 1):
        np.add.at(counts, (text, np.roll(text, -distance)), window + 1 - distance)
    counts += counts.T
    deviation = np.sqrt(positions * 2 * (np.arange(1, window + 1) ** 2).sum()) / words
    occurs = np.bincount(text, minlength=words)
    scaled = (counts - np.outer(occurs, occurs) * counts.sum() / positions**2) / deviation
    values = np.linalg.eigvalsh(scaled)
    one = np.ones((1, 1))
    noise = Noise(np.array([float(words)]), one, one, window, float(positions))
    plain = Noise(np.array([float(words)]), one).edge()
    assert values[-1] == pytest.approx(noise.edge(), rel=0.02)
    assert values[-1] > 1.05 * plain and -values[0] < 0.95 * plain
