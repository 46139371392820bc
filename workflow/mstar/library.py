"""The interface for scripts and notebooks, from words, counts or bags of words to features.

It needs only numpy, scipy, pandas and numba, and neither Snakemake nor files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
from numpy.typing import NDArray

from mstar.corpus.vocabulary import by_frequency
from mstar.counts import targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.counting import count
from mstar.dynamics.schedule import Drops
from mstar.files.writing import UserError
from mstar.prediction import features as prediction
from mstar.spectra.decomposition import decompose
from mstar.spectra.spectrum import Spectrum

# The matrix to factorise for each model.
TARGET_OF = {"qwem": "mstar", "word2vec": "prop2"}

BagOfWords = Iterable[tuple[int, int]]


@dataclass(frozen=True)
class Counted:
    """The V words of a text, most frequent first, and their exact pair counts.

    This is all that the theory needs of a text.
    """

    words: tuple[str, ...]
    counts: Cooccurrence

    def spectrum(
        self,
        rank: int,
        negative: float = 1.0,
        model: str = "qwem",
        subsample: float = 1e-5,
        negative_power: float = 0.75,
    ) -> Spectrum:
        """Compute the ``rank`` leading eigenpairs of a model's matrix, matrix-free if cheaper.

        Args:
            rank: number of eigenpairs.
            negative: k.
            model: "qwem" for M*, or "word2vec" for the matrix of Proposition 2, with a rank-one fit
                of word2vec's pair weights (`mstar.counts.targets.word_weights`).
            subsample, negative_power: of word2vec, see `mstar.counts.sampling.word2vec_factors`.

        Raises:
            UserError: ``rank`` is not in 1..V, no pair was ever seen, or the model is unknown.
        """
        if model not in TARGET_OF:
            raise UserError(f"model: {model!r}: expected {' or '.join(TARGET_OF)}")
        p = targets.probabilities(self.counts)
        return decompose(
            TARGET_OF[model],
            p,
            rank,
            negative,
            subsample=subsample,
            negative_power=negative_power,
        )

    def embedding(
        self,
        dim: int,
        negative: float = 1.0,
        model: str = "qwem",
        subsample: float = 1e-5,
        negative_power: float = 0.75,
    ) -> NDArray[np.float64]:
        """Return the embedding (V, dim) that a model tends to, up to a rotation.

        It is exact for QWEM (Theorem 1), and for word2vec an approximation, since its pair weights
        are not of rank one. The arguments are those of `spectrum`.
        """
        return self.spectrum(dim, negative, model, subsample, negative_power).embedding(dim)

    def features(
        self,
        rank: int = 100,
        *,
        init: float = 1e-12,
        learning_rate: float = 5.0,
        negative: float = 1.0,
        drops: Drops = (),
        shown: int = 10,
    ) -> pd.DataFrame:
        """Predict the features learned, in order (see `mstar.prediction.features.features`)."""
        return prediction.features(
            self.spectrum(min(rank, len(self.words)), negative),
            self.words,
            self.counts.unigram,
            init=init,
            learning_rate=learning_rate,
            negative=negative,
            drops=drops,
            shown=shown,
        )


def count_words(
    documents: Iterable[Sequence[str]], vocabulary: int = 10_000, window: int = 16, threads: int = 1
) -> Counted:
    """Count the words of documents with word2vec's window.

    Args:
        documents: lists of words; windows do not cross the ends of documents.
        vocabulary: V, most frequent words kept; all if there are fewer.
        window: L; a pair at distance j counts L + 1 - j times.
        threads: worker threads.

    Raises:
        UserError: there is no word.

    >>> text = count_words([["a", "rose", "is", "a", "rose"]], window=1)
    >>> text.words
    ('a', 'rose', 'is')
    >>> print(text.counts.dense())
    [[0 2 1]
     [2 0 1]
     [1 1 0]]
    """
    index: dict[str, int] = {}
    numbers, lengths = [], [0]
    for document in documents:
        numbers.append(np.array([index.setdefault(w, len(index)) for w in document], np.int64))
        lengths.append(len(numbers[-1]))
    if not index:
        raise UserError("documents: no word in them: expected lists of words")
    tokens = np.concatenate(numbers)
    words, _, rank = by_frequency(list(index), np.bincount(tokens, minlength=len(index)))
    size = min(vocabulary, len(words))
    offsets = np.cumsum(lengths).astype(np.int64)
    return Counted(tuple(words[:size]), count(rank[tokens], offsets, size, window, threads=threads))


def from_matrix(
    matrix: Any, words: Sequence[str], unigram: NDArray[Any] | None = None, window: int = 1
) -> Counted:
    """Use existing pair counts.

    Args:
        matrix: (V, V) symmetric, of integers >= 0; a scipy sparse matrix or array, or dense.
        words: (V,) words of the rows.
        unigram: (V,) occurrences of each word; by default the row sums, which are proportional.
        window: L with which pairs were counted; recorded only.

    Raises:
        UserError: the matrix is not symmetric, not of counts, or does not match the words; or a
            word has no occurrence.
    """
    full = scipy.sparse.csr_array(matrix)
    if full.shape != (len(words), len(words)):
        raise UserError(f"matrix: {full.shape} for {len(words)} words: expected as many rows")
    if full.nnz and (full.data.min() < 0 or (full.data != np.rint(full.data)).any()):
        raise UserError("matrix: expected counts, integers from 0 on")
    if abs(full - full.T).sum():
        raise UserError("matrix: not symmetric: add its transpose to it")
    sums = np.asarray(full.sum(axis=1)).ravel() if unigram is None else np.asarray(unigram)
    if sums.shape != (len(words),) or (sums <= 0).any():
        raise UserError("unigram: expected a count above 0 for each word; leave out rows without")
    order = np.argsort(-sums, kind="stable")
    upper = scipy.sparse.triu(full[order][:, order], format="csr")
    upper.sum_duplicates()
    upper.eliminate_zeros()
    counts = Cooccurrence(
        upper.indptr.astype(np.int64),
        upper.indices.astype(np.int32),
        upper.data.astype(np.int64),
        sums[order].astype(np.int64),
        window,
        0,
        0,
    )
    return Counted(tuple(words[i] for i in order), counts)


def from_bags(bags: Iterable[BagOfWords], dictionary: Mapping[int, str] | Sequence[str]) -> Counted:
    """Count pairs in bags of words, such as gensim's corpora, with documents as windows.

    C_ij counts the pairs of an occurrence of word i and another of word j in the same document.

    Args:
        bags: for each document, (id, occurrences) of its words.
        dictionary: word of each id, such as gensim's ``Dictionary``.

    Raises:
        UserError: no document has two words.
    """
    rows, columns, values = [], [], []
    for number, bag in enumerate(bags):
        for word, occurrences in bag:
            rows.append(number)
            columns.append(word)
            values.append(int(occurrences))
    if not values:
        raise UserError("bags: no word in them: expected (id, occurrences) for each document")
    seen, column = np.unique(columns, return_inverse=True)
    shape = (rows[-1] + 1, seen.size)
    occurs = scipy.sparse.csr_array((values, (rows, column)), shape=shape, dtype=np.int64)
    unigram: NDArray[np.int64] = np.asarray(occurs.sum(axis=0)).ravel()
    pairs = occurs.T @ occurs - scipy.sparse.diags_array(unigram, dtype=np.int64)
    return from_matrix(pairs, [dictionary[int(i)] for i in seen], unigram)
