"""The tokens and documents of an encoded corpus on disk, in one part or several.

The tokens of a part are ids into its own vocabulary. `mstar.corpus.merge` gives each part a `Place`
in the corpus, by which they are translated when the part is read. Only one part is in memory at a
time, unless all tokens are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.encoded import (
    BLOCK,
    checksum,
    checksums,
    cut,
    load_encoded,
    read_description,
)
from mstar.files.writing import AGAIN, UserError, atomic, load_arrays

Tokens = NDArray[np.unsignedinteger[Any]]
Offsets = NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """The place of a part in a corpus.

    Attributes:
        ids: (types,) id in the corpus of each word of the part.
        length: words of each document if documents are cut from the stream of all tokens; else 0.
        skip: number of the part's first tokens that belong to a document which begins earlier.
        rest: (n,) ids in the corpus of the tokens of later parts that complete its last document.
    """

    ids: Tokens
    length: int
    skip: int
    rest: Tokens


def save_place(path: str | Path, place: Place) -> None:
    """Write a place (npz, no pickle)."""
    with atomic(path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, **vars(place))


def load_place(path: str | Path) -> Place:
    """Read a place.

    Raises:
        UserError: the file is missing or damaged.
    """
    found = load_arrays(path, ("ids", "length", "skip", "rest"), "place of a part in a corpus")
    return Place(found["ids"], int(found["length"]), int(found["skip"]), found["rest"])


def read_part(
    tokens: str | Path,
    documents: str | Path,
    place: str | Path,
    description: str | Path,
    part: int,
    vocabulary: int | None = None,
    check: bool = True,
) -> tuple[Tokens, Offsets]:
    """Return the tokens (n,) of the documents that begin in one part of a corpus, and the offsets.

    Args:
        tokens, documents: the part's own files.
        place: its place in the corpus.
        description: ``corpus.json`` of the corpus.
        part: number of the part, from 0.
        vocabulary: V; ids from V on then become V, which may take half of the memory.
        check: whether to compare the part's bytes with its checksums.

    Returns:
        Tokens as ids into the vocabulary of the corpus, and offsets (documents + 1,) from 0.

    Raises:
        UserError: a file is missing or damaged, or the files are not of the same corpus.
    """
    found = load_place(place)
    if check:
        if checksums(description, part).get("ids") != checksum(found.ids):
            raise UserError(f"{place}: of another version of the text than {description}; {AGAIN}")
        own, offsets = load_encoded(tokens, documents, description, part)
    else:
        own, offsets = load_encoded(tokens, documents, part=part)
    try:
        text = _translated(own, found, vocabulary)
    except IndexError:
        raise UserError(
            f"{place}: has no place for some words of {tokens}; delete both and run again"
        ) from None
    return text, cut(text.size, found.length) if found.length else offsets


def _translated(tokens: Tokens, place: Place, vocabulary: int | None) -> Tokens:
    """Return the tokens of the documents that begin in a part, as ids of the corpus."""
    ids, rest = place.ids, place.rest
    if vocabulary is not None and vocabulary <= np.iinfo(np.uint16).max:
        ids, rest = (np.minimum(each, vocabulary).astype(np.uint16) for each in (ids, rest))
    own = tokens[place.skip :]
    text = np.empty(own.size + rest.size, ids.dtype)
    for at in range(0, own.size, BLOCK):
        block = own[at : at + BLOCK]
        text[at : at + block.size] = ids[block]
    text[own.size :] = rest
    return text


@dataclass(frozen=True)
class EncodedText:
    """The documents of a corpus, in parts of whole documents that are read one at a time.

    Attributes:
        offsets: (documents + 1,) boundaries of all documents, in tokens of the corpus.
        ends: (parts + 1,) boundaries of the parts, likewise.
        read: returns the tokens (n,) of a part, by its number.
        types: number of distinct words.
    """

    offsets: Offsets
    ends: Offsets
    read: Callable[[int], Tokens]
    types: int

    @staticmethod
    def of(tokens: Tokens, offsets: Offsets, types: int | None = None) -> EncodedText:
        """Return a text of one part that is in memory, or memory-mapped."""
        if types is None:
            types = int(tokens.max()) + 1 if tokens.size else 0
        return EncodedText(offsets, offsets[[0, -1]], lambda _: tokens, types)

    @property
    def size(self) -> int:
        """Number of tokens."""
        return int(self.offsets[-1] - self.offsets[0])

    def parts(self) -> Iterator[tuple[Tokens, Offsets]]:
        """Yield the tokens (n,) and offsets (documents + 1,) of each part in turn."""
        for tokens, offsets, _ in self.divided(self.offsets):
            yield tokens, offsets

    def divided(self, offsets: Offsets) -> Iterator[tuple[Tokens, Offsets, slice]]:
        """Yield each part with documents that are cut further, and which of all documents it has.

        Args:
            offsets: (n + 1,) boundaries, of which those of all documents are some.
        """
        for number, (begin, end) in enumerate(pairwise(self.ends.tolist())):
            first = int(np.searchsorted(offsets, begin))
            last = int(np.searchsorted(offsets, end, side="right")) - 1
            if first < last:
                own = offsets[first : last + 1]
                yield self.read(number), own - begin if number else own, slice(first, last)

    def tokens(self) -> Tokens:
        """Return all tokens (n,): memory-mapped if the text is one part, else read into memory."""
        if self.ends.size == 2:
            return self.read(0)
        held = (self.read(number) for number in range(self.ends.size - 1))
        first = next(held)
        whole = np.empty(self.size, first.dtype)
        whole[: first.size] = first
        for begin, part in zip(self.ends[1:].tolist(), held, strict=False):
            whole[begin : begin + part.size] = part
        return whole


def open_text(
    files: Sequence[str | Path], vocabulary: int | None = None, check: bool = False
) -> EncodedText:
    """Return the text of a corpus.

    Args:
        files: tokens and documents, or tokens, documents and place of each of several parts, and
            last the description of the corpus.
        vocabulary: see `read_part`.
        check: whether to compare the bytes with their checksums.

    Raises:
        UserError: a file is missing or damaged, or the files are not of the same corpus.
    """
    *arrays, description = files
    described = read_description(description)
    if len(arrays) == 2:
        tokens, documents = arrays
        whole = load_encoded(tokens, documents, description if check else None)
        return EncodedText.of(*whole, described["types"])
    parts = list(zip(arrays[::3], arrays[1::3], arrays[2::3], strict=True))
    said = len(described.get("parts", [])) or 1
    if said != len(parts):
        raise UserError(
            f"{description}: describes {said} parts, but the text has {len(parts)}; {AGAIN}"
        )
    bounds = [_bounds(*part, number) for number, part in enumerate(parts)]
    ends = np.cumsum([0, *(int(each[-1]) for each in bounds)])
    later = (each[1:] + begin for each, begin in zip(bounds, ends, strict=False))
    offsets = np.concatenate([np.zeros(1, np.int64), *later])

    def read(number: int) -> Tokens:
        return read_part(*parts[number], description, number, vocabulary, check)[0]

    return EncodedText(offsets, ends, read, described["types"])


def _bounds(tokens: str | Path, documents: str | Path, place: str | Path, part: int) -> Offsets:
    """Return the offsets of the documents that begin in a part."""
    own, offsets = load_encoded(tokens, documents, part=part)
    found = load_place(place)
    return cut(own[found.skip :].size + found.rest.size, found.length) if found.length else offsets
