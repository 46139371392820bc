"""Moments of M* of unrelated words against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from mstar.counts.meetings import MANY, distribution, moments


@pytest.mark.parametrize("meetings", [0.02, 0.7, 6.0, 90.0])
@pytest.mark.parametrize("negative", [1.0, 5.0])
def test_moments_are_those_of_a_simulation(meetings: float, negative: float) -> None:
    rng, window, draws = np.random.default_rng(0), 8, 100_000
    counts = sum(w * rng.poisson(meetings / window, draws) for w in range(1, window + 1))
    mu = meetings * (window + 1) / 2
    entries = 4 * counts / (counts + negative * mu) - 2
    found = moments(meetings, window, negative)
    error = entries.std() / draws**0.5
    # The expansion of many meetings has an error of its own.
    rest = 2e-3 if meetings > MANY else 1e-6
    assert found.mean == pytest.approx(entries.mean(), abs=5 * error + rest)
    assert found.variance == pytest.approx(entries.var(), rel=0.06)
    slope = np.cov(entries, counts)[0, 1] / counts.std()
    assert found.slope == pytest.approx(slope, rel=0.06)


def test_distribution_is_one_of_all_weights() -> None:
    chance = distribution(3.0, 4)
    assert chance.sum() == pytest.approx(1)
    assert chance @ np.arange(chance.size) == pytest.approx(3.0 * 2.5)
    assert (chance[0], chance[1]) == pytest.approx((np.exp(-3), np.exp(-3) * 3 / 4))
