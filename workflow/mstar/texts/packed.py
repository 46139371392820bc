"""Compressed files that Python's own modules do not read, or not by several processes."""

from __future__ import annotations

import bz2
import io
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread
from typing import Any

from mstar.files.writing import UserError, listed

# Compressed bytes that a process unpacks at once, at least and at most, what they may unpack to,
# and how many such groups wait for each process.
GROUP, LARGEST, UNPACKED, WAITING = 1 << 20, 1 << 24, 1 << 26, 2
# The beginning of a stream of .bz2 and of its first block; streams begin at whole bytes.
_STREAM = re.compile(rb"BZh[1-9]1AY&SY")
_MARK = 10


class _Blocks(io.RawIOBase):
    """A stream to read of the blocks of bytes that `_blocks` yields."""

    def __init__(self) -> None:
        self._left = memoryview(b"")
        self._rest = self._blocks()

    def _blocks(self) -> Iterator[bytes]:
        raise NotImplementedError

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._left:
            block = next(self._rest, None)
            if block is None:
                return 0
            self._left = memoryview(block)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def close(self) -> None:
        self._rest.close()  # type: ignore[attr-defined]
        super().close()


class Streams(_Blocks):
    """The bytes of a .bz2 file, whose streams several processes unpack, if it has several.

    A file such as pages-articles-multistream.xml.bz2 is cut where streams begin. What looks like a
    beginning may lie within a stream: a group that is not whole streams, and all that follows, is
    unpacked by this process, as is a file of a single stream. So the bytes, and the errors for
    damaged files, are those of `bz2.open`.

    Args:
        path: the file.
        pool: the processes.
    """

    def __init__(self, path: Path, pool: Executor) -> None:
        self._path, self._pool = path, pool
        super().__init__()

    def _blocks(self) -> Iterator[bytes]:
        begin = size = unpacked = 0  # of the last group that was whole
        for follows, block in self._unpacked():
            if block is None:
                break
            begin, size, unpacked = begin + size, follows, len(block)
            yield block
        with self._path.open("rb") as raw:
            raw.seek(begin + size)
            if not raw.peek(1):
                return
            # Again from a whole group, since bytes that are no stream are an error only at first.
            raw.seek(begin)
            with bz2.open(raw) as stream:
                stream.read(unpacked)
                while block := stream.read(GROUP):
                    yield block

    def _unpacked(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield the size of each group, in order, and what `unpack` returns for it."""
        waiting: deque[tuple[int, Future[bytes | None]]] = deque()
        most = WAITING * getattr(self._pool, "_max_workers", 1)
        try:
            for group in self._groups():
                waiting.append((len(group), self._pool.submit(unpack, group)))
                if len(waiting) > most:
                    size, block = waiting.popleft()
                    yield size, block.result()
            while waiting:
                size, block = waiting.popleft()
                yield size, block.result()
        except BrokenExecutor:
            raise UserError(
                f"{self._path}: a process that unpacked it was killed, as when memory is full: "
                f"run again with fewer cores"
            ) from None
        finally:
            for _, block in waiting:
                block.cancel()

    def _groups(self) -> Iterator[bytes]:
        """Yield consecutive parts of the file, of about `GROUP` bytes, that begin with a stream.

        They end where one would exceed `LARGEST`.
        """
        held = b""
        with self._path.open("rb") as raw:
            while more := raw.read(GROUP):
                tried = max(1, len(held) - _MARK)
                held += more
                last = 0
                for found in _STREAM.finditer(held, tried):
                    if found.start() - last >= GROUP:
                        yield held[last : found.start()]
                        last = found.start()
                held = held[last:]
                if len(held) > LARGEST:
                    return
        if held:
            yield held


def unpack(group: bytes) -> bytes | None:
    """Return what whole streams of .bz2 unpack to; None if they are not whole, or too much."""
    parts, size = [], 0
    while group:
        stream = bz2.BZ2Decompressor()
        try:
            parts.append(stream.decompress(group, UNPACKED - size))
        except OSError:
            return None
        size += len(parts[-1])
        if not stream.eof or size >= UNPACKED:
            return None
        group = stream.unused_data
    return b"".join(parts)


class SevenZip(_Blocks):
    """The bytes of the only file in a .7z, which py7zr unpacks in a second thread.

    Args:
        path: the file.

    Raises:
        UserError: py7zr is missing, or the archive is encrypted or does not hold one file.
        OSError: it is damaged (also when read).
    """

    def __init__(self, path: Path) -> None:
        try:
            py7zr = import_module("py7zr")
        except ImportError:
            raise UserError(
                f"{path}: reading .7z needs the package py7zr, which is not installed: pip install "
                f"py7zr, or unpack the file first, as by 7z x"
            ) from None
        try:
            self._archive = py7zr.SevenZipFile(path)
        except py7zr.PasswordRequired:
            raise _encrypted(path) from None
        except OSError:
            raise
        except Exception as error:  # damage can raise any
            raise OSError(f"{type(error).__name__}: {error}") from None
        names = [each.filename for each in self._archive.list() if not each.is_directory]
        wrong = _encrypted(path) if self._archive.needs_password() else None
        if len(names) != 1:
            held = listed(sorted(names)) or "nothing"
            wrong = UserError(
                f"{path}: holds {held}: expected one file in a .7z; unpack it first, as by 7z x, "
                f"and give the folder"
            )
        if wrong:
            self._archive.close()
            raise wrong
        self._waiting: Queue[bytes | Exception | None] = Queue(8)
        self._stopped = Event()
        self._thread = Thread(target=self._unpack, args=(names,), daemon=True)
        self._thread.start()
        super().__init__()

    def _unpack(self, names: list[str]) -> None:
        end = None
        try:
            self._archive.extract(targets=names, factory=self)
        except Exception as error:  # damage can raise any
            end = OSError(f"{type(error).__name__}: {error}")
        finally:
            self._archive.close()
        self._put(end)

    def _put(self, item: bytes | Exception | None) -> None:
        while not self._stopped.is_set():
            with suppress(Full):
                self._waiting.put(item, timeout=0.1)
                return

    def create(self, filename: str) -> _Writer:
        """Return what py7zr writes the file to."""
        return _Writer(self)

    def accept(self, block: bytes) -> None:
        """Take bytes that are unpacked; raise ``EOFError`` if no more are wanted."""
        self._put(block)
        if self._stopped.is_set():
            raise EOFError

    def _blocks(self) -> Iterator[bytes]:
        while (item := self._waiting.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def close(self) -> None:
        if not self.closed:
            self._stopped.set()
            self._thread.join()
        super().close()


class _Writer:
    """A file for py7zr to write to, which hands on what it is given."""

    def __init__(self, taker: SevenZip) -> None:
        self._taker, self._size = taker, 0

    def write(self, block: bytes) -> int:
        self._size += len(block)
        self._taker.accept(bytes(block))
        return len(block)

    def size(self) -> int:
        return self._size

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return offset

    def flush(self) -> None: ...

    def close(self) -> None: ...


def _encrypted(path: Path) -> UserError:
    return UserError(f"{path}: encrypted: expected an archive without a password; unpack it first")
