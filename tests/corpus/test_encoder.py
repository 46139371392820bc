"""The compiled encoder against plain Python: decode, tokenise, count, sort."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.corpus import encoder
from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.encoder import Encoder
from mstar.corpus.words import COMPILED, tokenise

# Characters whose lower case has ASCII letters, white space beyond ASCII, parts of characters,
# letters that fold to several, marks (one folds to a letter), scripts without case or spaces.
PIECES = ("aZ", "é", "K", "İ", "ß", "0", "9", " ", "\n", "\r\n", "\t", "\x1c", "-", "\u2003", "…")
PIECES += ("ΐ", "Ⱥ", "\u0301", "\u0345", "\ufe0f", "中文", "שלום", "हिन्दी", "𐐀", "🙂", "Ⅷ")
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(PIECES).map(str.encode),
        st.characters(exclude_categories=("Cs",)).map(str.encode),
        st.binary(max_size=4),
        st.sampled_from([b"\xe2\x84", b"\xc4", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xf4\x90\x80"]),
    ),
    max_size=40,
).map(b"".join)
CONVENTION = st.sampled_from(COMPILED)


def decoded(corpus: EncodedCorpus) -> list[list[str]]:
    words = [corpus.words[token] for token in corpus.tokens]
    return [words[a:b] for a, b in pairwise(corpus.document_offsets)]


def read(text: bytes, size: int, convention: str, lines: bool) -> Encoder:
    """Return an encoder that has read the text as one stretch, in blocks of ``size`` bytes."""
    reading = Encoder(convention, lines)
    for at in range(0, len(text), size):
        reading.add(text[at : at + size])
    reading.end_document()
    return reading


def in_blocks(text: bytes, size: int, convention: str, lines: bool) -> tuple[EncodedCorpus, int]:
    """Return the text as one stretch, in blocks of ``size`` bytes; count bytes not in UTF-8."""
    reading = read(text, size, convention, lines)
    return reading.finish(), reading.undecodable_bytes


def letters_of(text: str, convention: str) -> tuple[int, int]:
    """Return how many letters of a text are in words, and how many are not."""
    letters = [character for character in text if character.isalpha()]
    if convention == "whitespace":
        return len(letters), 0
    kept = sum("a" <= character.lower()[0] <= "z" for character in letters)
    return kept, len(letters) - kept


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(1, 50), CONVENTION)
def test_any_bytes_in_any_blocks(data: bytes, size: int, convention: str) -> None:
    text = data.decode("utf-8", "surrogateescape")
    words = tokenise(text, convention)
    reading = read(data, size, convention, lines=False)
    undecodable, corpus = reading.undecodable_bytes, reading.finish()
    assert decoded(corpus) == ([words] if words else [])
    assert undecodable == sum("\udc80" <= character <= "\udcff" for character in text)
    kept, dropped = letters_of(text, convention)
    assert (reading.letters, reading.letters_dropped) == (kept + dropped, dropped)
    counts = sorted(Counter(words).items(), key=lambda item: (-item[1], item[0]))
    assert list(zip(corpus.words, corpus.counts.tolist(), strict=True)) == counts


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(1, 50), CONVENTION)
def test_lines_with_something_on_them_are_documents(data: bytes, size: int, name: str) -> None:
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    expected = [tokenise(line, name) for line in text.split("\n") if line and not line.isspace()]
    corpus, _ = in_blocks(data, size, name, lines=True)
    assert decoded(corpus) == [words for words in expected if words]
    assert corpus.empty_documents == expected.count([])


@pytest.mark.parametrize("convention", COMPILED)
def test_every_character_separates_or_is_a_letter_as_python_says(convention: str) -> None:
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    text = "x\n".join(f"a{character}b" for character in every)
    reading = read(text.encode(), 1 << 16, convention, lines=False)
    kept, dropped = letters_of(text, convention)
    assert (reading.letters, reading.letters_dropped) == (kept + dropped, dropped)
    assert reading.undecodable_bytes == 0
    corpus = reading.finish()
    assert [corpus.words[token] for token in corpus.tokens] == tokenise(text, convention)
    # A line of one character is a document, even without words, unless it is white space.
    lines = [character for character in every if ord(character) > 127]
    corpus, _ = in_blocks("\n".join(lines).encode(), 1 << 16, convention, lines=True)
    assert corpus.documents == sum(bool(tokenise(line, convention)) for line in lines)
    filled = sum(not line.isspace() for line in lines)
    assert corpus.documents + corpus.empty_documents == filled


def spelled(value: int) -> str:
    """Return the word whose letters, a = 1 to z = 26, are the digits of ``value`` to base 27."""
    letters = ""
    while value:
        value, digit = divmod(value, 27)
        letters = chr(96 + digit) + letters
    return letters


def test_words_that_share_a_key_are_told_apart() -> None:
    """Keys are modulo 2**64, so longer words collide with shorter ones and with each other."""
    rng = np.random.default_rng(0)
    words: list[str] = []
    while len(words) < 60:
        value = int(rng.integers(27**12, 27**13))
        alike = [spelled(value + turn * 2**64) for turn in range(4)]
        if all(word.isalpha() for word in alike):
            words += alike
    assert {len(word) for word in words} == {13, 14}
    text = " ".join(words + words[::-3]).encode()
    corpus, _ = in_blocks(text, 7, "paper", lines=False)
    assert decoded(corpus) == [words + words[::-3]]


def test_words_at_white_space_are_as_they_stand() -> None:
    text = "New_York <unk> covid-19\u00a0C++ Straße\u3000e.g. 中文。 a\x1fb\n".encode()
    corpus, _ = in_blocks(text, 3, "whitespace", lines=True)
    words = ["New_York", "<unk>", "covid-19", "C++", "Straße", "e.g.", "中文。", "a", "b"]
    assert decoded(corpus) == [words]


def test_a_sentence_of_words_at_white_space_ends_after_a_mark_at_the_end_of_a_word() -> None:
    for size in (1, 2, 5, 100):
        reading = Encoder("whitespace", sentences=True)
        text = "a 3.5 b. c.d e? 中。 f ! g\nh \x1e i".encode()
        for at in range(0, len(text), size):
            reading.add(text[at : at + size])
        corpus = reading.finish()
        assert corpus.sentence_ends is not None
        words = np.split([corpus.words[i] for i in corpus.tokens], corpus.sentence_ends[:-1])
        assert [list(each) for each in words] == [
            ["a", "3.5", "b."],
            ["c.d", "e?"],
            ["中。"],
            ["f", "!"],
            ["g"],
            ["h"],
            ["i"],
        ]


def test_growing_tables_and_numbers_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Input: more types than the initial table, a word longer than the arena, tokens in batches."""
    monkeypatch.setattr(encoder, "GATHERED", 1000)
    rng = np.random.default_rng(1)
    words = [spelled(int(value)).replace("`", "a") for value in rng.integers(1, 10**6, 150_000)]
    words[1000] = "long" * 100_000
    text = " ".join(words).encode()
    for convention in ("paper", "whitespace"):
        corpus, _ = in_blocks(text, 999, convention, lines=False)
        assert decoded(corpus) == [words]
    assert len(set(words)) > 100_000
