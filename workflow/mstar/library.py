"""The interface for scripts and notebooks, from words, counts or bags of words to features.

It needs only numpy, scipy, pandas and numba, and neither Snakemake nor files.
"""

from __future__ import annotations

import bisect
import numbers
import operator
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

# Relative difference up to which a cell equals its mirror image.
ROUNDING = 1e-12

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
        UserError: there is no word; a document is not a list of words (text that is not split, a
            mapping, None), or a word is not text.

    >>> text = count_words([["a", "rose", "is", "a", "rose"]], window=1)
    >>> text.words
    ('a', 'rose', 'is')
    >>> print(text.counts.dense())
    [[0 2 1]
     [2 0 1]
     [1 1 0]]
    """
    vocabulary, window, threads = (
        _whole(name, value)
        for name, value in (("vocabulary", vocabulary), ("window", window), ("threads", threads))
    )
    if isinstance(documents, str | bytes | Mapping) or not isinstance(documents, Iterable):
        raise UserError(f"documents: {_shown(documents)}: expected lists of words")
    index: dict[str, int] = {}
    ids, lengths = [], [0]
    known: list[int] = []
    for number, document in enumerate(documents, start=1):
        if isinstance(document, str | bytes):
            raise UserError(
                f"documents: document {number} is text, {_shown(document)}: expected a list of its"
                " words, as text.split() gives, or [words] for one document"
            )
        if isinstance(document, Mapping) or not isinstance(document, Iterable):
            of = f"document {number} is {_shown(document)}"
            raise UserError(f"documents: {of}: expected a list of words")
        try:
            ids.append(np.array([index.setdefault(w, len(index)) for w in document], np.int64))
        except TypeError:  # a list, which cannot be a key
            of = f"document {number} has a word that is not text"
            raise UserError(f"documents: {of}: expected a list of words") from None
        lengths.append(len(ids[-1]))
        known.append(len(index))
    for at, word in enumerate(index):
        if not isinstance(word, str):
            of = f"document {bisect.bisect_right(known, at) + 1} has the word {_shown(word)}"
            raise UserError(f"documents: {of}: expected text")
    if not index:
        raise UserError("documents: no word in them: expected lists of words")
    tokens = np.concatenate(ids)
    words, _, rank = by_frequency(list(index), np.bincount(tokens, minlength=len(index)))
    size = min(vocabulary, len(words))
    offsets = np.cumsum(lengths).astype(np.int64)
    return Counted(tuple(words[:size]), count(rank[tokens], offsets, size, window, threads=threads))


def from_matrix(
    matrix: Any, words: Sequence[str], unigram: NDArray[Any] | None = None, window: int = 1
) -> Counted:
    """Use existing pair counts.

    Args:
        matrix: (V, V) symmetric, of counts >= 0; a scipy sparse matrix or array, or dense. Counts
            may be fractional, as those weighted by 1/distance are; only integers are exact.
        words: (V,) words of the rows.
        unigram: (V,) occurrences of each word; by default the row sums, which are proportional.
        window: L with which pairs were counted; recorded only.

    Raises:
        UserError: the matrix is not symmetric, not of counts, or does not match the words; a word
            has no occurrence, is not text or stands twice.
    """
    if isinstance(words, str):
        raise UserError(f"words: {_shown(words)}: expected a list of words")
    words = list(words)
    for word in words:
        if not isinstance(word, str):
            raise UserError(f"words: {_shown(word)}: expected text")
    if len(set(words)) < len(words):
        twice = next(word for number, word in enumerate(words) if word in words[:number])
        raise UserError(f"words: {_shown(twice)} stands twice: add up its rows and columns")
    try:
        full = scipy.sparse.csr_array(matrix)
        numeric = np.issubdtype(full.dtype, np.integer) or np.issubdtype(full.dtype, np.floating)
    except (TypeError, ValueError):
        numeric = False
    if not numeric:
        raise UserError(f"matrix: {_shown(matrix)}: expected a matrix of counts")
    if full.shape != (len(words), len(words)):
        raise UserError(f"matrix: {full.shape} for {len(words)} words: expected as many rows")
    full.sum_duplicates()
    if full.nnz and not (np.isfinite(full.data).all() and full.data.min() >= 0):
        raise UserError("matrix: expected counts, finite numbers from 0 on")
    # Fractional counts that were added up in another order differ by rounding.
    if full.nnz and abs(full - full.T).max() > ROUNDING * full.data.max():
        raise UserError("matrix: not symmetric: add its transpose to it")
    sums = _as_counts(np.asarray(full.sum(axis=1)).ravel() if unigram is None else unigram)
    if sums is None or sums.shape != (len(words),) or not ((sums > 0) & np.isfinite(sums)).all():
        raise UserError("unigram: expected a count above 0 for each word; leave out rows without")
    order = np.argsort(-sums, kind="stable")
    upper = scipy.sparse.triu(full[order][:, order], format="csr")
    upper.sum_duplicates()
    upper.eliminate_zeros()
    counts = Cooccurrence(
        upper.indptr.astype(np.int64),
        upper.indices.astype(np.int32),
        _as_counts(upper.data),  # type: ignore[arg-type]  # finite numbers, checked above
        sums[order],
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
        UserError: no document has two words; an id is not in the dictionary; or occurrences are not
            whole numbers from 0 on, as weights (tf-idf) are not.
    """
    if isinstance(bags, str | bytes | Mapping) or not isinstance(bags, Iterable):
        raise UserError(f"bags: {_shown(bags)}: expected lists of (id, occurrences)")
    rows, columns, values = [], [], []
    for number, bag in enumerate(bags):
        try:
            pairs_of_bag = [(operator.index(word), occurrences) for word, occurrences in bag]
        except (TypeError, ValueError):
            of = f"document {number + 1} is {_shown(bag)}"
            raise UserError(f"bags: {of}: expected a list of (id, occurrences)") from None
        for word, occurrences in pairs_of_bag:
            try:
                whole = int(occurrences) == occurrences >= 0
            except (TypeError, ValueError, OverflowError):
                whole = False
            if not whole:
                of = f"document {number + 1} has word {word} {_shown(occurrences)} times"
                raise UserError(f"bags: {of}: expected whole numbers, since weights are no counts")
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
    words: list[Any] = []
    for i in seen.tolist():
        try:
            words.append(dictionary[i] if i >= 0 else None)
        except LookupError:
            words.append(None)
        if words[-1] is None:
            raise UserError(f"bags: id {i} is not in the dictionary of {len(dictionary):,} words")
    return from_matrix(pairs, words, unigram)


def _as_counts(values: Any) -> NDArray[Any] | None:
    """Return numbers as int64 if all are whole, else as float64; None if some are no numbers."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    whole = bool(np.isfinite(found).all() and (found == np.rint(found)).all())
    return np.asarray(values).astype(np.int64) if whole else found


def _whole(name: str, value: Any) -> int:
    """Return a whole number from 1 on; raise ``UserError``, with its ``name``, for another."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < 1:
        raise UserError(f"{name}: {_shown(value)}: expected an integer >= 1")
    return int(value)


def _shown(value: object) -> str:
    """Format a value in at most 60 characters, on one line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:56]} ..."
