"""Outcomes: every relation with and without an interval, and with a null."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from mstar.claims.claims import Claim
from mstar.claims.evidence import Measurement
from mstar.claims.judgement import EVIDENCE, FEWEST_DRAWS, judge, null_range
from mstar.claims.outcomes import FAILED, REPRODUCED, UNDECIDED, UNTESTED

ROOT = Path(__file__).resolve().parents[2]
NONE = (math.nan, math.nan)
NAMES = {**{o: o for o in (REPRODUCED, FAILED, UNDECIDED)}, "not testable": UNTESTED}

# For each relation to 2 with a tolerance of 1, values that meet and miss the bound, and intervals
# of which all, a part, and nothing meets it.
CASES = {
    "at least": ((1.1, 0.9), ((1.0, 5.0), (0.9, 5.0), (-2.0, 0.99))),
    "at most": ((2.9, 3.1), ((-5.0, 3.0), (-5.0, 3.1), (3.01, 6.0))),
    "about": ((2.9, 3.1), ((1.0, 3.0), (2.5, 3.1), (3.01, 6.0))),
    "interval within": ((2.9, 3.1), ((1.0, 3.0), (0.5, 1.0), (3.01, 6.0))),
    "interval above": ((2.1, 1.9), ((2.01, 5.0), (2.0, 5.0), (-2.0, 2.0))),
}


def claim(relation: str, **more: object) -> Claim:
    given = {"id": "a", "where": "here", "statement": "it is so", "measure": "score", "why": "so"}
    return Claim(**{**given, "relation": relation, "expected": 2, "tolerance": 1, **more})


def documented() -> dict[tuple[str, str], list[str]]:
    """Return the outcomes of the table in docs/extending.md, by relation and value."""
    text = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    lines = text.partition("<!-- outcomes -->\n")[2].partition("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {
        (relation, value): outcomes
        for relations, value, *outcomes in rows
        for relation in relations.split(", ")
    }


def test_the_documented_table_covers_every_relation() -> None:
    assert set(documented()) == set(product(CASES, ("meets the bound", "does not")))


@pytest.mark.parametrize(("relation", "meets"), list(product(CASES, (True, False))))
def test_outcomes_are_those_of_the_documented_table(relation: str, meets: bool) -> None:
    (good, bad), intervals = CASES[relation]
    outcomes = [
        judge(claim(relation), Measurement(good if meets else bad, *interval))[0]
        for interval in (NONE, *intervals)
    ]
    expected = documented()[relation, "meets the bound" if meets else "does not"]
    assert outcomes == [NAMES[name] for name in expected]


def spread(low: float, high: float) -> np.ndarray:
    """Return draws whose 2.5 and 97.5 % points are ``low`` and ``high``."""
    return low + (high - low) * (np.linspace(0, 1, 401) - 0.025) / 0.95


@pytest.mark.parametrize(
    ("relation", "value", "null", "outcome", "passed"),
    [
        ("at least", 5.0, (-9.0, 0.0), REPRODUCED, 0.0),
        ("at least", 5.0, (0.0, 4.0), UNDECIDED, 0.74),
        ("at least", 5.0, (0.0, 6.0), UNDECIDED, 0.82),
        ("at least", 5.0, (6.0, 9.0), UNDECIDED, 1.0),  # the null does better
        ("at least", 0.5, (-3.0, 0.0), FAILED, 0.0),
        ("at most", 1.0, (4.0, 6.0), REPRODUCED, 0.0),
        ("at most", 1.0, (2.0, 6.0), UNDECIDED, 0.26),
        ("at most", 1.0, (0.0, 6.0), UNDECIDED, 0.5),
        ("at most", 1.0, (-6.0, 0.0), UNDECIDED, 1.0),
        ("about", 2.5, (5.0, 9.0), REPRODUCED, 0.0),
        ("about", 2.5, (1.0, 9.0), UNDECIDED, 0.24),
        # Draws have an interval as wide as the value's, 0.2 to either side.
        ("interval above", 2.5, (-2.0, 2.0), REPRODUCED, 0.0),
        ("interval above", 2.5, (-2.0, 2.4), REPRODUCED, 0.07),
        ("interval above", 2.5, (-2.0, 3.0), UNDECIDED, 0.18),
        ("interval within", 2.5, (4.0, 9.0), REPRODUCED, 0.0),
        ("interval within", 2.5, (-20.0, 20.0), REPRODUCED, 0.04),  # of whatever unlikeness
        ("interval within", 2.5, (2.0, 9.0), UNDECIDED, 0.13),
    ],
)
def test_a_claim_that_its_null_meets_as_well_is_undecided(
    relation: str, value: float, null: tuple[float, float], outcome: str, passed: float
) -> None:
    interval = (value - 0.2, value + 0.2) if relation.startswith("interval") else NONE
    found = Measurement(value, *interval, nulls={"random words": spread(*null)})
    decided, told = judge(claim(relation), found)
    assert decided == outcome
    assert (told.low, told.high) == pytest.approx(null) and told.name == "random words"
    assert told.passed == pytest.approx(passed, abs=0.01)
    share = f"{100 * told.passed:.0f} % of random words "
    if outcome == UNDECIDED:
        beyond = {"at least": value > null[1], "at most": value < null[0]}.get(relation, False)
        short = "meet the bound, but fall short of the value"
        assert told.note == share + (short if beyond else "do as well")
        assert not beyond or told.passed > EVIDENCE
    else:
        assert told.note == ""


def test_a_null_passes_by_an_interval_as_wide_as_the_value_s() -> None:
    """Models exchanged are ahead by chance in half of the draws, but seldom beyond an interval."""
    null = {"exchanged": np.random.default_rng(0).standard_normal(4000)}
    half = 1.96
    found = Measurement(4.0, 4.0 - half, 4.0 + half, nulls=null)
    outcome, told = judge(claim("interval above", expected=0, tolerance=0), found)
    assert outcome == REPRODUCED and told.passed == pytest.approx(0.025, abs=0.008)
    wide = Measurement(0.0, -half, half, nulls=null)
    assert null_range(claim("interval within", expected=0, tolerance=1.9), wide).passed == 0
    assert null_range(claim("interval within", expected=0, tolerance=9), wide).passed == 1


def test_an_identity_is_not_undone_by_a_null_that_meets_its_bound() -> None:
    found = Measurement(5.0, nulls={"random words": spread(0.0, 4.0)})
    decided, told = judge(claim("at least", kind="construction"), found)
    assert decided == REPRODUCED and told.note.endswith("fall short of the value")


def test_the_null_is_the_first_unless_the_claim_names_one() -> None:
    found = Measurement(5.0, nulls={"random words": spread(0, 9), "shuffled": spread(-9, 0)})
    assert judge(claim("at least"), found)[0] == UNDECIDED
    outcome, told = judge(claim("at least", against="shuffled"), found)
    assert (outcome, told.name) == (REPRODUCED, "shuffled")
    assert null_range(claim("at least", against="other"), found).note == "no other here"
    assert judge(claim("at least", against="other"), found)[0] == REPRODUCED


def test_a_null_of_few_finite_draws_is_not_used() -> None:
    draws = np.append(spread(0, 9)[: FEWEST_DRAWS - 1], [np.nan, np.inf])
    outcome, told = judge(claim("at least"), Measurement(5.0, nulls={"random words": draws}))
    assert outcome == REPRODUCED and math.isnan(told.passed)
    assert (told.name, told.note) == ("", "too few draws of random words (99)")
