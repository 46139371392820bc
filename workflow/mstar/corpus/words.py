"""The conventions that turn text into words: two of the letters a to z, and one of all letters."""

from __future__ import annotations

import unicodedata
from typing import Literal, get_args

from mstar.files.writing import UserError

Convention = Literal["text8", "paper", "unicode"]
CONVENTIONS: tuple[str, ...] = get_args(Convention)
# Conventions whose words consist of the letters a to z.
LATIN = ("text8", "paper")

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS = tuple((b"%d" % value, f" {name} ".encode()) for value, name in enumerate(DIGIT_NAMES))
# Byte to byte: a to z stay, everything else becomes a space.
_SEPARATE = bytes(byte if byte in range(ord("a"), ord("z") + 1) else 32 for byte in range(256))


def check_convention(convention: str) -> None:
    """Raise ``UserError`` unless ``convention`` is one of `CONVENTIONS`."""
    if convention not in CONVENTIONS:
        raise UserError(
            f"normaliser {convention!r} is unknown: expected one of {', '.join(CONVENTIONS)}"
        )


def tokenise(text: str, convention: str = "text8") -> list[str]:
    """Return the words of ``text``, in order, each one or more letters.

    ``text8``: lower-case, each digit 0-9 spelled out as a word of its own, every other character a
    separator (the convention of the text8 file).
    ``paper``: lower-case, then the regular expression ``[a-z]+``: digits, accented letters and
    punctuation all separate, so "doesn't" becomes doesn, t (the paper's corpus).
    ``unicode``: runs of letters of any script (category L), each with the marks (category M) that
    follow it, case-folded; digits and all else separate. Text without spaces between words, such
    as Chinese, is not cut into words. Characters are not normalised: NFC is expected.

    `mstar.corpus.encoder` does the same to whole corpora, compiled. Raises ``UserError`` for
    another convention.
    """
    check_convention(convention)
    if convention == "unicode":
        return _of_all_scripts(text)
    # Every character beyond ASCII is a separator, so one byte ("?") can stand for it; on bytes,
    # replace, translate and split run several times faster than a regular expression.
    plain = text.lower().encode("ascii", "replace")
    if convention == "text8":
        for digit, name in _DIGITS:
            plain = plain.replace(digit, name)
    return plain.translate(_SEPARATE).decode("ascii").split()


def _of_all_scripts(text: str) -> list[str]:
    characters = []
    inside = False
    for character in text:
        kind = unicodedata.category(character)[0]
        inside = kind == "L" or (kind == "M" and inside)
        characters.append(character.casefold() if inside else " ")
    return "".join(characters).split()


def normalise(text: str, convention: str = "text8") -> str:
    """Return the words of ``text`` (see ``tokenise``) joined by single spaces."""
    return " ".join(tokenise(text, convention))
