"""The compiled loop of `mstar.corpus.encoder`: bytes of UTF-8 to words, words to numbers."""

from __future__ import annotations

import numba
import numpy as np

# Classes of bytes: 1 to 26 are the letters a to z, SPACE and OTHER separate words, DIGIT + n is the
# digit n if digits are spelled out, LINE ends a line, WIDE begins a character beyond ASCII, STOP
# ends a sentence.
SPACE, OTHER, DIGIT, LINE, WIDE, STOP = 0, 27, 28, 38, 39, 40

# Entries of the state that persists between blocks. Of the current word: its KEY and LENGTH, its
# letters in the arena after ARENA; HALVED: its last letter is from a character that also ends it.
# TYPES, TOKENS, DOCUMENTS, EMPTY documents, UNDECODABLE bytes so far; BEGIN: the first token of the
# document; FILLED: the line is not blank; FULL: the table must grow before more is read; LETTERS:
# letters in words, DROPPED: letters that the convention does not keep; SENTENCES so far, and SAID:
# the first token of the sentence.
KEY, LENGTH, ARENA, TYPES, TOKENS, BEGIN = range(6)
FILLED, EMPTY, DOCUMENTS, UNDECODABLE, HALVED, FULL, LETTERS, DROPPED = range(6, 14)
SENTENCES, SAID, STATE = range(14, 17)

# Kinds of characters beyond ASCII that may be part of a word (see `mstar.corpus.alphabet`).
MARK, LETTER = 1, 2
_MIX = np.uint64(0x9E3779B97F4A7C15)
_I_WITH_DOT, _KELVIN = 0x130, 0x212A


@numba.njit(nogil=True, cache=True)
def widen(table, wider, bits):  # type: ignore[no-untyped-def]
    """Copy all entries of a hash table into an empty one of ``2**bits`` slots."""
    mask = np.uint64(wider.shape[0] - 1)
    for entry in range(table.shape[0]):
        if table[entry, 1]:
            slot = (np.uint64(table[entry, 0]) * _MIX) >> np.uint64(64 - bits)
            while wider[slot, 1]:
                slot = (slot + np.uint64(1)) & mask
            wider[slot] = table[entry]


@numba.njit(nogil=True, cache=True)
def _character(block, at):  # type: ignore[no-untyped-def]
    """Return (code point, bytes) of a character; (-1, 1) if malformed, (-1, 0) if cut off."""
    lead = np.int64(block[at])
    if 0xC2 <= lead <= 0xDF:
        width, code, least = 2, lead & 0x1F, 0x80
    elif 0xE0 <= lead <= 0xEF:
        width, code, least = 3, lead & 0x0F, 0x800
    elif 0xF0 <= lead <= 0xF4:
        width, code, least = 4, lead & 0x07, 0x10000
    else:
        return -1, 1
    for step in range(1, width):
        if at + step >= block.size:
            return -1, 0
        byte = np.int64(block[at + step])
        if byte & 0xC0 != 0x80:
            return -1, 1
        code = code << 6 | byte & 0x3F
    if code < least or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return -1, 1
    return code, width


@numba.njit(nogil=True, cache=True)
def _is_space(code):  # type: ignore[no-untyped-def]
    """Return whether a character beyond ASCII is white space by ``str.isspace``."""
    if code in (0x85, 0xA0, 0x1680, 0x202F, 0x205F, 0x3000):
        return True
    return 0x2000 <= code <= 0x200A or 0x2028 <= code <= 0x2029


@numba.njit(nogil=True, cache=True)
def _is_stop(code):  # type: ignore[no-untyped-def]
    """Return whether a character beyond ASCII ends a sentence: that of Han, Arabic, Devanagari."""
    return code in (0x3002, 0xFF01, 0xFF0E, 0xFF1F, 0x061F, 0x06D4, 0x0964)


@numba.njit(nogil=True, cache=True)
def _put(arena, at, code):  # type: ignore[no-untyped-def]
    """Write a character in UTF-8 at ``at``; return its number of bytes."""
    if code < 0x80:
        arena[at] = code
        return 1
    width = 2 if code < 0x800 else 3 if code < 0x10000 else 4
    for step in range(width - 1, 0, -1):
        arena[at + step] = 0x80 | code & 0x3F
        code >>= 6
    arena[at] = (0xF00 >> width) & 0xFF | code
    return width


@numba.njit(nogil=True, cache=True)
def _put_folded(arena, at, code, folds, longer):  # type: ignore[no-untyped-def]
    """Write the case-folded character, possibly several characters; return the number of bytes."""
    folded = folds[code]
    if folded >= 0:
        return _put(arena, at, folded)
    written = 0
    for part in longer[-folded - 1]:
        if part:
            written += _put(arena, at + written, part)
    return written


@numba.njit(nogil=True, cache=True)
def _find(table, bits, key, length, end, arena, starts, exact):  # type: ignore[no-untyped-def]
    """Return the slot of the word at ``end`` in the arena, or the empty slot for it."""
    mask = np.uint64(table.shape[0] - 1)
    slot = (np.uint64(key) * _MIX) >> np.uint64(64 - bits)
    while table[slot, 1]:
        if table[slot, 0] == key:
            word = table[slot, 1]
            if word > 0:
                if length <= exact:
                    return slot
            elif length == starts[-word] - 1 - starts[-word - 1]:
                same = 0
                while same < length and arena[starts[-word - 1] + same] == arena[end + same]:
                    same += 1
                if same == length:
                    return slot
        slot = (slot + np.uint64(1)) & mask
    return slot


@numba.njit(nogil=True, cache=True)
def encode_block(  # type: ignore[no-untyped-def]
    block,
    first,
    final,
    letters,
    lines,
    table,
    bits,
    arena,
    starts,
    counts,
    numbers,
    ends,
    stops,
    state,
):
    """Encode ``block[first:]``.

    Args:
        letters: an `mstar.corpus.alphabet.Alphabet`.
        table: (2**bits, 2) int64, for each word its key and its number + 1, negative if the word is
            longer than ``letters.exact``; 0 if the slot is empty.
        arena: (bytes,) uint8, the words in UTF-8 with a space after each, and room for the block.
        starts: (types + 1,) int64, start of each word in the arena.
        counts: (types,) int64.
        numbers: the number of each word read, appended at ``state[TOKENS]``.
        ends: with ``lines``, the ends of documents (lines with a word) in tokens, appended at
            ``state[DOCUMENTS]``.
        stops: the ends of sentences in tokens, appended at ``state[SENTENCES]``; none if empty.

    Returns:
        The position reached. It is before the end if a character is incomplete there (and the block
        is not ``final``), or if the table must grow first, when ``state[FULL]`` is set.
    """
    classes, kinds, folds, longer, exact = letters
    every_script = folds.size > 0
    key, length, end = state[KEY], state[LENGTH], state[ARENA]
    types, at_token, kept = state[TYPES], state[TOKENS], state[LETTERS]
    state[FULL] = 0
    at = np.uint64(first)
    size = np.uint64(block.size)
    while at < size:
        kind = np.int64(classes[block[at]])
        before = length
        while 0 < kind < OTHER:
            key = key * 27 + kind
            arena[np.uint64(end + length)] = 96 + kind
            length += 1
            at += np.uint64(1)
            if at == size:
                break
            kind = np.int64(classes[block[at]])
        kept += length - before
        if at == size:
            break
        code, width, sort = np.int64(0), np.int64(1), 0
        if kind == WIDE:
            code, width = _character(block, np.int64(at))
            if width == 0:
                if not final:
                    break
                width = np.int64(1)
            sort = kinds[code] if 0 <= code < kinds.size else 0
            if every_script and (sort == LETTER or (sort == MARK and length)):
                written = _put_folded(arena, end + length, code, folds, longer)
                for step in range(written):
                    # A letter a to z gets the key that it has as an ASCII character.
                    key = key * 27 + (np.int64(arena[end + length + step]) - 96)
                length += written
                kept += sort == LETTER
                at += np.uint64(width)
                continue
            letter = 11 if code == _KELVIN else 9 if code == _I_WITH_DOT else 0
            if letter and not state[HALVED] and not every_script:
                # Their lower case begins with k or i; the dot after the i separates words.
                key = key * 27 + letter
                arena[end + length] = 96 + letter
                length += 1
                kept += 1
                if letter == 11:
                    at += np.uint64(width)
                else:
                    state[HALVED] = 1
                continue
        if length:
            slot = _find(table, bits, key, length, end, arena, starts, exact)
            if not table[slot, 1]:
                if 2 * (types + 1) > table.shape[0]:
                    state[FULL] = 1
                    break
                types += 1
                table[slot, 0], table[slot, 1] = key, types if length <= exact else -types
                end += length + 1
                arena[end - 1] = 32
                starts[types] = end
            word = np.uint64(abs(table[slot, 1]) - 1)
            counts[word] += 1
            numbers[np.uint64(at_token)] = word
            at_token += 1
            key, length = np.int64(0), np.int64(0)
        at += np.uint64(width)
        stop = kind in (STOP, LINE) or (kind == WIDE and _is_stop(code))
        if stop and stops.size and at_token > state[SAID]:
            stops[state[SENTENCES]] = at_token
            state[SENTENCES] += 1
            state[SAID] = at_token
        if kind == SPACE:
            continue
        if kind == LINE:
            if lines:
                if at_token > state[BEGIN]:
                    ends[state[DOCUMENTS]] = at_token
                    state[DOCUMENTS] += 1
                elif state[FILLED]:
                    state[EMPTY] += 1
                state[BEGIN], state[FILLED] = at_token, 0
        elif kind == WIDE:
            if code < 0:
                state[UNDECODABLE] += 1
            elif sort == LETTER and not state[HALVED]:
                state[DROPPED] += 1
            state[HALVED] = 0
            if not _is_space(code):
                state[FILLED] = 1
        else:
            state[FILLED] = 1
            if DIGIT <= kind < LINE:
                counts[kind - DIGIT] += 1
                numbers[at_token] = kind - DIGIT
                at_token += 1
    state[KEY], state[LENGTH], state[ARENA] = key, length, end
    state[TYPES], state[TOKENS], state[LETTERS] = types, at_token, kept
    return np.int64(at)
