"""The conventions that split text into words, and those of them that need no library."""

from __future__ import annotations

import re
from typing import Literal, get_args

from mstar.files.writing import UserError

Convention = Literal["text8", "paper", "unicode", "whitespace", "tokenizer"]
CONVENTIONS: tuple[str, ...] = get_args(Convention)
# Conventions whose words consist of the letters a to z.
LATIN = ("text8", "paper")
# Conventions of the compiled encoder; `mstar.corpus.splitting` prepares text by the others for it.
COMPILED = (*LATIN, "whitespace")

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS = tuple((b"%d" % value, f" {name} ".encode()) for value, name in enumerate(DIGIT_NAMES))
# A translation table of bytes that keeps a to z and turns all others into spaces.
_SEPARATE = bytes(byte if byte in range(ord("a"), ord("z") + 1) else 32 for byte in range(256))
# What stands for bytes that are not UTF-8 in text decoded with "surrogateescape".
_UNDECODED = re.compile("[\ud800-\udfff]")


def check_convention(convention: str) -> None:
    """Raise ``UserError`` unless ``convention`` is one of `CONVENTIONS`."""
    if convention not in CONVENTIONS:
        raise UserError(
            f"normaliser {convention!r} is unknown: expected one of {', '.join(CONVENTIONS)}"
        )


def tokenise(text: str, convention: str = "text8") -> list[str]:
    """Return the words of ``text``, in order, by one of the `COMPILED` conventions.

    `mstar.corpus.encoder` is the compiled equivalent for whole corpora, and
    `mstar.corpus.splitting.words_of` has the other conventions. Conventions:

    - ``text8``: lower case, each digit 0-9 spelled out as a word, every other character a separator
      (as in the text8 file).
    - ``paper``: lower case, then the regular expression ``[a-z]+``: digits, accented letters and
      punctuation separate, so "doesn't" becomes doesn, t (as in the paper's corpus).
    - ``whitespace``: what stands between white space, unchanged.
    """
    assert convention in COMPILED, convention
    if convention == "whitespace":
        return _UNDECODED.sub(" ", text).split()
    # Every character beyond ASCII is a separator, so it can be replaced by "?". On bytes, replace,
    # translate and split are several times faster than a regular expression.
    plain = text.lower().encode("ascii", "replace")
    if convention == "text8":
        for digit, name in _DIGITS:
            plain = plain.replace(digit, name)
    return plain.translate(_SEPARATE).decode("ascii").split()
