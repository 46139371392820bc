"""Leases of GPUs: the GPUs of this machine, their free memory, and a lock on the one taken.

A lease is a lock (flock) on a file for the GPU, in a folder of this user on this machine. The
kernel releases it when the process ends, even if killed. Use by others shows only in the free
memory of a GPU. This module does not import torch, so that Snakemake rules can use it.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mstar.files.writing import UserError

LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
VISIBLE = "CUDA_VISIBLE_DEVICES"
QUERY = "index,uuid,memory.free,memory.total"
# Seconds: longest wait for a GPU, between checks, between messages while waiting.
PATIENCE, LOOK, REPORT = 3600.0, 2.0, 60.0


class NoGpu(UserError):
    """No GPU can be used: none is installed or visible, or none became free in time."""


class TooSmall(NoGpu):
    """No GPU has enough memory even if idle; ``largest`` is that of the largest, in bytes."""

    def __init__(self, message: str, largest: int) -> None:
        super().__init__(message)
        self.largest = largest


@dataclass(frozen=True)
class Gpu:
    """One GPU of this machine.

    Attributes:
        name: its UUID or, if that is unknown, its index; CUDA_VISIBLE_DEVICES accepts both.
        index: number in nvidia-smi's list.
        free, total: bytes of memory; None if unknown.
    """

    name: str
    index: int
    free: int | None = None
    total: int | None = None


def present(devices: Path = Path("/dev")) -> list[Gpu]:
    """List the GPUs of this machine by nvidia-smi.

    Without nvidia-smi, as in some containers, each device file in ``devices`` counts as a GPU.
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
    """Return the ``gpus`` visible if CUDA_VISIBLE_DEVICES is ``setting``, in its order.

    As in CUDA, entries are indices or UUIDs, possibly shortened, and entries after one that names
    no GPU are ignored; None hides no GPU. Indices are those of nvidia-smi, as schedulers use them.
    Parts of a GPU (MIG-...) are assumed to exist.
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
    """Return the GPUs of this machine that CUDA_VISIBLE_DEVICES leaves visible."""
    return visible(present(), os.environ.get(VISIBLE))


def why_none() -> str:
    """Return in a few words why no GPU can be used."""
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
    """Hold a GPU exclusively, and make it the only one that CUDA sees.

    Enter this context before CUDA is used in this process. It waits, with messages, while all GPUs
    are held or too full.

    Args:
        needed: bytes that must be free.
        what: name of the work in messages.
        gpus: returns the GPUs to choose from, in their current state.
        folder: folder of locks, by default `locks`.
        patience: longest wait in seconds.

    Raises:
        NoGpu: there is none, or none became free in time.
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
        # Not inherited by child processes, which would keep the lock.
        lock = os.open(folder / gpu.name.replace("/", "-"), LOCK, 0o600)
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
    """Return this user's folder of locks on this machine, in shared memory if there is any.

    It is not in TMPDIR, which may differ between jobs.

    Raises:
        UserError: the folder belongs to another user, or others may write in it.
    """
    parent = shared if shared.is_dir() else Path(tempfile.gettempdir())
    folder = parent / f"mstar-gpus-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise UserError(
            f"{folder}: expected a folder of your own in which nobody else can write, for locks on"
            " GPUs: remove it"
        )
    return folder
