"""How far a transfer has come: a bar on a terminal, some lines in a log."""

from __future__ import annotations

import sys
import time

WIDTH = 20
# Seconds between two lines of a log, and between two states of the bar.
LOGGED, DRAWN = 15.0, 0.2


class Progress:
    """Tells the progress of one transfer: its log (stderr) by lines, and a terminal, if any.

    size: bytes of the whole file, None if not known; start: those that are there already.
    """

    def __init__(self, what: str, size: int | None, start: int = 0) -> None:
        self.what, self.size, self.start = what, size, start
        self.began = self.logged = self.drawn = time.monotonic()
        # A job's stderr goes to its log; the terminal is the one that the process began with.
        self.terminal = sys.__stderr__ if sys.__stderr__ and sys.__stderr__.isatty() else None

    def tell(self, have: int) -> None:
        """Say that ``have`` bytes are there, if it is time to say so."""
        now = time.monotonic()
        if now - self.logged > LOGGED and sys.stderr is not self.terminal:
            self.logged = now
            print(self.line(have, now), file=sys.stderr, flush=True)
        if self.terminal is not None and now - self.drawn > DRAWN:
            self.drawn = now
            line = f"\r{self.bar(have)} {self.line(have, now):<90}"
            print(line, end="", file=self.terminal, flush=True)

    def end(self, have: int) -> None:
        """Say how it ended."""
        now = time.monotonic()
        if sys.stderr is not self.terminal:
            print(self.line(have, now), file=sys.stderr, flush=True)
        if self.terminal is not None:
            print(f"\r{self.bar(have)} {self.line(have, now):<90}", file=self.terminal, flush=True)

    def bar(self, have: int) -> str:
        """A bar as full as the file; empty if its size is not known."""
        full = WIDTH * min(have, self.size) // self.size if self.size else 0
        return f"[{'#' * full}{'.' * (WIDTH - full)}]"

    def line(self, have: int, now: float) -> str:
        """Name, bytes, rate and time left."""
        rate = (have - self.start) / max(now - self.began, 1e-6)
        of = f" of {self.size / 1e6:.1f}" if self.size else ""
        left = ""
        if self.size and have < self.size and rate > 0:
            seconds = round((self.size - have) / rate)
            left = f", {seconds // 60} min {seconds % 60} s left"
        return f"{self.what}: {have / 1e6:.1f}{of} MB, {rate / 1e6:.1f} MB/s{left}"
