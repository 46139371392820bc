"""Files of benchmark questions: analogies and judged pairs of words, in the usual formats.

Parsing leaves words as written; `mstar.evaluation.coverage` turns them into words of a text, and
keeps them in tables that `read_asked` reads. Only numpy is needed, since the configuration is
checked with this module before a run.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mstar.files.writing import UserError, atomic

Kind = Literal["analogies", "similarity"]
Format = Literal["auto", "google", "msr", "tab", "comma", "semicolon"]
SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ","}
LARGEST, LONGEST = 2**26, 2**17
# The category of questions before the first section, and of a file without sections.
UNNAMED = "questions"
# The name of all questions of a benchmark in tables of scores.
TOTAL = "total"
# A line of columns that are all of these is a header, since they are no words of a question.
CATEGORY = re.compile(r"category|section|relation|type", re.I)
HEADERS = re.compile(
    rf"(word|term|w)[ _-]?\w|[abcd]|{CATEGORY.pattern}|question|answer|target", re.I
)
# Headers of a table with the words of a question that a text can have, or of a judged pair.
ANALOGY, JUDGEMENT = ("category", "a", "b", "c", "d"), ("first", "second", "score")

Quadruple = tuple[str, str, str, str]
Sections = Mapping[str, Sequence[Quadruple]]


@dataclass(frozen=True)
class Judgements:
    """Word pairs and their human similarity ``scores`` (n,), in file order."""

    pairs: tuple[tuple[str, str], ...]
    scores: NDArray[np.float64]


# A benchmark as read: analogy questions by section, or judgements of word pairs.
Parsed = Sections | Judgements


@dataclass(frozen=True)
class Layout:
    """How a file of questions is laid out.

    Attributes:
        format: google: words parted by white space, analogies under lines
            ": section"; msr: three words, the category and the answer, as ``paste`` joins the two
            files of Microsoft's benchmark; tab, comma, semicolon: columns; auto: by the first line.
        header: whether the first line has names of columns; None: if it looks like it.
        columns: of the words, then of the score of a judged pair or of the category of a question
            (which may be missing), by number (from 1) or by name in the header; () for the first.
    """

    format: Format = "auto"
    header: bool | None = None
    columns: tuple[str, ...] = ()


def decoded(content: bytes, name: str) -> str:
    """Return the text of a file of questions.

    Raises:
        UserError: the content is not UTF-8 text, or too large.
    """
    if len(content) > LARGEST:
        raise UserError(f"{name}: {len(content):,} bytes: expected a file of questions")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UserError(
            f"{name}, line {line}: not UTF-8 text: if it is in another encoding, convert it first,"
            " as by iconv -f LATIN1 -t UTF-8"
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UserError(f"{name}, line {line}: a NUL byte, so not UTF-8 text (a binary file?)")
    return text


def parse(kind: Kind, text: str, name: str, layout: Layout | None = None) -> Parsed:
    """Parse a file of questions (see `parse_questions` and `parse_judgements`)."""
    parser = parse_questions if kind == "analogies" else parse_judgements
    return parser(text, name, layout or Layout())


def parse_questions(
    text: str, name: str = "questions-words.txt", layout: Layout | None = None
) -> dict[str, list[Quadruple]]:
    """Parse analogies into sections {category: [(a, b, c, d)]}, words as written.

    A line ": name" opens a section, in any format; other lines hold the four words of a question,
    and in columns also its category. Lines that begin with "# " are comments. Sections keep the
    order of the file.

    Raises:
        UserError: another line was found, or there is no question; the message gives ``name`` and
            the line.
    """
    layout = layout or Layout()
    sections: dict[str, list[Quadruple]] = {}
    current = UNNAMED
    rows = _Rows("analogies", name, layout)
    for where, line in _lines(text, name):
        if re.match(r":(\s|\S*$)", line):
            current = " ".join(line[1:].split())
            if not current:
                raise UserError(f"{where}: a section ':' without a name")
            _check_category(current, where)
            sections.setdefault(current, [])
            continue
        fields = rows.fields(line, where)
        if fields is None:
            continue
        category = " ".join(fields[4].split()) if len(fields) > 4 else current
        _check_category(category, where)
        a, b, c, d = fields[:4]
        sections.setdefault(category or UNNAMED, []).append((a, b, c, d))
    if not any(sections.values()):
        raise UserError(f"{name}: no line of four words, so not a file of analogy questions")
    return sections


def parse_judgements(text: str, name: str, layout: Layout | None = None) -> Judgements:
    """Parse pairs of words and their scores, words as written.

    Lines that begin with # are comments; the first other line may be a header (its third column is
    not a number). Repeated pairs are kept, as is usual for these files.

    Raises:
        UserError: another line was found, or there is no pair; the message gives ``name`` and the
            line.
    """
    pairs: list[tuple[str, str]] = []
    scores: list[float] = []
    rows = _Rows("similarity", name, layout or Layout())
    for where, line in _lines(text, name, comment="#"):
        fields = rows.fields(line, where)
        if fields is not None:
            pairs.append((fields[0], fields[1]))
            scores.append(float(fields[2]))
    if not pairs:
        raise UserError(f"{name}: no line of 'word word score'")
    return Judgements(tuple(pairs), np.array(scores))


def _lines(text: str, name: str, comment: str = "# ") -> Iterator[tuple[str, str]]:
    """Yield "file, line number" and each line that is neither blank nor a comment."""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip(" \r")
        if stripped.strip() and not stripped.startswith(comment):
            yield f"{name}, line {number}", stripped


def _check_category(category: str, where: str) -> None:
    if category == TOTAL:
        raise UserError(f"{where}: a section named {TOTAL!r}, as all questions are: rename it")


class _Rows:
    """Splits the lines of a file by its layout, which the first of them may decide."""

    def __init__(self, kind: Kind, name: str, layout: Layout) -> None:
        self._kind, self._name, self._layout = kind, name, layout
        self._format: Format = layout.format
        self._order: list[int] | None = None

    def fields(self, line: str, where: str) -> list[str] | None:
        """Return the fields of a line in the order of `Layout.columns`; None for a header.

        Raises:
            UserError: the line has not the fields expected.
        """
        first = self._order is None
        if first and self._format == "auto":
            self._format = self._guess(line)
        fields = self._split(line, where)
        if self._order is None:
            header = self._is_header(fields)
            self._order = self._columns(fields, header, where)
            if header:
                return None
        order = self._order
        if order:
            if len(fields) <= max(order):
                self._refuse(line, where, f"at least {max(order) + 1} columns", len(fields))
            fields = [fields[i] for i in order]
        self._check(fields, line, where)
        return fields

    def _guess(self, line: str) -> Format:
        """Return the format by whether the columns of a line are of the right number."""
        least = 3 if self._kind == "similarity" else 4
        for name in ("tab", "semicolon", "comma"):
            if line.count(SEPARATORS[name]) >= least - 1:
                return name
        return "google"

    def _split(self, line: str, where: str) -> list[str]:
        if self._format in ("google", "msr"):
            fields = line.split()
        elif self._format == "tab":
            fields = [field.strip() for field in line.split("\t")]
        else:
            separator = SEPARATORS[self._format]
            if len(line) > LONGEST:  # the limit of the csv module is for the whole process
                raise UserError(f"{where}: field larger than field limit ({LONGEST})")
            try:
                (row,) = csv.reader([line], delimiter=separator, skipinitialspace=True)
            except csv.Error as error:
                raise UserError(f"{where}: {error}: {_shown(line)}") from None
            fields = [field.strip() for field in row]
        if self._format == "msr":
            if self._kind == "similarity":
                raise UserError(f"{where}: format msr is one of analogies")
            if len(fields) != 5:
                self._refuse(line, where, "a b c CATEGORY d, five fields", len(fields))
            fields = [*fields[:3], fields[4], fields[3]]
        return fields

    def _is_header(self, fields: Sequence[str]) -> bool:
        if self._layout.header is not None:
            return self._layout.header
        columns = self._layout.columns
        if any(not column.isdecimal() for column in columns):
            return True
        if self._kind == "analogies":
            tabular = self._format in SEPARATORS
            return tabular and all(HEADERS.fullmatch(field) for field in fields)
        at = int(columns[2]) - 1 if columns else 2
        alone = columns or len(fields) == 3
        return bool(alone) and at < len(fields) and _number(fields[at]) is None

    def _columns(self, fields: Sequence[str], header: bool, where: str) -> list[int]:
        """Return the columns asked for, as positions from 0; [] for all, as they stand."""
        found = []
        names = [field.casefold() for field in fields] if header else []
        for column in self._layout.columns:
            if column.casefold() in names:
                found.append(names.index(column.casefold()))
            elif column.isdecimal() and int(column) > 0:
                found.append(int(column) - 1)
            else:
                known = ", ".join(fields[:20])
                raise UserError(f"{where}: no column {column!r}; the first line has: {known:.200}")
        first = names and self._kind == "analogies" and CATEGORY.fullmatch(names[0])
        return [1, 2, 3, 4, 0] if first and len(names) == 5 and not found else found

    def _check(self, fields: Sequence[str], line: str, where: str) -> None:
        if self._kind == "similarity":
            if len(fields) != 3 or _number(fields[2]) is None or not all(fields[:2]):
                hint = (
                    "" if len(fields) <= 3 else "; columns: says which columns of a table to take"
                )
                raise UserError(f"{where}: expected 'word word score', found {_shown(line)}{hint}")
            return
        most = 4 if self._format == "google" and not self._layout.columns else 5
        if not 4 <= len(fields) <= most:
            self._refuse(line, where, "four words", len(fields))
        if not all(fields[:4]):
            raise UserError(f"{where}: expected four words, found an empty one: {_shown(line)}")

    def _refuse(self, line: str, where: str, expected: str, found: int) -> None:
        raise UserError(f"{where}: expected {expected}, found {found}: {_shown(line)}")


def _shown(line: str) -> str:
    return repr(line.strip()[:60])


def _number(field: str) -> float | None:
    try:
        value = float(field)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


# --- questions in words of a text ---


def write_asked(parsed: Parsed, path: str | Path) -> None:
    """Write a benchmark atomically as a tab-separated table, which `read_asked` reads.

    Words must have no white space; "" stands for what no text can have as a word.
    """
    if isinstance(parsed, Judgements):
        lines = ["\t".join(JUDGEMENT)]
        for pair, score in zip(parsed.pairs, parsed.scores.tolist(), strict=True):
            lines.append("\t".join((*pair, repr(score))))
    else:
        lines = ["\t".join(ANALOGY)]
        for category, questions in parsed.items():
            lines += ["\t".join((category, *question)) for question in questions]
    with atomic(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")


def read_asked(path: str | Path) -> Parsed:
    """Read a benchmark that `write_asked` wrote.

    Raises:
        UserError: the file is damaged.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
        rows = [line.split("\t") for line in lines[1:-1]]
        if lines[0] == "\t".join(JUDGEMENT):
            pairs = tuple((first, second) for first, second, _ in rows)
            return Judgements(pairs, np.array([float(score) for *_, score in rows]))
        if lines[0] != "\t".join(ANALOGY):
            raise ValueError("no such header")
        sections: dict[str, list[Quadruple]] = {}
        for category, a, b, c, d in rows:
            sections.setdefault(category, []).append((a, b, c, d))
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise UserError(
            f"{path}: not readable questions ({said}); delete it and run again"
        ) from error
    return sections


def read_sections(path: str | Path) -> Sections:
    """Read analogies that `write_asked` wrote.

    Raises:
        UserError: the file is damaged, or has other questions.
    """
    parsed = read_asked(path)
    if isinstance(parsed, Judgements):
        raise UserError(f"{path}: judged pairs of words: expected analogies")
    return parsed
