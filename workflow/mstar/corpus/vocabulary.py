"""Words to integers: the vocabulary of a corpus, and the corpus written in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.words import LATIN
from mstar.files.writing import UserError, atomic

# Tokens counted at once.
BLOCK = 1 << 22


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as integers.

    tokens: (n,) uint16, or uint32 above 65,535 types; ids into ``words``.
    document_offsets: (documents + 1,) int64; document i is ``tokens[offsets[i]:offsets[i + 1]]``.
    words, counts: all types, sorted by (-count, word); counts (types,) int64.
    empty_documents: how many documents had no word, and were dropped.
    short_documents: how many had fewer words than asked for, and were dropped too.
    sources: for each source where it is from, its documents and its tokens.
    """

    tokens: NDArray[np.unsignedinteger[Any]]
    document_offsets: NDArray[np.int64]
    words: list[str]
    counts: NDArray[np.int64]
    empty_documents: int
    sources: tuple[dict[str, Any], ...] = ()
    short_documents: int = 0

    @property
    def documents(self) -> int:
        return len(self.document_offsets) - 1


def by_frequency(
    words: Sequence[str], counts: NDArray[np.int64]
) -> tuple[list[str], NDArray[np.int64], NDArray[np.unsignedinteger[Any]]]:
    """Sort different words by (-count, word); those with a count of 0 go.

    counts: (n,). Returns the words, their counts, and the rank of each word given, (n,) uint16 or,
    above 65,535 types, uint32 (without meaning for the words that went).
    """
    alphabetical = np.array(sorted(range(len(words)), key=words.__getitem__), dtype=np.int64)
    order = alphabetical[np.argsort(-counts[alphabetical], kind="stable")]
    order = order[: np.count_nonzero(counts)]
    rank: NDArray[np.unsignedinteger[Any]]
    rank = np.zeros(len(words), dtype=np.uint16 if len(order) <= 65_535 else np.uint32)
    rank[order] = np.arange(len(order), dtype=rank.dtype)
    return [words[i] for i in order.tolist()], counts[order], rank


def check_words(corpus: EncodedCorpus, normaliser: str = "text8", letters: int = 0) -> None:
    """Raise ``UserError`` if a corpus has no word; ``letters`` counts those of any script."""
    if corpus.words:
        return
    of = "letters" if normaliser not in LATIN else "letters a-z"
    hint = f" (its {letters:,} letters are others; normaliser: unicode keeps them)"
    raise UserError(
        f"the corpus has no words ({corpus.empty_documents:,} empty documents"
        + f", {corpus.short_documents:,} too short" * bool(corpus.short_documents)
        + f"): expected text with {of}{hint if letters and not corpus.short_documents else ''}"
    )


def drop_short(corpus: EncodedCorpus, least: int) -> tuple[EncodedCorpus, NDArray[np.bool_]]:
    """Drop documents of fewer than ``least`` words, and the words that are in no other.

    Returns the corpus without them, and which documents were kept, (documents,).
    """
    lengths = np.diff(corpus.document_offsets)
    kept = lengths >= least
    if kept.all():
        return corpus, kept
    tokens = corpus.tokens[np.repeat(kept, lengths)]
    counts = np.zeros(len(corpus.words), np.int64)
    for begin in range(0, tokens.size, BLOCK):  # bincount makes eight bytes of each token
        counts += np.bincount(tokens[begin : begin + BLOCK], minlength=counts.size)
    words, counts, rank = by_frequency(corpus.words, counts)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[kept])])
    short = int(kept.size - kept.sum())
    shorter = EncodedCorpus(rank[tokens], offsets, words, counts, corpus.empty_documents)
    return replace(shorter, sources=corpus.sources, short_documents=short), kept


def check_size(size: int, types: int) -> None:
    """Raise ``UserError`` if ``size`` words cannot be had of a corpus with ``types`` types."""
    if not 1 <= size <= types:
        raise UserError(
            f"vocabulary: {size:,} words asked for, but the corpus has {types:,} distinct words: "
            f"expected a value from 1 to {types:,}"
        )


def restrict(
    tokens: NDArray[np.unsignedinteger[Any]], offsets: NDArray[np.int64], size: int
) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.int64]]:
    """Keep the ``size`` most frequent types: return the tokens < size and their new offsets.

    tokens: (n,) ids into the full vocabulary; offsets: (documents + 1,). Documents that lose all
    their words are dropped, so each one returned has a word. dtypes are kept.

    Raises ``UserError`` if the corpus has fewer than ``size`` types (or ``size`` < 1).
    """
    check_size(size, int(tokens.max()) + 1 if len(tokens) else 0)
    kept = tokens < size
    lengths = np.zeros(len(offsets) - 1, dtype=np.int64)
    filled = np.flatnonzero(np.diff(offsets) > 0)
    # reduceat sums from each start to the next, which is the document's end once empty documents
    # (whose start equals the next one's) are left out.
    lengths[filled] = np.add.reduceat(kept, offsets[filled], dtype=np.int64)
    lengths = lengths[lengths > 0]
    return tokens[kept], np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def words_sha256(words: Sequence[str]) -> str:
    """Return the sha256 of the words joined by newlines: a vocabulary's fingerprint."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def write_vocabulary(path: str | Path, words: Sequence[str], counts: Sequence[int] | Any) -> None:
    """Write ``vocabulary.tsv``: a header ``word, count`` and one line for each type, in order."""
    lines = [f"{word}\t{int(count)}\n" for word, count in zip(words, counts, strict=True)]
    with atomic(path) as temporary:
        temporary.write_text("word\tcount\n" + "".join(lines), encoding="utf-8", newline="\n")


def read_vocabulary(path: str | Path) -> tuple[list[str], NDArray[np.int64]]:
    """Return the words and counts (types,) int64 that ``write_vocabulary`` wrote.

    Raises ``UserError`` if the file is missing or is not such a table.
    """
    try:
        header, *lines = Path(path).read_text(encoding="utf-8").splitlines()
        if header != "word\tcount":
            raise ValueError
        rows = [line.split("\t") for line in lines]
        return [word for word, _ in rows], np.array([int(n) for _, n in rows], dtype=np.int64)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise UserError(f"{path}: not a vocabulary: expected the columns word and count") from None


def read_words(path: str | Path) -> list[str]:
    """Return the words alone of `read_vocabulary`, commonest first."""
    return read_vocabulary(path)[0]
