"""M* expected by chance, and the share of a mode that is a function of frequency."""

from __future__ import annotations

import numpy as np
import pytest

from mstar.counts import counting, targets
from mstar.features.components import frequency_share
from mstar.prediction import vocabulary_size
from mstar.spectra import eigensolvers

WINDOW = 4


def unrelated(size: int, tokens: int) -> tuple[np.ndarray, targets.Probabilities]:
    """Return counts of a text of unrelated words with Zipf's frequencies."""
    generator = np.random.default_rng(0)
    weights = 1.0 / np.arange(1, size + 1)
    text = generator.choice(size, tokens, p=weights / weights.sum())
    counts = np.bincount(text, minlength=size)
    order = np.argsort(-counts, kind="stable")
    text = np.argsort(order)[text].astype(np.uint16)
    text = np.concatenate([text, np.arange(size, dtype=np.uint16)])
    offsets = np.array([0, len(text)])
    return np.bincount(text), targets.probabilities(counting.count(text, offsets, size, WINDOW))


@pytest.mark.parametrize("negative", [1.0, 2.0])
def test_expected_entry_is_the_mean_of_a_simulation(negative: float) -> None:
    generator = np.random.default_rng(1)
    for meetings in (0.02, 0.7, 5.0, 60.0):
        times = generator.poisson(meetings, 40_000)
        weights = generator.integers(1, WINDOW + 1, int(times.sum()))
        total = np.bincount(np.repeat(np.arange(times.size), times), weights, times.size)
        mean = meetings * (WINDOW + 1) / 2
        entries = 4 * total / (total + negative * mean) - 2
        found = vocabulary_size.expected_entry(np.array(meetings), WINDOW, negative)
        assert found == pytest.approx(entries.mean(), abs=5 * entries.std() / 200 + 2e-3)
    assert vocabulary_size.expected_entry(np.array([0.0, 1e-12]), WINDOW).tolist() == [-2.0, -2.0]


def test_first_mode_of_unrelated_words_is_one_of_frequency() -> None:
    """Without topics, chance gives the first eigenvalue, and its vector is a function of n_i."""
    unigram, p = unrelated(1000, 20_000)
    found = eigensolvers.all_eigenpairs(targets.dense("mstar", p))
    chance = vocabulary_size.chance_eigenvalues(unigram, WINDOW)
    # They agree far from the bulk of the noise; noise close to the first eigenvalue raises it.
    assert found.eigenvalues[-1] == pytest.approx(chance[-1], rel=0.02)
    assert 1.0 < found.eigenvalues[0] / chance[0] < 1.5
    shares = [frequency_share(v, unigram) for v in found.eigenvectors[:, :2].T]
    assert shares[0] > 0.6 > 0.1 > shares[1]


def test_frequency_share() -> None:
    unigram = np.repeat([100, 10, 1], [10, 100, 1000])
    assert frequency_share(np.log(unigram + 1.0), unigram) == pytest.approx(1)
    alternating = np.tile([1.0, -1.0], 555)
    assert frequency_share(alternating, unigram) == pytest.approx(0)
