"""Phrases and words left out, against gensim and brute force, in any number of parts."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus import rewording
from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import EncodedCorpus, read_description
from mstar.corpus.rewording import join_phrases, learned_phrases
from mstar.corpus.vocabulary import by_frequency
from mstar.corpus.wording import WordRules
from mstar.files.writing import UserError
from tests.support.parts import assert_same, encode_parts, encode_whole

SENTENCES = st.lists(st.lists(st.sampled_from("abcd"), max_size=8), min_size=1, max_size=8)


def encoded(sentences: list[list[str]]) -> EncodedCorpus:
    """Return sentences as one document."""
    stream = [word for sentence in sentences for word in sentence]
    counts = Counter(stream)
    words, numbers, _ = by_frequency(list(counts), np.array(list(counts.values()), np.int64))
    tokens = np.array([words.index(word) for word in stream], np.uint16)
    ends = np.unique(np.cumsum([len(sentence) for sentence in sentences]))
    offsets = np.unique([0, tokens.size])
    return EncodedCorpus(tokens, offsets, words, numbers, 0, sentence_ends=ends[ends > 0])


def words_in(corpus: EncodedCorpus) -> list[list[str]]:
    named = [corpus.words[token] for token in corpus.tokens]
    return [named[a:b] for a, b in pairwise(corpus.document_offsets)]


@settings(max_examples=200, deadline=None)
@given(SENTENCES, st.integers(1, 4), st.sampled_from([0.1, 0.5, 1.0, 2.0]), st.integers(1, 5))
def test_learned_phrases_are_those_of_gensim(
    sentences: list[list[str]], min_count: int, threshold: float, block: int
) -> None:
    phrases = pytest.importorskip("gensim.models.phrases")
    theirs = phrases.Phrases(sentences, min_count=min_count, threshold=threshold)
    corpus = encoded(sentences)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rewording, "BLOCK", block)
        found = learned_phrases([corpus], min_count, threshold)
        joined = join_phrases(corpus, {pair: "_".join(pair) for pair in found})
    assert {"_".join(pair) for pair in found} == set(theirs.export_phrases())
    expected = [word for sentence in sentences for word in theirs[sentence]]
    assert [joined.words[token] for token in joined.tokens] == expected
    assert joined.counts.tolist() == [expected.count(word) for word in joined.words]


@settings(max_examples=200, deadline=None)
@given(
    SENTENCES,
    st.lists(st.lists(st.sampled_from("abcd"), min_size=2, max_size=4).map(tuple), max_size=4),
    st.integers(1, 5),
)
def test_listed_phrases_are_joined_from_the_left_the_longest_first(
    sentences: list[list[str]], phrases: list[tuple[str, ...]], block: int
) -> None:
    expected: list[list[str]] = []
    for sentence in sentences:
        at, joined = 0, []
        while at < len(sentence):
            here = [p for p in phrases if tuple(sentence[at : at + len(p)]) == p]
            longest = max(here, key=len, default=(sentence[at],))
            joined.append("_".join(longest))
            at += len(longest)
        expected.append(joined)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rewording, "BLOCK", block)
        found = join_phrases(encoded(sentences), {p: "_".join(p) for p in phrases})
    assert [found.words[token] for token in found.tokens] == [w for each in expected for w in each]
    assert found.sentence_ends is not None
    ends = np.unique(np.cumsum([len(sentence) for sentence in expected]))
    assert found.sentence_ends.tolist() == ends[ends > 0].tolist()


# --- whole texts ---

TEXT = {
    "a.txt": "New York is a city. The new york mayor!\nthe end\n",
    "b.txt": "new\nYork and the old New York Times of new york\n",
    "c.txt": "the new. york the the\n\nold city of york\n",
}


def corpus_of(folder: Path, rule: str = "line", **rules: Any) -> Any:
    return local_corpus(folder, rule, "unicode", words=WordRules(**rules))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in TEXT.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_stop_words_lists_and_rare_words(texts: Path, tmp_path: Path) -> None:
    corpus = encode_corpus(CorpusText(corpus_of(texts, stop_words=["The", "of"], min_count=2)))
    assert words_in(corpus) == [
        ["new", "york", "city", "new", "york"],
        ["new"],
        ["york", "old", "new", "york", "new", "york"],
        ["new", "york"],
        ["old", "city", "york"],
    ]
    assert corpus.reworded == {"phrases": 0, "left_out": 14, "documents_left_out": 1}
    (tmp_path / "list.txt").write_text("\ufeffYork\n\nCITY\nnowhere\n", encoding="utf-8")
    corpus = encode_corpus(CorpusText(corpus_of(texts, word_list=str(tmp_path / "list.txt"))))
    assert dict(zip(corpus.words, corpus.counts, strict=True)) == {"york": 7, "city": 2}


def test_phrases_of_a_list(texts: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("New York Times\tNYT\nNew YORK\n", encoding="utf-8")
    rules = {"phrases": str(tmp_path / "list.txt"), "word_list": ["New York", "NYT", "old"]}
    corpus = encode_corpus(CorpusText(corpus_of(texts, **rules)))
    assert words_in(corpus) == [["new_york", "new_york"], ["old", "NYT", "new_york"], ["old"]]
    assert corpus.reworded["phrases"] == 4


def test_learned_phrases_do_not_cross_sentences_or_documents(texts: Path) -> None:
    rules = {"phrases": "learned", "phrase_min_count": 2, "phrase_threshold": 1.0}
    corpus = encode_corpus(CorpusText(corpus_of(texts, **rules)))
    assert dict(zip(corpus.words, corpus.counts, strict=True))["new_york"] == 4
    assert corpus.counts[corpus.words.index("york")] == 3


RULES = st.fixed_dictionaries(
    {},
    optional={
        "stop_words": st.just(["the", "nothing"]),
        "word_list": st.just(["the", "new", "york", "new york", "city"]),
        "min_count": st.integers(1, 3),
        "phrases": st.just("learned"),
        "phrase_min_count": st.integers(1, 2),
        "phrase_threshold": st.sampled_from([0.5, 2.0]),
    },
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(rules=RULES, rule=st.sampled_from(["line", "file", "fixed:3"]), cut=st.integers(1, 2))
def test_parts_give_what_the_whole_does(
    texts: Path, tmp_path: Path, rules: dict[str, Any], rule: str, cut: int
) -> None:
    corpus = corpus_of(texts, rule, **rules)

    files = sorted(texts.iterdir())
    whole = encode_whole(corpus, tmp_path / "whole")
    parts = encode_parts(corpus, [files[:cut], files[cut:]], tmp_path / "merged")
    assert_same(parts, whole)
    said = read_description(tmp_path / "whole" / "corpus.json")
    assert said.get("words", {}) == WordRules(**rules).changed()


# --- mistakes ---


@pytest.mark.parametrize(
    ("key", "content", "line"),
    [
        ("stop_words", None, "cannot be read"),
        ("stop_words", b"", "no word in it: expected one word a line"),
        ("word_list", b"caf\xe9", "not UTF-8 text: expected one entry a line"),
        ("word_list", b"a\0b", "has NUL bytes: expected one entry a line"),
        ("phrases", b"\n \n", "no phrase in it: expected one a line"),
        ("phrases", b"new york\nyork\n", "line 2: 'york': expected two words or more"),
        ("phrases", b"new york\ta b\n", "line 1: 'new york\\ta b': expected two words or more"),
    ],
)
def test_files_that_are_no_lists(
    key: str, content: bytes | None, line: str, texts: Path, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)
    corpus = corpus_of(texts, **{key: str(path)})
    with pytest.raises(UserError) as error:
        encode_corpus(CorpusText(corpus))
    assert str(error.value).startswith(f"words.{key}: {path}") and line in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_nothing_left_is_one_line(texts: Path) -> None:
    with pytest.raises(UserError, match=r"none of the 12 words .* left by words\.word_list, words"):
        encode_corpus(CorpusText(corpus_of(texts, word_list=["xyz"], min_count=3)))
