"""A local file server with the faults of real servers."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class File:
    """The content offered at one path, and the fault it is served with."""

    content: bytes
    status: int = 200
    ranges: bool = True
    kind: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    announced: int | None = None  # a wrong Content-Length
    cuts: list[int] = field(default_factory=list)  # bytes before disconnecting, by request
    waiting: threading.Event | None = None  # event to wait for before sending the second half


class Server(ThreadingHTTPServer):
    """Serves `File`s by path and records the requests."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.files: dict[str, File] = {}
        self.asked: list[tuple[str, str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, path: str, content: bytes, **faults: object) -> str:
        """Offer ``content`` at ``path``; return its address."""
        self.files[path] = File(content, **faults)  # type: ignore[arg-type]
        return self.url + path

    def add_shard(self, dataset: str, revision: str, path: str, content: bytes) -> None:
        """Offer a file as the Hugging Face hub does: by a redirect that gives size and sha256."""
        sha256 = hashlib.sha256(content).hexdigest()
        headers = {
            "X-Repo-Commit": revision,
            "X-Linked-Etag": f'"{sha256}"',
            "X-Linked-Size": str(len(content)),
            # Large files are on another host, which does not send these headers.
            "Location": self.add(f"/lfs/{sha256}", content).replace("127.0.0.1", "localhost"),
        }
        place = f"/datasets/{dataset}/resolve/{revision}/{path}"
        self.add(place, b"Found", status=302, headers=headers)


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Suppress the log."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        file = self.server.files.get(self.path)
        wanted = self.headers["Range"]
        self.server.asked.append((self.command, self.path, wanted))
        if file is None:
            self.send_error(404)
            return
        content, start, status = file.content, 0, file.status
        match = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        same = self.headers["If-Range"] in (None, file.etag)
        if match and file.ranges and same and status == 200:
            start, status = int(match[1]), 206
            if start >= len(content):
                self.send_error(416)
                return
        self.send_response(status)
        self.send_header("Content-Type", file.kind)
        for name, value in file.headers.items():
            self.send_header(name, value)
        if status == 206:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        if file.etag:
            self.send_header("ETag", file.etag)
        length = len(content) - start if file.announced is None else file.announced
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        body = content[start:]
        if file.cuts:
            body = body[: file.cuts.pop(0)]
        half = len(body) // 2 if file.waiting else len(body)
        self.wfile.write(body[:half])
        if file.waiting:
            self.wfile.flush()
            file.waiting.wait(20)
            self.wfile.write(body[half:])


@contextmanager
def serving(port: int = 0) -> Iterator[Server]:
    """Run a server during the context, on a free port unless one is given."""
    with Server(port) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
