"""Read and check ``config/claims.yaml``: claims of the paper, and those of this project.

A claim names a measure (see `mstar.claims.measures`), the relation that its value should have to an
expected one, and the scale at which the paper states it. This module does not import the packages
that measure claims (see `mstar.claims.check`), so that Snakemake can check claims at the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mstar.claims.measures import arguments_of_measures
from mstar.files.mistakes import Expected, Problem, checked, choice, key_text, shown
from mstar.files.writing import UserError, printable
from mstar.files.yaml_files import read_yaml

# V and d of the factorisations (static) or of the training runs (dynamic).
Size = Literal["static", "dynamic"]
# Roles of the models that claims concern, as runs of Figures 1, 2 (large start) and 7; recursion is
# the run that predicts word2vec's.
Role = Literal[
    "qwem",
    "word2vec",
    "qwem_large",
    "word2vec_large",
    "theory",
    "recursion",
    "sgns",
    "quartic",
    "setting31",
    "ablation_qwem",
    "svd_ppmi",
    "svd_prop2",
]


class Scope(BaseModel):
    """The scale at which a claim is stated; a key without a value does not restrict it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    tokens: float = Field(0.0, description="fewest tokens within the vocabulary")
    vocabulary: int | None = None
    dim: int | None = None
    corpus: str | None = Field(None, description="name of the corpus, where no other will do")
    of: Size = Field("static", description="the models whose V and d these are")


class Claim(BaseModel):
    """One statement of the paper, of its blog or of its authors' code, or one of ours."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: Annotated[
        str,
        Field(pattern=r"^[a-z0-9_.-]+$"),
        Expected("a name of lower-case letters, digits, _, - and ."),
    ]
    where: str = Field(description="where it is stated")
    statement: str = Field(description="in our words")
    by: Literal["paper", "ours"] = "paper"
    kind: Literal["world", "construction"] = Field(
        "world", description="whether a text decides it, or mathematics and our own integrator do"
    )
    measure: str = Field(description="a measure of `mstar.claims`")
    arguments: dict[str, Any] = {}
    relation: Literal["about", "at least", "at most", "interval above", "interval within"]
    expected: float
    tolerance: float = 0.0
    why: str = Field(description="why this relation and tolerance")
    against: str | None = Field(
        None, description="the null of the measure that the value must exceed; the first if none"
    )
    paper: float | None = Field(
        None, description="the number that the paper prints, or that follows from such numbers"
    )
    scope: Scope = Scope()


def load_claims(path: str | Path) -> list[Claim]:
    """Return the claims of a YAML list, with known measures and valid arguments.

    Raises:
        UserError: one line for each mistake: file, claim, key path, value, and what was expected.
    """
    entries = read_yaml(path)
    if not isinstance(entries, list) or not entries:
        raise UserError(f"{path}: {shown(entries)}: expected a list of claims")
    claims: list[Claim] = []
    wrong: list[str] = []
    taken: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        claim, lines = checked(Claim, entry)
        name = str(number)
        if isinstance(entry, Mapping):
            name = key_text(entry.get("id", number))
            lines += _mistakes_of_measure(entry)
        if name in taken:
            lines.append(Problem("id", name, "an id that no other claim has").line())
        taken.add(name)
        wrong += [f"{path}: claim {printable(name)}: {line}" for line in lines]
        if claim is not None:
            claims.append(claim)
    if wrong:
        raise UserError("\n".join(wrong))
    return claims


def _mistakes_of_measure(entry: Mapping[str, Any]) -> list[str]:
    """Return a line for each mistake in the measure and the arguments of a claim."""
    measure, arguments = entry.get("measure"), entry.get("arguments", {})
    known = arguments_of_measures()
    if isinstance(measure, str) and measure not in known:
        return [Problem("measure", measure, choice(measure, tuple(known))).line()]
    if not isinstance(measure, str) or not isinstance(arguments, Mapping):
        return []  # reported with the keys themselves
    return checked(known[measure], arguments, "arguments")[1]
