"""GPUs and their leases, with simulated GPUs but real locks and processes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mstar.files.writing import UserError
from mstar.machine import gpus
from mstar.machine.gpus import Gpu
from tests.support.workflow import ROOT

GB = 10**9
TWO = [Gpu("GPU-aaaa", 0, 8 * GB, 10 * GB), Gpu("GPU-abbb", 1, 20 * GB, 40 * GB)]


def pretend_nvidia_smi(folder: Path, output: str, code: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{output}\nEND\nexit {code}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


# --- detection of GPUs ---


def test_gpus_as_nvidia_smi_lists_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = "0, GPU-aaaa, 1000, 4000\n1, GPU-bbbb, [N/A], [N/A]"
    path = f"{pretend_nvidia_smi(tmp_path / 'bin', listed)}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,0")
    there = [Gpu("GPU-aaaa", 0, 1000 << 20, 4000 << 20), Gpu("GPU-bbbb", 1)]
    assert gpus.present() == there
    assert gpus.usable() == there[::-1]
    pretend_nvidia_smi(tmp_path / "bin", "No devices were found")
    assert gpus.present() == [] and "no NVIDIA GPU" in gpus.why_none()


def test_gpus_without_nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_nvidia_smi(tmp_path / "bin", "Failed to initialize NVML", code=9)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    for name in ("nvidia10", "nvidia0", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    assert gpus.present(tmp_path) == [Gpu("0", 0), Gpu("10", 10)]


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        (None, ["GPU-aaaa", "GPU-abbb"]),
        ("", []),
        ("1", ["GPU-abbb"]),
        ("1, 0", ["GPU-abbb", "GPU-aaaa"]),
        ("0,7,1", ["GPU-aaaa"]),  # as in CUDA, entries after an invalid one are ignored
        ("-1", []),
        ("NoDevFiles", []),
        ("GPU-ab", ["GPU-abbb"]),
        ("GPU-a", []),  # ambiguous between two GPUs: neither
        ("GPU-abbb,0,GPU-abbb", ["GPU-abbb", "GPU-aaaa"]),
        ("MIG-4c6b", ["MIG-4c6b"]),
    ],
)
def test_visible_gpus(setting: str | None, names: list[str]) -> None:
    assert [gpu.name for gpu in gpus.visible(TWO, setting)] == names


def test_nothing_is_visible_where_nothing_is() -> None:
    assert gpus.visible([], "0,GPU-aaaa,MIG-4c6b") == []
    assert gpus.visible([Gpu("0", 0)], "GPU-aaaa") == [Gpu("GPU-aaaa", -1)]


# --- one GPU, one job ---


def lease(
    folder: Path, needed: int = GB, there: Sequence[Gpu] = TWO, patience: float = 0.0
) -> gpus.AbstractContextManager[Gpu]:
    return gpus.lease(needed, "the work", lambda: there, folder, patience)


def test_a_gpu_is_one_jobs_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    with lease(tmp_path) as first:
        assert os.environ["CUDA_VISIBLE_DEVICES"] == first.name == "GPU-aaaa"
        with lease(tmp_path) as second:
            assert os.environ["CUDA_VISIBLE_DEVICES"] == second.name == "GPU-abbb"
            taken = rf"GPU-aaaa is held by process {os.getpid()}; GPU-abbb is held by"
            with pytest.raises(gpus.NoGpu, match=taken), lease(tmp_path):
                pass
        with lease(tmp_path) as third:
            assert third == second
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    with pytest.raises(RuntimeError), lease(tmp_path) as again:
        assert again == first
        raise RuntimeError
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    with lease(tmp_path) as again:
        assert again == first


def test_a_gpu_has_room_for_its_job(tmp_path: Path) -> None:
    with lease(tmp_path, 9 * GB) as gpu:
        assert gpu.name == "GPU-abbb"
    with (
        pytest.raises(
            gpus.NoGpu,
            match=r"GPU with 25\.0 GB free .*aaaa has 10\.0 GB in all; .*bbb has 20\.0",
        ) as found,
        lease(tmp_path, 25 * GB),
    ):
        pass
    assert not isinstance(found.value, gpus.TooSmall)
    message = r"needs 41\.0 GB .* largest GPU has 40\.0"
    with pytest.raises(gpus.TooSmall, match=message) as error, lease(tmp_path, 41 * GB):
        pass
    assert error.value.largest == 40 * GB
    with pytest.raises(gpus.NoGpu, match="no"), lease(tmp_path, there=[]):
        pass
    with lease(tmp_path, 10**15, [Gpu("0", 0)]) as unknown:  # its memory is unknown
        assert unknown.name == "0"


def test_it_waits_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpus, "LOOK", 0.01)
    full = [Gpu("GPU-aaaa", 0, 0, 4 * GB)]
    looks = iter([full, full, full, [Gpu("GPU-aaaa", 0, 3 * GB, 4 * GB)]])
    with gpus.lease(GB, "the work", lambda: next(looks), tmp_path, 60.0) as gpu:
        assert gpu.free == 3 * GB
    said = capsys.readouterr().err
    assert said == "waiting for a GPU with 1.0 GB free: GPU-aaaa has 0.0 GB free\n"


HOLDER = """
import sys, time
from pathlib import Path
from mstar.machine.gpus import Gpu, lease
with lease(1, "the work", lambda: [Gpu("GPU-aaaa", 0)], Path(sys.argv[1]), 60.0):
    with open(sys.argv[2], "a") as log:
        print("in", file=log, flush=True)
        time.sleep(float(sys.argv[3]))
        print("out", file=log, flush=True)
"""


def holder(folder: Path, log: Path, seconds: float) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-c", HOLDER, str(folder), str(log), str(seconds)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    return subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL)


def test_two_processes_never_have_the_same_gpu(tmp_path: Path) -> None:
    log = tmp_path / "log"
    jobs = [holder(tmp_path, log, 0.2) for _ in range(3)]
    assert [job.wait(60) for job in jobs] == [0, 0, 0]
    assert log.read_text().split() == ["in", "out"] * 3


def test_a_killed_job_gives_its_gpu_back(tmp_path: Path) -> None:
    log = tmp_path / "log"
    job = holder(tmp_path, log, 600.0)
    one = [Gpu("GPU-aaaa", 0)]
    while not (log.exists() and log.read_text()):
        assert job.poll() is None
    held = rf"GPU-aaaa is held by process {job.pid}\)"
    with pytest.raises(gpus.NoGpu, match=held), lease(tmp_path, there=one):
        pass
    job.send_signal(signal.SIGKILL)
    job.wait(60)
    with lease(tmp_path, there=one) as again:
        assert again == one[0]


def test_locks_are_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    folder = gpus.locks(tmp_path)
    assert gpus.locks(tmp_path) == folder and folder.parent == tmp_path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for mode in (0o777, 0o770):
        folder.chmod(mode)
        with pytest.raises(UserError, match="in which nobody else can write"):
            gpus.locks(tmp_path)
    folder.rmdir()
    for target in (tmp_path, tmp_path / "nothing"):
        folder.symlink_to(target)
        with pytest.raises(UserError, match="expected a folder of your own"):
            gpus.locks(tmp_path)
        folder.unlink()
    folder.touch()
    with pytest.raises(UserError, match="expected a folder of your own"):
        gpus.locks(tmp_path)


def test_a_lock_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    (tmp_path / "GPU-aaaa").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError), lease(tmp_path, there=[gpus.Gpu("GPU-aaaa", 0)]):
        pass
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"
