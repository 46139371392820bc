"""The memory that a job may use and what fits in it, checked before large matrices are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from mstar.files.writing import UserError

UNLIMITED = 1 << 60


@dataclass(frozen=True)
class Demand:
    """The GPU memory that a piece of work needs.

    Attributes:
        what: name of the work in messages.
        vocabulary: V.
        copies: memory held at once, in units of a float64 matrix of V x V.
        otherwise: how the work is done without a GPU large enough; empty if a GPU is preferable.
    """

    what: str
    vocabulary: int
    copies: float
    otherwise: str = ""

    @property
    def bytes(self) -> int:
        """Bytes of GPU memory."""
        return int(self.copies * 8 * self.vocabulary**2)

    def __str__(self) -> str:
        return f"{self.what} at V = {self.vocabulary}"


def available(root: Path = Path("/")) -> int:
    """Return the bytes of memory that the machine and the control group leave to this process.

    ``root`` is the folder of /proc and /sys. Page cache counts as free, since the kernel releases
    it on demand. The result is `UNLIMITED` if nothing can be read.
    """
    free = [_meminfo(root / "proc/meminfo")]
    for limit, used, statistics in (
        ("memory.max", "memory.current", "memory.stat"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
    ):
        group = root / "sys/fs/cgroup"
        most, taken = _number(group / limit), _number(group / used)
        if most is not None and taken is not None:
            free.append(most - taken + _cache(group / statistics))
    return max(0, min((n for n in free if n is not None), default=UNLIMITED))


def largest_vocabulary(copies: float, free: int) -> int:
    """Return the largest V for which ``copies`` float64 matrices (V, V) fit into ``free`` bytes."""
    return math.isqrt(max(0, int(free / (8 * copies))))


def require_dense(
    vocabulary: int, copies: float, what: str, instead: str, free: int | None = None
) -> None:
    """Check that dense matrices fit into memory before work starts.

    Args:
        vocabulary: V.
        copies: number of float64 matrices (V, V) held at once.
        what: name of the work in the message.
        instead: what can be done without a dense matrix.
        free: bytes, by default `available`.

    Raises:
        UserError: ``copies`` * 8 V^2 bytes exceed ``free``.
    """
    free = available() if free is None else free
    needed = copies * 8 * vocabulary**2
    if needed > free:
        fits = largest_vocabulary(copies, free)
        raise UserError(
            f"vocabulary: {what} at V = {vocabulary} needs {needed / 1e9:.1f} GB of memory and "
            f"{free / 1e9:.1f} GB are free: expected V of at most {fits}, or {instead}"
        )


def _meminfo(path: Path) -> int | None:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(kilobytes[0]) if kilobytes else None


def _number(path: Path) -> int | None:
    """Return the number in a file; None if there is no file, or no number in it (``max``)."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _cache(path: Path) -> int:
    """Return the bytes of a control group's page cache that the kernel can release."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
