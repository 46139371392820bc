"""Split a text into halves and quarters, and compare their features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.corpus.shards import even_cuts
from mstar.counts import targets
from mstar.counts.counting import count
from mstar.machine.arrays import Array
from mstar.prediction import reproducibility
from mstar.spectra.decomposition import decompose


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


def leading_modes(
    size: int,
    window: int,
    types: int,
    negative: float = 1.0,
    out_of_vocabulary: str = "removed",
    threads: int = 1,
) -> Callable[[NDArray[Any], NDArray[np.int64], int], Array]:
    """Return a function of tokens, offsets and R that gives leading eigenvectors (V, R) of M*.

    Args:
        size: V.
        window: L.
        types: number of distinct words of the whole text.
        negative: k.
        out_of_vocabulary: see `mstar.counts.counting.count`.
        threads: worker threads.
    """

    def leading(tokens: NDArray[Any], offsets: NDArray[np.int64], rank: int) -> Array:
        counts = count(tokens, offsets, size, window, out_of_vocabulary, threads, types)
        p = targets.probabilities(counts)
        return decompose("mstar", p, rank, negative, threads=threads, progress=print).eigenvectors

    return leading


def compare(
    tokens: NDArray[Any],
    offsets: NDArray[np.int64],
    whole: Array,
    eigenvectors: Callable[[NDArray[Any], NDArray[np.int64], int], Array],
    compared: int,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure overlaps of halves and of quarters of a text, with `reproducibility.COLUMNS`.

    Halves need two documents and quarters four, so a text of one document has no row.

    Args:
        tokens: the text.
        offsets: (D + 1,) boundaries of its documents.
        whole: (V, K) leading eigenvectors of M* of the whole text.
        eigenvectors: returns those of a part (V, R), from its tokens, offsets and R.
        compared: number of leading eigenvectors used.
        seed: of the split.
    """
    documents = offsets.size - 1
    tables = []
    for parts in (2, 4):
        if documents < parts:
            continue
        part = part_of_documents(offsets, parts, seed)
        rank = min(compared, whole.shape[1])
        sizes, spaces = [], []
        # With quarters, one from each half.
        for number in (0, parts // 2):
            text, documents_there = some_documents(tokens, offsets, part == number)
            sizes.append(text.size)
            spaces.append(eigenvectors(text, documents_there, rank))
        columns = {
            "parts": parts,
            "tokens": float(np.mean(sizes)),
            "rank": np.arange(1, rank + 1),
            "subspace": reproducibility.subspace_overlaps(*spaces),
            "subspace_chance": np.arange(1, rank + 1) / len(whole),
            "feature": reproducibility.feature_overlaps(whole[:, :rank], *spaces),
            "threshold": reproducibility.threshold(rank, len(whole)),
        }
        tables.append(pd.DataFrame(columns))
    if not tables:
        return pd.DataFrame(columns=reproducibility.COLUMNS)
    return pd.concat(tables, ignore_index=True)
