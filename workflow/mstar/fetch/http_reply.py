"""One answer of a server (or a local file), and what can be wrong with it from the start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO, NamedTuple

import requests
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from mstar.fetch.package_index import IndexSettings, local_path, request_options
from mstar.files.formats import is_web_page

BLOCK = 1 << 18


class Retry(Exception):
    """A fault that may pass: the message says what happened."""


class Refused(Exception):
    """A fault that trying again will not cure."""


class BeyondEnd(Refused):
    """What is asked for begins at the end of the file, or after it."""


class Reply(NamedTuple):
    """Blocks of the file from byte ``start``; its size, where known; a tag of its version."""

    blocks: Iterator[bytes]
    start: int
    size: int | None
    validator: str | None


@contextmanager
def opened(
    url: str,
    start: int,
    size: int | None,
    headers: Mapping[str, str],
    validator: str | None,
    settings: IndexSettings,
    session: requests.Session,
    decode: bool = True,
) -> Iterator[Reply]:
    """Open ``url`` from byte ``start``, if the file there has ``size`` bytes (None: not known).

    ``validator`` is that of an earlier reply: if the file is no more the same, it comes whole.
    ``decode``: undo a Content-Encoding; not for a .gz file, which servers like to call one.
    Raises `Retry` or `Refused` for answers that are not the file.
    """
    path = local_path(url)
    if path is not None:
        if not path.is_file() or path.stat().st_size != (size or path.stat().st_size):
            raise Refused(f"{path} is not a file of that size")
        with path.open("rb") as stream:
            stream.seek(start)
            yield Reply(_blocks(stream), start, path.stat().st_size, None)
        return
    # Without "identity" a server may compress what it sends, and byte offsets lose their meaning.
    headers = {**headers, "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator is not None:
            headers["If-Range"] = validator
    options = request_options(settings, url)
    with session.get(url, headers=headers, stream=True, **options) as reply:
        start, total = _range(reply, start, decode)
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
        yield Reply(chain([first], blocks), start, size or total, version)


def _range(reply: requests.Response, start: int, decode: bool) -> tuple[int, int | None]:
    """Where the reply begins in the file, and the size of the whole, where the server says."""
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
    """Bytes as they come in: a whole block would be lost when the connection breaks within it."""
    try:
        while block := raw.read1(BLOCK, decode_content=decode):
            yield block
    except HTTPError as error:
        raise Retry(f"the connection broke ({type(error).__name__})") from None


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block
