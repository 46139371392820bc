"""What a file is, by its first bytes and its name, and what plain text rather looks like."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from mstar.texts.kinds import START, kind_of, looks_like, named_kind, refusal, texts_among


def _tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    return stream.getvalue()


def _zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "words")
    return stream.getvalue()


WIKI = b'<doc id="1" url="u" title="T">\nT\n\nwords\n</doc>\n'


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (_tar(), "tar"),
        (_zip(), "zip"),
        (b"PAR1 and so on", "parquet"),
        (b'<mediawiki xmlns="x">', "dump"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<mediawiki>', "dump"),
        ("\ufeff<mediawiki>".encode("utf-16-le"), "dump"),
        (WIKI, "wiki"),
        (b'{"text": "a"}\n{"text": "b"}\n', "jsonl"),
        (b'{"text": "' + b"a" * START, "jsonl"),
        (b'[\n  {"text": "a"}]', "json"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # a zip holds the time
)
@pytest.mark.parametrize("name", ["", "x.txt", "x.csv", "x"])
def test_first_bytes_decide_before_the_name(start: bytes, kind: str, name: str) -> None:
    assert kind_of(start, name) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.txt", "plain"),
        ("x", "plain"),
        ("x.txt.bz2", "plain"),
        ("X.TSV.gz", "tsv"),
        ("x.csv", "csv"),
        ("x.ndjson", "jsonl"),
        ("x.json", "json"),
        ("wiki_07.bz2", "wiki"),
        ("x.parquet", "parquet"),
        ("x.xml", "plain"),
    ],
)
def test_else_the_name_decides(name: str, kind: str) -> None:
    for start in (b"", b"Some words.\n", b"{braces} in text\n", b"[1] a note\n", b"<b>word</b>"):
        assert kind_of(start, name) == kind


def test_names() -> None:
    assert named_kind("enwiki-articles1.xml-p1p41242.bz2") == "dump"
    assert named_kind("x.tgz") == named_kind("x.tar.xz") == "tar"
    assert named_kind("README") is None


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (["a.txt", "b.csv", "meta.json", "README"], ["a.txt"]),
        (["b.csv", "README", "x.pdf"], ["b.csv"]),
        (["README", "x.pdf", "b"], ["README", "b"]),
        (["x.pdf"], []),
    ],
)
def test_texts_come_before_tables_and_those_before_files_without_an_ending(
    names: list[str], texts: list[str]
) -> None:
    assert texts_among(names) == texts


@pytest.mark.parametrize("start", [b"%PDF-1.7", b"Rar!\x1a\x07\1", b"\x80\x04\x95", b"{\\rtf1"])
def test_what_is_no_text_says_what_to_do(start: bytes) -> None:
    assert " first" in refusal(start)
    assert refusal(b"Some words.") == refusal(b"") == ""


PAGE = b"<html><body><p>One <b>word</b>.</p></body></html>\n"
VERSE = b"The sun, the moon, the stars\nThe sea, the wind, the bars\nThe day, the night, the cars\n"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (PAGE * 20, "markup .*<p>"),
        (b"<text><p>a</p>\n" * 30, "markup"),
        (b"'''A''' is a [[thing]] of {{kind|x}}.\n" * 30, "MediaWiki's markup"),
        (
            b"id\tdate\ttext\n1\t2024\tOne, two.\n2\t2025\tThree\n",
            "columns id, date, text.*READER=tsv",
        ),
        (b'id,text\n1,"One, two."\n2,Three\n', "columns id, text.*READER=csv FIELD=NAME"),
        (b'{"body": "a"}\n', "READER=jsonl FIELD=text"),
        (WIKI, "READER=wiki"),
    ],
)
def test_what_plain_text_looks_like(start: bytes, said: str) -> None:
    import re

    found = looks_like(start)
    assert re.search(said, found) and "\n" not in found


@pytest.mark.parametrize(
    "start",
    [
        b"",
        VERSE,
        b"Some words, and <b>more</b>.\n" + b"Plain prose goes on for long. " * 90,
        b"x < y and y > z\n" * 50,
        b"a note [1] and [[brackets]] once\n" + b"Plain prose. " * 500,
    ],
)
def test_prose_looks_like_prose(start: bytes) -> None:
    assert looks_like(start) == ""
