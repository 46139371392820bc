"""The text of a file, plain, in records or in an archive, compressed or not, as pieces.

What a file is, its first bytes decide, and else its name (`mstar.texts.kinds`). A new reader is a
function with the signature of the others, and an entry in `READERS`.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from mstar.files.formats import COMPRESSED
from mstar.files.writing import UserError, listed, warn
from mstar.texts.documents import Piece, joined, paragraphs, parse_rule
from mstar.texts.dumps import dump_texts
from mstar.texts.kinds import ARCHIVES, kind_of, looks_like, named_kind, refusal, texts_among
from mstar.texts.members import Stream, Watched, open_members
from mstar.texts.packaged import (
    json_records,
    json_strings,
    passages,
    whole_texts,
    wikitext_articles,
)
from mstar.texts.packed import SevenZip, Streams
from mstar.texts.places import READABLE, left_out, text_files
from mstar.texts.records import Tally, json_texts, jsonl_texts, parquet_texts, wiki_texts
from mstar.texts.tables import csv_texts, tsv_texts

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
    "json": Reader(json_texts),
    "csv": Reader(csv_texts),
    "tsv": Reader(tsv_texts),
    "wiki": Reader(wiki_texts),
    "dump": Reader(dump_texts),
    "parquet": Reader(parquet_texts, members=False, arrow=True),
    "wikitext": Reader(wikitext_articles, files=False),
    "passages": Reader(passages, files=False),
    "json_strings": Reader(json_strings, files=False),
    "json_records": Reader(json_records, files=False),
    "text": Reader(whole_texts, files=False),
}


# Readers of the user's own files, which need not be told which members to read.
OWN = tuple(name for name, reader in READERS.items() if reader.files)


def file_pieces(
    path: Path,
    reader: str | None,
    kind: str,
    field: str = "text",
    tally: Tally | None = None,
    members: Sequence[str] = (),
    advise: bool = False,
) -> Iterator[Piece]:
    """Yield the text of one file in pieces.

    Args:
        path: the file.
        reader: a key of `READERS`; None: what the file is decides, which may be an archive.
        kind: kind of the document rule (see `joined`).
        field: column or key of the text, if there are several.
        tally: counts to add to.
        members: patterns of the members of an archive to read.
        advise: whether to warn if what is read as plain text looks like something else.

    Raises:
        UserError: the file is damaged or not of the kind expected.
    """
    tally = tally if tally is not None else Tally()
    if members:
        assert reader is not None
        for _, stream in open_members(path, members):
            yield from _stream_pieces(stream, reader, kind, field, tally)
        return
    with _opened(path, tally.pool) as stream:
        found = kind_of(stream.start(), path)
        if found not in ARCHIVES:
            own = reader or _readable(stream, found)
            yield from _advised(stream, own, kind, field, tally, advise)
            return
    if found == "tar" and (packed := _kind(path)) in (".zst", ".7z"):
        raise UserError(f"{path}: a .tar in {packed} is not read: expected .tar, .gz, .bz2 or .xz")
    for name, member in open_members(path, choose=partial(_texts_among, path)):
        own = reader or _readable(member, kind_of(member.start(), name))
        yield from _advised(member, own, kind, field, tally, advise)
        advise = False


def _advised(
    stream: Stream, reader: str, kind: str, field: str, tally: Tally, advise: bool
) -> Iterator[Piece]:
    if advise and reader == "plain" and (what := looks_like(stream.start(), field)):
        warn(f"{stream.name} looks like {what}")
    yield from _stream_pieces(stream, reader, kind, field, tally)


def _readable(stream: Stream, kind: str) -> str:
    """Return ``kind`` if it is a reader's; raise ``UserError`` if the content is not text."""
    start = stream.start()
    if what := refusal(start):
        raise UserError(f"{stream.name}: {what}")
    if kind not in OWN:
        raise UserError(f"{stream.name}: an archive within an archive: these are not read")
    return kind


def _texts_among(path: Path, names: Sequence[str]) -> Collection[str]:
    """Return the texts among the members of a user's archive, and warn of the others.

    These are files with the ending of a text, else tables, else files without an ending.
    """
    names = [name for name in names if not re.search(r"(^|/)(\.|__MACOSX/)", name)]
    members = {name: named_kind(name) or "plain" for name in names}
    chosen = set(
        texts_among(
            name
            for name, kind in members.items()
            if kind in OWN and READERS[kind].members and Path(name).suffix.lower() not in COMPRESSED
        )
    )
    if not chosen:
        held = listed(sorted(names)) or "nothing"
        raise UserError(
            f"{path}: no text in it (it holds {held}): expected files such as .txt or .jsonl; "
            f"archives within archives are not read"
        )
    if left := sorted(set(names) - chosen):
        warn(
            f"{path}: left out {listed(left)}: expected files of one kind, such as .txt or .jsonl "
            f"(not compressed), or else files without an ending"
        )
    return chosen


def _stream_pieces(
    stream: Stream, reader: str, kind: str, field: str, tally: Tally
) -> Iterator[Piece]:
    tally.kinds[reader] += 1
    texts = _texts(stream, reader, field, tally)
    if READERS[reader].running:
        for block in paragraphs(texts) if kind == "paragraph" else texts:
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
def _opened(path: Path, pool: Executor | None = None) -> Iterator[Stream]:
    """Open a file, decompressed; raise ``UserError`` if it cannot be read or is damaged."""
    try:
        kind, raw = _kind(path), _open(path, pool)
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


def _open(path: Path, pool: Executor | None) -> BinaryIO:
    """Open a file for its bytes, decompressed, by several processes if it allows and they exist."""
    kind = _kind(path)
    if kind is None and path.suffix.lower() in COMPRESSED:
        raise UserError(f"{path}: damaged, or not a {path.suffix} file: expected {READABLE}")
    if kind == ".gz":
        return cast(BinaryIO, gzip.open(path))
    if kind == ".bz2":
        return cast(
            BinaryIO, io.BufferedReader(Streams(path, pool), CHUNK) if pool else bz2.open(path)
        )
    if kind == ".xz":
        return cast(BinaryIO, lzma.open(path))
    if kind == ".7z":
        return cast(BinaryIO, io.BufferedReader(SevenZip(path), CHUNK))
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
            ``paragraph`` (what blank lines separate), ``file`` (each file, or member of an
            archive), or ``fixed:N`` (N words each, cut from the whole stream; the last is shorter).
        only: the files to read among those found; by default all.
        field: column or key of the text.
        reader: how each file is read, a name in `OWN`; None: as what it is.
        processes: processes for readers that can use several.

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
        reader: str | None = None,
        processes: int = 1,
    ) -> None:
        self.kind, self.length = parse_rule(rule)
        self.field, self.reader = field, reader
        self.tally = Tally()
        found = self.files = text_files(path)
        if only is not None:
            chosen = {Path(each) for each in only}
            self.files = [each for each in found if each in chosen]
        # Only the job of the first part of a text warns.
        self._first = self.files[:1] == found[:1]
        if self._first and (left := left_out(path)):
            warn(f"{path}: left out {listed(left)}: expected {READABLE}")
        kinds = load_arrow(self.files, reader)
        if processes > 1 and "dump" in kinds:
            self.tally.pool = _pool(processes)

    def __iter__(self) -> Iterator[Piece]:
        given = (self.reader, self.kind, self.field, self.tally)
        try:
            for path in self.files:
                yield from file_pieces(path, *given, advise=self._first)
                self._first = False
        finally:
            if self.tally.pool is not None:
                self.tally.pool.shutdown(cancel_futures=True)


def _pool(processes: int) -> ProcessPoolExecutor:
    """Return processes that are forked now, while this one has no other thread."""
    pool = ProcessPoolExecutor(processes, get_context("fork"))
    pool.submit(int).result()
    return pool


def load_arrow(files: Iterable[Path], reader: str | None = None) -> set[str]:
    """Import pyarrow now if it is needed to read files later, and return the kinds of the files.

    It crashes once the thread that imported it has ended, and `mstar.texts.documents.ahead` uses
    threads. Of several files of the same ending only the first is opened.

    Args:
        files: paths of the files.
        reader: how they are read; None: as what they are.
    """
    firsts = {(path.suffix, named_kind(path)): path for path in reversed(list(files))}
    kinds: set[str] = {reader} if reader else set()
    with suppress(OSError, UserError):  # reported when the file is read
        if ".zst" in map(_kind, firsts.values()):
            import pyarrow.parquet
        for path in firsts.values() if reader is None else ():
            with _opened(path) as stream:
                kinds.add(kind_of(stream.start(), path))
    if any(READERS[kind].arrow for kind in kinds if kind in READERS):
        import pyarrow.parquet  # noqa: F401
    return kinds
