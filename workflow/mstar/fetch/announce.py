"""The announcement of a download: its size, its time, and whether the disk has room for it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from mstar.files.writing import UserError

# Bytes per second for which times are given (100 Mbit/s).
LINE = 12_500_000


def plan(files: Mapping[str | Path, int]) -> str:
    """Return one line on a download: its size, its duration and the free disk space.

    Parts that an earlier run has downloaded are not counted.

    Args:
        files: size in bytes of each file to download, by path; 0 if unknown.

    Raises:
        UserError: the disk is too small.
    """
    total = 0
    for path, size in files.items():
        part = Path(f"{path}.part")
        total += max(0, size - (part.stat().st_size if part.is_file() else 0))
    folder = Path(next(iter(files))).parent
    free = shutil.disk_usage(_existing(folder)).free
    what = f"{len(files)} file{'s' * (len(files) > 1)}, about {total / 1e6:,.0f} MB"
    unknown = sum(size == 0 for size in files.values())
    what += f" (and {unknown} of unknown size)" * bool(unknown)
    if total > free:
        raise UserError(
            f"{folder}: {what} to download, but the disk has {free / 1e6:,.0f} MB free: make room "
            f"there, or make resources a link to a folder on a larger disk"
        )
    minutes = total / LINE / 60
    return (
        f"{folder}: {what} to download, {minutes:,.1f} min at 100 Mbit/s; "
        f"{free / 1e6:,.0f} MB free there"
    )


def _existing(folder: Path) -> Path:
    """Return the nearest existing folder at or above ``folder``."""
    return next(place for place in (folder, *folder.parents, Path(".")) if place.is_dir())
