"""Atomic writing of files, checked reading of arrays, and errors and warnings for the user."""

from __future__ import annotations

import errno
import fcntl
import glob
import hashlib
import os
import re
import struct
import sys
import tempfile
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What to do about a damaged file that a run makes.
AGAIN = "delete it and run again"
# Folders of results that contain a folder for each corpus, and that of the named settings.
FOLDERS = ("figures", "tables", "report", "costs", "comparisons")
SETTINGS = "settings"
# Errors of numpy and zipfile on damaged files, all found by fuzzing.
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    SyntaxError,
    MemoryError,
    OverflowError,
    RuntimeError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


class UserError(Exception):
    """A mistake the user can correct; its message is one line that says how."""


def tell(message: str) -> None:
    """Write a line to the log of a job and to the terminal."""
    for stream in {sys.stderr, sys.__stderr__} - {None}:
        print(message, file=stream, flush=True)


def warn(message: str) -> None:
    """Write a one-line warning to the log of a job and to the terminal."""
    tell(f"warning: {message}")


def printable(name: str) -> str:
    """Return ``name``, quoted and escaped if it has characters that a terminal may interpret."""
    return name if name.isprintable() else repr(name)


def listed(names: Sequence[str]) -> str:
    """Format the first three of ``names``, shortened, and the number of others."""
    shown = [name if len(name) <= 60 else f"...{name[-57:]}" for name in map(printable, names[:3])]
    return ", ".join(shown) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def no_room(error: OSError) -> str:
    """Return the reason if a write failed because a disk, quota or limit is full, else ""."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return os.strerror(error.errno)
    # numpy reports only how many items it wrote.
    return str(error) if re.fullmatch(r"\d+ requested and \d+ written", str(error)) else ""


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; move it there on success, remove it on failure.

    The temporary name keeps the target's suffixes, by which writers such as ``numpy.savez`` and
    matplotlib choose the format (or append an extension). The file is locked while in use, so that
    files left by killed processes can be recognised and removed.

    Raises:
        UserError: the disk is full.
    """
    target = Path(path)
    suffix = "".join(target.suffixes[-2:])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(f".{glob.escape(target.stem)}.????????{suffix}"):
            _remove_unused(left)
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}.", suffix=suffix, dir=target.parent)
        temporary = Path(name)
        try:
            _lock(handle)
            yield temporary
            # mkstemp creates 0600; give the file the permissions an ordinary open() would have.
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
            os.close(handle)
    except OSError as error:
        if why := no_room(error):
            raise UserError(
                f"{target}: cannot be written ({why}): make room there and run again; what is"
                " finished is kept"
            ) from None
        raise


def _lock(handle: int) -> bool:
    """Lock an open file until it is closed; return False if another process holds the lock."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove_unused(path: Path) -> None:
    """Remove a file unless a process holds its lock."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            if _lock(handle):
                path.unlink(missing_ok=True)
        finally:
            os.close(handle)


def sha256_of(path: str | Path) -> str:
    """Return the sha256 of a file's bytes, as 64 hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load_array(
    path: str | Path, what: str, mapped: bool = False, remedy: str = AGAIN
) -> NDArray[Any]:
    """Return the array of an npy file (no pickle), memory-mapped if ``mapped``.

    Messages about damage end with the ``remedy``.

    Raises:
        UserError: the file is missing, damaged, or not ``what`` it should be.
    """
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None)
        return array
    except DAMAGE as error:
        raise UserError(_unreadable(path, what, error, remedy)) from error


def load_arrays(path: str | Path, keys: Sequence[str], what: str) -> dict[str, NDArray[Any]]:
    """Return the arrays ``keys`` of an npz file (no pickle).

    Raises:
        UserError: the file is missing, damaged, or not ``what`` it should be.
    """
    try:
        with np.load(path) as stored:
            return {key: stored[key] for key in keys}
    except DAMAGE as error:
        raise UserError(_unreadable(path, what, error)) from error


def _unreadable(path: str | Path, what: str, error: BaseException, remedy: str = AGAIN) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    return f"{path}: not a readable {what} ({said}); {remedy}"
