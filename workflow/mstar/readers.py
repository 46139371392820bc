"""Documents of the user's own text: a file, a folder or a glob, plain or compressed."""

from __future__ import annotations

import difflib
import glob
import gzip
import lzma
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread
from typing import BinaryIO, NamedTuple, cast

from mstar.files import UserError

# Bytes read at once. A file may be one line of many gigabytes, so lines are no safe unit.
CHUNK = 1 << 20
TEXT = (".txt", ".text")
COMPRESSED = {".gz": b"\x1f\x8b", ".xz": b"\xfd7zXZ\x00", ".zst": b"\x28\xb5\x2f\xfd"}
UNSUPPORTED = (".bz2", ".csv", ".json", ".jsonl", ".parquet", ".pdf", ".tar", ".tgz", ".zip")
READABLE = "a .txt file, plain or .gz, .xz or .zst, or a folder or glob of them"


class Piece(NamedTuple):
    """Consecutive text of one document, in UTF-8, and whether the document ends after it.

    Long documents come in several pieces, so that no text need be in memory whole.
    """

    text: bytes
    ends: bool


def parse_rule(rule: str) -> tuple[str, int]:
    """Return a document rule as (kind, words): ("line", 0), ("file", 0) or ("fixed", N).

    Raises ``UserError`` for anything else.
    """
    if rule in ("line", "file"):
        return rule, 0
    match = re.fullmatch(r"fixed:0*([1-9]\d*(?:_\d+)*)", str(rule))
    if match:
        return "fixed", int(match[1])
    raise UserError(
        f"documents: {rule!r} is not a document rule: expected line (each line a document), file "
        f"(each file a document) or fixed:N (N words each, for instance fixed:50000)"
    )


def is_glob(path: str | Path) -> bool:
    """Say whether ``path`` names files by a pattern (an existing path is never a pattern)."""
    return glob.has_magic(str(path)) and not Path(path).exists()


def text_files(path: str | Path) -> list[Path]:
    """Return the text files that ``path`` (a file, a folder, a glob) means, sorted by name.

    A folder is searched with its subfolders, hidden files left out. Raises ``UserError`` if there
    is nothing, or if a file named is of a kind that is not read.
    """
    place = Path(path)
    if is_glob(path):
        names = glob.glob(str(path), recursive=True)
        found = sorted(Path(name) for name in names)
        files = [each for each in found if each.is_file()]
    elif place.is_dir():
        files = sorted(each for each in place.rglob("*") if _is_text(each.relative_to(place)))
        files = [each for each in files if each.is_file()]
    elif place.is_file():
        files = [place]
    elif place.exists():
        raise UserError(f"{path}: not a regular file: expected {READABLE}")
    else:
        raise UserError(f"{path}: no such file or folder: expected {READABLE}{_nearest(place)}")
    if not files:
        raise UserError(f"{path}: no text file there: expected {READABLE}")
    for each in files:
        if set(each.suffixes[-2:]) & set(UNSUPPORTED):
            raise UserError(f"{each}: this kind of file is not read: expected {READABLE}")
    return files


def _is_text(path: Path) -> bool:
    if any(part.startswith(".") for part in path.parts):
        return False
    name = path.with_suffix("") if path.suffix in COMPRESSED else path
    return name.suffix in TEXT


def _nearest(path: Path) -> str:
    """Return a hint naming the most similar entry of the folder that should hold ``path``."""
    if not path.parent.is_dir():
        return f" (there is no folder {path.parent} either)"
    names = [entry.name for entry in path.parent.iterdir()]
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.parent / near[0]}?" if near else ""


def _kind(path: Path) -> str | None:
    """The ending that stands for a file's compression, if it begins like a format we know."""
    with path.open("rb") as raw:
        start = raw.read(6)
    return next((kind for kind, magic in COMPRESSED.items() if start.startswith(magic)), None)


def _open(path: Path) -> BinaryIO:
    """Open a file for its bytes, decompressed."""
    kind = _kind(path)
    if kind is None and path.suffix in COMPRESSED:
        raise UserError(f"{path}: damaged, or not a {path.suffix} file: expected {READABLE}")
    if kind == ".gz":
        return cast(BinaryIO, gzip.open(path))
    if kind == ".xz":
        return cast(BinaryIO, lzma.open(path))
    if kind == ".zst":
        # Arrow's reader reports a file that ends too soon; zstandard's stream_reader does not.
        import pyarrow

        return cast(BinaryIO, pyarrow.input_stream(str(path), compression="zstd"))
    return path.open("rb")


class LocalText:
    """The bytes of the text files of a local path, decompressed, one file after the other.

    ``rule`` says what a document is: ``line`` (each line with something on it), ``file`` (each
    file), or ``fixed:N`` (N words each, cut from the whole stream; the last is shorter). ``only``
    names the files to read, of those found there. About a megabyte of text is in memory at a time.

    Raises ``UserError`` for a path or rule that makes no sense (at once), and for a file that is
    not text, is damaged or ends too soon (while iterating).
    """

    def __init__(
        self, path: str | Path, rule: str, only: Collection[str | Path] | None = None
    ) -> None:
        self.kind, self.length = parse_rule(rule)
        self.files = text_files(path)
        if only is not None:
            chosen = {Path(each) for each in only}
            self.files = [each for each in self.files if each in chosen]
        with suppress(OSError):  # said when the file is read
            if any(_kind(each) == ".zst" for each in self.files):
                # pyarrow crashes once the thread that loaded it has ended; `ahead` uses threads.
                import pyarrow  # noqa: F401

    def __iter__(self) -> Iterator[Piece]:
        for path in self.files:
            for block in self._blocks(path):
                yield Piece(block, False)
            # With pseudo-articles of N words a file's end is not a document's, but ends a word.
            yield Piece(b" ", False) if self.kind == "fixed" else Piece(b"", True)

    def _blocks(self, path: Path) -> Iterator[bytes]:
        try:
            with _open(path) as stream:
                while block := stream.read(CHUNK):
                    if b"\0" in block:
                        raise UserError(
                            f"{path}: has NUL bytes, so it is not plain UTF-8 text (UTF-16, or a "
                            f"binary file?): expected {READABLE}"
                        )
                    yield block
        except (EOFError, lzma.LZMAError, zlib.error, OSError) as error:
            if isinstance(error, OSError) and error.strerror:
                raise UserError(f"{path}: cannot be read ({error.strerror})") from None
            raise UserError(
                f"{path}: damaged or incomplete archive ({error}): expected a whole "
                f"{path.suffix} file; copy or download it again"
            ) from None


def ahead(pieces: Iterable[Piece], depth: int = 4) -> Iterator[Piece]:
    """Yield the pieces, read by a second thread that stays at most ``depth`` of them ahead.

    Decompression and encoding let go of Python's lock, so that they overlap.
    """
    waiting: Queue[Piece | BaseException | None] = Queue(depth)
    stopped = Event()

    def put(item: Piece | BaseException | None) -> None:
        while not stopped.is_set():
            with suppress(Full):
                waiting.put(item, timeout=0.1)
                return

    def read() -> None:
        try:
            for piece in pieces:
                put(piece)
                if stopped.is_set():
                    return
            put(None)
        except BaseException as error:  # raised again where the pieces are used
            put(error)

    thread = Thread(target=read, daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()
