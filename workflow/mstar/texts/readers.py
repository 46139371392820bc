"""Text of a file, plain, in records or in an archive, compressed or not, as pieces."""

from __future__ import annotations

import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from mstar.files.formats import COMPRESSED, FORMATS, Format, format_of
from mstar.files.writing import UserError, listed, printable, warn
from mstar.texts.documents import Piece, joined
from mstar.texts.members import Watched, open_members, reading
from mstar.texts.places import READABLE, left_out, text_files
from mstar.texts.records import Tally, jsonl_texts, parquet_texts, wiki_texts

# Bytes read at once. A file may be one line of many gigabytes, so lines are no safe unit.
CHUNK = 1 << 20


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


def _kind(path: Path) -> str | None:
    """The ending that stands for a file's compression, if it begins like a format we know."""
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
        # Arrow's reader reports a file that ends too soon; zstandard's stream_reader does not.
        import pyarrow

        stream = pyarrow.input_stream(str(path), compression="zstd")
        return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, stream), CHUNK))
    return path.open("rb")


def file_pieces(
    path: Path,
    form: Format,
    kind: str,
    field: str = "text",
    tally: Tally | None = None,
    members: Sequence[str] = (),
) -> Iterator[Piece]:
    """Yield the text of one file, documents as of the ``kind`` of a rule (see `joined`).

    ``form`` is what the file is, or, with ``members`` (patterns), what those of an archive are;
    ``field`` is the column or key of the text where there are several. Raises ``UserError`` if the
    file is damaged or is not what it is said to be.
    """
    tally = tally if tally is not None else Tally()
    if members:
        for name, stream in open_members(path, members):
            with reading(path):
                at = f"{path}/{printable(name)}"
                yield from _stream_pieces(stream, at, form, kind, field, tally)
    elif form == "zip":
        yield from _zip_pieces(path, kind, field, tally)
    elif form == "parquet":
        yield from joined(parquet_texts(path, field, tally), kind)
    else:
        with _opened(path) as stream:
            yield from _stream_pieces(stream, str(path), form, kind, field, tally)


def _zip_pieces(path: Path, kind: str, field: str, tally: Tally) -> Iterator[Piece]:
    """Text of a .zip of one's own: of its text files, or of what has no ending (as in text8)."""
    with reading(path), zipfile.ZipFile(path) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    names = [name for name in names if not re.search(r"(^|/)(\.|__MACOSX/)", name)]
    forms = {name: format_of(name) for name in names}
    named = [name for name in names if Path(name).suffix.lower() in FORMATS]
    named = [name for name in named if forms[name] in ("plain", "jsonl")]
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
        with reading(path):
            at = f"{path}/{printable(name)}"
            yield from _stream_pieces(stream, at, forms[name], kind, field, tally)


def _stream_pieces(
    stream: BinaryIO, name: str, form: Format, kind: str, field: str, tally: Tally
) -> Iterator[Piece]:
    if form == "jsonl":
        yield from joined(jsonl_texts(stream, name, field, tally), kind)
    elif form == "wiki":
        yield from joined(wiki_texts(stream, name, tally), kind)
    else:
        while block := stream.read(CHUNK):
            if b"\0" in block:
                raise UserError(
                    f"{name}: has NUL bytes, so it is not plain UTF-8 text (UTF-16, or a "
                    f"binary file?): expected {READABLE}"
                )
            yield Piece(block, False)
        # With pseudo-articles of N words a file's end is not a document's, but ends a word.
        yield Piece(b" ", False) if kind == "fixed" else Piece(b"", True)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed; what goes wrong meanwhile is one clear line."""
    try:
        with _open(path) as stream:
            yield cast(BinaryIO, Watched(stream, path)) if _kind(path) else stream
    except (EOFError, lzma.LZMAError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.strerror:
            raise UserError(f"{path}: cannot be read ({error.strerror})") from None
        raise UserError(
            f"{path}: damaged or incomplete archive ({error}): expected a whole "
            f"{path.suffix} file; copy or download it again"
        ) from None


class LocalText:
    """The text of the files of a local path, decompressed, one file after the other.

    ``rule`` says what a document is: ``line`` (each line with something on it; each row, record or
    article of files that have such), ``file`` (each file, or member of a .zip), or ``fixed:N`` (N
    words each, cut from the whole stream; the last is shorter). ``only`` names the files to read,
    of those found there; ``field`` the column or key of the text. About a megabyte of plain text
    is in memory at a time, or some records.

    Raises ``UserError`` for a path or rule that makes no sense (at once), and for a file that is
    not text, is damaged or ends too soon (while iterating).
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
        # Of the parts of a text, the first speaks for all.
        if self.files[:1] == found[:1] and (left := left_out(path)):
            warn(f"{path}: left out {listed(left)}: expected {READABLE}")
        load_arrow(self.files)

    def __iter__(self) -> Iterator[Piece]:
        for path in self.files:
            yield from file_pieces(path, format_of(path), self.kind, self.field, self.tally)


def load_arrow(files: Iterable[Path], form: Format | None = None) -> None:
    """Load pyarrow here if it is needed to read files later (by their names, or as a ``form``).

    It crashes once the thread that loaded it has ended, and `ahead` uses threads.
    """
    with suppress(OSError):  # said when the file is read
        if any((form or format_of(each)) == "parquet" or _kind(each) == ".zst" for each in files):
            import pyarrow.parquet  # noqa: F401
