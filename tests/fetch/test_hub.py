"""enwiki500 at small size: shards from a stand-in for the Hugging Face hub, read and counted."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet

from mstar.corpus.catalogue import load_corpora
from mstar.corpus.corpora import find_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded_text import open_text
from mstar.corpus.wording import WordRules
from mstar.corpus.words import tokenise
from mstar.counts.counting import count
from mstar.fetch.sources import fetch_source
from mstar.files.writing import UserError
from tests.support.misbehaving import Server, serving
from tests.support.workflow import ROOT, run_snakemake

REVISION = load_corpora(ROOT / "config" / "corpora.yaml")["enwiki500"].files[0].revision  # type: ignore[union-attr]
WORDS = ["doesn't", "1999", "Straße", *(a + b for a in "thequick" for b in "brownfxjumpsvlazydg")]


def article(number: int, words: int) -> str:
    return " ".join(WORDS[(number * 7 + 5 * k + k // 11) % len(WORDS)] for k in range(words))


# Each of two shards has a null, a short article and one without a word.
SHARDS = [
    [article(1, 700), None, article(2, 20), article(3, 900)],
    [article(4, 650), "1999.", None, None, article(5, 450)],
]


def shard(texts: list[str | None]) -> bytes:
    table = pa.table({"id": [str(i) for i in range(len(texts))], "text": texts})
    stream = io.BytesIO()
    parquet.write_table(table, stream, row_group_size=2)
    return stream.getvalue()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    pytest.importorskip("huggingface_hub")
    with serving() as server:
        for number, texts in enumerate(SHARDS):
            path = f"20231101.en/train-{number:05d}-of-00002.parquet"
            server.add_shard("wikimedia/wikipedia", REVISION, path, shard(texts))
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1,localhost")
        yield server


def test_enwiki500_is_fetched_read_and_counted(hub: Server, sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(sources, folder)
    path = folder / "config" / "corpora.yaml"
    corpora = yaml.safe_load(path.read_text(encoding="utf-8"))
    corpora["enwiki500"]["files"][0]["shards"] = len(SHARDS)
    path.write_text(yaml.safe_dump(corpora), encoding="utf-8")
    done = run_snakemake(
        folder, "results/enwiki500/corpus.json", "--config", "corpus=enwiki500", "shards=2"
    )
    assert done.returncode == 0, done.stdout
    assert "2 files, about 841 MB to download, 1.1 min at 100 Mbit/s" in done.stdout
    for rule, jobs in {"fetch_file": 2, "encode_part": 2, "merge_vocabularies": 1}.items():
        assert done.stdout.count(f"rule {rule}:") == jobs
    described = json.loads((folder / "results" / "enwiki500" / "corpus.json").read_text())
    texts = [text for texts in SHARDS for text in texts if text]
    kept = [words for words in (tokenise(text, "paper") for text in texts) if len(words) >= 500]
    assert len(kept) == 3
    assert described["documents"] == 3 and described["tokens"] == sum(map(len, kept))
    assert described["types"] == len({word for words in kept for word in words})
    assert (described["short_documents"], described["empty_documents"]) == (2, 1)
    assert described["min_tokens"] == 500
    assert [source["null_texts"] for source in described["sources"]] == [1, 2]
    assert [source["documents"] for source in described["sources"]] == [2, 1]
    assert described["sources"][0]["revision"] == REVISION
    # One job gives the same integers.
    corpus = load_corpora(path)["enwiki500"]
    whole = encode_corpus(CorpusText(corpus, folder / "resources" / "corpora" / "enwiki500"))
    parts = [folder / "results" / "enwiki500" / "parts" / f"{part}-of-2" for part in range(2)]
    names = ("tokens.npy", "documents.npy", "place.npz")
    files = [part / name for part in parts for name in names]
    text = open_text([*files, folder / "results" / "enwiki500" / "corpus.json"], check=True)
    tokens = text.tokens()
    assert np.array_equal(tokens, whole.tokens) and tokens.dtype == whole.tokens.dtype
    assert [whole.words[token] for token in tokens[: len(kept[0])]] == kept[0]
    counts = count(tokens, whole.document_offsets, 100, 2)
    assert counts.unigram.tolist() == whole.counts[:100].tolist()
    lengths = [len([word for word in words if word in whole.words[:100]]) for words in kept]
    assert counts.pairs == sum(2 * length - 3 for length in lengths)


def fetch(folder: Path, shard: int = 0) -> Path:
    name = f"train-{shard:05d}-of-00002.parquet"
    request = {"source": "huggingface", "dataset": "wikimedia/wikipedia", "revision": REVISION}
    request |= {"path": f"20231101.en/{name}", "attempts": 1, "pause": 0.0}  # type: ignore[dict-item]
    return fetch_source(request, folder / name)


def test_a_shard_is_resumed_and_its_sha256_checked(hub: Server, tmp_path: Path) -> None:
    content = shard(SHARDS[0])
    place = next(path for path in hub.files if path.startswith("/lfs/"))
    hub.files[place].cuts = [900]
    with pytest.raises(UserError, match=r"900 bytes are kept in .*: run again to resume"):
        fetch(tmp_path)
    assert fetch(tmp_path).read_bytes() == content
    assert hub.asked[-1] == ("GET", place, "bytes=900-")
    fetch(tmp_path).unlink()
    hub.files[place].content = content[:-9] + b"?" + content[-8:]
    with pytest.raises(UserError, match=r"with sha256 .* nothing was kept"):
        fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_hub_that_does_not_answer(
    hub: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files.clear()
    message = r"train-00000-of-00002\.parquet .*404.*check the connection and HF_ENDPOINT.*place"
    with pytest.raises(UserError, match=message):
        fetch(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="check the connection and HF_ENDPOINT"):
        fetch(tmp_path)


# --- a data set by name ---


def listing(server: Server, revision: str = "main", sha: str = REVISION) -> None:
    """Offer the hub's answer on the files of a data set."""
    siblings = [{"rfilename": "README.md", "size": 9}]
    for number, texts in enumerate(SHARDS):
        content = shard(texts)
        path = f"20231101.de/train-{number:05d}-of-00002.parquet"
        siblings.append({"rfilename": path, "size": len(content)})
        server.add_shard("wikimedia/wikipedia", sha, path, content)
    siblings.append({"rfilename": "20231101.den/train-0.parquet", "size": 9})
    answer = json.dumps({"sha": sha, "siblings": siblings}).encode()
    place = f"/api/datasets/wikimedia/wikipedia/revision/{revision}?blobs=true"
    server.add(place, answer, kind="application/json")


def test_a_data_set_is_listed_once_fetched_and_read(hub: Server, tmp_path: Path) -> None:
    listing(hub)
    name = "hf:wikimedia/wikipedia/20231101.de"
    corpus = find_corpus(name, {}, "line", "paper", resources=tmp_path)
    assert corpus.name == "wikimedia-wikipedia-20231101-de"
    sizes = tuple(len(shard(texts)) for texts in SHARDS)
    assert len(corpus.files) == 2 and corpus.sizes == sizes
    folder = tmp_path / "corpora" / corpus.name
    for file in corpus.files:
        (filename,) = file.filenames
        request = {**file.request(filename), "attempts": 1, "pause": 0.0}
        fetch_source(request, folder / filename)
    encoded = encode_corpus(CorpusText(corpus, folder))
    texts = [text for texts in SHARDS for text in texts if text]
    kept = [words for words in (tokenise(text, "paper") for text in texts) if words]
    assert encoded.documents == len(kept) and encoded.tokens.size == sum(map(len, kept))
    assert [source["null_texts"] for source in encoded.sources] == [1, 2]
    # Later runs read the same files, without a network.
    asked = len(hub.asked)
    assert find_corpus(name, {}, "line", "paper", resources=tmp_path) == corpus
    assert len(hub.asked) == asked
    # A list kept under this name is of no other files.
    for other in (f"{name}/", "hf:wikimedia/wikipedia@v1/20231101.de"):
        with pytest.raises(UserError, match=r"hub\.json lists the files of hf:wikimedia/wikiped"):
            find_corpus(other, {}, name=corpus.name, resources=tmp_path)
    (folder / "hub.json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match=r"hub\.json: not a readable list of files"):
        find_corpus(name, {}, resources=tmp_path)


def test_a_revision_and_settings_of_words_are_those_asked_for(hub: Server, tmp_path: Path) -> None:
    listing(hub, revision="v1", sha="0" * 40)
    rules = WordRules(min_count=2)
    name = "hf:wikimedia/wikipedia@v1/20231101.de"
    corpus = find_corpus(name, {}, "file", "unicode", True, rules, field="body", resources=tmp_path)
    assert corpus.words == rules and corpus.deduplicate and corpus.document_rule == "file"
    assert {file.request(file.filenames[0])["revision"] for file in corpus.files} == {"0" * 40}
    assert {file.field for file in corpus.files} == {"body"}


def test_other_data_sets_are_read_as_the_hub_converts_them(hub: Server, tmp_path: Path) -> None:
    empty = json.dumps({"sha": "0" * 40, "siblings": [{"rfilename": "a.jsonl"}]}).encode()
    hub.add("/api/datasets/o/n/revision/main?blobs=true", empty)
    converted = {"sha": "1" * 40, "siblings": [{"rfilename": "default/train/0.parquet", "size": 3}]}
    place = "/api/datasets/o/n/revision/refs%2Fconvert%2Fparquet?blobs=true"
    hub.add(place, json.dumps(converted).encode())
    (file,) = find_corpus("hf:o/n", {}, resources=tmp_path).files
    assert file.filenames == ("default-train-0.parquet",)
    assert file.request(file.filenames[0])["revision"] == "1" * 40


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("hf:o/none", r"cannot be listed \(the server answered 404\): check the name"),
        ("hf:wikimedia/wikipedia/20231101.fr", r"has no \.parquet file there"),
        ("hf:o/broken", r"cannot be listed \(JSONDecodeError"),
        ("hf:o/other", r"cannot be listed \(KeyError"),
    ],
)
def test_a_data_set_that_is_not_there(
    value: str, message: str, hub: Server, tmp_path: Path
) -> None:
    listing(hub)
    hub.add("/api/datasets/o/broken/revision/main?blobs=true", b"{")
    hub.add("/api/datasets/o/other/revision/main?blobs=true", b"{}")
    with pytest.raises(UserError, match=message) as error:
        find_corpus(value, {}, resources=tmp_path)
    assert "\n" not in str(error.value) and list(tmp_path.rglob("*.json")) == []


def test_no_network(hub: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"check the name, the connection, HF_ENDPOINT"):
        find_corpus("hf:o/n", {}, resources=tmp_path)
