"""Tables for the compiled encoder: the role of each byte and character under a convention."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mstar.corpus import encoder_kernels as kernels
from mstar.corpus.words import LATIN

# Words of up to 13 letters a to z have distinct keys, as 27**13 < 2**64.
EXACT = 13
# There is no letter beyond the ideographs of plane 3 (a test checks this).
LETTERS_END = 0x32400


class Alphabet(NamedTuple):
    """The tables of one convention.

    Attributes:
        classes: (256,) uint8, class of each byte, in the terms of `mstar.corpus.encoder_kernels`.
        kinds: (n,) uint8, LETTER, MARK or 0 for each character; 0 also beyond n.
        folds: (n,) int32, the case-folded character for conventions that keep all scripts; -1 - i
            if it is several, in row i of ``longer``; 0 for none. Empty for a to z.
        longer: (rows, 3) int32, case-folded characters, padded by 0.
        exact: length of the longest words with distinct keys.
    """

    classes: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    folds: NDArray[np.int32]
    longer: NDArray[np.int32]
    exact: int


@cache
def alphabet(convention: str) -> Alphabet:
    """Return the tables of a convention of `mstar.corpus.words`."""
    classes = np.full(256, kernels.OTHER, np.uint8)
    classes[128:] = kernels.WIDE
    # ASCII characters for which str.isspace is true; only two of them end a line.
    classes[[*range(9, 14), *range(28, 33)]] = kernels.SPACE
    classes[[10, 13]] = kernels.LINE
    classes[[ord(mark) for mark in ".!?"]] = kernels.STOP
    for start in (ord("a"), ord("A")):
        classes[start : start + 26] = np.arange(1, 27)
    if convention == "text8":
        classes[ord("0") : ord("9") + 1] = kernels.DIGIT + np.arange(10)
    if convention in LATIN:
        letters = bytes(map(str.isalpha, map(chr, range(LETTERS_END))))
        kinds = np.frombuffer(letters, np.uint8) * np.uint8(kernels.LETTER)
        nothing = np.empty(0, np.int32)
        return Alphabet(classes, kinds, nothing, nothing.reshape(0, 3), EXACT)
    size = sys.maxunicode + 1
    kinds = np.zeros(size, np.uint8)
    folds = np.zeros(size, np.int32)
    longer: list[list[int]] = []
    for code, character in enumerate(map(chr, range(size))):
        category = unicodedata.category(character)[0]
        if category not in "LM":
            continue
        kinds[code] = kernels.LETTER if category == "L" else kernels.MARK
        folded = [ord(part) for part in character.casefold()]
        if len(folded) > 1:
            longer.append([*folded, 0][:3])
            folds[code] = -len(longer)
        else:
            folds[code] = folded[0]
    return Alphabet(classes, kinds, folds, np.array(longer, np.int32), 0)
