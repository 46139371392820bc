"""A streaming encoder of text: it splits, numbers and counts words in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mstar.corpus import encoder_kernels as kernels
from mstar.corpus.alphabet import alphabet
from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.encoder_kernels import encode_block, encode_separated, widen
from mstar.corpus.vocabulary import by_frequency
from mstar.corpus.words import COMPILED, DIGIT_NAMES

# Numbers collected before they are put aside.
GATHERED = 1 << 20


class Encoder:
    """Encoder of UTF-8 text, in blocks cut anywhere, to a corpus of integers.

    It finds the words of `mstar.corpus.words.tokenise`. Memory is four bytes per token, plus the
    distinct words.

    Args:
        convention: one of `mstar.corpus.words.COMPILED`.
        lines: whether each non-blank line is a document; else `end_document` ends a document.
        sentences: whether to note where sentences end: at . ! ? (also those of other scripts), and
            at the ends of lines and documents.
    """

    def __init__(
        self, convention: str = "text8", lines: bool = False, sentences: bool = False
    ) -> None:
        assert convention in COMPILED, convention
        self._encode = encode_separated if convention == "whitespace" else encode_block
        self._alphabet = alphabet(convention)
        self._lines = lines
        self._bits = 16
        self._table = np.zeros((1 << self._bits, 2), np.int64)
        self._starts = np.zeros(2 + (1 << self._bits - 1), np.int64)
        self._counts = np.zeros(1 << self._bits - 1, np.int64)
        self._arena = np.empty(1 << 18, np.uint8)
        self._state = np.zeros(kernels.STATE, np.int64)
        self._cut = b""  # bytes of an incomplete character at the end of the last block
        self._numbers = np.empty(2 * GATHERED, np.uint32)
        self._ends = np.empty(2 * GATHERED if lines else 1, np.int64)
        self._stops = np.empty(2 * GATHERED if sentences else 0, np.int64)
        self._sentence_ends: list[NDArray[np.int64]] = []
        self._aside: list[NDArray[np.uint32]] = []
        self._aside_tokens = 0
        self._offsets: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._ended = 0
        if convention == "text8":
            # The names of the digits are the first ten words, whether or not they occur.
            self.add(" ".join(DIGIT_NAMES).encode())
            self._finish_word()
            self._counts[:10] = 0
            self._state[kernels.TOKENS] = self._state[kernels.BEGIN] = 0
            self._state[kernels.LETTERS] = 0

    @property
    def tokens(self) -> int:
        """Number of words so far, without a last one that may still grow."""
        return self._aside_tokens + int(self._state[kernels.TOKENS])

    @property
    def documents(self) -> int:
        """Number of ended documents with a word so far."""
        return self._ended + int(self._state[kernels.DOCUMENTS])

    @property
    def undecodable_bytes(self) -> int:
        """Number of bytes so far that are not UTF-8; they separate words."""
        return int(self._state[kernels.UNDECODABLE])

    @property
    def letters(self) -> int:
        """Number of letters of any script so far."""
        return int(self._state[kernels.LETTERS]) + self.letters_dropped

    @property
    def letters_dropped(self) -> int:
        """Number of letters so far that the convention does not keep; they separate words."""
        return int(self._state[kernels.DROPPED])

    @property
    def empty_documents(self) -> int:
        """Number of documents without a word so far."""
        return int(self._state[kernels.EMPTY])

    def add(self, text: bytes, final: bool = False) -> None:
        """Encode the next bytes; with ``final``, no bytes follow to complete a cut character."""
        data = self._cut + text
        block = np.frombuffer(data, np.uint8)
        self._set_aside(len(data) + 1)
        self._make_room(len(data) + 2)
        at = 0
        while True:
            at = self._encode(
                block,
                at,
                final,
                self._alphabet,
                self._lines,
                self._table,
                self._bits,
                self._arena,
                self._starts,
                self._counts,
                self._numbers,
                self._ends,
                self._stops,
                self._state,
            )
            if not self._state[kernels.FULL]:
                break
            self._grow_table()
        self._cut = data[at:]

    def end_document(self) -> None:
        """End the current document; if documents are lines, end the line."""
        if self._lines:
            self.add(b"\n", final=True)
            return
        self.add(b"\n", final=True)
        state = self._state
        if state[kernels.TOKENS] > state[kernels.BEGIN]:
            self._offsets.append(np.array([self.tokens]))
            self._ended += 1
        else:
            state[kernels.EMPTY] += 1
        state[kernels.BEGIN] = state[kernels.TOKENS]

    def end_source(self) -> None:
        """End a source of the text. A word may extend beyond it."""

    def finish(self) -> EncodedCorpus:
        """Return the corpus. The encoder cannot be used afterwards."""
        self._finish_word()
        self._set_aside(len(self._numbers) + 1)
        tokens = self.tokens
        offsets = _closed(self._offsets, tokens)
        stops = _closed(self._sentence_ends, tokens) if self._stops.size else None
        types = int(self._state[kernels.TYPES])
        letters = self._arena[: self._state[kernels.ARENA]].tobytes()
        words, counts, rank = by_frequency(letters.decode("utf-8").split(), self._counts[:types])
        ids = np.empty(tokens, rank.dtype)
        self._aside.reverse()
        at = 0
        while self._aside:
            numbers = self._aside.pop()
            np.take(rank, numbers, out=ids[at : at + numbers.size], mode="clip")
            at += numbers.size
        found = EncodedCorpus(ids, offsets, words, counts, self.empty_documents)
        return replace(found, sentence_ends=stops)

    def _finish_word(self) -> None:
        self.add(b" ", final=True)

    def _set_aside(self, room: int) -> None:
        """Make room for ``room`` numbers, and collect the ends of documents."""
        state = self._state
        if documents := int(state[kernels.DOCUMENTS]):
            self._offsets.append(self._ends[:documents] + self._aside_tokens)
            self._ended += documents
            state[kernels.DOCUMENTS] = 0
        if sentences := int(state[kernels.SENTENCES]):
            self._sentence_ends.append(self._stops[:sentences] + self._aside_tokens)
            state[kernels.SENTENCES] = 0
        gathered = int(state[kernels.TOKENS])
        if gathered + room > self._numbers.size:
            self._aside.append(self._numbers[:gathered].copy())
            self._aside_tokens += gathered
            state[kernels.TOKENS] = 0
            state[kernels.BEGIN] -= gathered
            state[kernels.SAID] -= gathered
        if room > self._numbers.size:
            self._numbers = np.empty(room, np.uint32)
            self._ends = np.empty(room if self._lines else 1, np.int64)
            self._stops = np.empty(room if self._stops.size else 0, np.int64)

    def _make_room(self, room: int) -> None:
        """Make room in the arena for ``room`` bytes."""
        used = int(self._state[kernels.ARENA] + self._state[kernels.LENGTH])
        if used + room > self._arena.size:
            self._arena = np.concatenate([self._arena, np.empty(used + room, np.uint8)])

    def _grow_table(self) -> None:
        self._bits += 1
        wider = np.zeros((1 << self._bits, 2), np.int64)
        widen(self._table, wider, self._bits)
        self._table = wider
        self._starts = np.concatenate([self._starts, np.zeros_like(self._starts)])
        self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])


def _closed(parts: Sequence[NDArray[np.int64]], tokens: int) -> NDArray[np.int64]:
    """Return the ends of all ``parts`` in one array that ends at ``tokens``."""
    ends = np.concatenate([np.empty(0, np.int64), *parts])
    last = ends[-1] if ends.size else 0
    return np.append(ends, tokens) if tokens > last else ends
