"""3CosAdd (Mikolov et al. 2013): the word nearest to c^ + b^ - a^, for many questions at once.

The score of word w is linear, cos(w, c) + cos(w, b) - cos(w, a) up to a factor, and many questions
share words. So one matrix product, a few thousand words at a time, gives the cosines of the
distinct question words with all words, and a question then reads three of them for each word: 3 V
operations rather than the 2 V d of its own product.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from mstar.spectra.directions import normalise_rows

NO_ANSWER = -1
# Small enough for the table of cosines to stay in the last-level cache.
TABLE_BYTES = 8 * 2**20
# Words compared at once, a power of two. The largest score of each run is kept, so that the first
# word with the best score is searched for in one run only.
RUN = 512


def predict(
    embedding: NDArray[Any], words: NDArray[np.int64], dtype: Any = np.float64
) -> NDArray[np.int64]:
    """Answer questions by 3CosAdd (see `answer`) with ``embedding`` (V, d), rows of any length.

    Zero and non-finite rows score 0.
    """
    return answer(normalise_rows(embedding, dtype), words)


def queries(unit: NDArray[Any], words: NDArray[np.int64]) -> NDArray[Any]:
    """Return c^ + b^ - a^ (n, d) for a, b, c = ``words[:, :3]``, row numbers of ``unit`` (V, d)."""
    a, b, c = words[:, :3].T
    return np.asarray(unit[c] + unit[b] - unit[a])


def answer(unit: NDArray[Any], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the answers (n,) of 3CosAdd to questions with a, b, c = ``words[:, :3]``.

    The answer is the row w of ``unit`` (V, d; unit rows) other than a, b, c that maximises
    cos(w, c^ + b^ - a^). Among scores equal up to rounding in the dtype of ``unit`` the lowest id
    wins, so identical rows tie on every machine. A question with c^ + b^ - a^ = 0 gets `NO_ANSWER`.
    Memory is `TABLE_BYTES`, and one score for each question and `RUN` words.

    Raises:
        ValueError: a word is not a row of ``unit``.
    """
    size = len(unit)
    triples = np.ascontiguousarray(words[:, :3], dtype=np.int64)
    if len(triples) == 0:
        return np.empty(0, dtype=np.int64)
    if triples.min() < 0 or triples.max() >= size:
        raise ValueError(f"question words outside the {size} rows of the embedding")
    distinct, where = np.unique(triples, return_inverse=True)
    where = where.reshape(triples.shape)
    rows = unit[distinct]
    runs = -(-size // RUN)
    highest = np.full((len(triples), runs), -np.inf, dtype=unit.dtype)
    block = RUN * max(1, TABLE_BYTES // (len(distinct) * unit.itemsize * RUN))
    for start in range(0, size, block):
        _highest(rows @ unit[start : start + block].T, where, triples, start, highest)
    best = highest.max(axis=1)
    # False if there is no direction to compare with or, for V <= 3, no candidate.
    posed = _has_direction(unit, triples) & np.isfinite(best)
    # The tolerance covers three cosines, each rounded a few times.
    needed = best - unit.dtype.type(16 * np.finfo(unit.dtype).eps)
    run = (highest >= needed[:, None]).argmax(axis=1)
    answers = np.full(len(triples), NO_ANSWER, dtype=np.int64)
    for start in range(0, size, block):
        here = np.flatnonzero(posed & (run * RUN >= start) & (run * RUN < start + block))
        if len(here):
            table = rows @ unit[start : start + block].T
            _first(table, where, triples, start, run, needed, here, answers)
    return answers


@numba.njit(cache=True)
def _highest(table, where, triples, start, highest):  # type: ignore[no-untyped-def]
    """Set the largest score of each question in each run of a block of words, without a, b, c.

    Halving a run until few scores are left compares whole vectors, unlike a plain loop. One thread
    is used, since those of the preceding product still spin on the other cores.
    """
    size = table.shape[1]
    score = np.empty(RUN, dtype=table.dtype)
    for question in range(where.shape[0]):
        a, b, c = table[where[question, 0]], table[where[question, 1]], table[where[question, 2]]
        for left in range(0, size, RUN):
            count = min(RUN, size - left)
            # Slices, since an index that might be negative prevents vectorisation of the loop.
            here = slice(left, left + count)
            plus, also, minus = c[here], b[here], a[here]
            for j in range(count):
                score[j] = plus[j] + also[j] - minus[j]
            score[count:] = -np.inf
            for k in range(3):
                word = triples[question, k] - start - left
                if word >= 0 and word < RUN:
                    score[word] = -np.inf
            half = RUN
            while half > 8:
                half //= 2
                lower, upper = score[:half], score[half : 2 * half]
                for j in range(half):
                    lower[j] = lower[j] if lower[j] > upper[j] else upper[j]
            highest[question, (start + left) // RUN] = score[:half].max()


@numba.njit(cache=True)
def _first(table, where, triples, start, run, needed, here, answers):  # type: ignore[no-untyped-def]
    """Set the answers of questions ``here``: the first word of the run that reaches ``needed``."""
    for question in here:
        a, b, c = table[where[question, 0]], table[where[question, 1]], table[where[question, 2]]
        asked = triples[question]
        left = run[question] * RUN - start
        for j in range(left, min(left + RUN, table.shape[1])):
            word = start + j
            if word != asked[0] and word != asked[1] and word != asked[2]:  # noqa: SIM102
                if c[j] + b[j] - a[j] >= needed[question]:
                    answers[question] = word
                    break


@numba.njit(cache=True)
def _has_direction(unit, triples):  # type: ignore[no-untyped-def]
    """Return a mask (n,) of the questions with non-zero c^ + b^ - a^."""
    found = np.zeros(triples.shape[0], dtype=np.bool_)
    for question in range(triples.shape[0]):
        a, b, c = unit[triples[question, 0]], unit[triples[question, 1]], unit[triples[question, 2]]
        for k in range(unit.shape[1]):
            if c[k] + b[k] - a[k] != 0:
                found[question] = True
                break
    return found
