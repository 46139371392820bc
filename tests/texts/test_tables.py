"""Tables and JSON under any name: the column or key that is read, and what is left out."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.words import tokenise
from mstar.files.writing import UserError
from mstar.texts import records
from mstar.texts.documents import Piece
from mstar.texts.readers import file_pieces
from mstar.texts.records import Tally

PACK = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}
CELLS = ["One, two", 'say "three"', "four\nfive", "six"]
EACH = [["one", "two"], ["say", "three"], ["four", "five"], ["six"]]


def documents(path: Path, rule: str = "line", **given: Any) -> list[list[str]]:
    encoded = encode_corpus(CorpusText(local_corpus(path, rule, **given)))
    words = [encoded.words[token] for token in encoded.tokens]
    return [words[a:b] for a, b in pairwise(encoded.document_offsets)]


def source(path: Path, **given: Any) -> dict[str, Any]:
    return encode_corpus(CorpusText(local_corpus(path, **given))).sources[0]


def table(separator: str, field: str = "text", cells: list[str] = CELLS) -> bytes:
    stream = io.StringIO()
    rows = csv.writer(stream, delimiter=separator)
    rows.writerows([["id", field, "url"], *([i, cell, "http"] for i, cell in enumerate(cells))])
    return stream.getvalue().encode()


def lines(texts: list[str], field: str = "text") -> bytes:
    return b"".join(json.dumps({"id": 1, field: text}).encode() + b"\n" for text in texts)


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize(("name", "separator"), [("x.csv", ","), ("x.csv", ";"), ("x.tsv", "\t")])
def test_each_row_is_a_document(name: str, separator: str, packed: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}{packed}"
    path.write_bytes(PACK[packed](table(separator, "body")))
    assert documents(path, field="body") == EACH
    with pytest.raises(UserError, match=r"no column 'text': .* among id, body, url .*FIELD=NAME"):
        documents(path)


def test_a_table_of_another_name_is_read_as_asked(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(table("\t"))
    assert documents(tmp_path / "x.txt", reader="tsv") == EACH


def test_quotes_of_a_tsv_may_be_those_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_bytes(b'id\ttext\n1\t"Hello, she said\n2\ta "b" c\n3\td\n')
    assert documents(path) == [["hello", "she", "said"], ["a", "b", "c"], ["d"]]


def test_rows_without_the_column_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,text\n1,a b\n2\n\n3,c\n")
    assert documents(path) == [["a", "b"], ["c"]]
    assert source(path)["left_out"] == {"without_column": 1}
    assert source(path)["readers"] == {"csv": 1}


@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "x.txt", "x.txt.bz2", "x", "x.jsonl.xz"])
def test_json_lines_of_any_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(PACK.get(path.suffix, bytes)(lines(["one two", "three"], "content")))
    assert documents(path, field="content") == [["one", "two"], ["three"]]


@pytest.mark.parametrize(
    "value",
    [
        [{"text": "one two"}, {"text": "three"}],
        {"a": {"text": "one two"}, "b": {"text": "three"}},
    ],
)
def test_a_list_or_object_of_json_records(value: Any, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(value, indent=2))
    assert documents(tmp_path / "x.json") == [["one", "two"], ["three"]]


def test_records_without_the_key_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(lines(["other"], "title") + lines(["a"]) + lines(["other"], "title") * 2)
    assert documents(path) == [["a"]] and source(path)["left_out"] == {"without_key": 3}
    monkeypatch.setattr(records, "TRIED", 1)
    with pytest.raises(UserError, match="line 1: no key 'text'"):
        documents(path)


def test_wikiextractor_output_in_one_text_file(tmp_path: Path) -> None:
    article = '<doc id="1" url="u" title="T">\nAT&amp;T said\n</doc>\n'
    (tmp_path / "x.txt").write_text(article * 2)
    assert documents(tmp_path / "x.txt") == [["at", "t", "said"]] * 2


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_of_texts(mode: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.tar{mode[1:].replace(':', '.').rstrip('.')}"
    with tarfile.open(path, mode) as archive:
        for name, content in {"d/b.txt": b"b c", "d/a.txt": b"a", "d/x.md": b"no"}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    assert documents(path, "file") == [["b", "c"], ["a"]]  # as stored


def test_files_without_an_ending(tmp_path: Path) -> None:
    for name, content in {"a": "one", "sub/b": "two", "notes.pdf": "no"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert documents(tmp_path) == [["one"], ["two"]]


def test_a_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.txt").write_text("one")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert local_corpus("~/x.txt").path == str(tmp_path / "x.txt")


BAD = [
    ("x.csv", b"", r"no column 'text': expected one among none"),
    ("x.csv", b"a,b\n1,2\n", "no column 'text': expected one among a, b"),
    ("x.csv", b"text,text\n1,2\n", "several columns 'text'"),
    ("x.csv", b"id,text\n1,a, b\n", r"x\.csv, line 2: 3 cells, but the header has 2"),
    ("x.csv", b'id,text\n1,a\n2,"never closed\n3,b\n', r"line 3: not a row of a table"),
    ("x.csv", b'id,text\n1,"a" b\n', r"line 2: not a row of a table"),
    ("x.csv.bz2", bz2.compress(table(",") * 50)[:-9], "damaged or incomplete archive"),
    ("x.tsv", b"id\ttext\n1\ta\tb\n", r"line 2: 3 cells"),
    ("x.json", b'[\n {"text": "a"},\n {"text"', r"x\.json: not JSON"),
    ("x.json", b"[1, 2]", r"x\.json, record 1: a int: expected an object"),
    ("x.json", b"7", r"x\.json: a int: expected a list of records"),
    ("x.json", b'[{"a": ' * 100_000, r"x\.json: not JSON"),
    ("x.json", b'[{"body": "a"}]', r"record 1: no key 'text': expected one among body"),
    ("x.txt", b'{"body": "a"}\n', r"line 1: no key 'text': expected one among body"),
    ("x.txt.bz2", bz2.compress(b"words " * 999)[:-9], "damaged or incomplete archive"),
    ("x.bz2", b"words", r"damaged, or not a \.bz2 file"),
    ("x.tar", b"", r"x\.tar: damaged archive"),
    ("x.tar.gz", gzip.compress(b"words"), r"x\.tar\.gz: damaged archive"),
    ("x.txt", b"%PDF-1.7 words", "a PDF file: convert it to text first"),
    ("x.rar", b"Rar!\x1a\x07", "a RAR archive: unpack it first"),
]


@pytest.mark.parametrize(
    ("name", "content", "message"), [pytest.param(*bad, id=f"{bad[0]}-{bad[2]}") for bad in BAD]
)
def test_what_is_wrong_is_one_line(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        documents(tmp_path / name)
    assert "\n" not in str(error.value) and len(str(error.value)) < 600


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv.bz2").write_bytes(bz2.compress(b"text\n" + b"a" * (1 << 27)))
    with pytest.raises(UserError, match="it may be made to fill memory"):
        documents(tmp_path / "x.csv.bz2")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=6), tab=st.booleans())
def test_cells_are_tokenised_as_they_are(texts: list[str], tab: bool, tmp_path: Path) -> None:
    texts = [text.replace("\0", " ").replace("\r", " ") for text in texts]
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    path = tmp_path / ("x.tsv" if tab else "x.csv")
    path.write_bytes(table("\t" if tab else ",", cells=[*texts, "end"]))
    expected = [words for words in map(tokenise, [*texts, "end"]) if words]
    assert documents(path) == expected


# --- paragraphs ---


def test_paragraphs_are_documents(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"one\r\ntwo \r\n\r\n \r\nthree\n\n\n\n  four\nfive")
    assert documents(path, "paragraph") == [["one", "two"], ["three"], ["four", "five"]]
    path = tmp_path / "x.jsonl"
    path.write_bytes(lines(["one\ntwo\n\nthree", "four"]))
    assert documents(path, "paragraph") == [["one", "two"], ["three"], ["four"]]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(text=st.text("ab \n\t\r", max_size=60), size=st.integers(1, 9))
def test_paragraphs_do_not_depend_on_blocks(
    text: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mstar.texts.documents import paragraphs

    content = text.encode()
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    found = b"".join(paragraphs(blocks)).split(b"\n")
    expected = [b" ".join(each.split()) for each in _by_blank_lines(content)]
    assert [b" ".join(each.split()) for each in found if each.split()] == expected


def _by_blank_lines(content: bytes) -> list[bytes]:
    groups: list[list[bytes]] = [[]]
    for line in content.split(b"\n"):
        if line.strip():
            groups[-1].append(line)
        else:
            groups.append([])
    return [b" ".join(group) for group in groups if group]


def test_what_is_read_as_asked_warns_if_it_looks_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(table("\t"))
    documents(path)
    assert "x.txt looks like a table with the columns id, text, url" in capsys.readouterr().err
    path.write_bytes(lines(["a"]))
    documents(path, reader="plain")
    assert "looks like JSON lines: reader: jsonl" in capsys.readouterr().err
    pieces = file_pieces(path, "plain", "line", tally=Tally())
    assert all(isinstance(piece, Piece) for piece in pieces)
    assert capsys.readouterr().err == ""
