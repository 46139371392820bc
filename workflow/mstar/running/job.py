"""What every workflow script does around its one call: keep the log, and report mistakes
plainly.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import NoReturn, TextIO

from mstar.files.writing import UserError, no_room

PR_SET_PDEATHSIG = 1


@contextmanager
def logged(log: str | Path) -> Iterator[None]:
    """Send output to ``log``; end the process with one clear line on a `UserError`.

    So does a log that cannot grow since the disk is full. Any other exception is a fault of the
    program: its traceback goes to the log and it is raised. The process ends with the one that
    started it.
    """
    end_with_parent()
    try:
        stream = open(log, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
    except OSError as error:
        _end(f"{log}: cannot be written ({error.strerror})")
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            yield
    except UserError as error:
        _end(str(error), stream)
    except OSError as error:
        if why := no_room(error):
            _end(f"{log}: cannot be written ({why}): make room there and run again", stream)
        _tell(stream)
        raise
    except Exception:
        _tell(stream)
        raise
    finally:
        with suppress(OSError):
            stream.close()


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it is killed (on Linux)."""
    parent = os.getppid()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was killed in between
            os.kill(os.getpid(), signal.SIGKILL)


def _tell(stream: TextIO) -> None:
    with suppress(OSError):
        traceback.print_exc(file=stream)


def _end(message: str, stream: TextIO | None = None) -> NoReturn:
    """End with one line on the terminal and, where there is room, in the log."""
    print(f"error: {message}", file=sys.__stderr__, flush=True)
    with suppress(OSError):
        if stream:
            print(f"error: {message}", file=stream)
    raise SystemExit(1) from None
