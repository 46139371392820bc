"""Settings of words beyond the convention: case, digits, phrases, and which words are left out."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mstar.files.mistakes import LARGEST, Expected, Problem
from mstar.files.writing import UserError

Segmenter = Literal["jieba", "janome"]


def _line(value: Any) -> Any:
    """Accept text on one line, without control characters and surrogates."""
    kinds = {unicodedata.category(character) for character in str(value)}
    if not isinstance(value, str) or not value.strip() or kinds & {"Cc", "Cs", "Zl", "Zp"}:
        raise AssertionError  # the message is that of `Expected`
    return value


def _words(value: Any) -> Any:
    """Accept the path of a file on one line, or a list of words, which becomes a tuple."""
    return tuple(map(_line, value)) if isinstance(value, list | tuple) else _line(value)


def _number(value: Any) -> Any:
    """Convert text such as "5", which command lines give; return any other value unchanged."""
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return float(value) if "." in value else int(value)
    return value


Words = Annotated[
    Any,
    AfterValidator(_words),
    Expected("a list of words (in quotes if YAML reads them otherwise), or the path of a file"),
]
Line = Annotated[str, AfterValidator(_line)]
File = Annotated[Line, Expected("the path of a file, on one line")] | None
Phrases = Annotated[Line, Expected("learned, or the path of a file, on one line")] | None
Count = Annotated[int, BeforeValidator(_number), Field(ge=1, le=LARGEST)]


class WordRules(BaseModel):
    """What becomes of the words that a normaliser finds in a text."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, validate_default=True
    )

    case: Literal["fold", "lower", "keep"] | None = Field(
        None,
        description="case of the words of the normalisers unicode (fold, by default: case-folded,"
        " so that Straße is strasse) and whitespace (keep, by default); lower: lower case",
    )
    digits: Literal["keep", "spell", "drop"] | None = Field(
        None,
        description="digits in words of the normalisers unicode and whitespace. keep (the default);"
        " spell: each a word, by its English name; drop: they separate words",
    )
    segmenter: Segmenter | None = Field(
        None,
        description="library that divides text without spaces, for the normaliser unicode: jieba"
        " (Chinese) or janome (Japanese). Without one it stays whole",
    )
    tokenizer: File = Field(
        None,
        description="file (tokenizer.json) of Hugging Face's tokenizers, whose tokens are the words"
        " of the normaliser tokenizer",
    )
    phrases: Phrases = Field(
        None,
        description="phrases counted as one word, such as new_york. learned: pairs of words, by"
        " gensim's Phrases; or a file with a phrase a line, and after a tab its name if that is not"
        " its words joined by _",
    )
    phrase_min_count: Count = Field(
        5, description="times that a pair must occur to be a learned phrase"
    )
    phrase_threshold: Annotated[float, BeforeValidator(_number), Field(ge=0)] = Field(
        10.0,
        description="score above which a pair is a learned phrase: (n_ab − phrase_min_count) N /"
        " (n_a n_b), where N is the number of different words and pairs",
    )
    stop_words: Words = Field(
        (), description="words to leave out of the text: a list, or a file with one a line"
    )
    word_list: Words = Field(
        (),
        description="the only words to keep in the text, if any: a list, or a file with one a line",
    )
    min_count: Count = Field(
        1, description="times that a word must occur in the text, or it is left out"
    )

    @property
    def chooses(self) -> bool:
        """Whether words are left out."""
        return bool(self.stop_words or self.word_list or self.min_count > 1)

    def files(self) -> dict[str, str]:
        """Return the paths of the files that the settings name, by key."""
        named = {key: getattr(self, key) for key in ("tokenizer", "stop_words", "word_list")}
        if self.phrases != "learned":
            named["phrases"] = self.phrases
        return {key: value for key, value in named.items() if isinstance(value, str)}

    def changed(self) -> dict[str, Any]:
        """Return the settings that are not at their defaults."""
        return self.model_dump(mode="json", exclude_defaults=True)


def problems(rules: WordRules, normaliser: str) -> Iterator[Problem]:
    """Yield the settings that do not go with a normaliser."""
    reads = ("normaliser",)
    for key in ("case", "digits"):
        value = getattr(rules, key)
        if value is not None and normaliser not in ("unicode", "whitespace"):
            own = "that of its file" if normaliser == "tokenizer" else "its own"
            words = f"none, since the normaliser {normaliser} has {own}; unicode takes {value}"
            yield Problem(f"words.{key}", value, words, reads)
    if rules.segmenter and normaliser != "unicode":
        words = f"none, since the normaliser is {normaliser}; normaliser: unicode takes it"
        yield Problem("words.segmenter", rules.segmenter, words, reads)
    if rules.tokenizer and normaliser != "tokenizer":
        words = f"none, since the normaliser is {normaliser}; normaliser: tokenizer takes it"
        yield Problem("words.tokenizer", rules.tokenizer, words, reads)
    if normaliser == "tokenizer" and not rules.tokenizer:
        words = "another, or the file of the tokenizer, words.tokenizer"
        yield Problem("normaliser", normaliser, words, ("words.tokenizer",))


def check_files(rules: WordRules) -> None:
    """Read every file that the settings name.

    Raises:
        UserError: a file is missing, or is not what it should be.
    """
    words_of_setting(rules, "stop_words")
    words_of_setting(rules, "word_list")
    phrases_of_setting(rules)
    if rules.tokenizer is not None:
        try:
            found = json.loads(_text("tokenizer", rules.tokenizer))
            if not isinstance(found.get("model"), dict):
                raise ValueError
        except (ValueError, AttributeError, RecursionError):
            raise not_a_tokenizer(rules.tokenizer) from None


def not_a_tokenizer(path: str, reason: str = "") -> UserError:
    """Return the error for a file that is no tokenizer."""
    said = f" ({' '.join(reason.split())[:200]})" if reason else ""
    return UserError(
        f"words.tokenizer: {path}: not a tokenizer{said}: expected the tokenizer.json of one of"
        " Hugging Face's tokenizers"
    )


def words_of_setting(rules: WordRules, key: str) -> tuple[str, ...]:
    """Return the words of ``stop_words`` or ``word_list``, from the file if it names one.

    Raises:
        UserError: the file cannot be read, or has no word.
    """
    value = getattr(rules, key)
    if not isinstance(value, str):
        return tuple(value)
    found = tuple(line for _, line in _lines(key, value))
    if not found:
        raise UserError(f"words.{key}: {value}: no word in it: expected one word a line")
    return found


def phrases_of_setting(rules: WordRules) -> dict[str, str]:
    """Return the phrases of the file that ``phrases`` names, as {phrase: its name, "" for none}.

    Raises:
        UserError: the file cannot be read, or a line is no phrase.
    """
    if rules.phrases in (None, "learned"):
        return {}
    assert rules.phrases is not None
    phrases: dict[str, str] = {}
    for number, line in _lines("phrases", rules.phrases):
        phrase, tab, name = line.partition("\t")
        name = name.strip()
        if len(phrase.split()) < 2 or (tab and len(name.split()) != 1):
            raise UserError(
                f"words.phrases: {rules.phrases}, line {number}: {line[:60]!r}: expected two words"
                " or more, and after a tab, if anything, one word"
            )
        phrases[phrase.strip()] = name
    if not phrases:
        raise UserError(f"words.phrases: {rules.phrases}: no phrase in it: expected one a line")
    return phrases


def _lines(key: str, path: str) -> Iterator[tuple[int, str]]:
    """Yield the number and text of the lines of a file that are not blank."""
    for number, line in enumerate(_text(key, path).split("\n"), 1):
        if line.strip():
            yield number, line.strip()


def _text(key: str, path: str) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"words.{key}: {path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise UserError(f"words.{key}: {path}: not UTF-8 text: expected one entry a line") from None
    if "\0" in text:
        raise UserError(f"words.{key}: {path}: has NUL bytes: expected one entry a line")
    return text
