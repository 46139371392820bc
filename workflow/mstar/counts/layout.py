"""The compiled loop that lays a text out for windows, shared by counting and sampling."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
def lay_out(tokens, offsets, size, window, keep_gaps, part, text, occurrences, lengths):  # type: ignore[no-untyped-def]
    """Copy the documents into ``text``, with ``window`` fillers before, between and after them.

    Words of the vocabulary keep their ids; others become ``size`` with ``keep_gaps``, or are
    removed. Fillers are ``size, size + 1, ...``: different cells, so that an addition to one need
    not wait for another. ``occurrences[i]`` counts the words in
    ``text[i * part : (i + 1) * part]``, ``lengths`` the tokens kept of each document. Returns the
    length of the text.
    """
    for filler in range(window):
        text[filler] = size + filler
    at = window
    seen, bound = occurrences[0], part
    for document in range(offsets.size - 1):
        begin = at
        for position in range(offsets[document], offsets[document + 1]):
            word = np.int64(tokens[position])
            if word < size:
                if at >= bound:
                    seen, bound = occurrences[at // part], (at // part + 1) * part
                seen[word] += 1
                text[at] = word
                at += 1
            elif keep_gaps:
                text[at] = size
                at += 1
        lengths[document] = at - begin
        if at > begin:
            for filler in range(window):
                text[at + filler] = size + filler
            at += window
    return at
