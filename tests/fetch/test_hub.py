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
from mstar.corpus.encode import CorpusText, encode_corpus
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
        folder, "results/enwiki500/tokens.npy", "--config", "corpus=enwiki500", "shards=2"
    )
    assert done.returncode == 0, done.stdout
    assert "2 files, about 841 MB to download, 1.1 min at 100 Mbit/s" in done.stdout
    for rule, jobs in {"fetch_file": 2, "encode_part": 2, "merge_corpus": 1}.items():
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
    tokens = np.load(folder / "results" / "enwiki500" / "tokens.npy")
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
