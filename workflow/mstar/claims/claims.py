"""What the paper states, and what we add, as checkable claims: `config/claims.yaml`, and how each
came out.

A claim names a measure (`mstar.claims.measures.MEASURES`), the relation its value should have to an
expected one, and the scale at which the paper states it. Checking gives each one of three outcomes:
*reproduced*, *not reproduced*, or *not testable at this scale* with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.measures import MEASURES
from mstar.claims.outcomes import FAILED, REPRODUCED, UNTESTED
from mstar.files.writing import UserError

# by: paper or ours; value, low, high: what was measured, and its 95 % interval where there is one;
# paper: the paper's value where it gives one; note: the reason, and what the number is made of.
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


class Scope(BaseModel):
    """The scale at which a claim is stated; what is left out does not matter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: float = Field(0.0, description="fewest tokens within the vocabulary")
    vocabulary: int | None = None
    dim: int | None = None
    corpus: str | None = Field(None, description="name of the corpus, where no other will do")
    of: Literal["static", "dynamic"] = Field(
        "static", description="whose V and d: of the factorisations, or of the training runs"
    )


class Claim(BaseModel):
    """One statement of the paper, of its blog or of its authors' code, or one of ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9_.-]+$")
    where: str = Field(description="where it is stated")
    statement: str = Field(description="in our words")
    by: Literal["paper", "ours"] = "paper"
    measure: str
    arguments: dict[str, Any] = {}
    relation: Literal["about", "at least", "at most", "interval above"]
    expected: float
    tolerance: float = 0.0
    why: str = Field(description="why this relation and tolerance")
    paper: float | None = Field(None, description="the number the paper gives")
    scope: Scope = Scope()


def load_claims(path: str | Path) -> list[Claim]:
    """The claims of a YAML list.

    Raises:
        UserError: one line for each thing wrong: file, claim, key, what was expected.
    """
    try:
        entries = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(entries, list):
        raise UserError(f"{path}: expected a list of claims")
    claims: list[Claim] = []
    wrong: list[str] = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get("id", number) if isinstance(entry, dict) else number
        try:
            claim = Claim.model_validate(entry)
        except ValidationError as error:
            for each in error.errors():
                key = ".".join(str(part) for part in each["loc"])
                wrong.append(f"{path}: claim {name}: {key}: {each['msg']}")
            continue
        if claim.measure not in MEASURES:
            known = ", ".join(MEASURES)
            wrong.append(
                f"{path}: claim {name}: measure: {claim.measure!r}: expected one of {known}"
            )
        if claim.id in {other.id for other in claims}:
            wrong.append(f"{path}: claim {name}: id: stands twice")
        claims.append(claim)
    if wrong:
        raise UserError("\n".join(wrong))
    return claims


def holds(claim: Claim, found: Measurement) -> bool:
    """Whether the measured value stands in the claim's relation to what is expected."""
    if claim.relation == "about":
        return abs(found.value - claim.expected) <= claim.tolerance
    if claim.relation == "at least":
        return found.value >= claim.expected - claim.tolerance
    if claim.relation == "at most":
        return found.value <= claim.expected + claim.tolerance
    return found.low > claim.expected


def out_of_scope(scope: Scope, evidence: Evidence) -> str:
    """Why these data cannot decide a claim of this scope; empty if they can."""
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
    """One row with `COLUMNS` for each claim, in the order given.

    A claim out of scope is measured all the same where that can be done, so that its value stands
    beside the paper's.
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
    outcome = UNTESTED if reason else REPRODUCED if holds(claim, found) else FAILED
    return {
        **{key: getattr(claim, key) for key in ("id", "where", "statement", "by", "why")},
        **{key: getattr(claim, key) for key in ("relation", "expected", "tolerance", "paper")},
        "outcome": outcome,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "note": "; ".join(filter(None, [reason, found.note])),
    }
