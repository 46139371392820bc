"""The table of readers: one function and one entry each."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mstar.corpus.corpora import Corpus
from mstar.files.writing import UserError, sha256_of
from mstar.texts.members import Stream
from mstar.texts.readers import READERS, Reader, file_pieces
from mstar.texts.records import Tally


def second_column(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    while line := stream.readline():
        yield line.split(b"\t")[1]


def corpus(path: Path, **settings: object) -> Corpus:
    file = {
        "name": "x",
        "title": "X",
        "licence": "none",
        "source": "url",
        "urls": [path.as_uri()],
        "filename": path.name,
        "sha256": sha256_of(path),
        **settings,
    }
    return Corpus.model_validate(
        {"name": "x", "title": "X", "document_rule": "line", "files": [file]}
    )


def test_an_entry_is_all_that_a_reader_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new reader reads files and members of archives."""
    monkeypatch.setitem(READERS, "second", Reader(second_column))
    table = tmp_path / "x.tsv"
    table.write_text("1\tone two\n2\tthree\n")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(table, "t/x.tsv")
    for path, members in ((table, []), (tmp_path / "x.zip", ["t/*"])):
        pieces = list(file_pieces(path, "second", "line", members=members))
        assert b"".join(piece.text for piece in pieces).split() == [b"one", b"two", b"three"]


def test_what_surprises_a_reader_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(READERS, "second", Reader(second_column))
    (tmp_path / "x.tsv").write_text("no tab\n")
    with pytest.raises(UserError, match=r"^.*x\.tsv: the reader 'second' cannot read it \(Index"):
        list(file_pieces(tmp_path / "x.tsv", "second", "line"))


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_given_what_it_reads(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK")
    for members, fits in (([], READERS[name].files), (["*"], READERS[name].members)):
        if fits:
            assert corpus(path, reader=name, members=members).files[0].reader == name
        else:
            with pytest.raises(ValueError, match=rf"{name}.*(needs members|are not read)"):
                corpus(path, reader=name, members=members)
