"""Free memory according to the machine and its control group, with made-up numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from mstar.files.writing import UserError
from mstar.machine import memory


def pretend(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


MEMINFO = "MemTotal:       8000000 kB\nMemFree: 1 kB\nMemAvailable:    4000 kB\n"


def test_machine(tmp_path: Path) -> None:
    assert memory.available(pretend(tmp_path, proc__meminfo=MEMINFO)) == 4000 * 1024
    assert memory.available(tmp_path / "nothing") == memory.UNLIMITED
    assert memory.available() > 0
    nothing_left = MEMINFO.replace("4000", "0")
    assert memory.available(pretend(tmp_path / "full", proc__meminfo=nothing_left)) == 0


@pytest.mark.parametrize(("limit", "expected"), [("max", 4_096_000), ("1000000", 600_000)])
def test_control_group(tmp_path: Path, limit: str, expected: int) -> None:
    root = pretend(tmp_path, proc__meminfo=MEMINFO)
    group = root / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (group / "memory.max").write_text(f"{limit}\n")
    (group / "memory.current").write_text("500000\n")
    (group / "memory.stat").write_text("anon 400000\ninactive_file 100000\n")
    assert memory.available(root) == expected


def test_old_control_group(tmp_path: Path) -> None:
    root = pretend(tmp_path, proc__meminfo=MEMINFO)
    group = root / "sys/fs/cgroup/memory"
    group.mkdir(parents=True)
    (group / "memory.limit_in_bytes").write_text("3000000\n")
    (group / "memory.usage_in_bytes").write_text("1000000\n")
    assert memory.available(root) == 2_000_000


def test_what_fits_is_said_before_starting() -> None:
    assert memory.largest_vocabulary(2, 16 * 100**2) == 100
    memory.require_dense(100, 2, "this", "that", free=16 * 100**2)
    message = r"vocabulary: this at V = 101 needs 0\.0 GB .* V of at most 100, or that"
    with pytest.raises(UserError, match=message):
        memory.require_dense(101, 2, "this", "that", free=16 * 100**2)
