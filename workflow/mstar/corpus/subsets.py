"""Random parts of a corpus, each of which is a corpus itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.encoded_text import EncodedText
from mstar.corpus.shards import even_cuts
from mstar.corpus.vocabulary import by_frequency

# A text with fewer documents than this for each part is cut into pieces of this many words, and
# pieces are drawn instead of documents. A piece loses the pairs of words across its ends, about
# L / 1000 of them.
FEWEST_PER_PART = 4
PIECE = 1000

# parts: the subset is one of this many parts, equal in tokens; draw: number of the random draw,
# from 1; documents, tokens, types: its size; omitted: why it cannot be used; empty if it can.
PLAN = ("parts", "draw", "documents", "tokens", "types", "omitted")


def part_of_documents(offsets: NDArray[np.int64], parts: int, seed: int) -> NDArray[np.int64]:
    """Split documents at random into parts about equal in tokens.

    Args:
        offsets: (D + 1,) boundaries of documents, in tokens.
        parts: number of parts.
        seed: of the split.

    Returns:
        (D,) the part of each document, 0 to ``parts`` - 1.

    Raises:
        ValueError: there are fewer documents than parts.
    """
    documents = offsets.size - 1
    if documents < parts:
        raise ValueError(f"{documents} documents in {parts} parts")
    order = np.random.default_rng(seed).permutation(documents)
    lengths = np.diff(offsets)[order]
    cuts = even_cuts(np.concatenate([[0], np.cumsum(lengths)]), parts)
    found = np.empty(documents, np.int64)
    found[order] = np.repeat(np.arange(parts), np.diff(cuts))
    return found


def some_documents(
    tokens: NDArray[Any], offsets: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return tokens and offsets (n + 1,) of the n documents ``chosen`` (D,), in order."""
    lengths = np.diff(offsets)
    kept = tokens[offsets[0] : offsets[-1]][np.repeat(chosen, lengths)]
    return kept, np.concatenate([[0], np.cumsum(lengths[chosen])]).astype(np.int64)


def divisible(offsets: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Return ``offsets`` (D + 1,) with enough documents for ``parts`` random parts.

    If there are fewer than `FEWEST_PER_PART` for each part, documents are cut every `PIECE` words.
    """
    if offsets.size - 1 >= FEWEST_PER_PART * parts:
        return offsets
    cuts = [np.arange(start, stop, PIECE) for start, stop in pairwise(offsets)]
    return np.unique(np.concatenate([*cuts, offsets])).astype(np.int64)


def draw_subset(text: EncodedText, parts: int, draw: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return tokens and offsets of a random subset of documents with 1/``parts`` of the tokens.

    Args:
        text: the text.
        parts: the text is split into this many parts, of which the subset is one.
        draw: seed of the split.

    Raises:
        ValueError: there are fewer documents, or pieces (see `divisible`), than parts.
    """
    pieces = divisible(text.offsets, parts)
    chosen = part_of_documents(pieces, parts, draw) == 0
    found = [
        some_documents(tokens, offsets, chosen[span])[0]
        for tokens, offsets, span in text.divided(pieces)
    ]
    bounds = np.concatenate([[0], np.cumsum(np.diff(pieces)[chosen])]).astype(np.int64)
    return np.concatenate(found), bounds


def as_corpus(
    tokens: NDArray[Any], offsets: NDArray[np.int64], words: Sequence[str]
) -> EncodedCorpus:
    """Return a part of a corpus as a corpus with a vocabulary of its own.

    Args:
        tokens: (n,) ids into ``words``.
        offsets: (documents + 1,) boundaries of documents.
        words: types of the whole corpus.
    """
    own, counts, rank = by_frequency(words, np.bincount(tokens, minlength=len(words)))
    return EncodedCorpus(rank[tokens], offsets, own, counts, empty_documents=0)


def plan(text: EncodedText, parts: Sequence[int], draws: int, vocabulary: int) -> pd.DataFrame:
    """Tabulate random subsets of a corpus, with the columns `PLAN`.

    A subset is omitted if the text is too small to be split, or if the subset has fewer than
    ``vocabulary`` distinct words.

    Args:
        text: the corpus.
        parts: numbers of parts.
        draws: number of random subsets for each of ``parts``.
        vocabulary: V.
    """

    def rows() -> Iterator[tuple[int, int, int, int, int, str]]:
        for count in parts:
            for draw in range(1, draws + 1):
                try:
                    tokens, documents = draw_subset(text, count, draw)
                except ValueError:
                    yield count, draw, 0, 0, 0, f"the text is too short for {count} parts"
                    continue
                types = int(np.count_nonzero(np.bincount(tokens)))
                lacking = f"{types:,} distinct words, fewer than V = {vocabulary:,}"
                size = documents.size - 1, tokens.size, types
                yield count, draw, *size, lacking if types < vocabulary else ""

    return pd.DataFrame(rows(), columns=list(PLAN))
