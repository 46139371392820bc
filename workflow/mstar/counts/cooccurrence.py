"""Exact co-occurrence counts, as computed by `mstar.counts.counting`, and their file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.files.writing import atomic, load_arrays

IntArray = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Cooccurrence:
    """Symmetric weighted counts C (V, V), stored as the upper triangle with diagonal, in CSR.

    Attributes:
        indptr: (V+1,) int64. Row i holds entries ``indptr[i]:indptr[i+1]``.
        indices: (nnz,) int32 columns j >= i, ascending within a row.
        counts: (nnz,) int64, C_ij > 0 in units of window weight (a neighbour counts L, the L-th
            counts 1).
        unigram: (V,) int64, occurrences of each word among the kept tokens. Counts of other
            programs (`mstar.library.from_matrix`) may be fractional; both are then float64.
        window: L.
        documents_kept: documents with at least one word of the vocabulary.
        pairs: unweighted number of forward (centre, context) pairs; with the ``gap`` convention it
            includes pairs with an out-of-vocabulary word.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    counts: NDArray[np.int64]
    unigram: NDArray[np.int64]
    window: int
    documents_kept: int
    pairs: int

    @property
    def vocabulary_size(self) -> int:
        return int(self.unigram.size)

    @property
    def trace(self) -> int:
        """Sum of the diagonal of C."""
        rows = self.rows()
        found: int = self.counts[rows == self.indices].sum().item()
        return found

    @property
    def total(self) -> int:
        """Sum of all V x V cells of C."""
        found: int = 2 * self.counts.sum().item() - self.trace
        return found

    @property
    def nonzero(self) -> int:
        """Number of non-zero cells of the full symmetric matrix."""
        diagonal = int((self.rows() == self.indices).sum())
        return 2 * int(self.counts.size) - diagonal

    @property
    def share_seen(self) -> float:
        """Share of the V x V ordered pairs of words with a non-zero count."""
        return self.nonzero / self.vocabulary_size**2

    def rows(self) -> NDArray[np.int32]:
        """Return the row index (nnz,) of every stored entry."""
        return np.repeat(np.arange(self.vocabulary_size, dtype=np.int32), np.diff(self.indptr))

    def cell(self, i: int, j: int) -> int:
        """Return C_ij for two word ids."""
        i, j = min(i, j), max(i, j)
        start, stop = self.indptr[i], self.indptr[i + 1]
        at = start + int(np.searchsorted(self.indices[start:stop], j))
        seen = at < stop and self.indices[at] == j
        found: int = self.counts[at].item() if seen else 0
        return found

    def dense(self, dtype: Any = None) -> NDArray[Any]:
        """Return the full symmetric matrix, (V, V), by default in the dtype of the counts."""
        size = self.vocabulary_size
        full = np.zeros((size, size), dtype=self.counts.dtype if dtype is None else dtype)
        rows = self.rows()
        full[rows, self.indices] = self.counts
        full[self.indices, rows] = self.counts
        return full


def pair_counts(
    tokens: IntArray, offsets: NDArray[np.int64], first: int, second: int, window: int
) -> int:
    """Return how often two words lie within ``window`` of each other, unweighted and symmetric.

    Only the given ``tokens`` count, and no window crosses a document's end.
    """
    document = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))

    def positions(word: int) -> NDArray[np.int64]:
        at = np.flatnonzero(tokens == word)
        return np.asarray(at + document[at] * (window + 1))

    centres, contexts = positions(first), positions(second)
    after = np.searchsorted(contexts, centres + window, side="right")
    before = np.searchsorted(contexts, centres - window, side="left")
    near = int((after - before).sum())
    # No occurrence is its own neighbour. Each pair of equal words is found from both ends.
    return near - centres.size if first == second else near


def save(path: str | Path, counts: Cooccurrence) -> None:
    """Write the fields of ``counts`` to ``path`` (npz, no pickle)."""
    narrow = np.uint32 if counts.counts.max(initial=0) < 2**32 else np.int64  # halves the file
    with atomic(path) as temporary, open(temporary, "wb") as stream:
        np.savez(
            stream,
            indptr=counts.indptr,
            indices=counts.indices,
            counts=counts.counts.astype(narrow),
            unigram=counts.unigram,
            window=counts.window,
            documents_kept=counts.documents_kept,
            tokens_kept=counts.unigram.sum(),
            pairs=counts.pairs,
        )


def load(path: str | Path) -> Cooccurrence:
    """Read counts that `save` wrote.

    Raises:
        UserError: the file is damaged or is not a count file.
    """
    names = ("indptr", "indices", "counts", "unigram", "window", "documents_kept", "pairs")
    stored = load_arrays(path, names, "count file")
    return Cooccurrence(
        stored["indptr"],
        stored["indices"],
        stored["counts"].astype(np.int64),
        stored["unigram"],
        int(stored["window"]),
        int(stored["documents_kept"]),
        int(stored["pairs"]),
    )
