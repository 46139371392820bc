"""Files downloaded by address: mirrors, a lock, and every fault of a server."""

from __future__ import annotations

import copy
import errno
import gzip
import hashlib
import io
import multiprocessing
import os
import re
import shutil
import signal
import threading
import time
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mstar.fetch import announce, transfer
from mstar.fetch.sources import fetch_source
from mstar.fetch.transfer import Progress, locked
from mstar.files.formats import is_web_page
from mstar.files.writing import UserError
from tests.support.misbehaving import Server, serving


def zipped(text: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("words.txt", text)
    return packed.getvalue()


NAME = "words.zip"
CONTENT = zipped(bytes(range(97, 123)) * 40_000)  # about a megabyte, several blocks
OTHER = zipped(bytes(range(97, 123)) * 40_000 + b" and more")
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PAGE = b"\n<!DOCTYPE html>\n<html><body>Please log in to our network.</body></html>"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as running:
        yield running


def get(folder: Path, *urls: str, known: bool = True, attempts: int = 3) -> Path:
    """Download the file, with its size and sha256 known beforehand or not."""
    request: dict[str, Any] = {"source": "url", "urls": list(urls), "pause": 0.0}
    request |= {"attempts": attempts, "sha256": SHA256 if known else None}
    return fetch_source(request | {"size": len(CONTENT) if known else None}, folder / NAME)


def refusal(folder: Path, *urls: str, known: bool = True, attempts: int = 3) -> str:
    """Check and return the message: one line with the file and the remedy; no file may be left."""
    with pytest.raises(UserError) as error:
        get(folder, *urls, known=known, attempts=attempts)
    message = str(error.value)
    assert "\n" not in message and NAME in message and "expected" in message
    assert f"place the file at {folder / NAME} yourself" in message
    assert not (folder / NAME).exists()
    return message


# Each fault, with its message if size and sha256 are known beforehand, and if not.
FAULTS: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "web page": ({"content": PAGE, "kind": "text/html"}, "a web page", "a web page"),
    "web page, no less long": (
        {"content": PAGE.ljust(len(CONTENT))},
        "a web page",
        "a web page",
    ),
    "empty body": ({"content": b""}, "an empty body", "an empty body"),
    "too short": (
        {"content": CONTENT[:-7]},
        f"offered has {len(CONTENT) - 7:,} bytes",
        r"not a whole \.zip file",
    ),
    "too long": (
        {"content": CONTENT + b"x" * 99_999},
        f"offered has {len(CONTENT) + 99_999:,} bytes",
        r"not a whole \.zip file",
    ),
    "another file": (
        {"content": b"PK\x03\x04" + bytes(len(CONTENT) - 4)},
        "its sha256 is [0-9a-f]{64}: it is not a whole .zip file",
        r"not a whole \.zip file",
    ),
    "changed upstream": (
        {"content": CONTENT[:500] + b"?" + CONTENT[501:]},
        "its sha256 is [0-9a-f]{64}: it has changed there, or is altered on the way",
        None,  # the change cannot be detected
    ),
    "gone": ({"content": b"", "status": 404}, "answered 404", "answered 404"),
    "forbidden": ({"content": PAGE, "status": 403}, "answered 403", "answered 403"),
    "broken": ({"content": b"", "status": 500}, "answered 500", "answered 500"),
    "hangs up": (
        {"content": CONTENT, "cuts": [0, 0, 0]},
        "; 0 of [0-9,]+ bytes after 3 tries",
        "; 0 bytes after 3 tries",
    ),
}


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_caught_by_name(
    fault: str, known: bool, server: Server, tmp_path: Path
) -> None:
    faults, *messages = copy.deepcopy(FAULTS[fault])
    message = messages[0] if known else messages[1]
    url = server.add("/words.zip", **faults)
    if message is None:
        assert get(tmp_path, url, known=known).read_bytes() == faults["content"]
        return
    assert re.search(message, refusal(tmp_path, url, known=known))
    assert list(tmp_path.iterdir()) == []
    # A mirror then supplies the file.
    server.add("/words.zip", **{**faults, "cuts": [0, 0, 0]} if "cuts" in faults else faults)
    good = server.add("/mirror/words.zip", CONTENT)
    assert get(tmp_path, url, good, known=known).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_mirror_resumes_what_another_one_began(server: Server, tmp_path: Path) -> None:
    first = server.add("/a.zip", CONTENT, cuts=[700_000, 0, 0, 0])
    second = server.add("/b.zip", CONTENT)
    assert get(tmp_path, first, second).read_bytes() == CONTENT
    assert server.asked[-1][1] == "/b.zip" and server.asked[-1][2] is not None


def test_an_encoding_that_nobody_asked_for_is_undone(server: Server, tmp_path: Path) -> None:
    encoding = {"Content-Encoding": "gzip"}
    url = server.add("/words.zip", gzip.compress(CONTENT), headers=encoding)
    assert get(tmp_path, url).read_bytes() == CONTENT


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip"])
def test_a_gz_file_that_is_called_an_encoding_stays_one(
    encoding: str, server: Server, tmp_path: Path
) -> None:
    packed = gzip.compress(CONTENT)
    url = server.add("/text.txt.gz", packed, headers={"Content-Encoding": encoding})
    known = len(packed), hashlib.sha256(packed).hexdigest()
    for name, (size, sha256) in (("a.txt.gz", known), ("b.txt.gz", (None, None))):
        request = {"source": "url", "urls": [url], "size": size, "sha256": sha256}
        assert fetch_source(request, tmp_path / name).read_bytes() == packed


def test_a_line_that_always_breaks_is_given_up(server: Server, tmp_path: Path) -> None:
    # A file of unknown version starts over each time, and gets further each time.
    url = server.add("/words.zip", CONTENT, cuts=[5_000] * 9)
    assert "after 3 tries without more" in refusal(tmp_path, url, known=False)
    assert len(server.asked) == 3


def test_a_part_of_unknown_size_that_is_whole_or_too_long(server: Server, tmp_path: Path) -> None:
    url = server.add("/words.zip", CONTENT)
    request = {"source": "url", "urls": [url], "pause": 0.0, "size": None, "sha256": SHA256}
    part = tmp_path / f"{NAME}.part"
    part.write_bytes(CONTENT)  # killed before the file was renamed
    assert fetch_source(request, tmp_path / NAME).read_bytes() == CONTENT
    assert not server.asked
    (tmp_path / NAME).unlink()
    part.write_bytes(CONTENT + b"more")
    assert fetch_source(request, tmp_path / NAME).read_bytes() == CONTENT


def test_all_addresses_and_their_faults_are_told(server: Server, tmp_path: Path) -> None:
    urls = [server.add("/a.zip", PAGE), server.add("/b.zip", b"", status=404)]
    message = refusal(tmp_path, *urls)
    assert f"{urls[0]}: the server sent a web page" in message
    assert f"{urls[1]}: the server answered 404" in message
    assert f"fetch {urls[0]} in a browser" in message


def test_without_a_sha256_only_the_same_version_is_resumed(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.add("/words.zip", CONTENT, cuts=[300_000, 300_000], etag='"1"')
    assert get(tmp_path, url, known=False).read_bytes() == CONTENT
    assert [wanted is not None for _, _, wanted in server.asked] == [False, True, True]
    assert f"sha256 {SHA256}, not published" in capsys.readouterr().err
    # The file changes during the download: earlier bytes are discarded.
    (tmp_path / NAME).unlink()
    file = server.files["/words.zip"]
    file.cuts = [300_000]

    class Changing(list[int]):
        def pop(self, index: int = -1, /) -> int:  # type: ignore[override]
            cut = super().pop(index)
            file.content, file.etag = OTHER, '"2"'
            return cut

    file.cuts = Changing([300_000])
    assert get(tmp_path, url, known=False).read_bytes() == OTHER
    # Bytes of an earlier call, of unknown version, are also discarded.
    (tmp_path / NAME).rename(tmp_path / f"{NAME}.part")
    assert get(tmp_path, url, known=False).read_bytes() == OTHER
    assert server.asked[-1][2] is None


def _fetch(folder: Path, url: str, done: Any) -> None:
    done.put(get(folder, url).read_bytes() == CONTENT)


def test_two_processes_fetch_a_file_once(server: Server, tmp_path: Path) -> None:
    waiting = threading.Event()
    url = server.add("/words.zip", CONTENT, waiting=waiting)
    context = multiprocessing.get_context("fork")
    done = context.Queue()
    both = [context.Process(target=_fetch, args=(tmp_path, url, done)) for _ in range(2)]
    for each in both:
        each.start()
    until = time.monotonic() + 20
    while not server.asked and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.3)  # without the lock, the other would send its request in this time
    waiting.set()
    assert [done.get(timeout=20) for _ in both] == [True, True]
    for each in both:
        each.join(20)
    assert len(server.asked) == 1
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_killed_download_leaves_no_lock(server: Server, tmp_path: Path) -> None:
    waiting = threading.Event()
    url = server.add("/words.zip", CONTENT, waiting=waiting)
    context = multiprocessing.get_context("fork")
    killed = context.Process(target=_fetch, args=(tmp_path, url, context.Queue()))
    killed.start()
    part, until = tmp_path / f"{NAME}.part", time.monotonic() + 20
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.01)
    killed.kill()
    killed.join(20)
    kept = part.stat().st_size
    waiting.set()
    server.files["/words.zip"].waiting = None
    assert get(tmp_path, url).read_bytes() == CONTENT
    assert server.asked[-1][2] == f"bytes={kept}-" and 0 < kept < len(CONTENT)


def test_one_that_stops_waiting_leaves_the_other_its_part(tmp_path: Path) -> None:
    part = tmp_path / f"{NAME}.part"
    context = multiprocessing.get_context("fork")
    waiting = context.Event()

    def wait() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # do not inherit a handler
        waiting.set()
        with locked(part, "words"):
            raise AssertionError("locked by two")

    with locked(part, "words"):
        other = context.Process(target=wait)
        other.start()
        waiting.wait(20)
        time.sleep(0.3)
        os.kill(other.pid or 0, signal.SIGINT)
        other.join(20)
        assert part.exists()
    assert other.exitcode and not part.exists()


Usage = namedtuple("Usage", "total used free")


def test_a_disk_too_small_is_said_before(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.add("/words.zip", CONTENT)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 1_000_000))
    with pytest.raises(UserError, match=r"needs 1,0\d\d,\d{3} bytes more.*1,000,000 free"):
        get(tmp_path, url)
    assert not server.asked
    with pytest.raises(
        UserError, match=r"17,000 MB \(and 1 of unknown size\) to download, but .* 1 MB free"
    ):
        announce.plan({tmp_path / "new" / "a": 17 * 10**9, tmp_path / "new" / "b": 0})
    (tmp_path / "a.part").write_bytes(bytes(1_500_000))
    said = announce.plan({tmp_path / "a": 2_250_000, tmp_path / "b": 0})
    assert "2 files, about 1 MB (and 1 of unknown size) to download, 0.0 min at 100 Mbit/s" in said


def test_a_file_placed_by_hand_is_taken(server: Server, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    assert get(tmp_path, f"{server.url}/none.zip").read_bytes() == CONTENT
    assert get(tmp_path, f"{server.url}/none.zip", known=False).read_bytes() == CONTENT
    assert not server.asked
    (tmp_path / NAME).write_bytes(PAGE)
    for known in (True, False):
        with pytest.raises(UserError, match=r"words\.zip is not .*remove it to fetch it again"):
            get(tmp_path, f"{server.url}/none.zip", known=known)


def test_web_pages_are_told_from_text() -> None:
    assert is_web_page(b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<HTML lang="en">')
    assert not is_web_page(b'<doc id="1" url="x" title="y">\n')
    # Endless comments have only one parse; trying all of them would take for ever.
    assert not is_web_page(b"<!---->" * 580 + b"hello")
    assert is_web_page(b"<!-- a --> <!-- b -->\n" * 9 + b"<head>")
    assert not is_web_page(b"An <html> tag within a sentence.")


def test_the_bar_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.__stderr__", terminal)
    clock = [0.0]
    monkeypatch.setattr(transfer.time, "monotonic", lambda: clock[0])
    progress = Progress("words.zip", 400_000_000, 100_000_000)
    clock[0] = 10.0
    progress.report(150_000_000)
    assert not capsys.readouterr().err  # a log gets a line every 15 s
    clock[0] = 20.0
    progress.report(200_000_000)
    assert capsys.readouterr().err == "words.zip: 200MB of 400MB, 5.00MB/s, 00:40 left\n"
    progress.report(400_000_000, last=True)
    assert "words.zip" in terminal.getvalue() and "400M/400M" in terminal.getvalue()
    assert capsys.readouterr().err.startswith("words.zip: 400MB of 400MB")
    Progress("words.txt", None).report(7_000_000, last=True)
    assert capsys.readouterr().err.startswith("words.txt: 7.00MB of ?B")


def test_a_file_system_without_locks_is_no_hindrance(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    assert get(tmp_path, server.add("/words.zip", CONTENT)).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_part_that_is_a_link_is_not_written_through(server: Server, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / f"{NAME}.part").symlink_to("mine")
    assert get(tmp_path, server.add("/words.zip", CONTENT)).read_bytes() == CONTENT
    assert (tmp_path / "mine").read_text() == "mine"
