"""Bringing one file from one of several addresses: resumed, verified, whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

from mstar.fetch.http_reply import BeyondEnd, Refused, Retry, opened
from mstar.fetch.package_index import IndexSettings, shown
from mstar.fetch.part_lock import locked
from mstar.fetch.progress import Progress
from mstar.files.formats import wrong_content
from mstar.files.writing import UserError, sha256_of

# Tries without a new byte before an address is given up, and the first pause between them (s).
ATTEMPTS = 5
PAUSE = 1.0


@dataclass(frozen=True)
class Wanted:
    """A file to bring.

    what: its name in messages. destination: where it is to appear. size (bytes), sha256: None where
    they are not known beforehand. headers: sent along. advice, by_hand: how messages end.
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
    """Say whether the file is in place already. Raises ``UserError`` if another one is."""
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
    """Bring a file from the first of ``urls`` that gives it, and return its path.

    What has arrived is kept in ``<destination>.part`` and resumed, now after a pause of ``pause`` *
    2**k seconds or by a later call; ``attempts`` counts consecutive tries that brought nothing new.
    (A later call starts anew if no sha256 is known, since another file may be offered by then.) The
    file appears only when it is whole and right. A correct file already there is left alone, and
    so is one that another process brings meanwhile.

    Raises ``UserError`` when no address gives the file (the part is kept), when the bytes are
    wrong (the part is removed), when the disk is too small or the file cannot be written.
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
    """Say what is to be fetched and what is free; raise ``UserError`` if it cannot fit."""
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
    """Bring ``part`` by ``fetch`` from the first address that has it whole and right."""
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
                # The bytes kept from before may be the bad ones: again, from the start.
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
    """What is wrong with the content of a file, if anything."""
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
    """Bring ``part`` to its full size from one address, trying again while faults may pass.

    Raises `Refused` when that is of no use, or has been of none.
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
        # Of unknown size, it may be whole already: killed before it got its name.
        if before and wanted.size is None and sha256_of(part) == wanted.sha256:
            return
        try:
            with opened(
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
                        progress.tell(out.tell())
                    progress.end(out.tell())
                    if size is None or out.tell() == size:
                        return
                    raise Retry("the connection ended early")
        except BeyondEnd as error:
            if wanted.size is not None:
                raise
            os.truncate(part, 0)  # what was kept is of another, longer version
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
