"""Streams of .bz2 unpacked by several processes, and .7z."""

from __future__ import annotations

import bz2
import io
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import py7zr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.files.writing import UserError
from mstar.texts import members, packed
from mstar.texts.packed import Streams
from tests.texts.test_dumps import WHOLE, dump, page

# What a stream begins with, where none does.
MARK = b"BZh91AY&SY"
PARTS = st.lists(
    st.one_of(
        st.binary(max_size=80).map(bz2.compress),
        st.binary(min_size=1, max_size=80).map(lambda data: bz2.compress(data)[:-3]),
        st.sampled_from([MARK, b"\0", MARK + b"more", b"BZ"]),
    ),
    min_size=1,
    max_size=5,
)


class Counting(ThreadPoolExecutor):
    """A pool that counts what it is given."""

    submitted = 0

    def submit(self, *given: Any, **named: Any) -> Future[Any]:
        self.submitted += 1
        return super().submit(*given, **named)


def outcome(stream: Any) -> bytes | str:
    with stream:
        try:
            return bytes(stream.read())
        except (OSError, EOFError) as error:
            return str(error)


@given(parts=PARTS, group=st.sampled_from([1, 50]), largest=st.sampled_from([60, 1000]))
def test_streams_are_read_as_by_one_process(
    parts: list[bytes], group: int, largest: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whole, damaged, cut, with trailing bytes, and with marks where no stream begins."""
    path = tmp_path_factory.mktemp("streams") / "x.bz2"
    path.write_bytes(b"".join(parts))
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setattr(packed, "GROUP", group)
        patch.setattr(packed, "LARGEST", largest)
        patch.setattr(packed, "UNPACKED", 60)
        found = outcome(io.BufferedReader(Streams(path, pool)))
    with bz2.open(path) as stream:
        assert found == outcome(stream)


def test_streams_are_unpacked_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "GROUP", 1)
    path = tmp_path / "x.bz2"
    texts = [f"stream {number}\n".encode() for number in range(9)]
    path.write_bytes(b"".join(map(bz2.compress, texts)))
    with Counting(1) as pool, io.BufferedReader(Streams(path, pool)) as stream:
        assert stream.read() == b"".join(texts)
    assert pool.submitted == 9


def test_a_dump_of_several_streams_is_the_same_for_any_number_of_processes(tmp_path: Path) -> None:
    path = tmp_path / "pages-articles-multistream.xml.bz2"
    content = dump(*(page(f"article {'abcdefgh'[number]} word") for number in range(8)))
    cuts = [0, 300, 500, 900, len(content)]
    path.write_bytes(b"".join(bz2.compress(content[a:b]) for a, b in pairwise(cuts)))
    corpus = local_corpus(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed, "GROUP", 1)
        one, two = (encode_corpus(CorpusText(corpus, processes=n)) for n in (1, 2))
        assert np.array_equal(one.tokens, two.tokens) and one.words == two.words
        assert one.documents == two.documents == 8
        path.write_bytes(path.read_bytes()[:-30])
        said = []
        for processes in (1, 2):
            with pytest.raises(UserError, match=r"damaged or incomplete archive") as error:
                encode_corpus(CorpusText(corpus, processes=processes))
            said.append(str(error.value))
        assert said[0] == said[1]


def seven(path: Path, **files: bytes) -> Path:
    with py7zr.SevenZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(content, f"{name}.xml")
    return path


def read(path: Path) -> Any:
    return encode_corpus(CorpusText(local_corpus(path)))


def test_7z_is_read_as_what_it_holds(tmp_path: Path) -> None:
    plain = tmp_path / "x.xml"
    plain.write_bytes(WHOLE)
    one, two = read(plain), read(seven(tmp_path / "x.xml.7z", x=WHOLE))
    assert np.array_equal(one.tokens, two.tokens) and one.documents == two.documents == 9
    assert two.sources[0]["readers"] == {"dump": 1}


def test_7z_that_is_not_read_to_its_end_is_closed(tmp_path: Path) -> None:
    path = seven(tmp_path / "x.7z", x=bytes(range(256)) * 40_000)
    stream = io.BufferedReader(packed.SevenZip(path))
    assert stream.read(3) == b"\0\1\2"
    stream.close()
    assert stream.closed


WHAT = "x.7z: damaged or incomplete archive .*expected a whole .7z file"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:-10], WHAT),
        (lambda content: content[: len(content) // 2], WHAT),
        (lambda content: content[:6], WHAT),
        (lambda content: content[:6] + bytes(60), WHAT),
        (lambda content: content[:40] + b"hostile" + content[47:], WHAT),
        (lambda content: b"text", "x.7z: damaged, or not a .7z file"),
    ],
)
def test_7z_that_is_damaged_is_one_line(change: Any, message: str, tmp_path: Path) -> None:
    path = seven(tmp_path / "x.7z", x=WHOLE)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(UserError, match=message) as error:
        read(path)
    assert "\n" not in str(error.value)


def test_7z_that_cannot_be_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match=r"holds a\.xml, b\.xml: expected one file in a \.7z"):
        read(seven(tmp_path / "two.7z", a=WHOLE, b=WHOLE))
    with pytest.raises(UserError, match="holds nothing"):
        read(seven(tmp_path / "none.7z"))
    locked = tmp_path / "locked.7z"
    for hidden in (False, True):
        with py7zr.SevenZipFile(locked, "w", password="x", header_encryption=hidden) as archive:
            archive.writestr(WHOLE, "x.xml")
        with pytest.raises(UserError, match=r"locked\.7z: encrypted"):
            read(locked)
    bomb = seven(tmp_path / "bomb.7z", x=b"a " * 500_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "FLOOR", 1 << 16)
        with pytest.raises(UserError, match=r"unpack to .*it may be made to fill memory"):
            read(bomb)
    monkeypatch.setitem(sys.modules, "py7zr", None)
    with pytest.raises(UserError, match=r"needs the package py7zr.*pip install py7zr"):
        read(bomb)
