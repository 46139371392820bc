"""Merge the encoded parts of a corpus, with the same result as encoding it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from mstar.corpus.corpora import Corpus
from mstar.corpus.encoded import (
    LOSSES,
    TOLD,
    EncodedCorpus,
    counted_sources,
    cut,
    load_encoded,
    read_description,
    write_description,
)
from mstar.corpus.lost import check_whole
from mstar.corpus.rewording import Rewording, learn
from mstar.corpus.sentences import drop_repeated, first_times, hashes_of
from mstar.corpus.splitting import words_of
from mstar.corpus.vocabulary import by_frequency, read_vocabulary, write_vocabulary
from mstar.files.writing import UserError, atomic, load_array

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
    sentence_ends: NDArray[np.int64]

    def encoded(self, length: int) -> EncodedCorpus:
        """Return the part as an encoded corpus; its documents are not cut yet if of N words."""
        sources = tuple(self.description["sources"])
        size = self.tokens.size
        return EncodedCorpus(
            self.tokens,
            np.unique([0, size]) if length else self.documents,
            self.words,
            self.counts,
            self.description["empty_documents"],
            sources,
            self.description.get("short_documents", 0),
            np.cumsum([source["tokens"] for source in sources], dtype=np.int64),
            self.sentence_ends,
        )


def read_part(
    corpus: Corpus,
    tokens: str | Path,
    documents: str | Path,
    vocabulary: str | Path,
    description: str | Path,
    sentences: str | Path | None = None,
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
    ends = (
        np.empty(0, np.int64) if sentences is None else load_array(sentences, "list of sentences")
    )
    if corpus.needs_sentences and (ends.ndim != 1 or (ends[-1] if ends.size else 0) != ids.size):
        raise UserError(f"{sentences}: not the sentences of {tokens}: delete both and run again")
    return Part(ids, offsets, words, counts, described, ends)


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

    Vocabularies and document offsets are held in memory, and the hashes of sentences if repeated
    ones are dropped; tokens are renumbered from disk to disk, then one part at a time.

    Raises:
        UserError: no part has a word.
    """
    _, length = corpus.rule
    whole_parts = _Parts(parts, length, corpus.deduplicate)
    if corpus.rewords:
        words_in = words_of(corpus.normaliser, corpus.words)
        whole_parts.rewording = learn(corpus.words, whole_parts, words_in)
    left = [replace(each, tokens=each.tokens[:0]) for each in whole_parts]
    sizes = [int(each.counts.sum()) for each in left]
    index: dict[str, int] = {}
    places = [
        np.array([index.setdefault(word, len(index)) for word in each.words], dtype=np.int64)
        for each in left
    ]
    totals = np.zeros(len(index), dtype=np.int64)
    for each, place in zip(left, places, strict=True):
        totals[place] += each.counts
    words, counts, rank = by_frequency(list(index), totals)
    begins = np.cumsum([0, *sizes])
    if length:
        # Documents of N words are cut from the whole stream, across parts.
        offsets = cut(int(begins[-1]), length)
    else:
        ends = (e.document_offsets[1:] + begin for e, begin in zip(left, begins, strict=False))
        offsets = np.concatenate([np.zeros(1, np.int64), *ends])
    local = corpus.path is not None
    sources = tuple(
        source for each in left for source in counted_sources(each, each.sources, length, local)
    )
    if local:
        added = ("files", "tokens", *LOSSES)
        sums: dict[str, Any] = {key: sum(source[key] for source in sources) for key in added}
        if nulls := sum(source.get("null_texts", 0) for source in sources):
            sums["null_texts"] = nulls
        for key in ("left_out", "readers"):
            told = Counter[str]()
            for source in sources:
                told.update(source.get(key, {}))
            if told:
                sums[key] = dict(sorted(told.items()))
        first = {key: value for key, value in sources[0].items() if key not in TOLD}
        sources = ({**first, **sums, "documents": len(offsets) - 1},)
    empty = sum(each.empty_documents for each in left)
    short = sum(each.short_documents for each in left)
    repeats: Counter[str] = Counter()
    reworded: Counter[str] = Counter()
    for each in left:
        repeats.update(each.repeats)
        reworded.update(each.reworded)
    if length and repeats:
        repeats["documents"] = 0  # they are not cut yet where sentences are dropped
    if length and reworded:
        reworded["documents_left_out"] = 0
    nothing = np.empty(0, rank.dtype)
    whole = EncodedCorpus(
        nothing,
        offsets,
        words,
        counts,
        empty,
        sources,
        short,
        repeats=dict(repeats),
        reworded=dict(reworded),
    )
    check_whole(whole, corpus.normaliser)
    with atomic(tokens) as temporary:
        merged = open_memmap(temporary, "w+", rank.dtype, (int(begins[-1]),))
        for each, place, begin in zip(whole_parts, places, begins, strict=False):
            new = rank[place]
            for at in range(0, each.tokens.size, BLOCK):
                block = new[each.tokens[at : at + BLOCK]]
                merged[begin + at : begin + at + block.size] = block
        merged.flush()
    with atomic(documents) as temporary:
        np.save(temporary, offsets, allow_pickle=False)
    write_vocabulary(vocabulary, words, counts)
    write_description(description, corpus, replace(whole, tokens=merged))


class _Parts:
    """The parts of a corpus in turn, each without the sentences that repeat an earlier one.

    Attributes:
        rewording: what is done with the words of each part.
    """

    rewording: Rewording | None = None

    def __init__(self, parts: Sequence[Part], length: int, deduplicate: bool) -> None:
        self._parts, self._length = parts, length
        self._kept: list[NDArray[np.bool_]] | None = None
        if deduplicate:
            hashes = [hashes_of(part.tokens, part.sentence_ends, part.words) for part in parts]
            sizes = np.cumsum([each.size for each in hashes])
            self._kept = np.split(first_times(np.concatenate(hashes)), sizes[:-1])

    def __iter__(self) -> Iterator[EncodedCorpus]:
        for number, part in enumerate(self._parts):
            encoded = part.encoded(self._length)
            if self._kept:
                encoded = drop_repeated(encoded, self._kept[number])
            yield self.rewording(encoded) if self.rewording else encoded
