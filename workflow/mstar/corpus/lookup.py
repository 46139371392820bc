"""The word of a text that an entry of a list, or a word of a benchmark, stands for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from mstar.corpus.splitting import words_of
from mstar.corpus.wording import WordRules


def word_lookup(
    description: Mapping[str, Any], vocabulary: Collection[str]
) -> Callable[[str], str | None]:
    """Return a function from a word, as a benchmark has it, to that of a text's vocabulary.

    The word is read as the text was: with its case folded if that of the text is, for instance. The
    function returns None if the vocabulary has no such word.

    Args:
        description: ``corpus.json`` of the text (`mstar.corpus.encoded.read_description`).
        vocabulary: words of the text; a mapping or set makes look-ups fast.

    Raises:
        UserError: an optional library is missing, or the tokenizer's file is not one.
    """
    rules = WordRules.model_validate(description.get("words", {}))
    split = words_of(description["normaliser"], rules)

    def look_up(word: str) -> str | None:
        return word_in_text(word, split, vocabulary)

    return look_up


def word_in_text(
    entry: str, split: Callable[[str], Sequence[str]], vocabulary: Collection[str]
) -> str | None:
    """Return the word of ``vocabulary`` that ``entry`` stands for, or None.

    In this order: its words as ``split`` finds them, joined by _ as in phrases if there are
    several; the same after a space, by which some tokenizers tell a word from a part of one; the
    entry itself, such as the name that a list gives to a phrase.
    """
    for word in ("_".join(split(entry)), "_".join(split(f" {entry}")), entry):
        if word in vocabulary:
            return word
    return None
