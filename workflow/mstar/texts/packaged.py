"""Documents in the members of package files (wheels and source archives)."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from mstar.texts.members import Stream, gunzip
from mstar.texts.records import Tally

# A WikiText title " = Title = " is between blank lines; titles of sections have more signs.
# Without the blank lines, keys of sports tables such as "GP = Games played" would match too.
_TITLE = re.compile(r"(?:^|(?<=\n))(?=[ \t]*\n = (?!= )[^\n]*(?<! =) = \n[ \t]*\n)")
_JOIN = re.compile(r" @([-,.])@ ")
_TAG = re.compile(r"<[^>]*>")


def wikitext_articles(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the articles of a WikiText file (gzip) with titles, undoing its tokenisation marks."""
    for article in _TITLE.split(gunzip(stream.read(), stream.name).decode("utf-8")):
        if article.strip():
            yield _JOIN.sub(r"\1", article).encode()


def passages(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the ``passage`` of each line of JSON, each passage once.

    A passage may come with the title of its article ("Title -- passage") in one file and without it
    in another. Such copies, and copies that differ in spacing, case or punctuation, count as one.
    """

    def identity(passage: str) -> str:
        title, dashes, body = passage.partition(" -- ")
        body = body if dashes and len(title) <= 100 else passage
        return " ".join(re.findall(r"\w+", body.lower()))

    for line in stream.read().split(b"\n"):
        if line.strip():
            yield from once(json.loads(line)["passage"], tally, identity)


def json_strings(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield all string values of a JSON file, in order and without HTML, as one page."""

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield html.unescape(_TAG.sub(" ", value))
        elif isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                yield from strings(each)

    yield from once("\n".join(strings(json.loads(stream.read()))), tally)


def json_records(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the string ``field`` of each record of a JSON list, or object of records, once each."""
    records = json.loads(stream.read())
    for record in records.values() if isinstance(records, dict) else records:
        yield from once(record[field], tally)


def whole_texts(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the text of a member, unless an earlier member has the same text."""
    yield from once(stream.read().decode("utf-8"), tally)


def once(text: str, tally: Tally, identity: Callable[[str], str] = str) -> Iterator[bytes]:
    """Yield ``text`` in UTF-8, unless an earlier text of the archive has the same ``identity``."""
    # JSON can contain half a character; like any other non-letter, its bytes separate words.
    content = identity(text).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(content, digest_size=16).digest()
    if digest not in tally.seen:
        tally.seen.add(digest)
        yield text.encode("utf-8", "surrogatepass")
