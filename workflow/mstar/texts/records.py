"""Texts in files of many records: JSON lines, parquet tables, WikiExtractor output."""

from __future__ import annotations

import difflib
import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Protocol

from mstar.files.writing import UserError, printable
from mstar.texts.kinds import kind_of
from mstar.texts.members import Stream

# Largest size in bytes of a line of JSON or an article.
LONGEST = 1 << 30
# Records of a file after which one without the field is an error, if none has it.
TRIED = 1000
# WikiExtractor does not escape titles, which may contain quotes and >.
_DOC = re.compile(rb"<doc [^\n]*>\s*$")


class Lines(Protocol):
    """A stream of bytes that is read line by line."""

    def readline(self, limit: int = -1, /) -> bytes: ...


@dataclass
class Tally:
    """State of readers that is shared by all files of a text, or by all members of a file.

    Attributes:
        nulls: number of records so far whose text is null.
        left_out: numbers of other records left out so far, by reason.
        kinds: numbers of files and members read so far, by reader.
        seen: digests of texts so far, for readers that yield each text once (see
            `mstar.texts.packaged`).
        pool: processes for readers that can use several; None: this one.
    """

    nulls: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    seen: set[bytes] = field(default_factory=set)
    pool: Executor | None = None


def jsonl_texts(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the string under the key ``field`` of each line of JSON, in UTF-8.

    Nulls, and records without the key, are counted and left out.

    Raises:
        UserError: a line, which the message numbers, is not an object, its text is not a string,
            or none of the first records has the key.
    """
    yield from _json_texts(stream, stream.name, field, tally)


def _json_texts(stream: Lines, name: str, field: str, tally: Tally) -> Iterator[bytes]:
    without = Without(name, field, tally, "key")
    for number, line in numbered_lines(stream, name):
        if not line.strip():
            continue
        at = f"{name}, line {number:,}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(
                f"{at}: not JSON ({error}): expected an object with the key {field!r} on each line"
            ) from None
        yield from _text_of(record, field, at, tally, without)
    without.end()


def json_texts(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the string under the key ``field`` of each record of one JSON value, in UTF-8.

    The value is a list of records, or an object of records; it is held in memory. Nulls, and
    records without the key, are counted and left out. JSON lines are read as such.

    Raises:
        UserError: the value is no list of records with that key, or too long.
    """
    name = stream.name
    if kind_of(stream.start()) == "jsonl":
        yield from jsonl_texts(stream, field, tally)
        return
    content = stream.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise UserError(
            f"{name}: a JSON value of more than {LONGEST:,} bytes: expected JSON lines, as "
            f"jq -c '.[]' writes them"
        )
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name}: not JSON ({error}): expected a list of records") from None
    without = Without(name, field, tally, "key")
    records = list(found.values()) if isinstance(found, dict) else found
    if isinstance(found, dict) and not all(isinstance(each, dict) for each in records):
        records = [found]
    if not isinstance(records, list):
        raise UserError(f"{name}: a {type(found).__name__}: expected a list of records")
    for number, record in enumerate(records, 1):
        yield from _text_of(record, field, f"{name}, record {number:,}", tally, without)
    without.end()


class Without:
    """Records without the field, which are left out if one of the first has it.

    Args:
        name: name of the file, in messages.
        field: the key or column.
        tally: counts to add to.
        what: what a field is called.
    """

    def __init__(self, name: str, field: str, tally: Tally, what: str) -> None:
        self._name, self._field, self._tally, self._what = name, field, tally, what
        self._lacking, self._found = 0, False
        self._first: UserError | None = None

    def found(self) -> None:
        """Note that a record has the field."""
        self._found = True

    def lacks(self, at: str, names: Sequence[str]) -> None:
        """Count a record that has only the fields ``names``; raise if it is one too many."""
        self._lacking += 1
        self._first = self._first or UserError(
            f"{at}: no {self._what} {self._field!r}{nearest(self._field, names)}"
            f" (field: NAME, make FIELD=NAME)"
        )
        if not self._found and self._lacking == TRIED:
            raise self._first

    def end(self) -> None:
        """Count the records left out, or raise ``UserError`` if no record has the field."""
        if self._lacking and not self._found:
            assert self._first is not None
            raise self._first
        if self._lacking:
            self._tally.left_out[f"without_{self._what}"] += self._lacking


def _text_of(record: Any, field: str, at: str, tally: Tally, without: Without) -> Iterator[bytes]:
    """Yield the text of a record of JSON, if it has one."""
    if not isinstance(record, dict):
        kind = type(record).__name__
        raise UserError(f"{at}: a {kind}: expected an object with the key {field!r}")
    if field not in record:
        without.lacks(at, list(record))
        return
    without.found()
    text = record[field]
    if text is None:
        tally.nulls += 1
    elif isinstance(text, str):
        # JSON can contain half a character; like any non-letter, its bytes separate words.
        yield text.encode("utf-8", "surrogatepass")
    else:
        kind = type(text).__name__
        raise UserError(f"{at}: {field!r} is a {kind}: expected a string, or null")


def wiki_texts(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the articles of WikiExtractor output with their titles, in UTF-8.

    An article is between a line ``<doc ...>`` and a line ``</doc>``; with ``--json`` it is the key
    "text" of a line of JSON, and nulls are counted.

    Raises:
        UserError: the file has any other content.
    """
    name = stream.name
    article: bytearray | None = None
    for number, line in numbered_lines(stream, name):
        if article is None:
            if number == 1 and line.lstrip().startswith(b"{"):
                yield from _json_texts(_Pushed(line, stream), name, "text", tally)
                return
            if _DOC.match(line):
                article = bytearray()
            elif line.strip():
                shown = line.strip()[:40].decode("utf-8", "replace")
                raise UserError(
                    f"{name}, line {number:,}: {shown!r}: expected <doc ...>, as WikiExtractor "
                    f"writes before each article"
                )
        elif line.strip() == b"</doc>":
            yield _plain(bytes(article))
            article = None
        else:
            article += line
            if len(article) > LONGEST:
                raise UserError(
                    f"{name}, line {number:,}: an article of more than {LONGEST:,} bytes: expected "
                    f"</doc> before that"
                )
    if article is not None:
        raise UserError(
            f"{name}: ends within an article, without </doc>: damaged or incomplete; copy or "
            f"extract it again"
        )


def parquet_texts(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the strings of the column ``field``, in UTF-8, with few rows in memory at a time.

    The file is read by its path, since Arrow needs random access. Nulls are counted.

    Raises:
        UserError: the file is damaged, or the column is missing or not of strings.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = stream.path
    try:
        with parquet.ParquetFile(path) as table:
            schema = table.schema_arrow
            if field not in schema.names:
                hint = nearest(field, schema.names)
                raise UserError(f"{path}: no column {field!r}{hint} (field: NAME, make FIELD=NAME)")
            if schema.names.count(field) > 1:
                raise UserError(f"{path}: several columns {field!r}: expected one of that name")
            kind = schema.field(field).type
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            strings = (pa.string(), pa.large_string(), pa.string_view())
            if kind not in strings:
                raise UserError(f"{path}: the column {field!r} is of {kind}: expected strings")
            for batch in table.iter_batches(256, columns=[field]):
                column = batch.column(0)
                tally.nulls += column.null_count
                if pa.types.is_dictionary(column.type):
                    column = column.dictionary_decode()
                # As bytes, so that invalid UTF-8 is counted as in plain text.
                for text in column.cast(pa.large_string()).cast(pa.large_binary()).drop_null():
                    yield text.as_py()
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(
            f"{path}: not a whole parquet file ({said}): copy or download it again"
        ) from None


def nearest(name: str, names: Sequence[str]) -> str:
    """Return the end of a message about a missing name: the existing names, and the nearest."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    listed = ", ".join(map(printable, names[:8])) + (", ..." if len(names) > 8 else "")
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f": expected one among {listed or 'none'}{hint}"


class _Pushed:
    """A stream with one line put back before it."""

    def __init__(self, line: bytes, stream: Lines) -> None:
        self._line, self._stream = line, stream

    def readline(self, limit: int = -1, /) -> bytes:
        line, self._line = self._line, b""
        return line or self._stream.readline(limit)


def numbered_lines(stream: Lines, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a stream with their numbers; raise ``UserError`` if one is too long."""
    number = 0
    while line := stream.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise UserError(
                f"{name}, line {number:,}: longer than {LONGEST:,} bytes: expected a document on "
                f"each line"
            )
        yield number, line


def _plain(article: bytes) -> bytes:
    """Return an article with the entities that WikiExtractor writes for &, < and > decoded."""
    if b"&" not in article:
        return article
    text = html.unescape(article.decode("utf-8", "surrogateescape"))
    return text.encode("utf-8", "surrogateescape")
