"""The vocabulary of a corpus: words by frequency, file, and restriction to frequent words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.files.writing import UserError, atomic


def by_frequency(
    words: Sequence[str], counts: NDArray[np.int64]
) -> tuple[list[str], NDArray[np.int64], NDArray[np.unsignedinteger[Any]]]:
    """Sort distinct words by (-count, word); words with a count of 0 are dropped.

    Args:
        words: (n,) words.
        counts: (n,) occurrences.

    Returns:
        The sorted words, their counts, and the rank (n,) of each word given, uint16 or, above
        65,535 types, uint32; the rank of a dropped word is meaningless.
    """
    alphabetical = np.array(sorted(range(len(words)), key=words.__getitem__), dtype=np.int64)
    order = alphabetical[np.argsort(-counts[alphabetical], kind="stable")]
    order = order[: np.count_nonzero(counts)]
    rank: NDArray[np.unsignedinteger[Any]]
    rank = np.zeros(len(words), dtype=np.uint16 if len(order) <= 65_535 else np.uint32)
    rank[order] = np.arange(len(order), dtype=rank.dtype)
    return [words[i] for i in order.tolist()], counts[order], rank


def check_size(size: int, types: int) -> None:
    """Raise ``UserError`` unless ``size`` is from 1 to ``types``, the number of distinct words."""
    if not 1 <= size <= types:
        raise UserError(
            f"vocabulary: {size:,} words asked for, but the corpus has {types:,} distinct words: "
            f"expected at most that: make V={types}, or snakemake --config vocabulary={types} (of "
            f"the training runs: --config 'dynamics={{vocabulary: {types}}}')"
        )


def restrict(
    tokens: NDArray[np.unsignedinteger[Any]],
    offsets: NDArray[np.int64],
    size: int,
    types: int | None = None,
) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.int64]]:
    """Keep the ``size`` most frequent types, and the documents with at least one of them.

    Args:
        tokens: (n,) ids into the full vocabulary.
        offsets: (documents + 1,) boundaries of documents.
        size: number of types to keep.
        types: distinct words of the whole corpus, if ``tokens`` are only a part of it.

    Returns:
        The tokens < size and their new offsets, in the dtypes given.

    Raises:
        UserError: ``size`` is not from 1 to the number of types.
    """
    if types is None:
        types = int(tokens.max()) + 1 if len(tokens) else 0
    check_size(size, types)
    kept = tokens < size
    lengths = np.zeros(len(offsets) - 1, dtype=np.int64)
    filled = np.flatnonzero(np.diff(offsets) > 0)
    # reduceat sums from each start to the next, which is the end of the document if empty documents
    # (whose start equals the next) are left out.
    lengths[filled] = np.add.reduceat(kept, offsets[filled], dtype=np.int64)
    lengths = lengths[lengths > 0]
    return tokens[kept], np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def words_sha256(words: Sequence[str]) -> str:
    """Return the sha256 of the words joined by newlines, as a fingerprint of a vocabulary."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def write_vocabulary(path: str | Path, words: Sequence[str], counts: Sequence[int] | Any) -> None:
    """Write ``vocabulary.tsv``: a header ``word, count`` and one line for each type, in order."""
    lines = [f"{word}\t{int(count)}\n" for word, count in zip(words, counts, strict=True)]
    with atomic(path) as temporary:
        temporary.write_text("word\tcount\n" + "".join(lines), encoding="utf-8", newline="\n")


def read_vocabulary(path: str | Path) -> tuple[list[str], NDArray[np.int64]]:
    """Return the words and int64 counts (types,) that `write_vocabulary` wrote.

    Raises:
        UserError: the file is missing or is not a vocabulary.
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
    """Return the words of a vocabulary's file, most frequent first."""
    return read_vocabulary(path)[0]
