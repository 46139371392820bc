"""Words to integers and back, with documents kept apart."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.encoder import Encoder
from mstar.corpus.lost import check_words
from mstar.corpus.vocabulary import read_vocabulary, restrict, words_sha256, write_vocabulary
from mstar.files.writing import UserError

WORDS = st.lists(st.sampled_from(["a", "b", "c", "dd", "ee", "f", "g"]), max_size=12)
DOCUMENTS = st.lists(WORDS, max_size=8)


def encoded(documents: list[list[str]], cut: int = 1 << 20) -> EncodedCorpus:
    """Return each document encoded in blocks of ``cut`` bytes."""
    encoder = Encoder()
    for words in documents:
        text = " ".join(words).encode()
        for at in range(0, len(text), cut):
            encoder.add(text[at : at + cut])
        encoder.end_document()
    return encoder.finish()


@given(DOCUMENTS, st.integers(1, 5))
def test_encoding_keeps_words_documents_and_order(documents: list[list[str]], cut: int) -> None:
    filled = [words for words in documents if words]
    corpus = encoded(documents, cut)
    if not filled:
        with pytest.raises(UserError, match=f"no words .{len(documents)} empty"):
            check_words(corpus)
        return
    check_words(corpus)
    ends = corpus.document_offsets
    decoded = [[corpus.words[t] for t in corpus.tokens[a:b]] for a, b in pairwise(ends)]
    assert decoded == filled
    assert corpus.documents == len(filled)
    assert corpus.empty_documents == len(documents) - len(filled)
    counts = Counter(word for words in filled for word in words)
    assert list(zip(corpus.words, corpus.counts, strict=True)) == sorted(
        counts.items(), key=lambda item: (-item[1], item[0])
    )
    assert corpus.tokens.dtype == np.uint16
    assert ends.dtype == corpus.counts.dtype == np.int64


def test_an_unfinished_last_document_counts() -> None:
    encoder = Encoder()
    encoder.add(b"a")
    encoder.end_document()
    encoder.add(b"b")
    assert encoder.finish().document_offsets.tolist() == [0, 1, 2]


@pytest.mark.parametrize(("types", "dtype"), [(65_535, np.uint16), (65_536, np.uint32)])
def test_width_of_tokens(types: int, dtype: type) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [a + b + c + d for a in "abcd" for b in letters for c in letters for d in letters]
    words = words[:types]
    corpus = encoded([words, words[::-2]])
    assert corpus.tokens.dtype == dtype
    assert [corpus.words[t] for t in corpus.tokens] == words + words[::-2]
    assert int(corpus.tokens.max()) == types - 1


@given(DOCUMENTS, st.integers(1, 7))
def test_restricting_the_vocabulary(documents: list[list[str]], size: int) -> None:
    if not any(documents):
        return
    corpus = encoded(documents)
    if size > len(corpus.words):
        with pytest.raises(UserError, match=rf"vocabulary: .* {len(corpus.words)} distinct"):
            restrict(corpus.tokens, corpus.document_offsets, size)
        return
    tokens, offsets = restrict(corpus.tokens, corpus.document_offsets, size)
    top = set(corpus.words[:size])
    expected = [[word for word in words if word in top] for words in documents]
    kept = [words for words in expected if words]
    found = [[corpus.words[t] for t in tokens[a:b]] for a, b in pairwise(offsets)]
    assert found == kept
    assert tokens.dtype == corpus.tokens.dtype
    assert offsets.dtype == np.int64


def test_restricting_passes_over_empty_documents() -> None:
    tokens, offsets = restrict(
        np.array([0, 1, 2, 0], np.uint16), np.array([0, 0, 2, 2, 3, 4, 4], np.int64), 1
    )
    assert tokens.tolist() == [0, 0]
    assert offsets.tolist() == [0, 1, 2]


@pytest.mark.parametrize("size", [0, -3])
def test_a_vocabulary_has_words(size: int) -> None:
    with pytest.raises(UserError, match=f"vocabulary: {size} words asked for"):
        restrict(np.array([0, 1], np.uint16), np.array([0, 2], np.int64), size)


def test_vocabulary_file(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.tsv"
    write_vocabulary(path, ["the", "of"], np.array([12, 3]))
    assert path.read_bytes() == b"word\tcount\nthe\t12\nof\t3\n"
    words, counts = read_vocabulary(path)
    assert words == ["the", "of"]
    assert counts.tolist() == [12, 3]
    assert counts.dtype == np.int64


@pytest.mark.parametrize("text", ["", "the\t12\n", "word\tcount\nthe\n", "word\tcount\nthe\tx\n"])
def test_not_a_vocabulary(text: str, tmp_path: Path) -> None:
    path = tmp_path / "v.tsv"
    path.write_text(text)
    with pytest.raises(UserError, match=r"v\.tsv: not a vocabulary"):
        read_vocabulary(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_vocabulary(tmp_path / "none.tsv")


def test_fingerprint_of_words() -> None:
    assert words_sha256(["the", "of"]) == hashlib.sha256(b"the\nof").hexdigest()
