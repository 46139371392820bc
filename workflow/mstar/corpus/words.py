"""The conventions that split text into words: two with letters a to z, one with all letters."""

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
# A translation table of bytes that keeps a to z and turns all others into spaces.
_SEPARATE = bytes(byte if byte in range(ord("a"), ord("z") + 1) else 32 for byte in range(256))


def check_convention(convention: str) -> None:
    """Raise ``UserError`` unless ``convention`` is one of `CONVENTIONS`."""
    if convention not in CONVENTIONS:
        raise UserError(
            f"normaliser {convention!r} is unknown: expected one of {', '.join(CONVENTIONS)}"
        )


def tokenise(text: str, convention: str = "text8") -> list[str]:
    """Return the words of ``text``, in order.

    `mstar.corpus.encoder` is the compiled equivalent for whole corpora. Conventions:

    - ``text8``: lower case, each digit 0-9 spelled out as a word, every other character a separator
      (as in the text8 file).
    - ``paper``: lower case, then the regular expression ``[a-z]+``: digits, accented letters and
      punctuation separate, so "doesn't" becomes doesn, t (as in the paper's corpus).
    - ``unicode``: runs of letters of any script (category L), with the marks (category M) that
      follow them, case-folded; all other characters separate. Text without spaces between words,
      such as Chinese, is not segmented. Characters are not normalised: NFC is expected.

    Raises:
        UserError: unknown convention.
    """
    check_convention(convention)
    if convention == "unicode":
        return _of_all_scripts(text)
    # Every character beyond ASCII is a separator, so it can be replaced by "?". On bytes, replace,
    # translate and split are several times faster than a regular expression.
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
