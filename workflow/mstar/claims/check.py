"""Measure claims on the results of a run, and determine their outcomes.

An outcome is *reproduced*, *not reproduced*, *undecided*, or *not testable at this scale* with the
reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from mstar.claims import dynamics, evaluation, features, linear, prediction
from mstar.claims.claims import Claim, Scope
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.judgement import judge, null_range
from mstar.claims.measures import measures_in
from mstar.claims.outcomes import COLUMNS, UNTESTED
from mstar.claims.quantities import QUANTITIES
from mstar.statistics.digits import with_interval

MEASURES: dict[str, Callable[..., Measurement]] = {
    name: getattr(module, name)
    for module in (evaluation, dynamics, features, linear, prediction)
    for name in measures_in(str(module.__file__))
}


def out_of_scope(scope: Scope, evidence: Evidence) -> str:
    """Return why these results cannot decide a claim of this scope; empty if they can."""
    vocabulary, dim = evidence.size(scope.of)
    reasons = []
    if scope.corpus is not None and scope.corpus != evidence.corpus:
        reasons.append(f"stated for {scope.corpus}, this is {evidence.corpus}")
    if evidence.tokens < scope.tokens:
        reasons.append(
            f"stated for {scope.tokens / 1e6:,.0f} million tokens or more, here are"
            f" {evidence.tokens / 1e6:,.1f} million"
        )
    if scope.vocabulary not in (None, vocabulary):
        reasons.append(f"stated at V = {scope.vocabulary:,}, this is V = {vocabulary:,}")
    if scope.dim not in (None, dim):
        reasons.append(f"stated at d = {scope.dim}, this is d = {dim}")
    return "; ".join(reasons)


def check(claims: Sequence[Claim], evidence: Evidence) -> pd.DataFrame:
    """Return one row with `COLUMNS` for each claim, in the order given.

    A claim out of scope is also measured if possible, so that its value can be compared with the
    paper's.
    """
    return pd.DataFrame([_row(claim, evidence) for claim in claims], columns=list(COLUMNS))


def _row(claim: Claim, evidence: Evidence) -> Mapping[str, Any]:
    reason = out_of_scope(claim.scope, evidence)
    found = Measurement(math.nan)
    try:
        found = MEASURES[claim.measure](evidence, **claim.arguments)
    except NotTestable as missing:
        reason = "; ".join(filter(None, [reason, str(missing)]))
    if not reason and math.isnan(found.value):
        reason = "nothing to measure it on"
    outcome, null = (UNTESTED, null_range(claim, found)) if reason else judge(claim, found)
    if outcome == UNTESTED and not reason:
        reason = "no interval is known here"
    return {
        **{key: getattr(claim, key) for key in ("id", "where", "statement", "by", "kind", "why")},
        **{key: getattr(claim, key) for key in ("relation", "expected", "tolerance", "paper")},
        "outcome": outcome,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "null": null.name,
        "null_pass": null.passed,
        "null_low": null.low,
        "null_high": null.high,
        "note": "; ".join(filter(None, [reason, null.note, found.note])),
        "shown": with_interval(found.value, found.low, found.high),
        **QUANTITIES[claim.measure].of(claim.arguments),
    }
