"""Numbers as they are printed: as many digits as their interval bears."""

from __future__ import annotations

import math

SIGNIFICANT = 4  # digits of a number without an interval


def number(value: object) -> str:
    """Format a number with four significant digits (two in scientific notation); "" for NaN."""
    if not isinstance(value, int | float) or math.isnan(value):
        return ""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.{SIGNIFICANT}g}"
    return f"{value:.1e}"


def decimals(low: float, high: float) -> int | None:
    """Return the decimals at which the width of an interval has two significant digits.

    None if there is no interval, if it has no width, or if its numbers are too small for decimals.
    """
    width = high - low
    if not (math.isfinite(width) and width > 0):
        return None
    places = max(0, 1 - math.floor(math.log10(width)))
    return places if places <= SIGNIFICANT + 2 else None


def printed(value: float, places: int | None) -> str:
    """Format a number with ``places`` decimals, or as `number` does if None; "" for NaN."""
    if places is None or not math.isfinite(value):
        return number(value)
    return f"{round(value, places) + 0.0:.{places}f}"


def with_interval(value: float, low: float, high: float) -> str:
    """Format a value and its interval, such as ``0.53 [0.39, 0.67]``; "" for NaN."""
    places = decimals(low, high)
    shown = printed(value, places)
    if not shown or math.isnan(low) or math.isnan(high):
        return shown
    return f"{shown} [{printed(low, places)}, {printed(high, places)}]"
