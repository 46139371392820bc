"""Package files downloaded from servers that behave well and badly."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mstar.fetch.package_index import IndexSettings, pip_settings
from mstar.fetch.sources import fetch_package_file
from mstar.files.writing import UserError, sha256_of

CONTENT = bytes(range(256)) * 4000  # about a megabyte, several blocks
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "my_data-1.0-py3-none-any.whl"


class Server(ThreadingHTTPServer):
    """A package index with one package, and settings for its faults."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.announced = SHA256
        self.pages = "json"
        self.ranges = True
        self.cut_after: list[int] = []  # bytes to send before disconnecting, one per request
        self.statuses: list[int] = []  # statuses to answer instead, one per request
        self.asked: list[tuple[str, str | None]] = []

    @property
    def index(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/simple"

    def transfers(self) -> list[str | None]:
        return [wanted for path, wanted in self.asked if path.startswith("/files/")]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Suppress the log."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Range"]))
        if self.path == "/simple/my-data/":
            self.page()
        elif self.path == f"/files/{NAME}":
            self.file()
        else:
            self.send_error(404)

    def page(self) -> None:
        link = f"../../files/{NAME}"
        if self.server.pages == "json":
            hashes = {"sha256": self.server.announced}
            files = [{"filename": NAME, "url": link, "hashes": hashes}]
            kind, body = "application/vnd.pypi.simple.v1+json", json.dumps({"files": files})
        else:
            kind = "text/html"
            body = f'<a href="{link}#sha256={self.server.announced}">{NAME}</a><a>x</a>'
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def file(self) -> None:
        if self.server.statuses:
            self.send_error(self.server.statuses.pop(0))
            return
        content, start = self.server.content, 0
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        if wanted and self.server.ranges:
            start = int(wanted[1])
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if self.server.cut_after:
            body = body[: self.server.cut_after.pop(0)]
        self.wfile.write(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


Get = Callable[..., Path]


@pytest.fixture
def get(server: Server, tmp_path: Path) -> Get:
    """Download the file into a fresh folder, by default from the server."""

    def run(**changes: object) -> Path:
        arguments: dict[str, object] = {
            "package": "My.Data",
            "version": "1.0",
            "filename": NAME,
            "sha256": SHA256,
            "size": len(CONTENT),
            "destination": tmp_path / "new" / NAME,
            "settings": IndexSettings(indexes=(server.index,), timeout=5),
            "pause": 0.0,
        }
        return fetch_package_file(**{**arguments, **changes})  # type: ignore[arg-type]

    return run


def left(tmp_path: Path) -> dict[str, int]:
    """Return the names and sizes of the files in the download folder."""
    return {p.name: p.stat().st_size for p in (tmp_path / "new").glob("*")}


def refusal(get: Get, **changes: object) -> str:
    """Return the message of the error: one line that says what to do by hand."""
    with pytest.raises(UserError) as error:
        get(**changes)
    message = str(error.value)
    assert "\n" not in message
    assert NAME in message
    return message


@pytest.mark.parametrize("pages", ["json", "html"])
def test_fetches_once(pages: str, server: Server, get: Get, tmp_path: Path) -> None:
    server.pages = pages
    path = get()
    assert path.read_bytes() == CONTENT
    assert left(tmp_path) == {NAME: len(CONTENT)}
    asked = len(server.asked)
    assert get() == path
    assert len(server.asked) == asked  # a correct file is kept without a request


def test_broken_transfer_is_resumed(server: Server, get: Get, tmp_path: Path) -> None:
    server.cut_after = [300_000, 0, 400_000]
    assert get().read_bytes() == CONTENT
    assert server.transfers() == [None, *server.transfers()[1:]]
    starts = [int(str(wanted)[6:-1]) for wanted in server.transfers()[1:]]
    assert starts == sorted(starts)
    assert 0 < starts[0] <= 300_000
    assert starts[-1] > 400_000
    assert left(tmp_path) == {NAME: len(CONTENT)}


def test_kept_part_is_resumed_by_a_later_call(server: Server, get: Get, tmp_path: Path) -> None:
    server.cut_after = [600_000, 0, 0]
    message = refusal(get, attempts=2)
    assert f"expected {len(CONTENT):,} bytes" in message
    assert "run again to resume" in message
    kept = left(tmp_path)
    assert set(kept) == {NAME + ".part"}
    server.cut_after = []
    assert get().read_bytes() == CONTENT
    assert server.transfers()[-1] == f"bytes={kept[NAME + '.part']}-"


def test_server_without_ranges(server: Server, get: Get) -> None:
    server.ranges, server.cut_after = False, [500_000]
    assert get().read_bytes() == CONTENT


def test_passing_faults_are_tried_again(server: Server, get: Get) -> None:
    server.statuses = [503, 429, 500]
    assert get().read_bytes() == CONTENT
    server.statuses = [503] * 9
    assert "answered 503" in refusal(get, destination=get().with_name("b"), attempts=3)


def test_wrong_content_is_not_kept(server: Server, get: Get, tmp_path: Path) -> None:
    server.content = CONTENT[:-1] + b"!"
    message = refusal(get)
    assert f"with sha256 {SHA256}" in message
    assert hashlib.sha256(server.content).hexdigest() in message
    assert f"place the file at {tmp_path / 'new' / NAME} yourself" in message
    assert left(tmp_path) == {}


def test_corrupt_part_is_fetched_again(get: Get, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / (NAME + ".part")).write_bytes(b"x" * 1000)
    assert get().read_bytes() == CONTENT
    (tmp_path / "new" / NAME).unlink()
    (tmp_path / "new" / (NAME + ".part")).write_bytes(b"x" * (len(CONTENT) + 5))
    assert get().read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT + b"more", CONTENT[:-5]], ids=["long", "short"])
def test_wrong_size(content: bytes, server: Server, get: Get, tmp_path: Path) -> None:
    server.content = content
    assert f"expected {len(CONTENT):,} bytes" in refusal(get)
    assert NAME not in left(tmp_path)


def test_missing_file_and_missing_package(server: Server, get: Get) -> None:
    server.statuses = [404]
    assert "answered 404" in refusal(get)
    assert len(server.transfers()) == 1  # a second try would not help
    assert "does not list it" in refusal(get, filename="other-" + NAME)
    message = refusal(get, package="unknown")
    assert "was not found" in message
    assert "pip config list" in message
    assert "yourself" in message


def test_link_announcing_another_hash_is_passed_over(server: Server, get: Get) -> None:
    server.announced = "0" * 64
    assert "another sha256" in refusal(get)
    assert server.transfers() == []


def test_no_network(server: Server, get: Get) -> None:
    closed = IndexSettings(indexes=("http://user:secret@127.0.0.1:9/simple",), timeout=2)
    message = refusal(get, settings=closed)
    assert "no network" in message and "fetch_all" in message
    assert "secret" not in message
    # An index that is down does not matter if another one has the file.
    both = IndexSettings(indexes=(*closed.indexes, server.index), timeout=2)
    assert get(settings=both).read_bytes() == CONTENT


def test_no_index_at_all(get: Get) -> None:
    assert "no index is configured" in refusal(get, settings=IndexSettings())


@pytest.mark.parametrize("kind", ["folder", "folder url", "page", "index"])
def test_offline_places(kind: str, server: Server, get: Get, tmp_path: Path) -> None:
    folder = tmp_path / "index" / "my-data"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(CONTENT)
    page = folder / "index.html"
    if kind in {"page", "index"}:
        page.write_text(f"<a href='{NAME}'>{NAME}</a>")
    places = {
        "folder": IndexSettings(find_links=(str(folder),)),
        "folder url": IndexSettings(find_links=(folder.as_uri(),)),
        "page": IndexSettings(find_links=(str(page),)),
        "index": IndexSettings(indexes=(server.index, folder.parent.as_uri())),
    }
    assert get(settings=places[kind]).read_bytes() == CONTENT
    assert server.asked == []  # local places come first
    (folder / NAME).write_bytes(CONTENT[:-1])
    assert "not a file of that size" in refusal(
        get, settings=places[kind], destination=tmp_path / "b"
    )


@pytest.mark.parametrize("form", ["json", "html"])
def test_what_is_malformed_on_a_page_hides_nothing(form: str, get: Get, tmp_path: Path) -> None:
    bad = ["http://[::1/x", f"http://localhost:99999/{NAME}"]
    (tmp_path / NAME).write_bytes(CONTENT)
    entries = ["a", {}, {"url": 5}, *({"url": url} for url in bad), {"url": NAME, "hashes": None}]
    links = "".join(f"<a href='{url}'>x</a>" for url in [*bad, NAME])
    page = tmp_path / f"page.{form}"
    page.write_text(json.dumps({"files": entries}) if form == "json" else links)
    assert get(settings=IndexSettings(find_links=(str(page),))).read_bytes() == CONTENT


def test_wrong_file_in_place_is_not_overwritten(get: Get, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    path = tmp_path / "new" / NAME
    path.write_bytes(b"mine")
    assert "remove it to fetch it again" in refusal(get)
    assert path.read_bytes() == b"mine"


def test_folder_that_cannot_be_made(get: Get, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in refusal(get, destination=tmp_path / "file" / NAME)


def test_progress_is_told(get: Get, capsys: pytest.CaptureFixture[str]) -> None:
    get()
    assert "1.02MB of 1.02MB" in capsys.readouterr().err


def test_settings_are_those_of_pip(
    server: Server, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    config = tmp_path / "pip.conf"
    config.write_text(f"[global]\nindex-url = {server.index}\nextra-index-url = file:///a\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CERT", str(config))
    found = pip_settings()
    # A machine-wide or user configuration can add indexes but not remove these.
    assert found.indexes[0] == server.index
    assert "file:///a" in found.indexes
    assert str(tmp_path) in found.find_links
    assert found.certificates == str(config)
    assert get(settings=None).read_bytes() == CONTENT
    monkeypatch.setenv("PIP_CERT", "/nowhere.pem")
    with pytest.raises(UserError, match=r"cert names /nowhere\.pem"):
        pip_settings()
    monkeypatch.delenv("PIP_CERT")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert pip_settings().indexes == ()


@pytest.mark.parametrize("setting", ["file", "variable"])
def test_settings_that_pip_refuses_are_one_clear_line(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("http://me:secret@index/simple\n" if setting == "file" else "")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    if setting == "variable":
        monkeypatch.setenv("PIP_TIMEOUT", "abc")
    why = {"file": "no section headers", "variable": "invalid floating-point value: 'abc'"}
    with pytest.raises(
        UserError, match=rf"cannot read its own settings \(.*{why[setting]}"
    ) as error:
        pip_settings()
    assert "\n" not in str(error.value) and "secret" not in str(error.value)


def test_without_any_setting_the_index_is_that_of_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    from pip._internal.models.index import PyPI

    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert pip_settings().indexes == (PyPI.simple_url,)


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(CONTENT)
    assert sha256_of(tmp_path / "x") == SHA256
