"""Determine the outcome of a claim from its measured value, its interval and its null.

The rules are those of the table in ``docs/extending.md`` (Add a claim).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mstar.claims.claims import Claim
from mstar.claims.evidence import Measurement
from mstar.claims.outcomes import FAILED, REPRODUCED, UNDECIDED, UNTESTED
from mstar.machine.arrays import Array

FEWEST_DRAWS = 100
# A bound that more than this share of the null meets is no evidence.
EVIDENCE = 0.1


@dataclass(frozen=True)
class NullRange:
    """The values of a measure where the claim is false by construction, in short.

    Attributes:
        name: of the null; empty if there is none.
        passed: share of the draws that have the claim's relation: as point values, and for
            ``interval above`` and ``interval within`` with an interval as wide as the value's.
        low, high: 2.5 and 97.5 % points of the draws.
        note: why a null was not used, or what part of it does as well.
    """

    name: str = ""
    passed: float = math.nan
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def judge(claim: Claim, found: Measurement) -> tuple[str, NullRange]:
    """Return the outcome of a claim that is within its scope, and the range of its null.

    A claim that the value and its interval bear out is undecided if the value does not lie beyond
    the null's 95 % range: above it for ``at least`` and ``interval above``, below it for ``at
    most``, outside it for ``about``. A claim of the world is also undecided if more than `EVIDENCE`
    of the null's draws meet its bound; that alone counts for ``interval within``, since what is
    alike need not be nearer than the bound.
    """
    outcome = by_interval(claim, found)
    null = null_range(claim, found)
    if outcome != REPRODUCED or not null.name:
        return outcome, null
    share = f"{100 * null.passed:.0f} % of {null.name}"
    if claim.relation == "interval within":
        if claim.kind != "world" or null.passed <= EVIDENCE:
            return REPRODUCED, null
        return UNDECIDED, replace(null, note=f"{share} do as well")
    if not _beyond(claim, found.value, null):
        return UNDECIDED, replace(null, note=f"{share} do as well")
    if null.passed > EVIDENCE:
        # An identity holds whatever a null does; a statement about texts needs a bound that can
        # fail.
        outcome = UNDECIDED if claim.kind == "world" else REPRODUCED
        return outcome, replace(null, note=f"{share} meet the bound, but fall short of the value")
    return REPRODUCED, null


def by_interval(claim: Claim, found: Measurement) -> str:
    """Return the outcome by the value and its 95 % interval alone."""
    lowest, highest = bounds(claim)
    meets = bool(meets_bound(claim, np.array([found.value]))[0])
    if math.isnan(found.low) or math.isnan(found.high):
        if claim.relation.startswith("interval"):
            return UNTESTED
        return REPRODUCED if meets else FAILED
    if claim.relation == "about" and meets:
        return REPRODUCED
    if meets_bound(claim, np.array([found.low, found.high])).all():
        return REPRODUCED
    reaches = found.high > lowest if claim.relation == "interval above" else found.high >= lowest
    return UNDECIDED if reaches and found.low <= highest else FAILED


def bounds(claim: Claim) -> tuple[float, float]:
    """Return the lowest and the highest value that have the claim's relation."""
    if claim.relation == "interval above":
        return claim.expected, math.inf
    low, high = claim.expected - claim.tolerance, claim.expected + claim.tolerance
    return (
        -math.inf if claim.relation == "at most" else low,
        math.inf if claim.relation == "at least" else high,
    )


def meets_bound(claim: Claim, values: Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which ``values`` (n,), as points, have the claim's relation."""
    low, high = bounds(claim)
    above = values > low if claim.relation == "interval above" else values >= low
    return above & (values <= high)


def null_range(claim: Claim, found: Measurement) -> NullRange:
    """Return the range of the claim's null, which is the first of the measure's by default."""
    name = claim.against or next(iter(found.nulls), "")
    if not name:
        return NullRange()
    if name not in found.nulls:
        return NullRange(note=f"no {name} here")
    draws = np.asarray(found.nulls[name], dtype=np.float64)
    draws = draws[np.isfinite(draws)]
    if draws.size < FEWEST_DRAWS:
        return NullRange(note=f"too few draws of {name} ({draws.size})")
    passed = meets_bound(claim, draws)
    if claim.relation.startswith("interval") and not math.isnan(found.low):
        # An interval that reaches infinity does so about every draw.
        ends = (draws + (end - found.value) for end in (found.low, found.high))
        passed = np.logical_and.reduce([meets_bound(claim, moved) for moved in ends])
    low, high = np.quantile(draws, [0.025, 0.975])
    return NullRange(name, float(passed.mean()), float(low), float(high))


def _beyond(claim: Claim, value: float, null: NullRange) -> bool:
    if claim.relation in ("at least", "interval above"):
        return value > null.high
    if claim.relation == "at most":
        return value < null.low
    return not null.low <= value <= null.high
