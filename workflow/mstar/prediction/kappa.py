"""The choice of kappa in M*_kappa: halves of a text predict each other, entry by entry.

QWEM's loss at a pair of words with the ratio r = P_ij / (P_i P_j), r (x^2/4 - x) + k (x^2/4 + x),
is least at x = M*_ij = 2 (r - k) / (r + k), and it is linear in r. So with x from M*_kappa of one
half and r from the other, whose noise is independent, its mean over all pairs is, but for a
constant, the mean of (r + k)/4 (x - M*_ij)^2 with r and M* as of infinitely much text: no kappa
gains by fitting noise. All pairs of words count equally, as they do in ||W W^T - M||_F, which a
factorisation minimises. No benchmark is read.

kappa is a number of pairs and a property of the words (see `mstar.counts.targets`), so the value
that halves choose serves the whole text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.counts import targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.targets import Probabilities
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.spectra import products

KAPPAS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
# kappa; gain: mean over all pairs of words, and over both directions, of how far below 0 the loss
# is, 0 if every entry is predicted to be 0; chosen: 1 for the kappa with the largest gain, else 0.
COLUMNS = ["kappa", "gain", "chosen"]
# A document longer than this share of the text is cut into parts, so that one can be halved.
LONGEST = 0.05
# Stored cells that are handled at once.
CHUNK = 1 << 18


def parts_of_documents(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return offsets in which no document is longer than about `LONGEST` of the text."""
    longest = max(1.0, LONGEST * float(offsets[-1] - offsets[0]))
    lengths = np.diff(offsets)
    long = np.flatnonzero(lengths > longest)
    number = np.ceil(lengths[long] / longest).astype(int)
    cuts = [
        np.linspace(offsets[i], offsets[i + 1], n + 1).astype(np.int64)[1:-1]
        for i, n in zip(long, number, strict=True)
    ]
    return np.sort(np.concatenate([offsets, *cuts]))


def curve(
    first: Cooccurrence,
    second: Cooccurrence,
    kappas: Sequence[float] = KAPPAS,
    negative: float = 1.0,
) -> pd.DataFrame:
    """Return the gain of each kappa, each half predicting the other, and which is chosen.

    Args:
        first, second: counts of the halves of a text, over the same V words.
        kappas: candidates.
        negative: k.

    Returns:
        `COLUMNS`.

    Raises:
        UserError: no pair of words was seen in one of the halves.
    """
    if not (first.total and second.total):
        raise UserError(
            "mstar_kappa: the text is too small for halves to choose it: give a number, or leave"
            " svd_mstar_kappa out of factorisations"
        )
    halves = [targets.probabilities(counts) for counts in (first, second)]
    gains = np.mean([_gains(a, b, kappas, negative) for a, b in (halves, halves[::-1])], axis=0)
    chosen = np.arange(len(kappas)) == np.argmax(gains)
    return pd.DataFrame(
        {"kappa": np.asarray(kappas), "gain": gains, "chosen": chosen.astype(int)}, columns=COLUMNS
    )


def _gains(a: Probabilities, b: Probabilities, kappas: Sequence[float], negative: float) -> Array:
    """Return the mean gain of M*_kappa of ``a`` on the counts of ``b``, for each kappa."""
    here = _keys(a)
    losses = np.zeros(len(kappas))
    # The part of the loss without r is a sum over all pairs: first as if none were seen in a.
    for k, kappa in enumerate(kappas):
        _, absent = targets.mstar_kappa_cells(a, negative, kappa)
        weights, factors = products.eigenpairs(partial(_drawn_of, absent), a.unigram)
        losses[k] = negative * weights @ factors.sum(axis=0) ** 2
    for part in _chunks(a):
        for k, kappa in enumerate(kappas):
            seen, absent = targets.mstar_kappa_cells(part, negative, kappa)
            change = _drawn(seen) - _drawn(absent(part.independent))
            losses[k] += negative * float(_twice(part) @ change)
    # The part with r is a sum over the pairs seen in b.
    for part in _chunks(b):
        there = _keys(part)
        at = np.minimum(np.searchsorted(here, there), here.size - 1)
        joint = np.where(here[at] == there, a.joint[at], 0.0)
        independent = a.unigram[part.rows] * a.unigram[part.columns]
        ratio = _twice(part) * part.joint / part.independent
        for k, kappa in enumerate(kappas):
            x = targets.mstar_kappa(joint, independent, kappa / a.pairs, negative)
            losses[k] += float(ratio @ (x * (x / 4 - 1)))
    return -losses / a.vocabulary_size**2


def _chunks(p: Probabilities) -> Iterator[Probabilities]:
    """Yield parts of the stored cells, which keep temporaries small."""
    for start in range(0, p.joint.size, CHUNK):
        yield p.part(slice(start, start + CHUNK))


def _twice(p: Probabilities) -> Array:
    """Return how many cells of the matrix each stored cell stands for."""
    return np.where(p.rows == p.columns, 1.0, 2.0)


def _drawn(x: Array) -> Array:
    """Return the part of the loss that negative samples have."""
    return np.asarray(x * (x / 4 + 1))


def _drawn_of(absent: Callable[[Array], Array], independent: Array) -> Array:
    return _drawn(absent(independent))


def _keys(p: Probabilities) -> NDArray[np.int64]:
    """Return a number (nnz,) for each stored cell, ascending."""
    return p.rows.astype(np.int64) * p.vocabulary_size + p.columns
