"""The text of a file, plain, in records or in an archive, compressed or not, as pieces.

A new reader is a function with the signature of the others, and an entry in `READERS`.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from mstar.files.formats import COMPRESSED, FORMATS, format_of
from mstar.files.writing import UserError, listed, warn
from mstar.texts.documents import Piece, joined, parse_rule
from mstar.texts.members import Stream, Watched, open_members, reading
from mstar.texts.packaged import (
    json_records,
    json_strings,
    passages,
    whole_texts,
    wikitext_articles,
)
from mstar.texts.places import READABLE, left_out, text_files
from mstar.texts.records import Tally, jsonl_texts, parquet_texts, wiki_texts

# Bytes read at once, instead of lines, since a file may be one line of many gigabytes.
CHUNK = 1 << 20
# Errors of readers, which need not check their input, on unexpected content.
UNEXPECTED = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    zlib.error,
    RecursionError,
)


def plain_blocks(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield plain text, a megabyte at a time; raise ``UserError`` if it has NUL bytes."""
    while block := stream.read(CHUNK):
        if b"\0" in block:
            raise UserError(
                f"{stream.name}: has NUL bytes, so it is not plain UTF-8 text (UTF-16, or a "
                f"binary file?): expected {READABLE}"
            )
        yield block


class Reader(NamedTuple):
    """A reader for texts of one kind.

    Attributes:
        read: yields each text in UTF-8, given a stream, the column or key of its texts (``field``),
            and a `Tally` shared by all members.
        files: whether it reads files.
        members: whether it reads members of archives.
        running: whether it yields blocks of one text, whose lines may be documents.
        arrow: whether it uses pyarrow.
    """

    read: Callable[[Stream, str, Tally], Iterator[bytes]]
    files: bool = True
    members: bool = True
    running: bool = False
    arrow: bool = False


READERS = {
    "plain": Reader(plain_blocks, running=True),
    "jsonl": Reader(jsonl_texts),
    "wiki": Reader(wiki_texts),
    "parquet": Reader(parquet_texts, members=False, arrow=True),
    "wikitext": Reader(wikitext_articles, files=False),
    "passages": Reader(passages, files=False),
    "json_strings": Reader(json_strings, files=False),
    "json_records": Reader(json_records, files=False),
    "text": Reader(whole_texts, files=False),
}


def file_pieces(
    path: Path,
    reader: str,
    kind: str,
    field: str = "text",
    tally: Tally | None = None,
    members: Sequence[str] = (),
) -> Iterator[Piece]:
    """Yield the text of one file in pieces.

    Args:
        path: the file.
        reader: a key of `READERS`, or ``zip`` for texts in a .zip, read by their name extensions.
        kind: kind of the document rule (see `joined`).
        field: column or key of the text, if there are several.
        tally: counts to add to.
        members: patterns of the members of an archive to read.

    Raises:
        UserError: the file is damaged or not of the kind expected.
    """
    tally = tally if tally is not None else Tally()
    if members:
        for _, stream in open_members(path, members):
            yield from _stream_pieces(stream, reader, kind, field, tally)
    elif reader == "zip":
        yield from _zip_pieces(path, kind, field, tally)
    else:
        with _opened(path) as stream:
            yield from _stream_pieces(stream, reader, kind, field, tally)


def _zip_pieces(path: Path, kind: str, field: str, tally: Tally) -> Iterator[Piece]:
    """Yield the text of a user's .zip: its text files, or else its files without an extension."""
    with reading(path), zipfile.ZipFile(path) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    names = [name for name in names if not re.search(r"(^|/)(\.|__MACOSX/)", name)]
    forms = {name: format_of(name) for name in names}
    named = [name for name in names if Path(name).suffix.lower() in FORMATS]
    named = [name for name in named if forms[name] in READERS and READERS[forms[name]].members]
    chosen = set(named or [name for name in names if not Path(name).suffix])
    if not chosen:
        held = listed(sorted(names)) or "nothing"
        raise UserError(
            f"{path}: no text in it (it holds {held}): expected .txt or .jsonl files; archives "
            f"within archives are not read"
        )
    if left := sorted(set(names) - chosen):
        warn(
            f"{path}: left out {listed(left)}: expected .txt or .jsonl files (not compressed), or "
            f"else files without an ending"
        )
    for name, stream in open_members(path, names=chosen):
        yield from _stream_pieces(stream, forms[name], kind, field, tally)


def _stream_pieces(
    stream: Stream, reader: str, kind: str, field: str, tally: Tally
) -> Iterator[Piece]:
    texts = _texts(stream, reader, field, tally)
    if READERS[reader].running:
        for block in texts:
            yield Piece(block, False)
        # With documents of N words the end of a file ends a sentence, but no document.
        yield Piece(b"\n", False) if kind == "fixed" else Piece(b"", True)
    else:
        yield from joined(texts, kind)


def _texts(stream: Stream, reader: str, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the texts that a reader finds; raise ``UserError`` for unexpected content."""
    try:
        yield from READERS[reader].read(stream, field, tally)
    except UNEXPECTED as error:
        raise UserError(
            f"{stream.name}: the reader {reader!r} cannot read it "
            f"({type(error).__name__}: {error}): check the reader, and which members it is given"
        ) from None


@contextmanager
def _opened(path: Path) -> Iterator[Stream]:
    """Open a file, decompressed; raise ``UserError`` if it cannot be read or is damaged."""
    try:
        kind, raw = _kind(path), _open(path)
    except OSError as error:
        raise _damaged_file(path, error) from None
    with raw:
        watched = Watched(raw, path) if kind else raw
        yield Stream(watched, str(path), path, _damaged_file)


def _damaged_file(path: Path, error: Exception) -> UserError:
    if isinstance(error, OSError) and error.strerror:
        return UserError(f"{path}: cannot be read ({error.strerror})")
    return UserError(
        f"{path}: damaged or incomplete archive ({error}): expected a whole {path.suffix} file; "
        f"copy or download it again"
    )


def _kind(path: Path) -> str | None:
    """Return the extension of the compressed format of a file by its first bytes, or None."""
    with path.open("rb") as raw:
        start = raw.read(6)
    return next((kind for kind, magic in COMPRESSED.items() if start.startswith(magic)), None)


def _open(path: Path) -> BinaryIO:
    """Open a file for its bytes, decompressed."""
    kind = _kind(path)
    if kind is None and path.suffix.lower() in COMPRESSED:
        raise UserError(f"{path}: damaged, or not a {path.suffix} file: expected {READABLE}")
    if kind == ".gz":
        return cast(BinaryIO, gzip.open(path))
    if kind == ".xz":
        return cast(BinaryIO, lzma.open(path))
    if kind == ".zst":
        # Arrow's reader reports truncated files; zstandard's stream_reader does not.
        import pyarrow

        stream = pyarrow.input_stream(str(path), compression="zstd")
        return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, stream), CHUNK))
    return path.open("rb")


class LocalText:
    """The text of the files of a local path, decompressed, one file after another.

    About a megabyte of plain text, or some records, are in memory at a time.

    Args:
        path: a file, a folder or a glob.
        rule: what a document is: ``line`` (each non-blank line, or each row, record or article),
            ``file`` (each file, or member of a .zip), or ``fixed:N`` (N words each, cut from the
            whole stream; the last is shorter).
        only: the files to read among those found; by default all.
        field: column or key of the text.

    Raises:
        UserError: path or rule is invalid (at once), or a file is not text, damaged or truncated
            (while iterating).
    """

    def __init__(
        self,
        path: str | Path,
        rule: str,
        only: Collection[str | Path] | None = None,
        field: str = "text",
    ) -> None:
        self.kind, self.length = parse_rule(rule)
        self.field = field
        self.tally = Tally()
        found = self.files = text_files(path)
        if only is not None:
            chosen = {Path(each) for each in only}
            self.files = [each for each in found if each in chosen]
        # Only the job of the first part of a text warns.
        if self.files[:1] == found[:1] and (left := left_out(path)):
            warn(f"{path}: left out {listed(left)}: expected {READABLE}")
        load_arrow(self.files)

    def __iter__(self) -> Iterator[Piece]:
        for path in self.files:
            yield from file_pieces(path, format_of(path), self.kind, self.field, self.tally)


def load_arrow(files: Iterable[Path], reader: str | None = None) -> None:
    """Import pyarrow now if it is needed to read files later (by ``reader``, or by their names).

    It crashes once the thread that imported it has ended, and `mstar.texts.documents.ahead` uses
    threads.
    """
    readers = (READERS.get(reader or format_of(each)) for each in files)
    with suppress(OSError):  # reported when the file is read
        if any(each and each.arrow for each in readers) or ".zst" in map(_kind, files):
            import pyarrow.parquet  # noqa: F401
