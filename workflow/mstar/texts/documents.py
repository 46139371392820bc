"""Document rules, and the text of documents in pieces for the encoder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import NamedTuple

from mstar.files.writing import UserError

_LINE_END = re.compile(rb"[ \t\r\f\v]*\n\s*")
# Bytes of short texts that are yielded together.
BATCH = 1 << 20


def parse_rule(rule: str) -> tuple[str, int]:
    """Return a document rule as (kind, words), such as ("line", 0) or ("fixed", N).

    Raises:
        UserError: ``rule`` is not a document rule.
    """
    if rule in ("line", "paragraph", "file"):
        return rule, 0
    match = re.fullmatch(r"fixed:0*([1-9]\d*(?:_\d+)*)", str(rule))
    if match:
        return "fixed", int(match[1])
    raise UserError(
        f"documents: {rule!r} is not a document rule: expected line (each line a document), "
        f"paragraph (documents between blank lines), file (each file a document) or fixed:N (N "
        f"words each, for instance fixed:50000)"
    )


class Piece(NamedTuple):
    """Consecutive text of one document, in UTF-8, and whether the document ends after it.

    Long documents come in several pieces, so that no whole text has to be in memory.
    """

    text: bytes
    ends: bool


def joined(texts: Iterable[bytes], kind: str) -> Iterator[Piece]:
    """Yield separate texts (rows, articles) as pieces of documents, by the ``kind`` of a rule.

    For ``line`` and ``given`` each text is a document, for ``paragraph`` each of its paragraphs,
    for ``file`` all texts are one; for ``fixed`` they follow each other, and are cut into documents
    later.
    """
    lines: list[bytes] = []
    size = 0
    for text in texts:
        if kind in ("line", "paragraph"):
            # The encoder ends a document at each end of a line, and is faster with many at once.
            if kind == "paragraph":
                lines += paragraphs([text])
            else:
                lines.append(text.replace(b"\n", b" ").replace(b"\r", b" "))
            size += len(text)
            if size > BATCH:
                yield Piece(b"\n".join([*lines, b""]), False)
                lines, size = [], 0
        elif kind == "given":
            yield Piece(text, True)
        else:
            yield Piece(text, False)
            yield Piece(b"\n", False)
    if lines:
        yield Piece(b"\n".join(lines), True)
    if kind == "file":
        yield Piece(b"", True)


def paragraphs(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the blocks of a text with each of its paragraphs on a line.

    Paragraphs are what blank lines separate. Blocks may be cut anywhere.
    """
    space = b""  # white space at the end of the last block, which may go on
    for block in blocks:
        text = space + block
        body = text.rstrip()
        ends = text.count(b"\n", len(body))
        space = b"\n" * min(ends, 2) if ends else text[len(body) :][:1]
        if body:
            yield _LINE_END.sub(lambda found: b" \n"[found[0].count(b"\n") > 1 :][:1], body)


def ahead(pieces: Iterable[Piece], depth: int = 4) -> Iterator[Piece]:
    """Yield the pieces, read by a second thread at most ``depth`` pieces ahead.

    Decompression and encoding release Python's lock, so that they overlap.
    """
    waiting: Queue[Piece | BaseException | None] = Queue(depth)
    stopped = Event()

    def put(item: Piece | BaseException | None) -> None:
        while not stopped.is_set():
            with suppress(Full):
                waiting.put(item, timeout=0.1)
                return

    def read() -> None:
        try:
            for piece in pieces:
                put(piece)
                if stopped.is_set():
                    return
            put(None)
        except BaseException as error:  # raised again where the pieces are used
            put(error)

    thread = Thread(target=read, daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()
