"""Merge the encoded parts of a corpus, with the same result as encoding it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from mstar.corpus.corpora import Corpus
from mstar.corpus.encoded import (
    LOSSES,
    EncodedCorpus,
    load_encoded,
    read_description,
    write_description,
)
from mstar.corpus.lost import check_whole
from mstar.corpus.vocabulary import by_frequency, read_vocabulary, write_vocabulary
from mstar.files.writing import UserError, atomic

# Tokens renumbered at once.
BLOCK = 1 << 22


@dataclass(frozen=True)
class Part:
    """An encoded part of a corpus, as `mstar.corpus.encoded.write_corpus` wrote it.

    ``tokens`` are memory-mapped.
    """

    tokens: NDArray[np.unsignedinteger[Any]]
    documents: NDArray[np.int64]
    words: list[str]
    counts: NDArray[np.int64]
    description: dict[str, Any]


def read_part(
    corpus: Corpus,
    tokens: str | Path,
    documents: str | Path,
    vocabulary: str | Path,
    description: str | Path,
) -> Part:
    """Read one part of ``corpus``.

    Raises:
        UserError: a file is damaged, the four files do not belong together, or they are from
            another corpus or another convention.
    """
    described = read_description(description)
    for key in ("name", "normaliser", "document_rule", "min_tokens"):
        expected = getattr(corpus, key)
        found = described.get(key, 0 if key == "min_tokens" else None)
        if found != expected:
            raise UserError(
                f"{description}: {key} is {found!r}, but that of the corpus is "
                f"{expected!r}: delete it and run again"
            )
    words, counts = read_vocabulary(vocabulary)
    ids, offsets = load_encoded(tokens, documents, description)
    if int(counts.sum()) != ids.size:
        raise UserError(
            f"{vocabulary}: counts {int(counts.sum()):,} words, but {tokens} has {ids.size:,}: "
            f"delete both and run again"
        )
    return Part(ids, offsets, words, counts, described)


def merge_corpus(
    corpus: Corpus,
    parts: Sequence[Part],
    *,
    tokens: str | Path,
    documents: str | Path,
    vocabulary: str | Path,
    description: str | Path,
) -> None:
    """Write the corpus of ``parts``, in order, as `mstar.corpus.encoded.write_corpus` would.

    Vocabularies and document offsets are held in memory; tokens are renumbered from disk to disk.

    Raises:
        UserError: no part has a word.
    """
    index: dict[str, int] = {}
    places = [
        np.array([index.setdefault(word, len(index)) for word in part.words], dtype=np.int64)
        for part in parts
    ]
    totals = np.zeros(len(index), dtype=np.int64)
    for part, place in zip(parts, places, strict=True):
        totals[place] += part.counts
    words, counts, rank = by_frequency(list(index), totals)
    begins = np.cumsum([0, *(part.tokens.size for part in parts)])
    _, length = corpus.rule
    if length:
        # Documents of N words are cut from the whole stream, across parts.
        offsets = np.append(np.arange(0, begins[-1], length), begins[-1])
    else:
        ends = (part.documents[1:] + begin for part, begin in zip(parts, begins, strict=False))
        offsets = np.concatenate([np.zeros(1, np.int64), *ends])
    sources = tuple(source for part in parts for source in part.description["sources"])
    if corpus.path is not None:
        added = ("files", "tokens", *LOSSES)
        sums = {key: sum(source[key] for source in sources) for key in added}
        if nulls := sum(source.get("null_texts", 0) for source in sources):
            sums["null_texts"] = nulls
        sources = ({**sources[0], **sums, "documents": len(offsets) - 1},)
    empty = sum(part.description["empty_documents"] for part in parts)
    short = sum(part.description.get("short_documents", 0) for part in parts)
    nothing = np.empty(0, rank.dtype)
    whole = EncodedCorpus(nothing, offsets, words, counts, empty, sources, short)
    check_whole(whole, corpus.normaliser)
    with atomic(tokens) as temporary:
        merged = open_memmap(temporary, "w+", rank.dtype, (int(begins[-1]),))
        for part, place, begin in zip(parts, places, begins, strict=False):
            new = rank[place]
            for at in range(0, part.tokens.size, BLOCK):
                block = new[part.tokens[at : at + BLOCK]]
                merged[begin + at : begin + at + block.size] = block
        merged.flush()
    with atomic(documents) as temporary:
        np.save(temporary, offsets, allow_pickle=False)
    write_vocabulary(vocabulary, words, counts)
    write_description(description, corpus, replace(whole, tokens=merged))
