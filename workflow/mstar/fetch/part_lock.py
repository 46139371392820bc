"""One process at a time for each file that is being fetched."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(part: Path, what: str) -> Iterator[None]:
    """Be the only process that writes ``part``, after waiting for another one if need be."""
    stream = part.open("ab")
    ours = False
    try:
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"{what}: another process is fetching it, waiting", file=sys.stderr)
                fcntl.flock(stream, fcntl.LOCK_EX)
            except OSError:
                break  # a file system without locks
            # Meanwhile the other may have moved what was locked to its final place.
            if part.exists() and part.stat().st_ino == os.fstat(stream.fileno()).st_ino:
                break
            stream.close()
            stream = part.open("ab")
        ours = True
        yield
    finally:
        # One that gives up waiting leaves alone what the other has just begun.
        if ours and part.exists() and not part.stat().st_size:
            part.unlink()
        stream.close()
