"""The table of outcomes, ``claims.tsv``: its columns, and how a claim can come out.

The report needs these names alone, in an environment without the packages that measure claims.
"""

from __future__ import annotations

REPRODUCED = "reproduced"
FAILED = "not reproduced"
UNTESTED = "not testable at this scale"

# by: paper or ours; value, low, high: the measured value, and its 95 % interval where there is one;
# paper: the paper's value where it gives one; note: the reason, and what the value is made of.
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
