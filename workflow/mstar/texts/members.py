"""Members of untrusted archives, read in place within limits and never unpacked to disk."""

from __future__ import annotations

import bz2
import fnmatch
import gzip
import io
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from mstar.files.writing import UserError, printable
from mstar.texts.kinds import START, is_tar

# English text compresses to a third or a tenth. A larger expansion than this is not text; deflate
# can reach 1,032. Below the floor any expansion is harmless.
EXPANSION = 200
FLOOR = 1 << 26
# Returns the members to read, given the names of all files of an archive.
Choice = Callable[[Sequence[str]], Collection[str]]
_PACKED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ": lzma.open,
    b"BZh": bz2.open,
}
_DAMAGE = (
    RuntimeError,
    zipfile.BadZipFile,
    tarfile.TarError,
    EOFError,
    OSError,
    UnicodeDecodeError,  # of a name
    zlib.error,
    lzma.LZMAError,
)


def check_expansion(unpacked: int, packed: int, what: str | Path) -> None:
    """Raise ``UserError`` if ``packed`` bytes unpack to more than text does.

    Call it before or while unpacking.
    """
    if unpacked > max(FLOOR, EXPANSION * packed):
        raise UserError(
            f"{what}: {packed:,} bytes unpack to {unpacked:,} or more: expected at most "
            f"{EXPANSION} times as many for text; it may be made to fill memory, so it is not read"
        )


def open_members(
    path: str | Path, patterns: Sequence[str] = (), choose: Choice | None = None
) -> Iterator[tuple[str, Stream]]:
    """Yield (name, stream of its bytes) of chosen members of an archive, by name.

    A stream is valid until the next one is requested.

    Args:
        path: a .zip, .whl, .tar or compressed .tar.
        patterns: patterns of members, where ``*`` also crosses folders.
        choose: returns the names to read, given those of all files, in place of ``patterns``.
            Members of a .tar then come in the order in which they are stored, since a compressed
            archive is slow to read backwards.

    Raises:
        UserError: the archive is missing, damaged or encrypted, or looks hostile (names that lead
            out of it, links or devices among the members, absurd expansion), or a pattern matches
            nothing.
    """
    with reading(path):
        # A .zip is recognised by its end, and a .tar may end with a .zip that it contains.
        with Path(path).open("rb") as raw:
            header = raw.read(tarfile.BLOCKSIZE)
        if not is_tar(header) and zipfile.is_zipfile(path):
            members = _zip_members(path, patterns, choose)
        else:
            members = _tar_members(path, patterns, choose)
        for name, stream in members:
            yield name, Stream(stream, f"{path}/{printable(name)}", Path(path))


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Convert any error that reading an archive can raise into a ``UserError`` of one line."""
    try:
        yield
    except _DAMAGE as error:
        raise damaged_archive(path, error) from None


def damaged_archive(path: str | Path, error: Exception) -> UserError:
    """Return the ``UserError`` for an ``error`` that was raised while reading an archive."""
    if isinstance(error, FileNotFoundError):
        return UserError(f"{path}: no such file: fetch it, or place it there yourself")
    if isinstance(error, RuntimeError):
        return UserError(f"{path}: an archive that cannot be read ({error})")
    said = " ".join(str(error).split())
    return UserError(f"{path}: damaged archive ({said}): remove it and fetch it again")


def gunzip(content: bytes, name: str) -> bytes:
    """Return the content of a gzip file in memory; raise ``UserError`` if it is absurdly large."""
    parts, size = [], 0
    with gzip.open(io.BytesIO(content)) as stream:
        while block := stream.read(1 << 20):
            size += len(block)
            check_expansion(size, len(content), name)
            parts.append(block)
    return b"".join(parts)


def _zip_members(
    path: str | Path, patterns: Sequence[str], choose: Choice | None
) -> Iterator[tuple[str, BinaryIO]]:
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
        chosen = _select(path, list(entries), patterns, choose)
        # Members may overlap in the file, so the sum of their sizes is checked.
        total = sum(entries[name].file_size for name in chosen)
        check_expansion(total, Path(path).stat().st_size, path)
        for name in chosen:
            entry = entries[name]
            # Some archivers store POSIX modes in the upper half.
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise _not_a_file(path, name)
            if entry.flag_bits & 1:
                raise UserError(
                    f"{path}: the member {name!r} is encrypted: expected an archive without a "
                    f"password; unpack it and give the folder instead"
                )
            check_expansion(entry.file_size, entry.compress_size, f"{path}, member {name!r}")
            # Unpacking stops at the stated size, and the checksum then fails if there is more.
            with archive.open(entry) as stream:
                yield name, cast(BinaryIO, stream)


def _tar_members(
    path: str | Path, patterns: Sequence[str], choose: Choice | None
) -> Iterator[tuple[str, BinaryIO]]:
    with _unpacked(path) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
        entries = {entry.name: entry for entry in archive if not entry.isdir()}
        _check_end(archive, stream)
        chosen = _select(path, list(entries), patterns, choose)
        if choose is not None:
            chosen.sort(key=lambda name: entries[name].offset)
        for name in chosen:
            member = archive.extractfile(entries[name]) if entries[name].isreg() else None
            if member is None:
                raise _not_a_file(path, name)
            # A sparse file has holes that take no space in the archive.
            packed = Path(path).stat().st_size
            check_expansion(entries[name].size, packed, f"{path}, member {name!r}")
            yield name, cast(BinaryIO, member)


def _check_end(archive: tarfile.TarFile, stream: BinaryIO) -> None:
    """Read to the end of the file, which verifies checksums of the compression.

    tarfile takes a damaged header for the end of the archive and would omit later members.

    Raises:
        tarfile.ReadError: there is no block of zeros after the last member.
    """
    stream.seek(archive.offset)
    if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError("a header is damaged, or the end is missing")
    while stream.read(1 << 20):
        pass


@contextmanager
def _unpacked(path: str | Path) -> Iterator[BinaryIO]:
    """Yield the bytes of a tar file, decompressed as they are read, within limits."""
    with Path(path).open("rb") as raw:
        start = raw.read(8)
    opener = next((each for magic, each in _PACKED.items() if start.startswith(magic)), None)
    with cast(BinaryIO, opener(path) if opener else Path(path).open("rb")) as stream:
        yield cast(BinaryIO, Watched(stream, path)) if opener else stream


class Stream:
    """The decompressed bytes of a file, or of a member of an archive, for a reader.

    Reading raises ``UserError`` if the bytes are damaged.

    Args:
        raw: the stream to read from.
        name: name in messages.
        path: the file on disk, or the archive of a member.
        say: returns the error for an exception.
    """

    def __init__(
        self,
        raw: BinaryIO | Watched,
        name: str,
        path: Path,
        say: Callable[[Path, Exception], UserError] = damaged_archive,
    ) -> None:
        self.name, self.path = name, path
        self._raw, self._say = raw, say
        self._held = b""  # bytes of `start` that are not read yet

    def start(self) -> bytes:
        """Return the first `START` bytes, or all; they are still to be read."""
        while len(self._held) < START and (more := self._read(START - len(self._held))):
            self._held += more
        return self._held

    def read(self, size: int = -1) -> bytes:
        held = self._held
        if not held:
            return self._read(size)
        if size < 0:
            self._held = b""
            return held + self._read()
        self._held = held[size:]
        return held[:size]

    def readline(self, limit: int = -1, /) -> bytes:
        held = self._held
        if not held:
            return self._readline(limit)
        end = held.find(b"\n") + 1 or len(held)
        end = end if limit < 0 else min(end, limit)
        line, self._held = held[:end], held[end:]
        if self._held or line.endswith(b"\n") or len(line) == limit:
            return line
        return line + self._readline(limit - len(line) if limit >= 0 else -1)

    def _read(self, size: int = -1) -> bytes:
        try:
            return self._raw.read(size)
        except _DAMAGE as error:
            raise self._say(self.path, error) from None

    def _readline(self, limit: int = -1) -> bytes:
        try:
            return self._raw.readline(limit)
        except _DAMAGE as error:
            raise self._say(self.path, error) from None


class Watched:
    """A decompressed stream that raises ``UserError`` when it becomes absurdly long.

    Args:
        stream: the decompressed stream.
        path: the compressed file, whose size determines the limit.
    """

    def __init__(self, stream: BinaryIO, path: str | Path) -> None:
        self._stream, self._path = stream, path
        self._packed = Path(path).stat().st_size
        self._most = max(FLOOR, EXPANSION * self._packed) + 1
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        return self._checked(self._stream.read(size if size >= 0 else self._most))

    def readline(self, limit: int = -1, /) -> bytes:
        """Read a line, but at most one byte beyond the limit, since lines may be endless."""
        left = self._most - self._at
        return self._checked(self._stream.readline(left if limit < 0 else min(limit, left)))

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0:  # seeking decompresses all bytes up to the offset
            check_expansion(offset, self._packed, self._path)
        self._at = self._stream.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        return self._at

    def _checked(self, data: bytes) -> bytes:
        self._at += len(data)
        check_expansion(self._at, self._packed, self._path)
        return data


def _select(
    path: str | Path, held: list[str], patterns: Sequence[str], choose: Choice | None
) -> list[str]:
    for name in held:
        parts = re.split(r"[/\\]", name)
        if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name) or "\0" in name:
            raise UserError(
                f"{path}: the member {name!r} leads out of the archive: expected names within it; "
                f"not an archive to trust, so it is not read"
            )
    chosen = set(choose(held) if choose else ())
    for pattern in patterns:
        matched = fnmatch.filter(held, pattern)
        if not matched:
            raise UserError(f"{path}: no member matches {pattern!r}{_holds(held)}")
        chosen.update(matched)
    return sorted(chosen)


def _holds(names: list[str]) -> str:
    shown = ", ".join(repr(name)[:60] for name in sorted(names)[:3])
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return f"; it holds {shown}{more}" if names else "; it is empty"


def _not_a_file(path: str | Path, name: str) -> UserError:
    return UserError(
        f"{path}: the member {name!r} is a link or a device: expected a file; links in archives "
        f"are not followed"
    )
