"""Tables for the compiled encoder: the role of each byte and character under a convention."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mstar.corpus import encoder_kernels as kernels

# There is no letter beyond the ideographs of plane 3 (a test checks this).
LETTERS_END = 0x32400


class Alphabet(NamedTuple):
    """The tables of one convention.

    Attributes:
        classes: (256,) uint8, class of each byte, in the terms of `mstar.corpus.encoder_kernels`.
        letters: (n,) uint8, 1 for each character that is a letter; there is none beyond n.
    """

    classes: NDArray[np.uint8]
    letters: NDArray[np.uint8]


@cache
def alphabet(convention: str) -> Alphabet:
    """Return the tables of one of `mstar.corpus.words.COMPILED`."""
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
    letters = bytes(map(str.isalpha, map(chr, range(LETTERS_END))))
    return Alphabet(classes, np.frombuffer(letters, np.uint8))
