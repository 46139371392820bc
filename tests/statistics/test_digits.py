"""Numbers have as many digits as their interval bears."""

from __future__ import annotations

import math

import pytest

from mstar.statistics.digits import decimals, number, with_interval


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, ""),
        (0.0, "0"),
        (0.12345, "0.1235"),
        (1e-9, "1.0e-09"),
        (123456.0, "1.2e+05"),
        ("x", ""),
    ],
)
def test_numbers_are_short(value: object, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.530864, 0.393452, 0.663751, "0.53 [0.39, 0.66]"),
        (0.0041, -0.0209, 0.0297, "0.004 [-0.021, 0.030]"),
        (376.4, 316.6, 431.9, "376 [317, 432]"),
        (-0.0004, -0.12, 0.12, "0.00 [-0.12, 0.12]"),  # no minus before a zero
        (0.123456, math.nan, math.nan, "0.1235"),
        (2e-9, 1e-9, 3e-9, "2.0e-09 [1.0e-09, 3.0e-09]"),
        (1.0, 1.0, 1.0, "1 [1, 1]"),
        (2.0, 1.0, math.inf, "2 [1, inf]"),
        (math.nan, 0.0, 1.0, ""),
    ],
)
def test_an_interval_sets_the_digits(value: float, low: float, high: float, text: str) -> None:
    assert with_interval(value, low, high) == text


def test_the_width_of_an_interval_has_two_significant_digits() -> None:
    for width, places in ((0.0123, 3), (0.9, 2), (1.0, 1), (9.9, 1), (10, 0), (1e6, 0)):
        assert decimals(5.0, 5.0 + width) == places
