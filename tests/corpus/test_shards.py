"""Text and counts in shards: byte-identical results for any number of shards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import write_corpus
from mstar.corpus.merge import merge_corpus, read_part
from mstar.corpus.shards import document_shard, even_cuts, halves, text_parts
from mstar.corpus.vocabulary import write_vocabulary
from mstar.counts import cooccurrence
from mstar.counts.counting import count
from mstar.counts.merge import add, add_files
from mstar.files.writing import UserError
from mstar.texts.places import text_files
from tests.support.workflow import ROOT, SMOKE, run_snakemake

FILES = {
    "tokens": "tokens.npy",
    "documents": "documents.npy",
    "vocabulary": "vocabulary.tsv",
    "description": "corpus.json",
}
SIZES = st.lists(st.integers(0, 9), min_size=1, max_size=12)


def paths(folder: Path) -> dict[str, Path]:
    return {name: folder / file for name, file in FILES.items()}


def content(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in paths(folder).values()]


@given(SIZES, st.data())
def test_cuts_leave_no_shard_empty_and_are_even(sizes: list[int], data: st.DataObject) -> None:
    shards = data.draw(st.integers(1, len(sizes)))
    offsets = np.concatenate([[5], 5 + np.cumsum(sizes)]).astype(np.int64)
    cuts = even_cuts(offsets, shards)
    assert cuts[0] == 0 and cuts[-1] == len(sizes) and (np.diff(cuts) > 0).all()
    # A shard exceeds its share by at most one item at each end, unless each has just one.
    loads = np.diff(offsets[cuts])
    single = np.diff(cuts) == 1
    assert (single | (loads <= sum(sizes) / shards + max(sizes))).all()


def test_parts_of_a_text_are_files_in_order() -> None:
    assert text_parts([10, 1, 1, 10], 3) == [range(1), range(1, 3), range(3, 4)]
    assert text_parts([4], 7) == [range(1)]


def test_more_shards_than_documents_are_refused() -> None:
    offsets = np.array([0, 4, 5])
    assert [document_shard(offsets, i, 2) for i in range(2)] == [slice(0, 1), slice(1, 2)]
    with pytest.raises(UserError, match=r"shards: 3 shards of 2 documents .* from 1 to 2$"):
        document_shard(offsets, 0, 3)


LINES = st.lists(st.text(st.sampled_from("abcd 1é\n."), max_size=12), min_size=1, max_size=8)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20
)
@given(
    texts=LINES,
    rule=st.sampled_from(["line", "file", "fixed:3"]),
    shards=st.sampled_from([1, 2, 3, 7]),
)
def test_parts_of_a_text_make_the_whole(
    texts: list[str], rule: str, shards: int, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path)
    (tmp_path / "texts").mkdir(parents=True)
    for number, text in enumerate(["a word", *texts]):
        (tmp_path / "texts" / f"{number:02d}.txt").write_text(text, encoding="utf-8")
    corpus = local_corpus(tmp_path / "texts", rule)
    write_corpus(corpus, encode_corpus(CorpusText(corpus)), **paths(tmp_path / "whole"))
    files = text_files(tmp_path / "texts")
    parts = []
    for number, span in enumerate(text_parts([path.stat().st_size for path in files], shards)):
        folder = tmp_path / str(number)
        text = CorpusText(corpus, only=[files[i] for i in span])
        write_corpus(corpus, encode_corpus(text), **paths(folder))
        parts.append(read_part(corpus, *paths(folder).values()))
    merge_corpus(corpus, parts, **paths(tmp_path / "merged"))
    assert content(tmp_path / "merged") == content(tmp_path / "whole")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(
    lengths=st.lists(st.integers(1, 30), min_size=7, max_size=20),
    seed=st.integers(0, 99),
    shards=st.sampled_from([1, 2, 3, 7]),
    convention=st.sampled_from(["removed", "gap"]),
)
def test_shards_of_documents_add_up(
    lengths: list[int], seed: int, shards: int, convention: str, tmp_path: Path
) -> None:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    tokens = np.random.default_rng(seed).zipf(1.3, offsets[-1]).clip(1, 12).astype(np.uint16) - 1
    tokens[0] = 11
    size, window = 9, 4

    def tree(first: int, last: int) -> cooccurrence.Cooccurrence:
        if first == last:
            span = document_shard(offsets, first, shards)
            bounds = offsets[span.start : span.stop + 1]
            return count(tokens, bounds, size, window, convention, types=12)
        return add(*(tree(*half) for half in halves(first, last)))

    whole = count(tokens, offsets, size, window, convention)
    cooccurrence.save(tmp_path / "whole.npz", whole)
    cooccurrence.save(tmp_path / "tree.npz", tree(0, shards - 1))
    assert (tmp_path / "tree.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()


def test_counts_that_do_not_belong_together(tmp_path: Path) -> None:
    tokens, offsets = np.array([0, 1, 2, 0], np.uint16), np.array([0, 4])
    for name, size, window in (("a", 2, 3), ("b", 3, 3), ("c", 2, 4)):
        cooccurrence.save(tmp_path / f"{name}.npz", count(tokens, offsets, size, window))
    for other, message in (("b", "2 words at window 3 and of 3 at 3"), ("c", "2 at 4")):
        with pytest.raises(UserError, match=rf"a\.npz, .*{other}\.npz: counts of .*{message}"):
            add_files(tmp_path / "a.npz", tmp_path / f"{other}.npz")


KILLED = """
import os, signal, sys
import numpy as np
from mstar.counts.cooccurrence import save
from mstar.counts.merge import add_files

def half(stream, **arrays):
    stream.write(b"PK half of a file")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)

merged = add_files(*sys.argv[1:3])
np.savez = half
save(sys.argv[3], merged)
"""


def test_a_merge_killed_while_it_writes_leaves_no_target(tmp_path: Path) -> None:
    """The previous file stays, and a second merge succeeds."""
    first, second = (tmp_path / f"{name}.npz" for name in ("first", "second"))
    tokens = np.random.default_rng(0).integers(0, 9, 300).astype(np.uint16)
    counts = [count(part, np.array([0, part.size]), 9, 3) for part in (tokens[:200], tokens[200:])]
    for path, part in zip((first, second), counts, strict=True):
        cooccurrence.save(path, part)
    target = tmp_path / "sum.npz"
    for before in (None, b"an older file"):
        if before is not None:
            target.write_bytes(before)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(first), str(second), str(target)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        )
        assert done.returncode == -signal.SIGKILL
        assert (target.read_bytes() if target.exists() else None) == before
    cooccurrence.save(target, add_files(first, second))
    assert cooccurrence.load(target).counts.sum() == sum(part.counts.sum() for part in counts)


def test_sums_beyond_64_bits_are_refused() -> None:
    counts = count(np.zeros(3, np.uint16), np.array([0, 3]), 1, 1)
    counts.counts[0] = 2**62
    with pytest.raises(UserError, match="64 bits"):
        add(counts, counts)


def test_parts_that_do_not_belong_together(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("one two")
    corpus = local_corpus(text)
    write_corpus(corpus, encode_corpus(CorpusText(corpus)), **paths(tmp_path))
    with pytest.raises(UserError, match=r"corpus\.json: document_rule is 'line', .*'file'"):
        read_part(local_corpus(text, "file"), *paths(tmp_path).values())
    write_vocabulary(tmp_path / "vocabulary.tsv", ["one", "two"], [1, 2])
    with pytest.raises(UserError, match=r"counts 3 words, but .*tokens\.npy has 2"):
        read_part(corpus, *paths(tmp_path).values())
    np.save(tmp_path / "tokens.npy", np.zeros(2, np.uint16))
    with pytest.raises(UserError, match=r"tokens\.npy: damaged .not what .*corpus\.json says"):
        read_part(corpus, *paths(tmp_path).values())
    (tmp_path / "tokens.npy").write_bytes((tmp_path / "tokens.npy").read_bytes()[:-2])
    with pytest.raises(UserError, match=r"tokens\.npy: not a readable list of tokens"):
        read_part(corpus, *paths(tmp_path).values())
    (tmp_path / "corpus.json").write_text("{")
    with pytest.raises(UserError, match=r"corpus\.json: not a readable description"):
        read_part(corpus, *paths(tmp_path).values())


def test_the_workflow_in_shards(sources: Path, tmp_path: Path) -> None:
    """Two parts of text and three shards of counts give the files of an unsharded run.

    A damaged shard is named.
    """
    directory = tmp_path / "copy"
    shutil.copytree(sources, directory)
    rng = np.random.default_rng(5)
    (directory / "texts").mkdir()
    for number in range(2):
        words = rng.choice(["king", "queen", "man", "woman", "of", "the", "city", "sea"], (9, 20))
        text = "\n".join(" ".join(line) for line in words)
        (directory / "texts" / f"{number}.txt").write_text(text, encoding="utf-8")
    corpus = local_corpus(directory / "texts", "line")
    encoded = encode_corpus(CorpusText(corpus))
    write_corpus(corpus, encoded, **paths(tmp_path / "whole"))
    whole = count(encoded.tokens, encoded.document_offsets, 6, 16)
    cooccurrence.save(tmp_path / "whole.npz", whole)

    results = directory / "results" / "texts"
    target = results / "v6-l16" / "cooccurrence.npz"
    layer = directory / "layer.yaml"
    figures = "figures: {fig4: {dims: [2], histogram_dims: [2]}}"
    layer.write_text(f"{{corpus: texts, vocabulary: 6, dim: 2, shards: 3, {figures}}}")
    arguments = ("--notemp", str(target.relative_to(directory)))
    done = run_snakemake(directory, *arguments, configfiles=(SMOKE, "layer.yaml"))
    assert done.returncode == 0, done.stdout
    assert content(results) == content(tmp_path / "whole")
    assert target.read_bytes() == (tmp_path / "whole.npz").read_bytes()

    target.unlink()
    shard = target.parent / "shards" / "2-of-3.npz"
    shard.write_bytes(shard.read_bytes()[:300])
    done = run_snakemake(directory, *arguments, configfiles=(SMOKE, "layer.yaml"))
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert f"error: {shard.relative_to(directory)}: not a readable count file" in done.stdout
    assert not target.exists() and not list(target.parent.glob(".*"))
