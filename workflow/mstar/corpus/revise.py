"""What can be done to a part of a text only once all parts are known.

These are dropping sentences that repeat one of an earlier part, joining phrases, and leaving out
words. `survey` looks at all parts, one at a time, and finds what to do; `revise` does it to one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.corpora import Corpus
from mstar.corpus.encoded import EncodedCorpus, counted_sources, load_encoded
from mstar.corpus.merge import Part, read_part
from mstar.corpus.rewording import Rewording, learn
from mstar.corpus.sentences import drop_repeated, first_times, hashes_of
from mstar.corpus.splitting import words_of
from mstar.files.writing import UserError, atomic, load_array, load_arrays


@dataclass(frozen=True)
class ReadPart:
    """A part of a text as it was read, with memory-mapped ``tokens`` and all its sentences."""

    part: Part
    tokens: NDArray[np.unsignedinteger[Any]]
    documents: NDArray[np.int64]
    sentence_ends: NDArray[np.int64]

    def encoded(self, length: int) -> EncodedCorpus:
        """Return the part as an encoded corpus; documents of ``length`` words are not cut yet."""
        described = self.part.description
        sources = tuple(described["sources"])
        return EncodedCorpus(
            self.tokens,
            np.unique([0, self.tokens.size]) if length else self.documents,
            self.part.words,
            self.part.counts,
            described["empty_documents"],
            sources,
            described.get("short_documents", 0),
            np.cumsum([source["tokens"] for source in sources], dtype=np.int64),
            self.sentence_ends,
        )


def load_read_part(
    corpus: Corpus,
    tokens: str | Path,
    documents: str | Path,
    vocabulary: str | Path,
    description: str | Path,
    sentences: str | Path,
) -> ReadPart:
    """Read all files of one part of ``corpus``.

    Raises:
        UserError: see `mstar.corpus.merge.read_part`; or the sentences are those of other tokens.
    """
    part = read_part(corpus, vocabulary, description, revised=False)
    ids, offsets = load_encoded(tokens, documents, description)
    ends = load_array(sentences, "list of sentences")
    if corpus.needs_sentences and (ends.ndim != 1 or (ends[-1] if ends.size else 0) != ids.size):
        raise UserError(f"{sentences}: not the sentences of {tokens}: delete both and run again")
    return ReadPart(part, ids, offsets, ends)


def survey(path: str | Path, corpus: Corpus, parts: Sequence[ReadPart]) -> None:
    """Write what is to be done to each of all ``parts`` of a corpus (npz, no pickle).

    In memory are the hashes of all sentences if repeated ones are dropped, and the numbers of all
    pairs of words if phrases are learned.

    Raises:
        UserError: a file that the settings of words name cannot be read, or no word is left.
    """
    kept = _first_times(parts) if corpus.deduplicate else [np.empty(0, np.bool_)] * len(parts)
    rewording = None
    if corpus.rewords:
        left = _Parts(corpus, parts, kept)
        found = learn(corpus.words, left, words_of(corpus.normaliser, corpus.words))
        words = None if found.kept is None else sorted(found.kept)
        rewording = {"phrases": [[*item] for item in found.phrases.items()], "kept": words}
    with atomic(path) as temporary, open(temporary, "wb") as stream:
        masks = {str(number): mask for number, mask in enumerate(kept)}
        np.savez(stream, rewording=json.dumps(rewording), **masks)  # type: ignore[arg-type]


def revise(path: str | Path, corpus: Corpus, part: ReadPart, number: int) -> EncodedCorpus:
    """Return part ``number`` of a corpus with what `survey` wrote to ``path`` done to it.

    Raises:
        UserError: the file is damaged, or is of another text.
    """
    stored = load_arrays(path, (str(number), "rewording"), "survey of a text")
    found = json.loads(str(stored["rewording"]))
    if corpus.deduplicate and stored[str(number)].size != part.sentence_ends.size:
        raise UserError(f"{path}: of another text than part {number}; delete it and run again")
    revised = _without_repeats(corpus, part, stored[str(number)])
    if found is not None:
        phrases = {tuple(words): name for words, name in found["phrases"]}
        words = None if found["kept"] is None else frozenset(found["kept"])
        revised = Rewording(phrases, words)(revised)
    length, local = corpus.rule[1], corpus.path is not None
    sources = counted_sources(revised, revised.sources, length, local)
    return replace(revised, sources=tuple(sources))


def _first_times(parts: Sequence[ReadPart]) -> list[NDArray[np.bool_]]:
    """Return for each part which of its sentences to keep, those of all parts being compared."""
    hashes = [hashes_of(part.tokens, part.sentence_ends, part.part.words) for part in parts]
    sizes = np.cumsum([each.size for each in hashes])
    return np.split(first_times(np.concatenate(hashes)), sizes[:-1])


def _without_repeats(corpus: Corpus, part: ReadPart, kept: NDArray[np.bool_]) -> EncodedCorpus:
    encoded = part.encoded(corpus.rule[1])
    return drop_repeated(encoded, kept) if corpus.deduplicate else encoded


class _Parts:
    """The parts of a corpus in turn, without repeated sentences; they can be read repeatedly."""

    def __init__(
        self, corpus: Corpus, parts: Sequence[ReadPart], kept: Sequence[NDArray[np.bool_]]
    ) -> None:
        self._corpus, self._parts, self._kept = corpus, parts, kept

    def __iter__(self) -> Iterator[EncodedCorpus]:
        for part, kept in zip(self._parts, self._kept, strict=True):
            yield _without_repeats(self._corpus, part, kept)
