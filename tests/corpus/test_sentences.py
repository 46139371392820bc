"""Repeated sentences: which are dropped, against brute force, and in any number of parts."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import write_corpus
from mstar.corpus.revise import load_read_part
from mstar.corpus.sentences import LEAST, first_times, hashes_of
from mstar.corpus.shards import text_parts
from mstar.corpus.words import tokenise
from mstar.files.writing import UserError
from mstar.texts.places import text_files
from tests.support.parts import assert_same, encode_parts, encode_whole, paths

LONG = ["a b c d e f g h", "h g f e d c b a", "A b, c d e f\tg h", "a b c d e f g h i"]
SHORT = ["a b c d e f g", "x", "1 2"]
SENTENCES = st.tuples(st.sampled_from(LONG + SHORT), st.sampled_from([*".!?\n。", ".5"]))
TEXTS = st.lists(st.lists(SENTENCES, max_size=5), min_size=1, max_size=6)


def brute(texts: list[str], rule: str, normaliser: str) -> tuple[list[list[str]], int]:
    """Return the words of the documents left, and the number of sentences dropped."""
    seen: set[tuple[str, ...]] = set()
    documents, dropped = [], 0
    whole = [line for text in texts for line in text.split("\n")] if rule == "line" else texts
    for text in whole:
        kept: list[str] = []
        for sentence in re.split(r"[.!?。\n]", text):
            words = tuple(tokenise(sentence, normaliser))
            if len(words) >= LEAST and words in seen:
                dropped += 1
                continue
            seen.add(words)
            kept += words
        documents.append(kept)
    return [document for document in documents if document], dropped


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    texts=TEXTS,
    rule=st.sampled_from(["line", "file", "fixed:3"]),
    normaliser=st.sampled_from(["text8", "paper"]),
    shards=st.sampled_from([1, 2, 3, 7]),
)
def test_repeated_sentences_are_dropped_alike_in_any_number_of_parts(
    texts: list[list[tuple[str, str]]], rule: str, normaliser: str, shards: int, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path)
    (tmp_path / "texts").mkdir(parents=True)
    written = ["a word", *("".join(map("".join, text)) for text in texts)]
    for number, text in enumerate(written):
        (tmp_path / "texts" / f"{number:02d}.txt").write_text(text, encoding="utf-8")
    corpus = local_corpus(tmp_path / "texts", rule, normaliser, deduplicate=True)  # type: ignore[arg-type]
    whole = encode_corpus(CorpusText(corpus))
    words = [whole.words[i] for i in whole.tokens]
    expected, dropped = brute(written, rule, normaliser)
    assert words == [word for document in expected for word in document]
    if rule != "fixed:3":
        assert np.diff(whole.document_offsets).tolist() == [len(each) for each in expected]
    else:
        assert np.diff(whole.document_offsets)[:-1].tolist() == [3] * (whole.documents - 1)
    assert whole.repeats["sentences"] == dropped
    assert whole.counts.tolist() == [words.count(word) for word in whole.words]
    assert whole.sources[0]["tokens"] == len(words)

    at_once = encode_whole(corpus, tmp_path / "whole")
    described = json.loads((tmp_path / "whole" / "corpus.json").read_text(encoding="utf-8"))
    assert described["deduplicate"]["sentences"] == dropped
    files = text_files(tmp_path / "texts")
    spans = text_parts([path.stat().st_size for path in files], shards)
    parts = [[files[i] for i in span] for span in spans]
    assert_same(encode_parts(corpus, parts, tmp_path / "merged"), at_once)


def test_hashes_depend_on_words_and_order_alone() -> None:
    words = list("abcdefghij")
    tokens = np.array([*range(8), *range(8), *reversed(range(8)), 0, 1], np.uint16)
    ends = np.array([8, 16, 24, 26])
    hashes = hashes_of(tokens, ends, words)
    assert hashes[0] == hashes[1] != hashes[2] and hashes[3] == 0
    order = np.random.default_rng(0).permutation(10)
    renamed = np.argsort(order)[tokens].astype(np.uint32)
    assert (hashes_of(renamed, ends, [words[i] for i in order]) == hashes).all()
    assert first_times(np.array([5, 0, 5, 7, 0, 7], np.uint64)).tolist() == [1, 1, 0, 1, 1, 0]


def test_hashes_of_different_sentences_differ() -> None:
    tokens = np.random.default_rng(1).integers(0, 50, 8 * 100_000).astype(np.uint16)
    ends = np.arange(8, tokens.size + 1, 8)
    sentences = len(np.unique(tokens.reshape(-1, 8), axis=0))
    assert len(np.unique(hashes_of(tokens, ends, [str(i) for i in range(50)]))) == sentences


def test_a_text_without_the_setting_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{LONG[0]}\n{LONG[0]}\n")
    encoded = encode_corpus(CorpusText(local_corpus(tmp_path / "a.txt")))
    assert encoded.documents == 2 and encoded.repeats == {}
    corpus = local_corpus(tmp_path / "a.txt", deduplicate=True)
    part = encode_corpus(CorpusText(corpus, only=[tmp_path / "a.txt"]))
    files = paths(tmp_path) | {"sentences": tmp_path / "sentences.npy"}
    write_corpus(corpus, part, **files, length=0)
    np.save(tmp_path / "sentences.npy", np.array([8]))
    with pytest.raises(UserError, match="not the sentences of"):
        load_read_part(corpus, **files)
