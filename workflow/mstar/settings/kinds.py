"""The kinds of value in a configuration, and how each is read from YAML or a command line.

Snakemake passes values on unconverted: ``--config seeds=[1,2]`` arrives as the strings "1" and "2",
and YAML 1.1 reads ``1e-3`` as a string. The readers in this module convert values whose meaning is
unambiguous, and leave others unchanged for validation to reject.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar, get_args

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from mstar.corpus.folders import is_folder_name
from mstar.dynamics.losses import LOSSES
from mstar.dynamics.weightings import WEIGHTINGS
from mstar.files.mistakes import LARGEST, Expected
from mstar.files.writing import FOLDERS, SETTINGS

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
RUN_NAME = re.compile(r"[a-z][a-z0-9_]*")
DOCUMENTS = re.compile(r"line|paragraph|file|fixed:[1-9](_?\d){0,8}")
Item = TypeVar("Item")


def read_number(value: object) -> object:
    """Convert text such as "1e-3" to a number; return any other value unchanged."""
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        return float(value)
    return value


def read_integer(value: object) -> object:
    """Convert values such as "5" and 5.0 to an integer; return any other value unchanged."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+", value.strip()):
        return int(value)
    number = read_number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else value


def read_switch(value: object) -> object:
    """Convert "true" and "false" to a bool; return any other value unchanged."""
    return (
        {"true": True, "false": False}.get(value.lower(), value)
        if isinstance(value, str)
        else value
    )


def read_text(value: object) -> object:
    """Convert an integer, such as the name of a folder 2024, to text; else return it unchanged."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def read_list(value: object) -> object:
    """Convert a list, or text such as "[1, 2]", to a tuple; return any other value unchanged."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = yaml.safe_load(value)
        except (yaml.YAMLError, RecursionError):
            return value
    return tuple(value) if isinstance(value, list) else value


def require(condition: bool) -> None:
    """Reject a value unless ``condition`` holds; the field's `Expected` gives the message."""
    if not condition:
        raise PydanticCustomError("unexpected", "not what was expected")


def check_documents(value: str) -> str:
    """Accept ``line``, ``paragraph``, ``file`` and ``fixed:N`` with N >= 1."""
    require(DOCUMENTS.fullmatch(value) is not None)
    return value


def check_folder_name(value: str) -> str:
    """Accept the name of a results folder of a text."""
    require(is_folder_name(value))
    return value


def check_text(value: str) -> str:
    """Accept non-blank text on one line, without control characters and surrogates."""
    kinds = {unicodedata.category(character) for character in value}
    require(value.strip() != "" and not kinds & {"Cc", "Cs", "Zl", "Zp"})
    return value


def check_word(value: str) -> str:
    """Accept a non-empty word without white space."""
    require(re.fullmatch(r"\S+", value) is not None)
    return value


def check_run_name(value: str) -> str:
    """Accept a name that is valid in file names and is not that of a factorisation or baseline."""
    taken = FACTORISATIONS + BASELINES
    # Rules make gensim_k5 and the like with 5 negatives.
    require(RUN_NAME.fullmatch(value) is not None and re.sub(r"_k\d+$", "", value) not in taken)
    return value


def check_kappa(value: Any) -> Any:
    """Accept ``auto`` and numbers >= 0."""
    require(value == "auto" or (type(value) in (int, float) and 0 <= value < math.inf))
    return value


def check_unique(values: tuple[Item, ...]) -> tuple[Item, ...]:
    """Accept a non-empty list without repetitions."""
    require(0 < len(values) == len(set(values)))
    return values


def check_distinct(values: tuple[Item, ...]) -> tuple[Item, ...]:
    """Accept a list, possibly empty, without repetitions."""
    require(len(values) == len(set(values)))
    return values


def check_increasing(values: tuple[float, ...]) -> tuple[float, ...]:
    """Accept a non-empty, strictly increasing list."""
    require(len(values) > 0 and all(a < b for a, b in itertools.pairwise(values)))
    return values


def check_later(drops: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    """Accept drops, possibly none, each at a later step than the one before."""
    require(all(a < b for (a, _), (b, _) in itertools.pairwise(drops)))
    return drops


List = BeforeValidator(read_list)
Unique = AfterValidator(check_unique)
Distinct = AfterValidator(check_distinct)
Increasing = AfterValidator(check_increasing)

Switch = Annotated[bool, BeforeValidator(read_switch)]
Integer = Annotated[int, BeforeValidator(read_integer)]
Count = Annotated[Integer, Field(ge=1, le=LARGEST)]
Size = Annotated[Integer, Field(ge=2, le=LARGEST)]
Number = Annotated[float, BeforeValidator(read_number)]
Positive = Annotated[Number, Field(gt=0)]
Text = Annotated[
    str, BeforeValidator(read_text), AfterValidator(check_text), Expected("text on one line")
]
Documents = Annotated[
    str,
    AfterValidator(check_documents),
    Expected("line, paragraph, file or fixed:N, such as fixed:50000"),
]
FolderName = Annotated[
    str,
    BeforeValidator(read_text),
    AfterValidator(check_folder_name),
    Expected(
        "lower-case letters and digits, with single - between them, and not"
        f" {', '.join(FOLDERS)} or {SETTINGS}"
    ),
]
# A union of types would have an error for each of them.
Kappa = Annotated[
    Any,
    BeforeValidator(read_number),
    AfterValidator(check_kappa),
    Expected("auto or a number >= 0"),
]
Word = Annotated[
    str,
    BeforeValidator(read_text),
    AfterValidator(check_word),
    Expected("a word (in quotes if YAML reads it as something else, as it does no, on, null)"),
]
RunName = Annotated[
    str,
    AfterValidator(check_run_name),
    Expected("a name of lower-case letters, digits and _, not that of another model"),
]
NameOfRun = Annotated[Text, Expected("the name of a run in dynamics.runs")]
Pair = Annotated[tuple[Word, Word], List, Expected("a pair of words, such as [king, queen]")]
Seed = Annotated[Integer, Field(ge=0, le=2**32 - 1)]
Seeds = Annotated[
    tuple[Seed, ...],
    List,
    Unique,
    Expected("a list of different integers >= 0 and below 2**32, such as [1, 2]"),
]
Counts = Annotated[
    tuple[Count, ...], List, Increasing, Expected("a list of increasing integers >= 1")
]
Times = Annotated[
    tuple[Positive, ...], List, Increasing, Expected("a list of increasing numbers > 0")
]

Drop = Annotated[
    tuple[Count, Positive], List, Expected("a pair [step, factor], such as [3000000, 0.1]")
]
Drops = Annotated[
    tuple[Drop, ...],
    List,
    AfterValidator(check_later),
    Expected("a list of pairs [step, factor], their steps increasing"),
]

Factorisation = Literal["svd_mstar", "svd_mstar_kappa", "svd_prop2", "svd_ppmi", "svd_pmi"]
FACTORISATIONS: tuple[str, ...] = get_args(Factorisation)
Baseline = Literal["gensim", "gensim_sum"]
BASELINES: tuple[str, ...] = get_args(Baseline)
Estimator = Literal["population", "sparse", "exact", "sigmoid", "saddles", "sampled"]
if TYPE_CHECKING:  # a type checker cannot read names from a table
    Loss: TypeAlias = str
    Weighting: TypeAlias = str
else:
    Loss, Weighting = Literal[tuple(LOSSES)], Literal[tuple(WEIGHTINGS)]
Family = Literal[
    "capital-common-countries",
    "capital-world",
    "currency",
    "city-in-state",
    "family",
    "gram1-adjective-to-adverb",
    "gram2-opposite",
    "gram3-comparative",
    "gram4-superlative",
    "gram5-present-participle",
    "gram6-nationality-adjective",
    "gram7-past-tense",
    "gram8-plural",
    "gram9-plural-verbs",
]

PROBE_PAIRS = (
    ("the", "of"),
    ("the", "the"),
    ("of", "and"),
    ("new", "york"),
    ("united", "states"),
    ("king", "queen"),
    ("cat", "dog"),
    ("paris", "france"),
    ("one", "nine"),
    ("man", "woman"),
    ("good", "bad"),
    ("war", "peace"),
)


class Section(BaseModel):
    """A frozen part of the configuration; unknown keys and implicit conversions are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, validate_default=True
    )
