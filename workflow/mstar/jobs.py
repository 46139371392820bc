"""What every workflow script does around its one call: keep the log, and report mistakes
plainly.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from mstar.files import UserError


@contextmanager
def logged(log: str | Path) -> Iterator[None]:
    """Send output to ``log``; end the process with one clear line on a `UserError`.

    Any other exception is a fault of the program: its traceback goes to the log and it is raised.
    """
    with (
        open(log, "w", encoding="utf-8", buffering=1) as stream,
        redirect_stdout(stream),
        redirect_stderr(stream),
    ):
        try:
            yield
        except UserError as error:
            print(f"error: {error}", file=stream)
            print(f"error: {error}", file=sys.__stderr__, flush=True)
            raise SystemExit(1) from None
        except Exception:
            traceback.print_exc(file=stream)
            raise
