"""Split a text into halves and quarters, and compare their features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.corpus.subsets import part_of_documents, some_documents
from mstar.counts import targets
from mstar.counts.counting import count
from mstar.machine.arrays import Array
from mstar.prediction import reproducibility
from mstar.spectra.decomposition import decompose


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
