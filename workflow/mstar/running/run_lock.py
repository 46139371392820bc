"""A lock that shows whether a run of the workflow is alive in a folder.

Snakemake's own lock consists of files, which a killed run leaves behind, so that the next run would
have to be unlocked by hand. Every run also shares a kernel lock, which ends with its process. A run
that gets the kernel lock exclusively knows that lock files are stale, and removes them.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
from pathlib import Path

FOLDER = ".snakemake"


def join(folder: str | Path = FOLDER) -> bool:
    """Share the kernel lock until this process ends, and remove lock files of a killed run.

    Only lock files of this machine are removed, since kernel locks on a network file system may not
    reach other machines. Without kernel locks, nothing is done.

    Returns:
        Whether lock files were removed.
    """
    try:
        Path(folder).mkdir(exist_ok=True)
        # Open until this process ends, and not inherited by its children.
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
