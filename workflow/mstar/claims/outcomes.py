"""The columns of the table of outcomes, ``claims.tsv``, and the possible outcomes of a claim.

This module is separate, since the report needs these names without the packages for measuring.
"""

from __future__ import annotations

REPRODUCED = "reproduced"
FAILED = "not reproduced"
UNTESTED = "not testable at this scale"

# by: paper or ours; value, low, high: the measured value and its 95 % interval, if any; paper: the
# paper's value, if any; note: the reason of the outcome, and details of the value.
COLUMNS = (
    "id",
    "where",
    "statement",
    "by",
    "outcome",
    "value",
    "low",
    "high",
    "relation",
    "expected",
    "tolerance",
    "paper",
    "note",
    "why",
)
