"""Split a text into halves and quarters, and compare their features."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.corpus.encoded_text import EncodedText
from mstar.corpus.subsets import part_of_documents, some_documents
from mstar.counts import targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.counting import count
from mstar.counts.merge import add
from mstar.machine.arrays import Array
from mstar.prediction import reproducibility
from mstar.spectra.decomposition import decompose

# From a text, which of its documents to use (D,), and R, to eigenvectors (V, R).
Eigenvectors = Callable[[EncodedText, NDArray[np.bool_], int], Array]


def count_documents(
    text: EncodedText,
    offsets: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    size: int,
    window: int,
    out_of_vocabulary: str,
    threads: int,
) -> Cooccurrence:
    """Count the pairs of some documents of a text.

    Args:
        text: the text.
        offsets: (D + 1,) boundaries of documents, which may be those of the text cut further.
        chosen: (D,) which documents to count.
        size, window, out_of_vocabulary, threads: see `mstar.counts.counting.count`.
    """
    counts = (
        count(
            *some_documents(tokens, own, chosen[span]),
            size,
            window,
            out_of_vocabulary,
            threads,
            text.types,
        )
        for tokens, own, span in text.divided(offsets)
    )
    return reduce(add, counts)


def leading_modes(
    size: int,
    window: int,
    negative: float = 1.0,
    out_of_vocabulary: str = "removed",
    threads: int = 1,
) -> Eigenvectors:
    """Return a function that gives leading eigenvectors (V, R) of M* of some documents of a text.

    Args:
        size: V.
        window: L.
        negative: k.
        out_of_vocabulary: see `mstar.counts.counting.count`.
        threads: worker threads.
    """

    def leading(text: EncodedText, chosen: NDArray[np.bool_], rank: int) -> Array:
        given = text.offsets, chosen, size, window, out_of_vocabulary, threads
        p = targets.probabilities(count_documents(text, *given))
        return decompose("mstar", p, rank, negative, threads=threads, progress=print).eigenvectors

    return leading


def compare(
    text: EncodedText,
    whole: Array,
    eigenvectors: Eigenvectors,
    compared: int,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure overlaps of halves and of quarters of a text, with `reproducibility.COLUMNS`.

    Halves need two documents and quarters four, so a text of one document has no row.

    Args:
        text: the text.
        whole: (V, K) leading eigenvectors of M* of the whole text.
        eigenvectors: returns those of a part.
        compared: number of leading eigenvectors used.
        seed: of the split.
    """
    lengths = np.diff(text.offsets)
    tables = []
    for parts in (2, 4):
        if lengths.size < parts:
            continue
        part = part_of_documents(text.offsets, parts, seed)
        rank = min(compared, whole.shape[1])
        sizes, spaces = [], []
        # With quarters, one from each half.
        for number in (0, parts // 2):
            sizes.append(lengths[part == number].sum())
            spaces.append(eigenvectors(text, part == number, rank))
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
