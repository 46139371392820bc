"""A GPU for each job: which cards there are, what is free on them, and a lock on the one taken.

A lease is a lock (flock) on a file of the card's own in a folder of this user on this machine. The
kernel gives it back when the process ends, however it ends. What others do to a card is seen by the
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
# Seconds: longest wait for a card, between looks, between lines that say so.
PATIENCE, LOOK, TELL = 3600.0, 2.0, 60.0


class NoCard(UserError):
    """No card is to be had: none is there, or none came free in time."""


class TooSmall(NoCard):
    """No card has so much memory, whoever else uses it; ``largest`` (bytes) is what one has."""

    def __init__(self, message: str, largest: int) -> None:
        super().__init__(message)
        self.largest = largest


@dataclass(frozen=True)
class Card:
    """One GPU.

    name: its UUID, or its index where that is all that is known; either may stand in
    CUDA_VISIBLE_DEVICES. index: nvidia-smi's. free, total: bytes, None where unknown.
    """

    name: str
    index: int
    free: int | None = None
    total: int | None = None


def present(devices: Path = Path("/dev")) -> list[Card]:
    """The cards of this machine, as nvidia-smi lists them.

    Without nvidia-smi, as in some containers, one card for each device file in ``devices``.
    """
    command = ["nvidia-smi", f"--query-gpu={QUERY}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        found = (re.fullmatch(r"nvidia(\d+)", path.name) for path in devices.glob("nvidia*"))
        return [Card(str(i), i) for i in sorted(int(match[1]) for match in found if match)]
    rows = re.findall(r"^(\d+), *([^, ]+), *([^,]+), *([^,]+)$", done.stdout, re.MULTILINE)
    return [
        Card(uuid, int(index), _mebibytes(free), _mebibytes(total))
        for index, uuid, free, total in rows
    ]


def _mebibytes(text: str) -> int | None:
    return int(text) << 20 if text.strip().isdigit() else None


def visible(cards: Sequence[Card], setting: str | None) -> list[Card]:
    """The ``cards`` that a CUDA_VISIBLE_DEVICES of ``setting`` leaves, in its order.

    As CUDA reads it: indices, or UUIDs that may be cut short; what follows an entry that names no
    card does not count; None hides none. Indices are nvidia-smi's, as schedulers mean them.
    Parts of a card (MIG-...) are taken at their word.
    """
    if setting is None or not cards:
        return list(cards)
    chosen: list[Card] = []
    for entry in setting.split(","):
        card = _named(cards, entry.strip())
        if card is None:
            break
        if card not in chosen:
            chosen.append(card)
    return chosen


def _named(cards: Sequence[Card], entry: str) -> Card | None:
    if entry.isdigit():
        return next((card for card in cards if card.index == int(entry)), None)
    if entry.startswith("MIG-"):
        return Card(entry, -1)
    if not entry.startswith("GPU-"):
        return None
    if not any(card.name.startswith("GPU-") for card in cards):
        return Card(entry, -1)
    found = [card for card in cards if card.name.startswith(entry)]
    return found[0] if len(found) == 1 else None


def usable() -> list[Card]:
    """The cards of this machine that CUDA_VISIBLE_DEVICES leaves."""
    return visible(present(), os.environ.get(VISIBLE))


def why_none() -> str:
    """Why there is no card that can be used, in a few words."""
    if not present():
        return "no NVIDIA GPU is found on this machine (by nvidia-smi)"
    return f'{VISIBLE} is "{os.environ.get(VISIBLE)}", which names no GPU of this machine'


@contextmanager
def lease(
    needed: int,
    what: str,
    cards: Callable[[], Sequence[Card]] = usable,
    folder: Path | None = None,
    patience: float = PATIENCE,
) -> Iterator[Card]:
    """Hold a card of one's own with ``needed`` bytes free; CUDA then sees that card alone.

    To be entered before CUDA is used in this process. While all cards are taken or too full it
    waits, saying so.

    Args:
        what: the work, as messages name it.
        cards: looks at what there is.
        folder: where locks are, by default `locks`.
        patience: seconds to wait at most.

    Raises:
        NoCard: there is none, or none came free in time.
        TooSmall: none is large enough.
    """
    folder = locks() if folder is None else folder
    began = told = time.monotonic()
    while True:
        taken, reasons = _take(cards(), needed, folder, what)
        if taken is not None:
            break
        now, listed = time.monotonic(), "; ".join(reasons)
        if now - began >= patience:
            raise NoCard(
                f"{what} waited {patience:.0f} s for a GPU with {needed / 1e9:.1f} GB free"
                f" ({listed})"
            )
        if told == began or now - told >= TELL:
            told = now
            print(
                f"waiting for a GPU with {needed / 1e9:.1f} GB free: {listed}",
                file=sys.stderr,
                flush=True,
            )
        time.sleep(min(LOOK, max(0.0, began + patience - now)))
    card, lock = taken
    before = os.environ.get(VISIBLE)
    os.environ[VISIBLE] = card.name
    try:
        yield card
    finally:
        os.close(lock)
        if before is None:
            del os.environ[VISIBLE]
        else:
            os.environ[VISIBLE] = before


def _take(
    cards: Sequence[Card], needed: int, folder: Path, what: str
) -> tuple[tuple[Card, int] | None, list[str]]:
    """The first card that can be had, with its lock (an open file); or why each cannot."""
    if not cards:
        raise NoCard(why_none())
    largest = max(card.total or sys.maxsize for card in cards)
    if largest < needed:
        raise TooSmall(
            f"{what} needs {needed / 1e9:.1f} GB of GPU memory and the largest GPU has"
            f" {largest / 1e9:.1f} GB",
            largest,
        )
    reasons = []
    for card in cards:
        if card.total is not None and card.total < needed:
            reasons.append(f"{card.name} has {card.total / 1e9:.1f} GB in all")
            continue
        # Open in this process alone: a program that it starts does not keep the lock.
        lock = os.open(folder / card.name.replace("/", "-"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(lock, 20).decode("ascii", "replace").strip()
            reasons.append(f"{card.name} is held by process {holder or '?'}")
            os.close(lock)
            continue
        if card.free is not None and card.free < needed:
            reasons.append(f"{card.name} has {card.free / 1e9:.1f} GB free")
            os.close(lock)
            continue
        os.truncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode("ascii"))
        return (card, lock), reasons
    return None, reasons


def locks(shared: Path = Path("/dev/shm")) -> Path:
    """This user's folder of locks on this machine: in memory, where the system has that.

    Not in TMPDIR, which differs between jobs. Raises ``UserError`` if it belongs to someone else.
    """
    parent = shared if shared.is_dir() else Path(tempfile.gettempdir())
    folder = parent / f"mstar-cards-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise UserError(f"{folder}: expected a folder of your own, for locks on GPUs: remove it")
    return folder
