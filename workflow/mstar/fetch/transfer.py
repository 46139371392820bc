"""Download one file from one of several addresses, with resumption and verification."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import requests
from tqdm import tqdm
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from mstar.fetch.package_index import IndexSettings, local_path, request_options, shown
from mstar.files.formats import is_web_page, wrong_content
from mstar.files.writing import UserError, sha256_of

# Attempts without a new byte before an address is given up, and the first pause between them (s).
ATTEMPTS = 5
PAUSE = 1.0
BLOCK = 1 << 18
# Seconds between lines of a log, and between updates of the bar on a terminal.
LOGGED, DRAWN = 15.0, 0.2
LINE = "{desc}: {n_fmt}B of {total_fmt}B, {rate_fmt}, {remaining} left"


class Retry(Exception):
    """A fault that may be temporary; the message says what happened."""


class Refused(Exception):
    """A fault that a further attempt will not cure."""


class BeyondEnd(Refused):
    """The requested range begins at the end of the file, or after it."""


@dataclass(frozen=True)
class Wanted:
    """A file to download.

    Attributes:
        what: name in messages.
        destination: path of the file.
        size: bytes; None if unknown.
        sha256: None if unknown.
        headers: headers of requests.
        advice: advice at the end of messages.
    """

    what: str
    destination: Path
    size: int | None
    sha256: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
    advice: str = "check the connection"

    @property
    def by_hand(self) -> str:
        return f"or place the file at {self.destination} yourself"

    @property
    def expected(self) -> str:
        size = f"expected {self.size:,} bytes" if self.size is not None else "expected a whole file"
        return size + (f" with sha256 {self.sha256}" if self.sha256 else "")


def is_there(wanted: Wanted) -> bool:
    """Return whether the file is present already; raise ``UserError`` if another file is."""
    path = wanted.destination
    if not path.is_file():
        return False
    size = path.stat().st_size
    wrong = "it has another size" if size != (wanted.size or size) else _content(wanted, path)
    if wrong:
        raise UserError(
            f"{path} is not {wanted.what} ({wrong}): {wanted.expected}, found {size:,} bytes with "
            f"sha256 {sha256_of(path)}; remove it to fetch it again"
        )
    return True


def bring(
    wanted: Wanted,
    urls: Sequence[str],
    settings: IndexSettings,
    *,
    attempts: int = ATTEMPTS,
    pause: float = PAUSE,
) -> Path:
    """Download a file from the first of ``urls`` that provides it, and return its path.

    Bytes received are kept in ``<destination>.part``. The transfer resumes from them after a pause
    of ``pause`` * 2**k seconds, or in a later call; if no sha256 is known, a later call starts
    again, since the file may have changed. The file appears only when it is complete and verified.
    A correct file that is present, or that another process downloads meanwhile, is kept.

    Args:
        wanted: the file.
        urls: addresses, in order of preference.
        settings: options of requests.
        attempts: number of consecutive attempts without new bytes before an address is given up.
        pause: first pause between attempts, in seconds.

    Raises:
        UserError: no address provides the file (the part is kept), its content is wrong (the part
            is removed), the disk is too small, or the file cannot be written.
    """
    part = wanted.destination.with_name(wanted.destination.name + ".part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with locked(part, wanted.what):
            if is_there(wanted):
                return wanted.destination
            _check_disk(wanted, part)
            with requests.Session() as session:

                def fetch(url: str) -> None:
                    _from_one(wanted, url, part, settings, session, attempts, pause)

                _from_any(wanted, urls, part, fetch)
            if wanted.sha256 is None:
                print(f"{wanted.what}: sha256 {sha256_of(part)}, not published", file=sys.stderr)
            part.replace(wanted.destination)
    except OSError as error:
        raise UserError(f"{part} cannot be written ({error.strerror or error})") from None
    return wanted.destination


def _check_disk(wanted: Wanted, part: Path) -> None:
    """Report size and free disk space; raise ``UserError`` if the file does not fit."""
    free = shutil.disk_usage(part.parent).free
    have = part.stat().st_size
    size = "of unknown size" if wanted.size is None else f"{wanted.size / 1e6:,.1f} MB"
    print(f"{wanted.what}: {size}, {free / 1e6:,.0f} MB free on its disk", file=sys.stderr)
    if wanted.size is not None and wanted.size - have > free:
        raise UserError(
            f"{wanted.what} needs {wanted.size - have:,} bytes more in {part.parent}, whose disk "
            f"has {free:,} free: make room there, or make that folder a link to a larger disk"
        )


def _from_any(
    wanted: Wanted, urls: Sequence[str], part: Path, fetch: Callable[[str], None]
) -> None:
    """Download ``part`` by ``fetch`` from the first address that provides the correct file."""
    reasons, kept = [], False
    for url in urls:
        at = f"{shown(url)}: " if len(urls) > 1 else ""
        resumed = wanted.sha256 is not None and part.stat().st_size > 0
        if not resumed:
            os.truncate(part, 0)
        try:
            fetch(url)
            wrong = _content(wanted, part)
            if wrong and resumed:
                # The bytes kept from before may be wrong, so start again.
                os.truncate(part, 0)
                fetch(url)
                wrong = _content(wanted, part)
        except Refused as error:
            wrong, kept = str(error), part.stat().st_size > 0
        else:
            if not wrong:
                return
            os.truncate(part, 0)
            kept = False
        reasons.append(at + wrong)
    note = "nothing was kept"
    if kept and wanted.sha256 is not None:
        note = f"{part.stat().st_size:,} bytes are kept in {part}: run again to resume"
    elif kept:
        os.truncate(part, 0)
    raise UserError(
        f"{wanted.what} cannot be fetched ({'; '.join(reasons)}), {wanted.expected}; {note}. "
        f"{wanted.advice}, {wanted.by_hand}"
    )


def _content(wanted: Wanted, path: Path) -> str | None:
    """Return what is wrong with the content of a file, or None."""
    return wrong_content(path, wanted.destination.name, wanted.sha256)


def _from_one(
    wanted: Wanted,
    url: str,
    part: Path,
    settings: IndexSettings,
    session: requests.Session,
    attempts: int,
    pause: float,
) -> None:
    """Download ``part`` to its full size from one address, repeating after temporary faults.

    Raises:
        Refused: the address does not provide the file, or too many attempts failed.
    """
    failures, size, validator = 0, wanted.size, None
    furthest = part.stat().st_size
    decode = not part.name.endswith((".gz.part", ".tgz.part"))
    while True:
        before = part.stat().st_size
        unknown = wanted.sha256 is None and validator is None
        if unknown or (size is not None and before > size):
            os.truncate(part, 0)
            before = 0
        if size is not None and before == size:
            return
        # A part of unknown size may be complete already, if an earlier run was killed at the end.
        if before and wanted.size is None and sha256_of(part) == wanted.sha256:
            return
        try:
            with _opened(
                url, before, wanted.size, wanted.headers, validator, settings, session, decode
            ) as reply:
                size, validator = reply.size, reply.validator
                progress = Progress(wanted.what, size, reply.start)
                with part.open("r+b") as out:
                    out.truncate(reply.start)
                    out.seek(reply.start)
                    for block in reply.blocks:
                        if size is not None and out.tell() + len(block) > size:
                            out.truncate(0)
                            raise Refused(f"the file offered is longer than {size:,} bytes")
                        out.write(block)
                        progress.report(out.tell())
                    progress.report(out.tell(), last=True)
                    if size is None or out.tell() == size:
                        return
                    raise Retry("the connection ended early")
        except BeyondEnd as error:
            if wanted.size is not None:
                raise
            os.truncate(part, 0)  # the part is from another, longer version
            reason = str(error)
        except (Retry, requests.RequestException) as error:
            reason = str(error) if isinstance(error, Retry) else type(error).__name__
        after = part.stat().st_size
        failures = 1 if after > furthest else failures + 1
        furthest = max(furthest, after)
        if failures >= attempts:
            have = f"{after:,} of {size:,} bytes" if size else f"{after:,} bytes"
            raise Refused(f"{reason}; {have} after {failures} tries without more") from None
        time.sleep(pause * 2 ** (failures - 1))


@contextmanager
def locked(part: Path, what: str) -> Iterator[None]:
    """Hold an exclusive lock on ``part``, after waiting for another process if necessary.

    The kernel releases the lock when the process ends.
    """
    if part.is_symlink():  # to a file that is not ours to write
        part.unlink()
    held = _lock(part, what)
    try:
        yield
    finally:
        if part.exists() and not part.stat().st_size:
            part.unlink()
        held.close()


def _lock(part: Path, what: str) -> BinaryIO:
    """Return ``part`` opened and locked.

    Its bytes are kept, whereas filelock 3 empties a file when it locks it.
    """
    while True:
        held = part.open("ab")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{what}: another process is fetching it, waiting", file=sys.stderr)
            fcntl.flock(held, fcntl.LOCK_EX)
        except OSError:
            return held  # a file system without locks
        # The process that had the lock may have renamed or removed what was locked.
        if part.exists() and os.path.samestat(os.fstat(held.fileno()), part.stat()):
            return held
        held.close()


class Progress:
    """The progress of one transfer: lines in a log (stderr), a bar on a terminal.

    Args:
        what: name of the file.
        size: bytes of the whole file; None if unknown.
        start: bytes present at the start.
    """

    def __init__(self, what: str, size: int | None, start: int = 0) -> None:
        self.meter: dict[str, Any] = {"total": size, "unit": "B", "unit_scale": True}
        self.meter["initial"] = start
        self.what, self.began = what, time.monotonic()
        self.logged = self.began
        # The stderr of a job is its log; the terminal is the original stderr of the process.
        terminal = sys.__stderr__ if sys.__stderr__ and sys.__stderr__.isatty() else None
        self.logs = sys.stderr is not terminal
        self.bar = None
        if terminal is not None:
            drawn = {"file": terminal, "mininterval": DRAWN, "dynamic_ncols": True}
            self.bar = tqdm(desc=what, smoothing=0, **drawn, **self.meter)

    def report(self, have: int, last: bool = False) -> None:
        """Report that ``have`` bytes are present, if a report is due or it is the last."""
        now = time.monotonic()
        if self.logs and (last or now - self.logged > LOGGED):
            self.logged = now
            passed = max(now - self.began, 1e-6)
            said = tqdm.format_meter(
                have, elapsed=passed, prefix=self.what, bar_format=LINE, **self.meter
            )
            print(said, file=sys.stderr, flush=True)
        if self.bar is not None:
            self.bar.update(have - self.bar.n)
            if last:
                self.bar.close()


class _Reply(NamedTuple):
    """Blocks of the file from byte ``start``, its size if known, and a tag of its version."""

    blocks: Iterator[bytes]
    start: int
    size: int | None
    validator: str | None


@contextmanager
def _opened(
    url: str,
    start: int,
    size: int | None,
    headers: Mapping[str, str],
    validator: str | None,
    settings: IndexSettings,
    session: requests.Session,
    decode: bool = True,
) -> Iterator[_Reply]:
    """Open ``url`` from byte ``start``.

    Args:
        url: address of the file.
        start: first byte.
        size: expected size of the file; None if unknown.
        headers: headers of the request.
        validator: that of an earlier reply; if the file has changed since, it is sent whole.
        settings: options of requests.
        session: session of the request.
        decode: whether to undo a Content-Encoding; False for a .gz file, for which servers often
            declare one.

    Raises:
        Retry: the answer is a temporary fault.
        Refused: the answer is not the file.
    """
    path = local_path(url)
    if path is not None:
        if not path.is_file() or path.stat().st_size != (size or path.stat().st_size):
            raise Refused(f"{path} is not a file of that size")
        with path.open("rb") as stream:
            stream.seek(start)
            yield _Reply(_blocks(stream), start, path.stat().st_size, None)
        return
    # Without "identity" a server may compress the content, and byte offsets would be meaningless.
    headers = {**headers, "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator is not None:
            headers["If-Range"] = validator
    options = request_options(settings, url)
    with session.get(url, headers=headers, stream=True, **options) as reply:
        start, total = _offered(reply, start, decode)
        blocks = _received(reply.raw, decode)
        first = next(blocks, b"")
        if start == 0:
            if not first and total == 0:
                raise Refused("the server sent an empty body")
            if is_web_page(first):
                raise Refused("the server sent a web page in place of the file")
        if size is not None and total is not None and total != size:
            raise Refused(f"the file offered has {total:,} bytes, so it is not the one expected")
        named = reply.headers.get("ETag", "")
        version = named if named and not named.startswith("W/") else None
        yield _Reply(chain([first], blocks), start, size or total, version)


def _offered(reply: requests.Response, start: int, decode: bool) -> tuple[int, int | None]:
    """Return the position of the reply in the file, and the file's size if the server states it."""
    status = reply.status_code
    if status in {408, 425, 429} or status >= 500:
        raise Retry(f"the server answered {status}")
    if status == 206:
        sent = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", reply.headers.get("Content-Range", ""))
        if sent is None or int(sent[1]) != start:
            raise Refused("the server answered with another range than was asked for")
        return start, None if sent[2] == "*" else int(sent[2])
    if status == 200:
        length = reply.headers.get("Content-Length", "")
        plain = not decode or reply.headers.get("Content-Encoding", "identity") == "identity"
        return 0, int(length) if re.fullmatch(r"[0-9]{1,18}", length) and plain else None
    if status == 416:
        raise BeyondEnd(f"the file offered is not longer than {start:,} bytes")
    raise Refused(f"the server answered {status}")


def _received(raw: HTTPResponse, decode: bool) -> Iterator[bytes]:
    """Yield bytes as they arrive, since a broken connection would lose an incomplete block."""
    try:
        while block := raw.read1(BLOCK, decode_content=decode):
            yield block
    except HTTPError as error:
        raise Retry(f"the connection broke ({type(error).__name__})") from None


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block
