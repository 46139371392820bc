"""The two conventions that turn English text into words of the letters a to z."""

from __future__ import annotations

from typing import Literal, get_args

from mstar.files import UserError

Convention = Literal["text8", "paper"]
CONVENTIONS: tuple[str, ...] = get_args(Convention)

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS = tuple((b"%d" % value, f" {name} ".encode()) for value, name in enumerate(DIGIT_NAMES))
# Byte to byte: a to z stay, everything else becomes a space.
_SEPARATE = bytes(byte if byte in range(ord("a"), ord("z") + 1) else 32 for byte in range(256))


def check_convention(convention: str) -> None:
    """Raise ``UserError`` unless ``convention`` is one that is known."""
    if convention not in CONVENTIONS:
        raise UserError(
            f"normaliser {convention!r} is unknown: expected one of {', '.join(CONVENTIONS)}"
        )


def tokenise(text: str, convention: str = "text8") -> list[str]:
    """Return the words of ``text``, in order, each one or more letters a to z.

    ``text8``: lower-case, each digit 0-9 spelled out as a word of its own, every other character a
    separator (the convention of the text8 file).
    ``paper``: lower-case, then the regular expression ``[a-z]+``: digits, accented letters and
    punctuation all separate, so "doesn't" becomes doesn, t (the paper's corpus).

    This is what `mstar.encoder` does to whole corpora, compiled. Raises ``UserError`` for another
    convention.
    """
    check_convention(convention)
    # Every character beyond ASCII is a separator, so one byte ("?") can stand for it; on bytes,
    # replace, translate and split run several times faster than a regular expression.
    plain = text.lower().encode("ascii", "replace")
    if convention == "text8":
        for digit, name in _DIGITS:
            plain = plain.replace(digit, name)
    return plain.translate(_SEPARATE).decode("ascii").split()


def normalise(text: str, convention: str = "text8") -> str:
    """Return the words of ``text`` (see ``tokenise``) joined by single spaces."""
    return " ".join(tokenise(text, convention))
