"""The word of a text that an entry of a list, or a word of a benchmark, stands for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence


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
