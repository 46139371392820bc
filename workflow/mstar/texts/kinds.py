"""What a file of text is: by its first bytes, else by its name."""

from __future__ import annotations

import csv
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeVar, get_args

from mstar.files.formats import unpacked

# Bytes at the start of a file, decompressed, by which its kind is decided.
START = 1 << 16
Archive = Literal["zip", "tar"]
Kind = Literal["plain", "jsonl", "json", "csv", "tsv", "parquet", "wiki", "dump", "zip", "tar"]
ARCHIVES = get_args(Archive)
NAMES: dict[str, Kind] = {
    ".txt": "plain",
    ".text": "plain",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".xml": "dump",
    ".zip": "zip",
    ".tar": "tar",
}
# Kinds of file that a folder is searched for first; the others often describe a text.
_TEXTS = ("plain", "jsonl", "parquet", "wiki", "zip")
AnyPath = TypeVar("AnyPath", str, Path)
# Parts of a dump are named articles1.xml-p1p41242.
_PART = re.compile(r"\.xml-p\d+p\d+.*")
_WIKI = re.compile(r"wiki_\d+")
_REFUSED = {
    b"%PDF-": "a PDF file: convert it to text first, as by pdftotext",
    b"Rar!\x1a\x07": "a RAR archive: unpack it first",
    b"\xd0\xcf\x11\xe0": "a document of an office program: save it as text first",
    b"{\\rtf": "a document of a word processor (RTF): save it as text first",
    b"ARROW1": "an Arrow file: save the table as parquet first",
}
# After declarations; possessive, so that it takes linear time.
_DUMP = re.compile(rb"(?:<[?!][^<>]*+>?\s*+|\]>\s*+)*+<mediawiki[\s>]")
_MARKUP = re.compile(rb"</?([A-Za-z][\w:-]*)(?:\s[^<>]{0,300})?/?>")
_DECLARED = re.compile(rb"<(?:\?xml|!doctype|html|tei)\b", re.I)
_LINK = re.compile(rb"\[\[[^\[\]\n]{1,200}\]\]|\{\{[^{}\n]{1,200}[|}]")
# Names of columns are short and without the marks of sentences.
_COLUMN = re.compile(r"[^\s,;.!?\t][^,;.!?\t]{0,39}")


def named_kind(path: str | Path) -> Kind | None:
    """Return the kind of file that a name says, or None if it says none."""
    name = unpacked(Path(path))
    if _WIKI.fullmatch(name.name):
        return "wiki"
    suffix = name.suffix.lower()
    return "dump" if _PART.fullmatch(suffix) else NAMES.get(suffix)


def texts_among(paths: Iterable[AnyPath]) -> list[AnyPath]:
    """Return the texts among the files of a folder or archive, by their names.

    These are files with the ending of a text; if there is none, tables, JSON and .tar files; if
    there is none either, files without an ending.
    """
    kinds = {path: named_kind(path) for path in paths}
    for first in (True, False):
        if found := [path for path, kind in kinds.items() if kind and (kind in _TEXTS) == first]:
            return found
    return [path for path in kinds if not unpacked(Path(path)).suffix]


def kind_of(start: bytes, name: str | Path = "") -> Kind:
    """Return the kind of a file.

    Args:
        start: its first `START` bytes, decompressed, or all.
        name: its name, which decides if the bytes do not.
    """
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if start.startswith(b"PAR1"):
        return "parquet"
    if is_tar(start):
        return "tar"
    text = _as_utf8(start).lstrip()
    if _DUMP.match(text):
        return "dump"
    if re.match(rb"<doc [^\n]*>\s*(?:\n|$)", text):
        return "wiki"
    if text.startswith(b"{") and _is_object(text.partition(b"\n")):
        return "jsonl"
    if re.match(rb'\[\s*\{\s*"', text):
        return "json"
    named = named_kind(name) or "plain"
    return "plain" if named == "dump" else named


def refusal(start: bytes) -> str:
    """Return what a file that begins with ``start`` is and what to do, or "" if it may be text."""
    for magic, what in _REFUSED.items():
        if start.startswith(magic):
            return what
    if start[:1] == b"\x80" and start[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        return "a pickle, which can run code: save the text as JSON lines first"
    return ""


def looks_like(start: bytes, field: str = "text") -> str:
    """Return what plain text that begins with ``start`` rather is, and the setting, or "".

    Args:
        start: the first `START` bytes of the text, or all.
        field: name of the column or key in the advice.
    """
    what = {
        "jsonl": "JSON lines",
        "json": "a list of JSON records",
        "dump": "a MediaWiki dump",
        "wiki": "WikiExtractor's output",
    }
    kind = kind_of(start)
    if kind in what:
        key = "" if kind in ("dump", "wiki") else f" and field: {field}"
        make = f" FIELD={field}" if key else ""
        return f"{what[kind]}: reader: {kind}{key} (make READER={kind}{make}) reads its texts"
    if table := _table(start):
        kind, columns = table
        listed = ", ".join(columns[:8]) + (", ..." if len(columns) > 8 else "")
        return (
            f"a table with the columns {listed}: reader: {kind} and field: NAME (make READER={kind}"
            f" FIELD=NAME) reads one of them"
        )
    found = list(_MARKUP.finditer(start))
    size = sum(tag.end() - tag.start() for tag in found)
    if _DECLARED.match(start.lstrip()) or (len(found) >= 20 and 20 * size > len(start)):
        common = Counter(tag[1].decode() for tag in found).most_common(3)
        tags = ", ".join(f"<{tag}>" for tag, _ in common) or "<...>"
        return f"markup ({tags}), whose tags are counted as words: convert it to text first"
    if len(links := _LINK.findall(start)) >= 20 and 20 * sum(map(len, links)) > len(start):
        return (
            "MediaWiki's markup, which is counted as words: give the dump (.xml) that it is from, "
            "whose markup is left out"
        )
    return ""


def is_tar(start: bytes) -> bool:
    """Return whether bytes begin with the header of a .tar, damaged or not."""
    with suppress(tarfile.HeaderError):
        tarfile.TarInfo.frombuf(start[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
        return True
    return start[257:262] == b"ustar"


def _as_utf8(start: bytes) -> bytes:
    """Return bytes without a byte order mark, and UTF-16 with one as UTF-8."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return start.removeprefix(b"\xef\xbb\xbf")


def _is_object(line: tuple[bytes, bytes, bytes]) -> bool:
    """Return whether a first line, as `bytes.partition` gives it, is an object of JSON, or may be.

    A line that goes beyond the bytes known may be one if it begins like one.
    """
    first, end, _ = line
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return not end and len(first) > START // 2 and re.match(rb'\{\s*"', first) is not None


def _table(start: bytes) -> tuple[Literal["csv", "tsv"], list[str]] | None:
    """Return the kind and columns of a table of at least three rows, if bytes look like one."""
    lines = start.decode("utf-8", "replace").split("\n")
    lines = [line.rstrip("\r") for line in lines[: -1 if len(start) >= START else None] if line]
    kinds: tuple[tuple[Literal["csv", "tsv"], str], ...] = (("tsv", "\t"), ("csv", ","))
    for kind, mark in kinds:
        if len(lines) < 3 or mark not in lines[0]:
            continue
        with suppress(csv.Error):
            rows = list(csv.reader(lines[:200], delimiter=mark))
            if len({len(row) for row in rows}) == 1 and all(map(_COLUMN.fullmatch, rows[0])):
                return kind, rows[0]
    return None
