"""A GPU for each job: which GPUs there are, what is free on them, and a lock on the one taken.

A lease is a lock (flock) on a file of the GPU's own in a folder of this user on this machine. The
kernel gives it back when the process ends, however it ends. What others do to a GPU is seen by the
memory that is free there. No torch here, so that rules can ask too.
"""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mstar.files.writing import UserError

VISIBLE = "CUDA_VISIBLE_DEVICES"
QUERY = "index,uuid,memory.free,memory.total"
# Seconds: longest wait for a GPU, between looks, between lines that say so.
PATIENCE, LOOK, REPORT = 3600.0, 2.0, 60.0


class NoGpu(UserError):
    """There is no GPU to use: none is installed, or none came free in time."""


class TooSmall(NoGpu):
    """No GPU has enough memory, even if idle; ``largest`` is the most that one has, in bytes."""

    def __init__(self, message: str, largest: int) -> None:
        super().__init__(message)
        self.largest = largest


@dataclass(frozen=True)
class Gpu:
    """One GPU of this machine.

    name: its UUID, or its index where that is all that is known; either may stand in
    CUDA_VISIBLE_DEVICES. index: nvidia-smi's. free, total: bytes, None where unknown.
    """

    name: str
    index: int
    free: int | None = None
    total: int | None = None


def present(devices: Path = Path("/dev")) -> list[Gpu]:
    """The GPUs of this machine, as nvidia-smi lists them.

    Without nvidia-smi, as in some containers, one GPU for each device file in ``devices``.
    """
    command = ["nvidia-smi", f"--query-gpu={QUERY}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        found = (re.fullmatch(r"nvidia(\d+)", path.name) for path in devices.glob("nvidia*"))
        return [Gpu(str(i), i) for i in sorted(int(match[1]) for match in found if match)]
    rows = re.findall(r"^(\d+), *([^, ]+), *([^,]+), *([^,]+)$", done.stdout, re.MULTILINE)
    return [
        Gpu(uuid, int(index), _mebibytes(free), _mebibytes(total))
        for index, uuid, free, total in rows
    ]


def _mebibytes(text: str) -> int | None:
    return int(text) << 20 if text.strip().isdigit() else None


def visible(gpus: Sequence[Gpu], setting: str | None) -> list[Gpu]:
    """The ``gpus`` that a CUDA_VISIBLE_DEVICES of ``setting`` leaves, in its order.

    As CUDA reads it: indices, or UUIDs that may be cut short; entries after one that names no GPU
    are ignored; None hides none. Indices are nvidia-smi's, as schedulers mean them.
    Parts of a GPU (MIG-...) are taken at their word.
    """
    if setting is None or not gpus:
        return list(gpus)
    chosen: list[Gpu] = []
    for entry in setting.split(","):
        gpu = _named(gpus, entry.strip())
        if gpu is None:
            break
        if gpu not in chosen:
            chosen.append(gpu)
    return chosen


def _named(gpus: Sequence[Gpu], entry: str) -> Gpu | None:
    if entry.isdigit():
        return next((gpu for gpu in gpus if gpu.index == int(entry)), None)
    if entry.startswith("MIG-"):
        return Gpu(entry, -1)
    if not entry.startswith("GPU-"):
        return None
    if not any(gpu.name.startswith("GPU-") for gpu in gpus):
        return Gpu(entry, -1)
    found = [gpu for gpu in gpus if gpu.name.startswith(entry)]
    return found[0] if len(found) == 1 else None


def usable() -> list[Gpu]:
    """The GPUs of this machine that CUDA_VISIBLE_DEVICES leaves."""
    return visible(present(), os.environ.get(VISIBLE))


def why_none() -> str:
    """Why there is no GPU that can be used, in a few words."""
    if not present():
        return "no NVIDIA GPU is found on this machine (by nvidia-smi)"
    return f'{VISIBLE} is "{os.environ.get(VISIBLE)}", which names no GPU of this machine'


@contextmanager
def lease(
    needed: int,
    what: str,
    gpus: Callable[[], Sequence[Gpu]] = usable,
    folder: Path | None = None,
    patience: float = PATIENCE,
) -> Iterator[Gpu]:
    """Hold a GPU that no other job uses, with ``needed`` bytes free; CUDA then sees no other.

    Enter it before CUDA is used in this process. It waits while all GPUs are taken or too full,
    and says so.

    Args:
        what: the work, as messages name it.
        gpus: returns the GPUs to choose from, as they are now.
        folder: where locks are, by default `locks`.
        patience: seconds to wait at most.

    Raises:
        NoGpu: there is none, or none came free in time.
        TooSmall: none is large enough.
    """
    folder = locks() if folder is None else folder
    began = reported = time.monotonic()
    while True:
        taken, reasons = _take(gpus(), needed, folder, what)
        if taken is not None:
            break
        now, listed = time.monotonic(), "; ".join(reasons)
        if now - began >= patience:
            raise NoGpu(
                f"{what} waited {patience:.0f} s for a GPU with {needed / 1e9:.1f} GB free"
                f" ({listed})"
            )
        if reported == began or now - reported >= REPORT:
            reported = now
            print(
                f"waiting for a GPU with {needed / 1e9:.1f} GB free: {listed}",
                file=sys.stderr,
                flush=True,
            )
        time.sleep(min(LOOK, max(0.0, began + patience - now)))
    gpu, lock = taken
    before = os.environ.get(VISIBLE)
    os.environ[VISIBLE] = gpu.name
    try:
        yield gpu
    finally:
        os.close(lock)
        if before is None:
            del os.environ[VISIBLE]
        else:
            os.environ[VISIBLE] = before


def _take(
    gpus: Sequence[Gpu], needed: int, folder: Path, what: str
) -> tuple[tuple[Gpu, int] | None, list[str]]:
    """Return the first free GPU with its lock (an open file), or the reasons why none is free."""
    if not gpus:
        raise NoGpu(why_none())
    largest = max(gpu.total or sys.maxsize for gpu in gpus)
    if largest < needed:
        raise TooSmall(
            f"{what} needs {needed / 1e9:.1f} GB of GPU memory and the largest GPU has"
            f" {largest / 1e9:.1f} GB",
            largest,
        )
    reasons = []
    for gpu in gpus:
        if gpu.total is not None and gpu.total < needed:
            reasons.append(f"{gpu.name} has {gpu.total / 1e9:.1f} GB in all")
            continue
        # Open in this process alone: a program that it starts does not keep the lock.
        lock = os.open(folder / gpu.name.replace("/", "-"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(lock, 20).decode("ascii", "replace").strip()
            reasons.append(f"{gpu.name} is held by process {holder or '?'}")
            os.close(lock)
            continue
        if gpu.free is not None and gpu.free < needed:
            reasons.append(f"{gpu.name} has {gpu.free / 1e9:.1f} GB free")
            os.close(lock)
            continue
        os.truncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode("ascii"))
        return (gpu, lock), reasons
    return None, reasons


def locks(shared: Path = Path("/dev/shm")) -> Path:
    """This user's folder of locks on this machine: in memory, where the system has that.

    Not in TMPDIR, which differs between jobs. Raises ``UserError`` if it belongs to someone else.
    """
    parent = shared if shared.is_dir() else Path(tempfile.gettempdir())
    folder = parent / f"mstar-gpus-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise UserError(f"{folder}: expected a folder of your own, for locks on GPUs: remove it")
    return folder
