"""Two texts prepared for a comparison: shared words, equal random parts, and their pair counts.

A word is shared if it is in both texts. The V shared words kept are those with the largest smaller
frequency, min(n_A / N_A, n_B / N_B), so that none is rare in either text.

The documents of each text are drawn into two parts. One defines the features of the text; the other
is compared with that of the other text. Both compared parts have the same number of words, half of
the smaller text, since M* depends on the amount of text. Each consists of groups of documents with
about equal numbers of words, counted one by one: the counts of any union of groups are their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
from numpy.typing import NDArray

from mstar.corpus.subsets import FEWEST_PER_PART, PIECE, part_of_documents, some_documents
from mstar.corpus.vocabulary import restrict
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.counting import count
from mstar.files.writing import UserError
from mstar.prediction.verdicts import TEXTS

# Groups of the compared part of each text: 2 * 22 - 1 = 43 labellings are the fewest of
# `mstar.prediction.comparison.labellings` of which one can be significant at 2.5 %.
GROUPS = 22

# Least words of a piece of a document: a piece loses the pairs across its ends.
SHORTEST = 100


@dataclass(frozen=True)
class Text:
    """A text as integers.

    Attributes:
        name: for messages and figures.
        tokens: (n,) ids into ``words``.
        offsets: (D + 1,) boundaries of documents.
        words, counts: the distinct words and how often each occurs.
        title: for pages.
    """

    name: str
    tokens: NDArray[Any]
    offsets: NDArray[np.int64]
    words: Sequence[str]
    counts: NDArray[np.int64]
    title: str = ""


@dataclass(frozen=True)
class Counting:
    """How pairs are counted: L, the convention for other words, and worker threads."""

    window: int
    out_of_vocabulary: str = "removed"
    threads: int = 1

    def of(self, tokens: NDArray[Any], offsets: NDArray[np.int64], size: int) -> Cooccurrence:
        """Return the pair counts of the words 0 ... ``size`` - 1."""
        convention = self.out_of_vocabulary
        return count(tokens, offsets, size, self.window, convention, self.threads, size)


class Groups:
    """Pair counts of groups of documents, on the cells that any of the groups has.

    Args:
        counts: of each group.
    """

    def __init__(self, counts: Sequence[Cooccurrence]) -> None:
        self.window, size = counts[0].window, counts[0].vocabulary_size
        self.unigram = np.array([each.unigram for each in counts])
        keys = [each.rows() * np.int64(size) + each.indices for each in counts]
        cells = np.unique(np.concatenate(keys))
        rows = cells // size
        self.indptr = np.searchsorted(rows, np.arange(size + 1)).astype(np.int64)
        self.indices = (cells - rows * size).astype(np.int32)
        places = np.concatenate([np.searchsorted(cells, each) for each in keys])
        starts = np.cumsum([0, *(each.size for each in keys)])
        values = np.concatenate([each.counts for each in counts])
        self.values = scipy.sparse.csr_array(
            (values, places, starts), shape=(len(counts), cells.size)
        )

    def sum(self, chosen: NDArray[np.bool_]) -> Cooccurrence:
        """Return the counts of the groups ``chosen`` together; some cells may be zero."""
        weights = chosen.astype(np.int64)
        total = self.values.T @ weights
        unigram = weights @ self.unigram
        return Cooccurrence(self.indptr, self.indices, total, unigram, self.window, 0, 0)


@dataclass(frozen=True)
class Prepared:
    """Two texts, A and B, ready to be compared.

    Attributes:
        words: (V,) shared words.
        occurrences: (2, V) in each whole text.
        defining: pair counts of the parts that define the features of A and of B.
        groups: pair counts of the groups of the compared parts, those of A first.
        size: number of groups of each text.
        table: a row for each text, with `mstar.prediction.verdicts.TEXTS`.
    """

    words: list[str]
    occurrences: NDArray[np.int64]
    defining: tuple[Cooccurrence, Cooccurrence]
    groups: Groups
    size: int
    table: pd.DataFrame


def shared_words(first: Text, second: Text, size: int) -> tuple[list[str], int]:
    """Return the ``size`` words with the largest smaller frequency, and the number of shared words.

    Words of equal frequency are in alphabetical order.

    Raises:
        UserError: the texts have fewer words in common.
    """
    totals = first.counts.sum(), second.counts.sum()
    of_second = {word: n for word, n in zip(second.words, second.counts.tolist(), strict=True) if n}
    found = [
        (-min(n / totals[0], of_second[word] / totals[1]), word)
        for word, n in zip(first.words, first.counts.tolist(), strict=True)
        if n and word in of_second
    ]
    if len(found) < size:
        raise UserError(
            f"comparison.vocabulary: {size:,} words asked for, and {first.name} and {second.name}"
            f" have {len(found):,} words in common: expected at most that"
        )
    return [word for _, word in sorted(found)[:size]], len(found)


def prepare(
    first: Text,
    second: Text,
    counting: Counting,
    size: int,
    seed: int = 0,
    groups: int = GROUPS,
) -> Prepared:
    """Return two texts ready to be compared.

    A text of few documents is cut into pieces of at most 1,000 words, which are drawn instead.

    Args:
        first, second: A and B.
        counting: how pairs are counted.
        size: V.
        seed: of the random parts.
        groups: number of groups of the compared part of each text.

    Raises:
        UserError: too few shared words, or a text is too short for the groups.
    """
    words, common = shared_words(first, second, size)
    texts = [_restricted(text, words, counting.out_of_vocabulary) for text in (first, second)]
    lengths = [int(offsets[-1]) for _, offsets in texts]
    unit = min(lengths) / (2 * groups)
    defining, counted, tokens = [], [], []
    for text, (ids, offsets), length in zip((first, second), texts, lengths, strict=True):
        parts = max(2 * groups, round(length / unit))
        pieces = _pieces(offsets, parts, text.name)
        part = part_of_documents(pieces, parts, seed)
        own = [counting.of(*some_documents(ids, pieces, part == g), size) for g in range(groups)]
        counted += own
        tokens.append(int(sum(each.unigram.sum() for each in own)))
        defining.append(counting.of(*some_documents(ids, pieces, part >= groups), size))
    occurrences = np.array([_occurrences(text, words) for text in (first, second)])
    table = pd.DataFrame(
        {
            "text": ["A", "B"],
            "name": [first.name, second.name],
            "title": [first.title, second.title],
            "documents": [first.offsets.size - 1, second.offsets.size - 1],
            "tokens": [first.tokens.size, second.tokens.size],
            "covered": occurrences.sum(axis=1) / [first.counts.sum(), second.counts.sum()],
            "compared": tokens,
            "common": common,
        }
    )[TEXTS]
    groups_of_both = Groups(counted)
    return Prepared(words, occurrences, (defining[0], defining[1]), groups_of_both, groups, table)


def _pieces(offsets: NDArray[np.int64], parts: int, name: str) -> NDArray[np.int64]:
    """Return boundaries of documents, or of pieces of them if documents are too few for ``parts``.

    Raises:
        UserError: pieces would be shorter than `SHORTEST` words.
    """
    if offsets.size - 1 >= FEWEST_PER_PART * parts:
        return offsets
    length = int(offsets[-1]) // (FEWEST_PER_PART * parts)
    if length < SHORTEST:
        least = SHORTEST * FEWEST_PER_PART * parts
        raise UserError(
            f"{name}: {int(offsets[-1]):,} shared words in {offsets.size - 1:,} documents to"
            f" compare: expected at least {least:,}, or {FEWEST_PER_PART * parts:,} documents"
        )
    cuts = np.arange(0, offsets[-1], min(PIECE, length))
    return np.unique(np.concatenate([cuts, offsets])).astype(np.int64)


def _occurrences(text: Text, words: Sequence[str]) -> NDArray[np.int64]:
    known = dict(zip(text.words, text.counts.tolist(), strict=True))
    return np.array([known[word] for word in words], np.int64)


def _restricted(
    text: Text, words: Sequence[str], out_of_vocabulary: str
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the text in ids of ``words``; others are removed, or with ``gap`` numbered V."""
    size = len(words)
    number = dict(zip(words, range(size), strict=True))
    dtype = np.uint16 if size < 1 << 16 else np.uint32
    tokens = np.array([number.get(word, size) for word in text.words], dtype)[text.tokens]
    if out_of_vocabulary == "gap":
        return tokens, text.offsets
    return restrict(tokens, text.offsets, size)
