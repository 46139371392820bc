"""A lock that shows whether a run of the workflow is alive in a folder.

Snakemake's own lock is made of files. Those of a killed run stay, and the next run would have to
be unlocked by hand. So every run also shares a kernel lock, which ends with its process; a run that
gets it alone knows that the files were left behind, and removes them.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
from pathlib import Path

FOLDER = ".snakemake"


def join(folder: str | Path = FOLDER) -> bool:
    """Share the kernel lock for the life of this process, and remove what a killed run left.

    Returns whether locks were removed. Only those of this machine are, since a network file system
    may keep kernel locks to one machine; where there are no kernel locks, nothing is done.
    """
    try:
        Path(folder).mkdir(exist_ok=True)
        # Not inherited by what this process starts, and open until it ends.
        handle = os.open(Path(folder) / "alive.lock", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return False
    removed = False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        host = os.read(handle, 256).decode("utf-8", "replace")
        locks = Path(folder) / "locks"
        left = locks.is_dir() and any(locks.iterdir())
        if left and host == platform.node():
            shutil.rmtree(locks)
            removed = True
        if not left or removed:
            os.ftruncate(handle, 0)
            os.pwrite(handle, platform.node().encode(), 0)
    except OSError:
        pass  # another run is alive
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
    except OSError:
        os.close(handle)
    return removed
