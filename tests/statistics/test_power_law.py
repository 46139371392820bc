"""Power laws: exact on exact data, and intervals with the stated coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mstar.statistics import power_law

MODES = np.arange(10, 201)


@given(st.floats(-2, 2), st.floats(1e-6, 1e6))
def test_exact_power_laws_are_found(exponent: float, scale: float) -> None:
    law = power_law.fit(MODES, scale * MODES**exponent)
    assert law.exponent == pytest.approx(exponent, abs=1e-9)
    assert law.low == pytest.approx(exponent, abs=1e-6) == law.high
    np.testing.assert_allclose(law(MODES), scale * MODES**exponent)
    assert (law.first, law.last, law.points) == (10, 200, 191)


def test_every_octave_counts_alike() -> None:
    """Dense points at one end of the range do not dominate: the slope is uniform in ln x."""
    x = np.concatenate([np.geomspace(1, 32, 20), np.linspace(33, 64, 300)])
    bent = np.exp(-0.5 * np.log(x) - 0.1 * np.log(x) ** 2)
    even = np.geomspace(1, 64, 400)
    expected = power_law.fit(even, np.exp(-0.5 * np.log(even) - 0.1 * np.log(even) ** 2))
    assert power_law.fit(x, bent).exponent == pytest.approx(expected.exponent, rel=0.02)
    plain = float(np.polyfit(np.log(x), np.log(bent), 1)[0])
    assert abs(plain - expected.exponent) > 0.05 * abs(expected.exponent)


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_interval_covers_the_exponent(memory: float) -> None:
    """Noise is independent from mode to mode, or shared by neighbours."""
    covered = []
    for seed in range(200):
        shocks = np.random.default_rng(seed).standard_normal(len(MODES))
        noise = [shocks[0]]
        for shock in shocks[1:]:
            noise.append(memory * noise[-1] + np.sqrt(1 - memory**2) * shock)
        law = power_law.fit(MODES, MODES**-0.6 * np.exp(0.05 * np.array(noise)))
        covered.append(law.low <= -0.6 <= law.high)
    assert np.mean(covered) >= 0.9


def test_curvature_widens_the_interval() -> None:
    widths = []
    for bend in (0.0, 0.02, 0.1):
        logs = np.log(MODES / 10)
        law = power_law.fit(MODES, np.exp(-0.6 * logs - bend * logs**2))
        widths.append(law.high - law.low)
        ends = (-0.6 - 2 * bend * logs[0], -0.6 - 2 * bend * logs[-1])
        assert min(ends) - 1e-9 <= law.exponent <= max(ends) + 1e-9
    assert widths[0] < 1e-6 < widths[1] < widths[2]


def test_exponent_does_not_depend_on_units() -> None:
    rough = MODES**-0.4 * np.exp(0.1 * np.sin(MODES))
    law, other = power_law.fit(MODES, rough), power_law.fit(3.0 * MODES, 7.0 * rough)
    assert other.exponent == pytest.approx(law.exponent)
    assert other.low == pytest.approx(law.low) and other.high == pytest.approx(law.high)


def test_few_points() -> None:
    law = power_law.fit(np.array([4, 8, 16, 32]), np.array([4.0, 2.1, 0.9, 0.5]))
    assert law.low < law.exponent < law.high
    # Three points are too few to estimate how the slope varies.
    gap = power_law.fit(np.array([1.0, 1.01, 1.02, 100.0]), np.array([1.0, 1.0, 1.0, 0.1]))
    assert np.isnan(gap.low) and np.isnan(gap.high)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2, 3], [1, 1, 1], "4 points"),
        ([1, 2, 3, 4], [1, 1, 0, 1], "positive"),
        ([0, 2, 3, 4], [1, 1, 1, 1], "positive"),
        ([1, 3, 2, 4], [1, 1, 1, 1], "increasing"),
    ],
)
def test_what_has_no_power_law_is_refused(x: list[int], y: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        power_law.fit(np.array(x), np.array(y))
