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
# the first token of the sentence; CLOSING: the last character of the word ends a sentence.
KEY, LENGTH, ARENA, TYPES, TOKENS, BEGIN = range(6)
FILLED, EMPTY, DOCUMENTS, UNDECODABLE, HALVED, FULL, LETTERS, DROPPED = range(6, 14)
SENTENCES, SAID, CLOSING, STATE = range(14, 18)

# Words of up to 13 letters a to z have distinct keys, as 27**13 < 2**64.
EXACT = 13
# Two of the characters that are white space to `str.split`, by which `mstar.corpus.splitting` tells
# `encode_separated` of the end of a sentence, and of something that is no word.
SENTENCE, NOTHING = 0x1E, 0x1F
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
def _number(table, bits, key, length, end, arena, starts, types, exact):  # type: ignore[no-untyped-def]
    """Return the number of the word at ``end`` in the arena, ``types`` if it is a new one.

    A new word is entered. It is -1 if the table must grow first.
    """
    slot = _find(table, bits, key, length, end, arena, starts, exact)
    if not table[slot, 1]:
        types += 1
        if 2 * types > table.shape[0]:
            return -1
        table[slot, 0], table[slot, 1] = key, types if length <= exact else -types
        arena[end + length] = 32
        starts[types] = end + length + 1
    return abs(table[slot, 1]) - 1


@numba.njit(nogil=True, cache=True)
def encode_block(  # type: ignore[no-untyped-def]
    block,
    first,
    final,
    alphabet,
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
    """Encode ``block[first:]`` with words of the letters a to z.

    Args:
        alphabet: an `mstar.corpus.alphabet.Alphabet`.
        table: (2**bits, 2) int64, for each word its key and its number + 1, negative if the word is
            longer than `EXACT`; 0 if the slot is empty.
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
    classes, letters = alphabet
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
            sort = letters[code] if 0 <= code < letters.size else 0
            letter = 11 if code == _KELVIN else 9 if code == _I_WITH_DOT else 0
            if letter and not state[HALVED]:
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
            word = _number(table, bits, key, length, end, arena, starts, types, EXACT)
            if word < 0:
                state[FULL] = 1
                break
            if word == types:
                types += 1
                end += length + 1
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
            elif sort and not state[HALVED]:
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


@numba.njit(nogil=True, cache=True)
def encode_separated(  # type: ignore[no-untyped-def]
    block,
    first,
    final,
    alphabet,
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
    """Encode ``block[first:]`` with words as they stand, separated by white space.

    White space is that of ``str.split``. A sentence ends after a word whose last character ends
    one, at `SENTENCE`, and at the end of a line. Arguments and result are those of `encode_block`;
    all words in ``table`` are compared by their bytes.
    """
    letters = alphabet[1]
    key, length, end = state[KEY], state[LENGTH], state[ARENA]
    types, at_token, kept = state[TYPES], state[TOKENS], state[LETTERS]
    closing = state[CLOSING]
    state[FULL] = 0
    at = np.uint64(first)
    size = np.uint64(block.size)
    while at < size:
        code = np.int64(block[at])
        while 32 < code < 0x80:
            arena[np.uint64(end + length)] = code
            key = key * 27 + code
            length += 1
            kept += letters[code]
            closing = code in (33, 46, 63)
            at += np.uint64(1)
            if at == size:
                break
            code = np.int64(block[at])
        if at == size:
            break
        width, space = np.int64(1), code == 32 or 9 <= code <= 13 or 28 <= code <= 31
        if code >= 0x80:
            code, width = _character(block, np.int64(at))
            if width == 0:
                if not final:
                    break
                width = np.int64(1)
            space = code < 0 or _is_space(code)
        if not space:
            for step in range(width):
                byte = block[at + np.uint64(step)]
                arena[np.uint64(end + length)] = byte
                key = key * 27 + np.int64(byte)
                length += 1
            kept += letters[code] if code < letters.size else 0
            closing = _is_stop(code)
            at += np.uint64(width)
            continue
        if length:
            word = _number(table, bits, key, length, end, arena, starts, types, 0)
            if word < 0:
                state[FULL] = 1
                break
            if word == types:
                types += 1
                end += length + 1
            counts[word] += 1
            numbers[np.uint64(at_token)] = word
            at_token += 1
            key, length = np.int64(0), np.int64(0)
        at += np.uint64(width)
        line = code == 10 or code == 13
        if (closing or line or code == SENTENCE) and stops.size and at_token > state[SAID]:
            stops[state[SENTENCES]] = at_token
            state[SENTENCES] += 1
            state[SAID] = at_token
        closing = False
        if line:
            if lines:
                if at_token > state[BEGIN]:
                    ends[state[DOCUMENTS]] = at_token
                    state[DOCUMENTS] += 1
                elif state[FILLED]:
                    state[EMPTY] += 1
                state[BEGIN], state[FILLED] = at_token, 0
        elif code < 0:
            state[UNDECODABLE] += 1
            state[FILLED] = 1
        elif code in (SENTENCE, NOTHING):
            state[FILLED] = 1
    state[KEY], state[LENGTH], state[ARENA] = key, length, end
    state[TYPES], state[TOKENS], state[LETTERS] = types, at_token, kept
    state[CLOSING] = closing
    return np.int64(at)
