"""Text and counts in shards: byte-identical results for any number of shards."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from functools import reduce
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus.corpora import Corpus, local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import read_description, write_corpus
from mstar.corpus.encoded_text import Place, open_text, read_part, save_place
from mstar.corpus.merge import read_part as read_vocabulary_of_part
from mstar.corpus.shards import document_shard, even_cuts, halves, shard_of_part, text_parts
from mstar.corpus.vocabulary import read_words, write_vocabulary
from mstar.corpus.wording import WordRules
from mstar.counts import cooccurrence
from mstar.counts.counting import count
from mstar.counts.merge import add, add_files
from mstar.files.writing import UserError
from mstar.texts.places import text_files
from tests.support.parts import assert_same, encode_parts, encode_whole, merge, paths
from tests.support.workflow import ROOT, SMOKE, planned, run_snakemake

SIZES = st.lists(st.integers(0, 9), min_size=1, max_size=12)


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


def written(folder: Path, texts: list[str]) -> list[Path]:
    """Write ``texts`` to files of a new folder; return their paths."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, text in enumerate(texts):
        (folder / f"{number:02d}.txt").write_text(text, encoding="utf-8")
    return text_files(folder)


def counted(corpus: Corpus, files: list[Path], parts: int, shards: int, size: int) -> list[bytes]:
    """Return the files of counts of a text in ``parts``, with removed words and with gaps."""
    folder = files[-1].parent
    sums = []
    for convention in ("removed", "gap"):
        found = []
        for number in range(shards):
            part, shard, of = shard_of_part(number, shards, parts)
            own = files[3 * part : 3 * part + 3]
            tokens, offsets = read_part(*own, files[-1], part, size)
            span = document_shard(offsets, shard, of, some_empty=True)
            bounds = offsets[span.start : span.stop + 1]
            types = read_description(files[-1])["types"]
            found.append(count(tokens, bounds, size, 4, convention, types=types))
        cooccurrence.save(folder / "sum.npz", reduce(add, found))
        sums.append((folder / "sum.npz").read_bytes())
    return sums


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(
    texts=LINES,
    rule=st.sampled_from(["line", "file", "fixed:3", "fixed:11"]),
    shards=st.sampled_from([2, 3, 7]),
)
def test_parts_of_a_text_make_the_whole(
    texts: list[str], rule: str, shards: int, tmp_path: Path
) -> None:
    """Tokens, documents and counts, also where documents of N words extend over parts."""
    files = written(tmp_path / "texts", ["a word", *texts])
    corpus = local_corpus(tmp_path / "texts", rule)
    whole = encode_whole(corpus, tmp_path / "whole")
    spans = text_parts([path.stat().st_size for path in files], shards)
    parts = encode_parts(corpus, [[files[i] for i in span] for span in spans], tmp_path / "parts")
    assert_same(parts, whole)
    text, at_once = open_text(parts), open_text(whole)
    size = min(3, text.types)
    expected = []
    for convention in ("removed", "gap"):
        cooccurrence.save(tmp_path / "x.npz", count(*next(at_once.parts()), size, 4, convention))
        expected.append((tmp_path / "x.npz").read_bytes())
    for number in (len(spans), 2 * len(spans) + 1):
        assert counted(corpus, parts, len(spans), number, size) == expected
    # A narrower type holds the same words.
    short = open_text(parts, size)
    assert np.array_equal(short.tokens(), np.minimum(at_once.tokens(), size))


def test_documents_of_parts_are_whole_and_can_be_cut_further(tmp_path: Path) -> None:
    files = written(tmp_path / "texts", ["a b c d", "e", "f g a", ".", "b c d e f g a b"])
    corpus = local_corpus(tmp_path / "texts", "fixed:5")
    parts = encode_parts(corpus, [[file] for file in files], tmp_path / "parts")
    text = open_text(parts)
    assert text.offsets.tolist() == [0, 5, 10, 15, 16] and text.size == 16
    # Each document is in the part in which it begins: two in the last, none in the second.
    assert [len(offsets) - 1 for _, offsets in text.parts()] == [1, 1, 2]
    tokens = np.concatenate([tokens for tokens, _ in text.parts()])
    assert np.array_equal(tokens, text.tokens())
    finer = np.array([0, 2, 5, 7, 8, 10, 15, 16])
    found = [(own.tolist(), span) for _, own, span in text.divided(finer)]
    assert found == [
        ([0, 2, 5], slice(0, 2)),
        ([0, 2, 3, 5], slice(2, 5)),
        ([0, 5, 6], slice(5, 7)),
    ]


def test_shards_of_parts_are_their_documents_once() -> None:
    for parts in range(1, 8):
        for shards in range(parts, 20):
            found = [shard_of_part(shard, shards, parts) for shard in range(shards)]
            assert found == [
                (part, number, len(own))
                for part in range(parts)
                for own in [[shard for shard in found if shard[0] == part]]
                for number in range(len(own))
            ]
            assert {part for part, _, _ in found} == set(range(parts))


def test_a_part_without_a_word_is_told_and_counts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = written(tmp_path / "texts", ["a b c d a b", "a b", "... 。"])
    corpus = local_corpus(tmp_path / "texts", "file", "paper")
    corpus = corpus.model_copy(update={"min_tokens": 3})
    parts = encode_parts(corpus, [[file] for file in files], tmp_path / "parts")
    said = [line.partition("parts/parts/")[2] for line in capsys.readouterr().err.splitlines()]
    assert said == [
        f"{number}: this part of the text has no word ({empty} empty documents, {short} too short)"
        for number, empty, short in ((1, 0, 1), (2, 1, 0))
    ]
    whole = encode_whole(corpus, tmp_path / "whole")
    assert_same(parts, whole)
    assert counted(corpus, parts, 3, 3, 4) == counted(corpus, parts, 3, 8, 4)
    with pytest.raises(UserError, match=r"no words \(1 empty documents, 1 too short"):
        encode_parts(corpus, [[files[1]], [files[2]]], tmp_path / "none")


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
    files = paths(tmp_path)
    write_corpus(corpus, encode_corpus(CorpusText(corpus)), **files, length=0)
    said = files["vocabulary"], files["description"]
    for other, message in (
        (local_corpus(text, "file"), "document_rule is 'line', .*'file'"),
        (local_corpus(text, normaliser="paper"), "normaliser is 'text8', .*'paper'"),
        (local_corpus(text, name="mine"), "name is 'text', .*'mine'"),
        (local_corpus(text, words=WordRules(min_count=2)), r"words is \{\}, .*'min_count': 2\}"),
        (local_corpus(text, deduplicate=True), "deduplicate is False, .*True"),
        (corpus.model_copy(update={"min_tokens": 9}), "min_tokens is 0, .*9"),
    ):
        with pytest.raises(UserError, match=rf"corpus\.json: {message}: delete it and run again$"):
            read_vocabulary_of_part(other, *said)
    description = files["description"].read_text()
    files["description"].write_text(description.replace('"tokens": 2', '"tokens": 3'))
    again = r"make its part again, alone, with `snakemake SETTINGS --force \S+/{}`, then run again$"
    counted = r"counts 2 words, but .*corpus\.json says 3; "
    with pytest.raises(UserError, match=counted + again.format(r"vocabulary\.tsv")):
        read_vocabulary_of_part(corpus, *said)
    files["description"].write_text(description)
    write_vocabulary(files["vocabulary"], ["one", "too"], [1, 1])
    damaged = r"vocabulary\.tsv: damaged \(not what .*corpus\.json says of it\); "
    with pytest.raises(UserError, match=damaged + again.format(r"vocabulary\.tsv")):
        read_vocabulary_of_part(corpus, *said)
    files["vocabulary"].unlink()
    with pytest.raises(
        UserError, match=r"vocabulary\.tsv: cannot be read \(No such file .*--force"
    ):
        read_vocabulary_of_part(corpus, *said)
    files["description"].write_text("{")
    unreadable = r"corpus\.json: not a readable description .*; "
    with pytest.raises(UserError, match=unreadable + again.format(r"corpus\.json")):
        read_vocabulary_of_part(corpus, *said)


def test_a_part_that_is_damaged_or_of_another_version_is_named(tmp_path: Path) -> None:
    """Only its own count job reads it, so the other parts are counted."""
    files = written(tmp_path / "texts", ["one two two", "three one", "two four"])
    corpus = local_corpus(tmp_path / "texts")
    parts = encode_parts(corpus, [[file] for file in files], tmp_path / "parts")
    description, (tokens, documents, place) = parts[-1], parts[3:6]

    def read(number: int = 1) -> list[str]:
        found, _ = read_part(*parts[3 * number : 3 * number + 3], description, number)
        words = read_words(description.with_name("vocabulary.tsv"))
        return [words[word] for word in found]

    assert read() == ["three", "one"]
    kept = {path: path.read_bytes() for path in parts}
    for path, what in ((tokens, "list of tokens"), (place, "place of a part in a corpus")):
        path.write_bytes(kept[path][:-2])
        with pytest.raises(UserError, match=rf"{path.name}: not a readable {what}"):
            read()
        path.unlink()
        with pytest.raises(UserError, match=rf"{path.name}: not a readable {what} .*No such file"):
            read()
        path.write_bytes(kept[path])
    again = "make its part again, alone, with `snakemake SETTINGS --force"
    for path in (tokens, documents):
        path.write_bytes(kept[parts[parts.index(path) % 3]])
        with pytest.raises(
            UserError, match=rf"1/{path.name}: (damaged|not a readable list).*; {again} {path}`"
        ):
            read()
        path.write_bytes(kept[path])
    place.write_bytes(kept[parts[2]])
    with pytest.raises(UserError, match=r"place\.npz: of another version of the text than .*json"):
        read()
    with pytest.raises(UserError, match=r"has no place for some words of .*tokens\.npy"):
        save_place(place, Place(np.zeros(1, np.uint16), 0, 0, np.zeros(0, np.uint16)))
        read_part(tokens, documents, place, description, 1, check=False)
    place.write_bytes(kept[place])
    with pytest.raises(UserError, match=r"describes 3 parts: expected .* has a part 3; delete it"):
        read_part(tokens, documents, place, description, 3)
    with pytest.raises(UserError, match=r"describes 3 parts, but the text has 2; delete it"):
        open_text([*parts[:6], description])
    # One file of the text is another: its part and the merge are made again, or it is refused.
    files[1].write_text("five one")
    encode_parts(corpus, [[files[0]], [files[1]], [files[2]]], tmp_path / "again")
    tokens.write_bytes((tmp_path / "again" / "parts" / "1" / "tokens.npy").read_bytes())
    again = encode_corpus(CorpusText(corpus, only=[files[1]]))
    write_corpus(corpus, again, **paths(tokens.parent), length=0)
    assert read(0) == ["one", "two", "two"] and read(2) == ["two", "four"]
    merge(corpus, description.parent, 3)
    assert read() == ["five", "one"]


KILLED_MERGE = """
import os, signal, sys
from pathlib import Path
import numpy as np
from mstar.corpus import encoded_text
from mstar.corpus.corpora import local_corpus
from tests.support.parts import merge

def second(stream, save=np.savez, **arrays):
    if "1/.place." in stream.name:
        stream.write(b"PK half of a file")
        stream.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    save(stream, **arrays)

np.savez = second
merge(local_corpus(sys.argv[1], "fixed:5"), Path(sys.argv[2]), 3)
"""


def test_a_merge_of_vocabularies_that_is_killed_or_fills_the_disk_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts stay as they are, and no file is half written."""
    files = written(tmp_path / "texts", ["a b c d", "e f g a", "b c d e f g a b"])
    corpus, folder = local_corpus(tmp_path / "texts", "fixed:5"), tmp_path / "parts"
    encode_parts(corpus, [[file] for file in files], folder)
    whole = {path: path.read_bytes() for path in folder.rglob("*.*")}
    made = [path for path in whole if path.parent == folder or path.name == "place.npz"]
    assert len(whole) == 17 and len(made) == 5

    def check(places: int) -> None:
        """Check what an interrupted merge left, merge again, and check all files."""
        found = {path: path.read_bytes() for path in whole if path.exists()}
        assert found.items() <= whole.items() and len(found) == 12 + places
        merge(corpus, folder, 3)
        assert {path: path.read_bytes() for path in folder.rglob("*.*")} == whole

    for path in made:
        path.unlink()
    command = [sys.executable, "-c", KILLED_MERGE, str(tmp_path / "texts"), str(folder)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'workflow'}:{ROOT}"}
    assert subprocess.run(command, env=environment).returncode == -signal.SIGKILL
    check(1)
    for path in made:
        path.unlink()

    def full(stream: IO[bytes], **arrays: object) -> None:
        stream.write(b"PK half of a file")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        with pytest.raises(UserError, match=r"0/place\.npz: cannot be written \(No space left .*"):
            merge(corpus, folder, 3)
    check(0)


def test_a_part_damaged_where_an_earlier_document_ends_is_not_merged(tmp_path: Path) -> None:
    """Its first words are copied, so that the part's own count would notice too late."""
    files = written(tmp_path / "texts", ["a b c", "d e f g", "a b c d e f g"])
    corpus = local_corpus(tmp_path / "texts", "fixed:5")
    parts = encode_parts(corpus, [[file] for file in files], tmp_path / "parts")
    tokens = np.load(parts[3])
    tokens[0] ^= 1
    np.save(parts[3], tokens)
    with pytest.raises(UserError, match=r"1/tokens\.npy: damaged .*1/corpus\.json .*--force"):
        merge(corpus, tmp_path / "parts", 3)


def test_the_workflow_in_shards(sources: Path, tmp_path: Path) -> None:
    """Two parts of text and three shards of counts give the counts of an unsharded run.

    A damaged part is named, and made again alone; and a damaged shard is named.
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
    whole = encode_whole(corpus, tmp_path / "whole")
    cooccurrence.save(tmp_path / "whole.npz", count(*next(open_text(whole).parts()), 6, 16))

    results = directory / "results" / "texts"
    target = results / "v6-l16" / "cooccurrence.npz"
    layer = directory / "layer.yaml"
    figures = "figures: {fig4: {dims: [2], histogram_dims: [2]}}"
    layer.write_text(f"{{corpus: texts, vocabulary: 6, dim: 2, shards: 3, {figures}}}")
    arguments = ("--notemp", str(target.relative_to(directory)))
    done = run_snakemake(directory, *arguments, configfiles=(SMOKE, "layer.yaml"))
    assert done.returncode == 0, done.stdout
    folders = [results / "parts" / f"{part}-of-2" for part in range(2)]
    names = ("tokens.npy", "documents.npy", "place.npz")
    parts = [folder / name for folder in folders for name in names]
    assert_same([*parts, results / "corpus.json"], whole)
    assert not (results / "tokens.npy").exists()
    assert target.read_bytes() == (tmp_path / "whole.npz").read_bytes()

    # What is not needed again stays away: one part, its count and the sums are made.
    tokens, kept = parts[3], parts[3].read_bytes()
    tokens.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    shards = target.parent / "shards"
    for path in (target, shards / "2-of-3.npz"):
        path.unlink()
    done = run_snakemake(directory, *arguments, configfiles=(SMOKE, "layer.yaml"))
    name = str(tokens.relative_to(directory))
    assert done.returncode != 0 and f"error: {name}: damaged (not what" in done.stdout
    assert f"`snakemake SETTINGS --force {name}`" in done.stdout
    done = run_snakemake(directory, "--force", name, configfiles=(SMOKE, "layer.yaml"))
    assert planned(done) == {"encode_part": 1} and tokens.read_bytes() == kept
    done = run_snakemake(directory, *arguments, configfiles=(SMOKE, "layer.yaml"))
    assert planned(done) == {"count_shard": 1, "merge_counts": 1}
    assert target.read_bytes() == (tmp_path / "whole.npz").read_bytes()

    target.unlink()
    shard = target.parent / "shards" / "2-of-3.npz"
    shard.write_bytes(shard.read_bytes()[:300])
    done = run_snakemake(directory, *arguments, configfiles=(SMOKE, "layer.yaml"))
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert f"error: {shard.relative_to(directory)}: not a readable count file" in done.stdout
    assert not target.exists() and not list(target.parent.glob(".*"))
