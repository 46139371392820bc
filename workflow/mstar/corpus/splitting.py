"""Words by the rules of Unicode, by a segmenter or by a tokenizer.

A splitter puts single spaces between the words of a text and drops everything else but the ends of
lines and sentences. The compiled encoder then reads its result as words at white space. The
libraries of segmenters and tokenizers are optional.
"""

from __future__ import annotations

import logging
import tempfile
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module

import regex

from mstar.corpus.encoder import Encoder
from mstar.corpus.encoder_kernels import NOTHING, SENTENCE
from mstar.corpus.wording import WordRules, not_a_tokenizer
from mstar.corpus.words import DIGIT_NAMES, tokenise
from mstar.files.writing import UserError

Splitter = Callable[[str], str]

# Boundaries of words by Unicode Standard Annex 29.
_BOUNDARY = regex.compile(r"(?wV1)\b")
# Invisible characters, such as soft hyphens and marks of direction, without those that matter in
# Persian and Indic scripts and without the zero-width space, which separates words.
_INVISIBLE = regex.compile(r"(?V1)[\p{Cf}--[\u200b\u200c\u200d]]")
_DIGIT = regex.compile(r"\p{Nd}")
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")
_STOPS = frozenset(".!?。！．？؟۔।")
# Text without spaces, which stays whole: the annex leaves its boundaries to dictionaries.
_UNSPACED = regex.compile(r"((?:[\p{Han}\p{Hiragana}\p{Katakana}\p{Line_Break=SA}ー]\p{M}*+)+)")
# What of it a segmenter is given.
_RUNS = {
    "jieba": regex.compile(r"(\p{Han}+)"),
    "janome": regex.compile(r"([\p{Han}\p{Hiragana}\p{Katakana}ー]+)"),
}
# Results that are kept to be used again, and the longest text for which one is kept.
KEPT, LONGEST_KEPT = 1 << 18, 64
# Bytes after which a longer line is cut, at a space if it has one there, and the mark of a cut.
LONGEST_LINE = 1 << 20
_CUT = "\x1d"


def splitter_of(normaliser: str, rules: WordRules) -> Splitter | None:
    """Return what prepares text for the compiled encoder; None if it needs no preparation.

    Raises:
        UserError: an optional library is missing, or the tokenizer's file is not one.
    """
    if normaliser == "tokenizer":
        assert rules.tokenizer is not None
        return _tokenizer(rules.tokenizer)
    if normaliser == "unicode":
        segment = _segmenter(rules.segmenter) if rules.segmenter else None
        return _Stretches(partial(_unicode, rules, segment))
    if normaliser == "whitespace" and (rules.case, rules.digits) != (None, None):
        return _Stretches(partial(_as_they_stand, rules))
    return None


def words_of(normaliser: str, rules: WordRules) -> Callable[[str], list[str]]:
    """Return a function from text to its words, in order.

    Raises:
        UserError: an optional library is missing, or the tokenizer's file is not one.
    """
    split = splitter_of(normaliser, rules)
    if split is None:
        return partial(tokenise, convention=normaliser)
    return lambda text: split(text).split()


class SplittingEncoder(Encoder):
    """An `Encoder` of the words that a splitter finds.

    The splitter is given whole lines; of longer lines than `LONGEST_LINE`, stretches.

    Args:
        split: the splitter.
        lines, sentences: see `Encoder`.
    """

    def __init__(self, split: Splitter, lines: bool = False, sentences: bool = False) -> None:
        super().__init__("whitespace", lines, sentences)
        self._split = split
        self._rest = b""
        self._undecodable = 0

    @property
    def undecodable_bytes(self) -> int:
        """Number of bytes so far that are not UTF-8; they separate words."""
        return super().undecodable_bytes + self._undecodable

    def add(self, text: bytes, final: bool = False) -> None:
        """Encode the next bytes; with ``final``, no bytes follow to complete a line."""
        lines = (self._rest + text.replace(b"\r", b"\n")).split(b"\n")
        parts = [list(_cut(line)) for line in lines]
        self._rest = b"" if final else parts[-1].pop()
        ready = b"\n".join(_CUT.encode().join(stretches) for stretches in parts)
        if ready or final:
            # The space ends the last word if a line was cut after it.
            super().add(f"{self._split(self._decoded(ready))} ".encode(), final)

    def end_source(self) -> None:
        """Encode what is left of the last line."""
        self.add(b"", final=True)

    def _decoded(self, data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            text = data.decode("utf-8", "surrogateescape")
        text, wrong = regex.subn("[\udc80-\udcff]", " ", text)
        self._undecodable += wrong
        return text


def _cut(line: bytes) -> Iterator[bytes]:
    """Yield the stretches of a line: itself, if it is short enough."""
    at = 0
    while len(line) - at > LONGEST_LINE:
        end = line.rfind(b" ", at, at + LONGEST_LINE) + 1
        if not end:
            end = at + LONGEST_LINE
            while end > at + LONGEST_LINE - 4 and line[end] & 0xC0 == 0x80:
                end -= 1  # within a character
        yield line[at:end]
        at = end
    yield line[at:]


class _Stretches(dict[str, str]):
    """A splitter of what stands between white space, which keeps results to use them again.

    Args:
        split: from text without white space to its words, with spaces between them.
    """

    def __init__(self, split: Splitter) -> None:
        super().__init__()
        self._split = split

    def __missing__(self, stretch: str) -> str:
        found = self._split(stretch) or chr(NOTHING)
        if len(stretch) <= LONGEST_KEPT:
            if len(self) >= KEPT:
                self.clear()
            self[stretch] = found
        return found

    def __call__(self, text: str) -> str:
        known = self.__getitem__
        lines = text.replace("\r", "\n").split("\n")
        return "\n".join([" ".join(map(known, line.split())) for line in lines])


def _unicode(rules: WordRules, segment: Callable[[str], list[str]] | None, stretch: str) -> str:
    """Return the words of a stretch by Unicode Standard Annex 29, in NFC."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", stretch))
    text = _without_digits(text, rules.digits)
    found: list[str] = []
    for place, part in enumerate(_UNSPACED.split(text)):  # matches are at odd places
        found += _BOUNDARY.split(part) if place % 2 == 0 else segment(part) if segment else [part]
    words = []
    for word in found:
        if any(map(str.isalnum, word)):
            word = word[0] + word[1:-1].translate(_APOSTROPHES) + word[-1] * (len(word) > 1)
            words.append(_in_case(word, rules.case or "fold"))
        elif not _STOPS.isdisjoint(word):
            words.append(chr(SENTENCE))
    return " ".join(words)


def _as_they_stand(rules: WordRules, stretch: str) -> str:
    """Return a stretch with its digits and case as the settings want them."""
    return _in_case(_without_digits(stretch, rules.digits), rules.case or "keep")


def _without_digits(text: str, digits: str | None) -> str:
    if digits == "drop":
        return _DIGIT.sub(" ", text).strip()
    if digits == "spell":
        return _DIGIT.sub(lambda found: f" {DIGIT_NAMES[int(found[0])]} ", text).strip()
    return text


def _in_case(word: str, case: str) -> str:
    if case == "keep":
        return word
    return unicodedata.normalize("NFC", word.casefold() if case == "fold" else word.lower())


def _segmenter(name: str) -> Callable[[str], list[str]]:
    """Return a function from text without spaces to its words, by an optional library."""
    library = _chinese if name == "jieba" else _japanese
    try:
        segment = library()
    except ImportError:
        raise _missing("segmenter", name) from None

    def words(text: str) -> list[str]:
        parts = enumerate(_RUNS[name].split(text))
        return [word for place, part in parts for word in (segment(part) if place % 2 else [part])]

    return words


def _chinese() -> Callable[[str], list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jieba = import_module("jieba")
    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    # It writes a copy of its dictionary, by default where others might change it.
    with tempfile.TemporaryDirectory() as folder:
        segmenter.tmp_dir = folder
        segmenter.initialize()
    return segmenter.lcut


def _japanese() -> Callable[[str], list[str]]:
    segmenter = import_module("janome.tokenizer").Tokenizer(wakati=True)
    return lambda text: [*segmenter.tokenize(text)]


def _tokenizer(path: str) -> Splitter:
    """Return a splitter of lines by a tokenizer of Hugging Face's library."""
    try:
        library = import_module("tokenizers")
    except ImportError:
        raise _missing("tokenizer", "tokenizers") from None
    try:
        tokenizer = library.Tokenizer.from_file(path)
    except Exception as error:  # the library raises no class of its own
        raise not_a_tokenizer(path, str(error)) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def split(text: str) -> str:
        return "\n".join([" ".join(map(tokens, line.split(_CUT))) for line in text.split("\n")])

    def tokens(stretch: str) -> str:
        found = tokenizer.encode(stretch, add_special_tokens=False).tokens
        # Tokens may contain white space, which is written as SentencePiece does.
        words = (regex.sub(r"\s+", "▁", token) for token in found if not token.isspace())
        return " ".join(words) or (chr(NOTHING) if stretch.strip() else "")

    return split


def _missing(key: str, package: str) -> UserError:
    return UserError(
        f"words.{key}: needs the package {package}, which is not installed: pip install {package}"
    )
