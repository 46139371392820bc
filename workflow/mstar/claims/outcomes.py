"""The columns of the table of outcomes, ``claims.tsv``, and the possible outcomes of a claim.

This module is separate, since the report needs these names without the packages for measuring.
"""

from __future__ import annotations

REPRODUCED = "reproduced"
FAILED = "not reproduced"
UNDECIDED = "undecided"
UNTESTED = "not testable at this scale"
OUTCOMES = (REPRODUCED, FAILED, UNDECIDED, UNTESTED)

# Tokens of the paper's text: English Wikipedia, articles of 500 words or more.
PAPER_TOKENS = 2.0e9
# Shares of the V x V pairs of words that are seen, at the V of these models: no claim, but what the
# values of PMI's claims go with, by their names beside the ids of claims.
PAIRS_SEEN = {"static": "pairs-seen.static", "dynamic": "pairs-seen.dynamic"}

# by: paper or ours; kind: world or construction; value, low, high: the measured value and its 95 %
# interval, if any; null: the name of the null, if any; null_pass: share of its draws that have the
# claim's relation; null_low, null_high: their 2.5 and 97.5 % points; paper: the paper's value, if
# any; note: the reason of the outcome, and details of the value; shown: the value and its interval
# with the digits that the interval bears; quantity, unit, measure, source: what the value is called
# and counted in, the call that measured it, and the file of its function.
COLUMNS = (
    "id",
    "where",
    "statement",
    "by",
    "kind",
    "outcome",
    "value",
    "low",
    "high",
    "null",
    "null_pass",
    "null_low",
    "null_high",
    "relation",
    "expected",
    "tolerance",
    "paper",
    "note",
    "why",
    "shown",
    "quantity",
    "unit",
    "measure",
    "source",
)
