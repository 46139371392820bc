"""Words by the rules of Unicode, as they stand, by segmenters and by tokenizers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from mstar.corpus import splitting
from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.encoder_kernels import _is_stop
from mstar.corpus.lookup import word_in_text
from mstar.corpus.splitting import SplittingEncoder, splitter_of, words_of
from mstar.corpus.wording import WordRules, check_files
from mstar.files.writing import UserError

PIECES = ("aZ", "é", "e\u0301", "ß", "0", "٣", " ", "\n", "\r\n", "\x1c", "\x1e", "-", "'", "’")
PIECES += (
    "ʼ",
    ".",
    "!",
    "。",
    "ΐ",
    "中文",
    "ひら",
    "שלום",
    "हिन्दी",
    "🙂",
    "\u00ad",
    "\u200b",
    "\u200d",
)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(PIECES).map(str.encode),
        st.characters(exclude_categories=("Cs",)).map(str.encode),
        st.sampled_from([b"\xe2\x84", b"\xc4", b"\xed\xa0\x80", b"\xf0\x9f\x98"]),
    ),
    max_size=40,
).map(b"".join)
RULES = st.builds(
    WordRules,
    case=st.sampled_from([None, "keep", "lower", "fold"]),
    digits=st.sampled_from([None, "keep", "spell", "drop"]),
)


def words(text: str, normaliser: str = "unicode", **rules: Any) -> list[str]:
    return words_of(normaliser, WordRules(**rules))(text)


def decoded(corpus: EncodedCorpus) -> list[list[str]]:
    named = [corpus.words[token] for token in corpus.tokens]
    return [named[a:b] for a, b in pairwise(corpus.document_offsets)]


def read(data: bytes, size: int, split: Callable[[str], str], lines: bool) -> SplittingEncoder:
    reading = SplittingEncoder(split, lines, sentences=True)
    for at in range(0, len(data), size):
        reading.add(data[at : at + size])
    reading.end_document()
    return reading


# --- Unicode ---


def test_words_of_many_languages() -> None:
    assert words("об'єкт, прив’язана пʼять!") == ["об'єкт", "прив'язана", "п'ять"]
    assert words("I don’t know 'covid-19' at 3.5, in the U.S.A.") == (
        ["i", "don't", "know", "covid", "19", "at", "3.5", "in", "the", "u.s.a"]
    )
    assert words("STRASSE Straße Stra\u00dfe Stra\u00adße cafe\u0301 café new_york") == (
        ["strasse"] * 4 + ["café"] * 2 + ["new_york"]
    )
    assert words("l'été \u202bبِسْمِ اللَّهِ\u202c हिन्दी कर्म שלום 한국어 C++") == (
        ["l'été", "بِسْمِ", "اللَّهِ", "हिन्दी", "कर्म", "שלום", "한국어", "c"]
    )
    assert words("日本語テスト。ภาษาไทย x") == ["日本語テスト", "ภาษาไทย", "x"]


def test_case_and_digits() -> None:
    text = "Straße MP3 42 ٣"
    assert words(text, case="keep") == ["Straße", "MP3", "42", "٣"]
    assert words(text, case="lower") == ["straße", "mp3", "42", "٣"]
    assert words(text, digits="spell") == ["strasse", "mp", "three", "four", "two", "three"]
    assert words(text, digits="drop") == ["strasse", "mp"]
    assert words("New_York COVID-19 42", "whitespace", case="fold", digits="drop") == (
        ["new_york", "covid-"]
    )
    assert words("C3 x", "whitespace", digits="spell") == ["C", "three", "x"]


def test_what_a_language_folds_to_one_word_is_in_nfc() -> None:
    assert words("ΐ \u0390 ι\u0308\u0301") == ["\u0390"] * 3


def test_the_ends_of_sentences_are_those_of_the_compiled_encoder() -> None:
    wide = {chr(code) for code in range(128, 0x110000) if _is_stop.py_func(code)}
    assert wide | set(".!?") == splitting._STOPS


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(1, 50), st.sampled_from(["unicode", "whitespace"]), RULES, st.booleans())
def test_any_bytes_in_any_blocks(
    data: bytes, size: int, normaliser: str, rules: WordRules, lines: bool
) -> None:
    split = splitter_of(normaliser, rules)
    reading = read(data, size, str if split is None else split, lines)
    text = data.decode("utf-8", "surrogateescape")
    assert reading.undecodable_bytes == sum("\udc80" <= x <= "\udcff" for x in text)
    text = "".join(" " if "\udc80" <= x <= "\udcff" else x for x in text).replace("\r", "\n")
    expected = [words_of(normaliser, rules)(x) for x in (text.split("\n") if lines else [text])]
    empty = reading.empty_documents
    corpus = reading.finish()
    assert decoded(corpus) == [each for each in expected if each]
    filled = [each for each, line in zip(expected, text.split("\n"), strict=False) if line.split()]
    assert not lines or empty == filled.count([])
    if normaliser == "unicode":
        assert all(any(map(str.isalnum, word)) for word in corpus.words)
        assert all(unicodedata.is_normalized("NFC", word) for word in corpus.words)


def test_sentences_end_at_marks_between_words() -> None:
    split = splitter_of("unicode", WordRules())
    assert split is not None
    corpus = read("a b. c 3.5 d。e -- f?\ng".encode(), 3, split, lines=False).finish()
    assert corpus.sentence_ends is not None and corpus.sentence_ends.tolist() == [2, 5, 7, 8]


def test_long_lines_are_cut_at_the_same_places_however_they_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(splitting, "LONGEST_LINE", 10)
    data = ("ab cdef ghi jkl mno\npq " + "é" * 12 + " rs").encode()
    for size in (1, 3, 7, 100):
        stretches: list[str] = []

        def split(text: str, seen: list[str] = stretches) -> str:
            seen += [stretch for stretch in re.split("[\n\x1d]", text) if stretch.strip()]
            return text

        corpus = read(data, size, split, lines=True).finish()
        expected = ["ab cdef ", "ghi jkl ", "mno", "pq ", "ééééé", "ééééé", "éé rs"]
        assert stretches == expected
        assert decoded(corpus) == [" ".join(expected[:3]).split(), " ".join(expected[3:]).split()]


# --- segmenters ---


def test_chinese_is_segmented() -> None:
    text = "我来到北京清华大学。Covid-19 很严重"
    assert words(text, segmenter="jieba") == (
        ["我", "来到", "北京", "清华大学", "covid", "19", "很", "严重"]
    )


def test_japanese_is_segmented() -> None:
    text = "すもももももももものうち。 NHKの東京"
    assert words(text, segmenter="janome") == (
        ["すもも", "も", "もも", "も", "もも", "の", "うち", "nhk", "の", "東京"]
    )


@pytest.mark.parametrize(
    ("normaliser", "rules", "package"),
    [
        ("unicode", {"segmenter": "jieba"}, "jieba"),
        ("unicode", {"segmenter": "janome"}, "janome"),
        ("tokenizer", {"tokenizer": "x.json"}, "tokenizers"),
    ],
)
def test_a_library_that_is_missing_is_one_line(
    normaliser: str, rules: dict[str, Any], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(splitting, "import_module", absent)
    with pytest.raises(UserError, match=f"needs the package {package}, which is not installed"):
        splitter_of(normaliser, WordRules(**rules))


# --- tokenizers ---


@pytest.fixture
def tokenizer(tmp_path: Path) -> str:
    """Return the file of a tokenizer of parts of words, with a token that has a space."""
    known = {"[UNK]": 0, "un": 1, "##seen": 2, "word": 3, "##s": 4}
    made = Tokenizer(models.WordPiece(known, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_tokens(["new york"])
    made.enable_truncation(2)
    made.save(str(tmp_path / "tokenizer.json"))
    return str(tmp_path / "tokenizer.json")


def test_tokens_are_words(tokenizer: str) -> None:
    rules = WordRules(tokenizer=tokenizer)
    split = splitter_of("tokenizer", rules)
    assert split is not None
    text = "Unseen words unseen\n\nin new york\n"
    corpus = read(text.encode(), 5, split, lines=True).finish()
    assert decoded(corpus) == [
        ["un", "##seen", "word", "##s", "un", "##seen"],
        ["[UNK]", "new▁york"],
    ]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"model": {"type": "none"}}', b"[" * 10_000]
)
def test_a_file_that_is_no_tokenizer_is_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    rules = WordRules(tokenizer=str(path))
    with pytest.raises(UserError) as error:
        splitter_of("tokenizer", rules)
    assert str(error.value).startswith(f"words.tokenizer: {path}: not a tokenizer (")
    assert len(str(error.value).splitlines()) == 1
    if b"none" not in content:  # only the library knows which kinds of models there are
        with pytest.raises(UserError, match=r"words\.tokenizer: .*: not (a tokenizer|UTF-8)"):
            check_files(rules)


# --- the words of benchmarks ---


def test_a_word_of_a_benchmark_is_read_as_the_text_is(tokenizer: str) -> None:
    def look_up(word: str, vocabulary: str, normaliser: str, **rules: Any) -> str | None:
        split = words_of(normaliser, WordRules(**rules))
        return word_in_text(word, split, set(vocabulary.split()))

    assert look_up("Athens", "athens greece", "text8") == "athens"
    assert look_up("don't", "don t", "paper") is None
    assert look_up("Прив’язана", "прив'язана", "unicode") == "прив'язана"
    assert look_up("Straße", "strasse", "unicode") == "strasse"
    assert look_up("Straße", "Straße strasse", "unicode", case="keep") == "Straße"
    assert look_up("athens", "Athens", "whitespace") is None
    assert look_up("Athens", "athens", "whitespace", case="fold") == "athens"
    assert look_up("New York", "new york new_york", "unicode", phrases="learned") == "new_york"
    assert look_up("NYC", "NYC nyc-", "unicode", phrases="list.txt") == "NYC"
    assert look_up("Words", "word ##s", "tokenizer", tokenizer=tokenizer) is None
    assert look_up("Word", "word ##s", "tokenizer", tokenizer=tokenizer) == "word"
    assert look_up("清华大学", "清华大学", "unicode", segmenter="jieba") == "清华大学"
