"""Locks left by a killed run are removed; those of a live run are not."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mstar.files import writing
from mstar.files.writing import UserError, atomic
from mstar.running import job as jobs
from mstar.running.run_lock import join

ROOT = Path(__file__).resolve().parents[2]
# Joins, prints what `join` returned, and stays until its input ends.
RUN = """
import sys
from mstar.running.run_lock import join
print(join(sys.argv[1]), flush=True)
input()
"""


class Run:
    """A process that has joined."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT / "workflow",
        )
        assert self.process.stdout
        self.removed = self.process.stdout.readline().strip() == "True"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def leave_locks(folder: Path) -> Path:
    lock = folder / "locks" / "0.output.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text("results/x\n", encoding="utf-8")
    return lock


def test_locks_go_when_no_run_is_alive(tmp_path: Path) -> None:
    first = Run(tmp_path)
    lock = leave_locks(tmp_path)
    second = Run(tmp_path)
    assert not first.removed and not second.removed and lock.exists()
    first.kill()
    third = Run(tmp_path)
    assert not third.removed and lock.exists()  # the second is alive
    second.kill()
    third.kill()
    last = Run(tmp_path)
    assert last.removed and not lock.exists()
    last.kill()


def test_locks_of_another_machine_stay(tmp_path: Path) -> None:
    (tmp_path / "alive.lock").write_text(f"not {platform.node()}", encoding="utf-8")
    lock = leave_locks(tmp_path)
    assert not join(tmp_path) and lock.exists()
    assert not join(tmp_path / "no" / "such")


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "a.npz"
    code = (
        "import sys; from mstar.files.writing import atomic\n"
        "with atomic(sys.argv[1]) as path: path.write_text('half'); print(1, flush=True); input()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT / "workflow",
    )
    assert writer.stdout and writer.stdout.readline()
    for alive in (True, False):
        with atomic(target) as path:
            path.write_text("whole", encoding="utf-8")
        assert target.read_text(encoding="utf-8") == "whole"
        assert len(list(tmp_path.iterdir())) == 1 + alive
        writer.kill()
        writer.communicate()


@pytest.mark.parametrize(
    "message", [(28, "No space left on device"), ("9 requested and 4 written",)]
)
def test_a_full_disk_is_one_clear_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], message: tuple[int, str] | tuple[str]
) -> None:
    target = tmp_path / "out" / "a.npy"
    with pytest.raises(SystemExit), jobs.logged(tmp_path / "log"), atomic(target):
        raise OSError(*message)
    said = capfd.readouterr().err
    assert (
        said
        == f"error: {target}: cannot be written ({message[-1]}): make room there and run"
        + (" again; what is finished is kept\n")
    )
    assert (tmp_path / "log").read_text(encoding="utf-8") == said
    assert list(target.parent.iterdir()) == []


def test_other_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), atomic(tmp_path / "a"):
        raise PermissionError(13, "no")
    with pytest.raises(UserError, match="Disk quota exceeded"), atomic(tmp_path / "a"):
        raise OSError(122, "quota")
    assert writing.no_room(OSError("1 2")) == ""


def test_a_job_ends_with_what_started_it(tmp_path: Path) -> None:
    job = (
        "import os, sys, time; from mstar.running.job import logged\n"
        "with logged(sys.argv[1]):\n"
        "    print(os.getpid(), file=sys.__stdout__, flush=True); time.sleep(60)"
    )
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {job!r}, sys.argv[1]])"
    started = subprocess.Popen(
        [sys.executable, "-c", parent, tmp_path / "log"],
        stdout=subprocess.PIPE,
        cwd=ROOT / "workflow",
    )
    assert started.stdout
    number = int(started.stdout.readline())
    started.kill()
    started.wait()
    until = time.monotonic() + 20
    while time.monotonic() < until and is_alive(number):
        time.sleep(0.05)
    assert not is_alive(number)


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] not in "ZX"
