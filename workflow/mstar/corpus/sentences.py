"""Sentences that a text repeats: each is kept the first time, and dropped later.

A sentence is what the text has between two marks . ! ? (also those of other scripts), or ends of
lines or documents. Two are the same if their words are, in order, after normalising; shorter ones
than `LEAST` words are never dropped. Sentences are compared by hashes of 64 bits: among 10^8
different ones, the expected number of pairs with the same hash is 3 x 10^-4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.encoded import EncodedCorpus, keep_spans
from mstar.corpus.sentence_kernels import hash_sentences

# Words of the shortest sentence that is dropped.
LEAST = 8


def hashes_of(
    tokens: NDArray[np.unsignedinteger[Any]], ends: NDArray[np.int64], words: Sequence[str]
) -> NDArray[np.uint64]:
    """Return the hash (sentences,) of each sentence's words, 0 for sentences that are too short.

    It does not depend on the numbers of words, so that parts of a text can be compared.

    Args:
        tokens: (n,) ids into ``words``.
        ends: (sentences,) end of each sentence, in tokens.
        words: all types.
    """
    digests = (hashlib.blake2b(word.encode(), digest_size=8).digest() for word in words)
    of_words = np.array([int.from_bytes(digest) for digest in digests], np.uint64)
    hashes = np.empty(ends.size, np.uint64)
    hash_sentences(np.asarray(tokens), ends, of_words, LEAST, hashes)
    return hashes


def first_times(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which of the sentences to keep: those of hash 0, and the first of each other hash."""
    kept: NDArray[np.bool_] = hashes == 0
    kept[np.unique(hashes, return_index=True)[1]] = True
    return kept


def drop_repeated(corpus: EncodedCorpus, kept: NDArray[np.bool_] | None = None) -> EncodedCorpus:
    """Drop the sentences of a corpus that repeat an earlier one.

    Args:
        corpus: a corpus whose ``sentence_ends`` are known.
        kept: (sentences,) which to keep; by default those of `first_times`.
    """
    ends = corpus.sentence_ends
    assert ends is not None
    if kept is None:
        kept = first_times(hashes_of(corpus.tokens, ends, corpus.words))
    left = keep_spans(corpus, ends, kept)
    repeats = {
        "sentences": int(kept.size - kept.sum()),
        "tokens": corpus.tokens.size - left.tokens.size,
        "documents": corpus.documents - left.documents,
    }
    return replace(left, repeats=repeats)
