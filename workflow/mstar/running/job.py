"""A context for workflow scripts that keeps the log and reports mistakes in one line."""

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
    """Send output to ``log``; end the process with one line on a `UserError`.

    A full disk also ends the process with one line. Any other exception is a fault of the program:
    its traceback is logged, and it is raised again. The process also ends when its parent is
    killed.
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
    """Make the kernel kill this process when its parent dies (on Linux)."""
    parent = os.getppid()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent died before the call
            os.kill(os.getpid(), signal.SIGKILL)


def _tell(stream: TextIO) -> None:
    with suppress(OSError):
        traceback.print_exc(file=stream)


def _end(message: str, stream: TextIO | None = None) -> NoReturn:
    """Exit with one line on the terminal and, if it can be written, in the log."""
    print(f"error: {message}", file=sys.__stderr__, flush=True)
    with suppress(OSError):
        if stream:
            print(f"error: {message}", file=stream)
    raise SystemExit(1) from None
