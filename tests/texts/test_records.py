"""Texts in records: parquet, JSON lines, WikiExtractor output and zip members, local and named."""

from __future__ import annotations

import gzip
import json
import lzma
import zipfile
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from mstar.corpus.catalogue import load_corpora
from mstar.corpus.corpora import Corpus, find_corpus, local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import EncodedCorpus, drop_short
from mstar.corpus.encoder import Encoder
from mstar.corpus.words import tokenise
from mstar.files.writing import UserError, sha256_of
from mstar.texts import documents as pieces
from mstar.texts import records
from tests.support.parts import assert_same, encode_parts, encode_whole

PACK = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress}
TEXTS = ["One two.\nThree", "four", "", "five six\r\nseven"]
EACH = [["one", "two", "three"], ["four"], ["five", "six", "seven"]]
JOINED = [word for words in EACH for word in words]


def lines(texts: list[str | None], field: str = "text") -> bytes:
    return b"\n".join(json.dumps({"id": 1, field: text}).encode() for text in texts) + b"\n\n"


def table(path: Path, texts: list[str | None], field: str = "text", kind: object = None) -> Path:
    array = pa.array(texts, pa.string() if kind is None else kind)
    parquet.write_table(pa.table({"id": list(range(len(texts))), field: array}), path)
    return path


def wiki(texts: list[str]) -> bytes:
    return "".join(
        f'<doc id="{i}" url="x?a>b" title="T">\n{text}\n\n</doc>\n' for i, text in enumerate(texts)
    ).encode()


def documents(corpus: Corpus, folder: Path | None = None) -> list[list[str]]:
    encoded = encode_corpus(CorpusText(corpus, folder))
    words = [encoded.words[token] for token in encoded.tokens]
    return [words[a:b] for a, b in pairwise(encoded.document_offsets)]


@pytest.mark.parametrize(
    "kind", ["parquet", "wiki", "zip", "jsonl", "jsonl.gz", "jsonl.xz", "jsonl.zst"]
)
def test_each_record_is_a_document(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{kind}"
    if kind == "parquet":
        table(path, list(TEXTS))
    elif kind == "wiki":
        path = tmp_path / "out"
        (path / "AA").mkdir(parents=True)
        (path / "AA" / "wiki_00").write_bytes(wiki(TEXTS[:2]))
        (path / "AA" / "wiki_01.gz").write_bytes(gzip.compress(wiki(TEXTS[2:])))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("b/1.jsonl", lines(TEXTS[2:]))
            archive.writestr("a/1.jsonl", lines(TEXTS[:2]))
            archive.writestr("readme.md", "no")
    else:
        path.write_bytes(PACK[path.suffix if path.suffix in PACK else ""](lines(list(TEXTS))))
    assert documents(local_corpus(path)) == EACH
    assert documents(local_corpus(path, "fixed:4")) == [JOINED[:4], JOINED[4:]]
    whole = [JOINED] if kind not in ("wiki", "zip") else [JOINED[:4], JOINED[4:]]
    assert documents(local_corpus(path, "file")) == whole


def test_nulls_are_counted_and_left_out(tmp_path: Path) -> None:
    table(tmp_path / "x.parquet", ["a b", None, "c"])
    for path in (tmp_path / name for name in ("x.parquet", "x.jsonl", "wiki_00")):
        if path.suffix != ".parquet":
            path.write_bytes(lines(["a b", None, "c"]))
        encoded = encode_corpus(CorpusText(local_corpus(path)))
        assert encoded.sources[0]["null_texts"] == 1 and encoded.documents == 2


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())], ids=str
)
def test_every_type_of_string_is_read(kind: pa.DataType, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    array = pa.array(["a b", None, "c", "c"]).cast(kind)
    parquet.write_table(pa.table({"text": array}), path, row_group_size=2)
    assert documents(local_corpus(path)) == [["a", "b"], ["c"], ["c"]]


def test_titles_of_wikiextractor_may_hold_quotes(tmp_path: Path) -> None:
    head = b'<doc id="12" url="x" title="The 12" Collection">\n'
    (tmp_path / "wiki_00").write_bytes(head + b"a b\n</doc>\n")
    assert documents(local_corpus(tmp_path)) == [["a", "b"]]


def test_an_ending_in_capitals_is_an_ending(tmp_path: Path) -> None:
    (tmp_path / "DATA.JSONL").write_bytes(lines(["a b"]))
    assert documents(local_corpus(tmp_path / "DATA.JSONL")) == [["a", "b"]]


def test_json_output_of_wikiextractor(tmp_path: Path) -> None:
    (tmp_path / "wiki_00").write_bytes(lines(["a b", "c"]))
    assert documents(local_corpus(tmp_path)) == [["a", "b"], ["c"]]
    (tmp_path / "wiki_00").write_bytes(wiki(["AT&amp;T &lt;b&gt; a&b"]))
    assert documents(local_corpus(tmp_path)) == [["at", "t", "b", "a", "b"]]


def test_text8_as_it_is_published(tmp_path: Path) -> None:
    path = tmp_path / "text8.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("text8", " anarchism originated as a term ")
    named = load_corpora(Path(__file__).parents[2] / "config" / "corpora.yaml")["text8"]
    with pytest.raises(UserError, match="not the file that is published: expected one with sha256"):
        documents(named, tmp_path)
    files = [file.model_copy(update={"sha256": sha256_of(path)}) for file in named.files]
    named = named.model_copy(update={"files": files})
    words = ["anarchism", "originated", "as", "a", "term"]
    assert documents(named, tmp_path) == [words]
    assert documents(local_corpus(path, "fixed:2")) == [words[:2], words[2:4], words[4:]]


def test_each_sample_of_coca_and_now_is_counted_once(tmp_path: Path) -> None:
    for name, members in {
        "coca-samples-text.zip": {"text_acad.txt": b"@@41 caf\xe9 coca", "b/text_tvm.txt": b"tv"},
        "now-text-2024.zip": {"24-01.txt": b"@@7 news"},
    }.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member, text in members.items():
                archive.writestr(member, text)
    named = load_corpora(Path(__file__).parents[2] / "config" / "corpora.yaml")["cocanow"]
    expected = ["tv", "four", "one", "caf", "coca", "seven", "news"]
    assert documents(named, tmp_path) == [expected]
    encoded = encode_corpus(CorpusText(named, tmp_path))
    assert [source["tokens"] for source in encoded.sources] == [5, 2]
    assert encoded.sources[0]["undecodable_bytes"] == 1
    # No sha256 is published, so that of the file read is recorded.
    assert encoded.sources[1]["sha256"] == sha256_of(tmp_path / "now-text-2024.zip")


BAD = [
    ("x.jsonl", lines(["a"], "body"), r"x\.jsonl, line 1: no key 'text': .* among id, body"),
    ("x.jsonl", lines(["a"], "texts"), "did you mean 'texts'"),
    (
        "x.jsonl",
        b'{"text": "a"}\n{"text": 5}',
        r"x\.jsonl, line 2: 'text' is a int: expected",
    ),
    ("x.jsonl", b'{"text": "a"}\n[1]', r"x\.jsonl, line 2: a list: expected an object"),
    ("x.jsonl", b'{"a\\n\\u001b[2J": 1}', r"among 'a\\n\\x1b\[2J' \(field: NAME"),
    ("x.jsonl", b'{"text": "a"\n', r"x\.jsonl, line 1: not JSON"),
    ("x.jsonl", b"[" * 100_000, r"x\.jsonl, line 1: not JSON"),
    ("x.jsonl", b'{"text": "\xff"}', r"x\.jsonl, line 1: not JSON"),
    ("x.jsonl.gz", gzip.compress(lines(["a"] * 999))[:-9], "damaged or incomplete archive"),
    ("x.jsonl.zst", zstandard.compress(lines(["a"] * 999))[:-9], "damaged or incomplete archive"),
    ("x.parquet", b"PAR1 nothing of the kind PAR1", "not a whole parquet file"),
    ("x.parquet", b"", "not a whole parquet file"),
    ("wiki_00", b"words\n", r"wiki_00, line 1: 'words': expected <doc"),
    ("wiki_00", wiki(["a", "b"])[:-8], "wiki_00: ends within an article"),
    ("wiki_00", b'<doc id="1"\n>', "expected <doc"),
    ("x.zip", b"PK nothing", "damaged archive"),
    ("x.7z", b"7z\xbc\xaf\x27\x1c", "damaged or incomplete archive"),
]


# Test names leave out the content: gzip output contains the time, so two workers of
# pytest-xdist would disagree on the names.
@pytest.mark.parametrize(
    ("name", "content", "message"), [pytest.param(*bad, id=f"{bad[0]}-{bad[2]}") for bad in BAD]
)
def test_what_is_wrong_is_one_line(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        encode_corpus(CorpusText(local_corpus(tmp_path / name)))
    assert "\n" not in str(error.value) and len(str(error.value)) < 600


def test_columns_of_parquet(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", ["a"], "Text")
    with pytest.raises(UserError, match=r"no column 'text': .* id, Text; did you mean 'Text'\?"):
        encode_corpus(CorpusText(local_corpus(path)))
    table(path, [1, 2], kind=pa.int64())  # type: ignore[list-item]
    with pytest.raises(UserError, match="the column 'text' is of int64: expected strings"):
        encode_corpus(CorpusText(local_corpus(path)))
    twice = pa.Table.from_arrays([pa.array(["a"])] * 2, names=["text", "text"])
    parquet.write_table(twice, path)
    with pytest.raises(UserError, match="several columns 'text': expected one of that name"):
        encode_corpus(CorpusText(local_corpus(path)))
    table(path, ["a"], "cafe")
    path.write_bytes(path.read_bytes().replace(b"cafe", b"caf\xe9"))
    with pytest.raises(UserError, match="not a whole parquet file"):
        encode_corpus(CorpusText(local_corpus(path)))


def test_a_line_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST", 50)
    (tmp_path / "x.jsonl").write_bytes(lines(["a " * 100]))
    with pytest.raises(UserError, match="line 1: longer than 50 bytes"):
        encode_corpus(CorpusText(local_corpus(tmp_path / "x.jsonl")))
    (tmp_path / "wiki_00").write_bytes(wiki(["a\n" * 30]))
    with pytest.raises(UserError, match="line 27: an article of more than 50 bytes"):
        encode_corpus(CorpusText(local_corpus(tmp_path / "wiki_00")))


def test_kinds_are_not_mixed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "a.jsonl").write_bytes(lines(["a"]))
    with pytest.raises(UserError, match=r"files of several kinds \(.*a\.jsonl, .*a\.txt\)"):
        local_corpus(tmp_path)
    assert documents(local_corpus(f"{tmp_path}/*.jsonl")) == [["a"]]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(
    texts=st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=8),
    batch=st.integers(0, 30),
    kind=st.sampled_from(["parquet", "jsonl"]),
)
def test_records_are_tokenised_as_they_are(
    texts: list[str | None], batch: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "BATCH", batch)
    path = tmp_path / f"x.{kind}"
    if kind == "parquet":
        table(path, texts)
    else:
        path.write_bytes(lines(texts))
    expected = [words for words in (tokenise(text) for text in texts if text) if words]
    if not expected:
        with pytest.raises(UserError, match="no words"):
            encode_corpus(CorpusText(local_corpus(path)))
        return
    assert documents(local_corpus(path)) == expected


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(data=st.data(), name=st.sampled_from(["x.parquet", "x.jsonl", "wiki_00", "x.zip"]))
def test_damaged_files_are_read_or_refused(data: st.DataObject, name: str, tmp_path: Path) -> None:
    texts = ["some words of a text " * 9, "and more"]
    path = tmp_path / name
    if name == "x.parquet":
        table(path, list(texts))
    elif name == "x.zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", texts[0])
    else:
        path.write_bytes(lines(list(texts)) if name == "x.jsonl" else wiki(texts))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        encode_corpus(CorpusText(local_corpus(path)))
    except UserError as error:
        assert "\n" not in str(error)


# --- named corpora ---


ENTRY = """
mine:
  title: Mine
  document_rule: line
  min_tokens: 3
  path: {path}
  field: body
"""


def test_an_entry_with_a_path_has_settings_of_its_own(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", ["a b c", "d e", None, "f g h i"], "body")
    (tmp_path / "corpora.yaml").write_text(ENTRY.format(path=path))
    corpora = load_corpora(tmp_path / "corpora.yaml")
    corpus = find_corpus("mine", corpora)
    encoded = encode_corpus(CorpusText(corpus))
    assert encoded.words == list("abcfghi") and encoded.short_documents == 1
    assert encoded.sources[0]["documents"] == 2 and encoded.sources[0]["tokens"] == 7
    path.unlink()
    with pytest.raises(UserError, match="no such file"):
        find_corpus("mine", corpora)


@settings(deadline=None, max_examples=30)
@given(
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=8),
    least=st.integers(0, 7),
    data=st.data(),
)
def test_short_documents_go_with_their_words(
    lengths: list[int], least: int, data: st.DataObject
) -> None:
    texts = [" ".join(data.draw(st.sampled_from("abcdef")) for _ in range(n)) for n in lengths]

    def encoded(kept: list[str]) -> EncodedCorpus:
        encoder = Encoder()
        for text in kept:
            encoder.add(text.encode())
            encoder.end_document()
        return encoder.finish()

    shorter, kept = drop_short(encoded(texts), least)
    expected = encoded([text for text in texts if len(text.split()) >= least])
    assert shorter.words == expected.words
    assert shorter.tokens.tolist() == expected.tokens.tolist()
    assert shorter.tokens.dtype == expected.tokens.dtype
    assert shorter.document_offsets.tolist() == expected.document_offsets.tolist()
    assert shorter.counts.tolist() == expected.counts.tolist()
    assert shorter.short_documents == len(texts) - int(kept.sum())


def test_parts_of_a_corpus_with_a_least_length_make_the_whole(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number, texts in enumerate((["a b c", "x"], [None], ["c d e f", "y z"])):
        table(folder / f"{number}.parquet", texts)
    settings = {"name": "c", "title": "C", "document_rule": "line", "min_tokens": 3}
    corpus = Corpus.model_validate({**settings, "path": str(folder)})
    whole = encode_whole(corpus, tmp_path / "whole")
    parts = [[folder / f"{number}.parquet"] for number in range(3)]
    assert_same(encode_parts(corpus, parts, tmp_path / "merged"), whole)
    described = json.loads((tmp_path / "merged" / "corpus.json").read_text())
    assert described["short_documents"] == 2 and described["sources"][0]["null_texts"] == 1


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        (
            "text8",
            {"source": "hugingface"},
            r"files\[0\]\.source: .* did you mean \"huggingface\"\?",
        ),
        (
            "text8",
            {"source": "ftp"},
            r"files\[0\]\.source: \"ftp\": expected one of package, url, huggingface",
        ),
        ("text8", {"urls": []}, r"files\[0\]\.urls"),
        ("text8", {"urls": ["ftp://x/y"]}, "expected one or more addresses"),
        ("text8", {"urls": ["http://localhost:99999/x"]}, "expected one or more addresses"),
        ("text8", {"urls": ["http://[::1/x"]}, "expected one or more addresses"),
        ("text8", {"sha256": None}, "sha256: null needs why_no_sha256"),
        ("text8", {"why_no_sha256": "why not"}, "a sha256 has no use for it"),
        ("text8", {"filename": "../x"}, r"files\[0\]\.filename"),
        ("text8", {"reader": "parquets"}, r"files\[0\]\.reader"),
        (
            "enwiki500",
            {"pattern": "train.parquet"},
            r"files\[0\]\.pattern: .*: expected a path with",
        ),
        ("enwiki500", {"pattern": "{shard}-{x}"}, r"files\[0\]\.pattern"),
        (
            "enwiki500",
            {"pattern": "x{shard.foo}"},
            r"files\[0\]\.pattern: .*: expected a path with",
        ),
        ("enwiki500", {"pattern": "x{shard[x]}"}, r"files\[0\]\.pattern: .*: expected a path with"),
        ("text8", {"members": [], "reader": "text"}, "the reader text needs members"),
        ("enwiki500", {"members": ["*"]}, "parquet files within archives are not read"),
        ("enwiki500", {"shards": 0}, r"files\[0\]\.shards"),
        ("enwiki500", {"dataset": "wikipedia"}, r"files\[0\]\.dataset"),
    ],
)
def test_mistakes_in_sources_are_named(
    name: str, changes: dict[str, object], message: str, tmp_path: Path
) -> None:
    corpora = yaml.safe_load((Path(__file__).parents[2] / "config" / "corpora.yaml").read_text())
    corpora[name]["files"][0] |= changes
    path = tmp_path / "corpora.yaml"
    path.write_text(yaml.safe_dump(corpora))
    with pytest.raises(UserError, match=rf"{name}\..*{message}|{name}.*{message}") as error:
        load_corpora(path)
    assert len(str(error.value).splitlines()) == 1
