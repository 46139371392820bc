"""The matrices that embeddings factorise: M*, M*_kappa, PMI, PPMI and that of Proposition 2.

All are computed from integer counts. ``P_ij = C_ij / sum(C)`` is the skip-gram probability
(symmetric, sums to 1) and ``P_i`` the unigram frequency among the kept tokens.

M* takes the counts at their word: a pair never seen has -2, whether 0.01 or 100 meetings were to be
expected. `mstar_kappa_cells` weighs how much a count says. Both belong to losses that weight all
pairs of words equally; `word2vec_cells` and `word_weights` belong to word2vec's own weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.sampling import word2vec_factors
from mstar.files.writing import UserError
from mstar.machine.arrays import Array

TARGETS = ("mstar", "pmi", "ppmi", "mstar_kappa", "prop2")

# The value of a target at pairs never seen: one for all, or a function of P_i P_j.
Absent = float | Callable[[Array], Array]


@dataclass(frozen=True)
class Probabilities:
    """Pair and word probabilities of a corpus.

    Attributes:
        rows, columns: (nnz,) int32, cells of the upper triangle, diagonal included, with a pair
            seen.
        joint: (nnz,) P_ij of those cells.
        unigram: (V,) P_i.
        pairs: number of independent pairs of which the text tells, `independent_pairs`; infinite
            for probabilities known without sampling noise.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    joint: Array
    unigram: Array
    pairs: float = np.inf

    @property
    def vocabulary_size(self) -> int:
        return int(self.unigram.size)

    @property
    def independent(self) -> Array:
        """P_i P_j (nnz,) of the stored cells."""
        return np.asarray(self.unigram[self.rows] * self.unigram[self.columns])

    def part(self, some: slice) -> Probabilities:
        """Return these probabilities with only ``some`` of the stored cells."""
        return replace(
            self, rows=self.rows[some], columns=self.columns[some], joint=self.joint[some]
        )

    def symmetric(
        self, values: Array, absent: float = 0.0, dtype: Any = np.float64
    ) -> NDArray[Any]:
        """Return the dense (V, V) matrix with ``values`` at the stored cells, else ``absent``."""
        matrix = np.full((self.vocabulary_size, self.vocabulary_size), absent, dtype=dtype)
        matrix[self.rows, self.columns] = values
        matrix[self.columns, self.rows] = values
        return matrix

    def mean_square(self, values: Array, absent: float = 0.0) -> float:
        """Return the mean square of all V x V cells of `symmetric`, without building it."""
        diagonal = self.rows == self.columns
        twice = np.where(diagonal, 1.0, 2.0)
        cells = self.vocabulary_size**2
        unseen = cells - float(twice.sum())
        return float((twice * values**2).sum() + unseen * absent**2) / cells


def independent_pairs(counts: Cooccurrence) -> float:
    """Return the number of independent pairs that have the sampling noise of weighted counts.

    Meetings of two unrelated, rare words at distance j = 1 ... L are Poisson with equal means and
    add the weight w_j = L + 1 - j. So C_ij has the variance E[C_ij] sum_j w_j^2 / sum_j w_j =
    E[C_ij] (2L + 1) / 3, and C_ij divided by (2L + 1)/3 has, like a Poisson count, its mean for
    variance. (The number of meetings itself is C_ij divided by the mean weight, (L + 1)/2.)
    """
    return 3.0 * counts.total / (2.0 * counts.window + 1.0)


def probabilities(counts: Cooccurrence) -> Probabilities:
    """Return P_ij and P_i from counts.

    A word of the vocabulary that is not in the text, as in a part of a larger text, has the
    frequency of half an occurrence.

    Raises:
        UserError: no pair was counted.
    """
    total = counts.total
    if not total:
        raise UserError(
            "corpus: no pair of vocabulary words was ever seen together; it is too small"
        )
    return Probabilities(
        rows=counts.rows(),
        columns=counts.indices,
        joint=counts.counts / float(total),
        unigram=np.where(counts.unigram > 0, counts.unigram, 0.5) / float(counts.unigram.sum()),
        pairs=independent_pairs(counts),
    )


def mstar_cells(p: Probabilities, negative: float = 1.0) -> tuple[Array, float]:
    """Return M* at the stored cells and for pairs never seen (Eq. 5, Psi+ = 1, Psi- = k).

    ``M*_ij = (P_ij - k P_i P_j) / ((P_ij + k P_i P_j) / 2)``: in [-2, 2), and -2 where P_ij = 0.
    """
    independent = negative * p.independent
    return 2.0 * (p.joint - independent) / (p.joint + independent), -2.0


def mstar_kappa(joint: Array | float, independent: Array, prior: float, negative: float) -> Array:
    """Return M*_kappa of pairs with the probabilities P_ij and P_i P_j; see `mstar_kappa_cells`.

    Args:
        joint, independent: P_ij and P_i P_j, of one shape.
        prior: kappa divided by the number of independent pairs.
        negative: k.
    """
    drawn = negative * independent
    return 2.0 * (joint - drawn) / (joint + drawn + prior)


def mstar_kappa_cells(
    p: Probabilities, negative: float = 1.0, kappa: float = 0.0
) -> tuple[Array, Callable[[Array], Array]]:
    """Return M*_kappa at the stored cells, and its value elsewhere as a function of P_i P_j.

    ``M*_kappa = 2 (n - k mu) / (n + k mu + kappa)``, where n is the count of a pair in units of
    independent pairs (`independent_pairs`) and mu = N P_i P_j its mean if the words were unrelated.

    This is M* for probabilities that are estimated. Let u be the probability that a meeting of the
    two words comes from the text rather than from negative sampling; then M* = 4u - 2. The text
    shows n meetings and negative sampling makes k mu, and the maximum of the likelihood u^n
    (1 - u)^(k mu), u = n / (n + k mu), gives M*. With the prior Beta(kappa/2, kappa/2), which is
    worth kappa pairs, half of each kind, the posterior mean is u = (n + kappa/2) / (n + k mu +
    kappa), which gives M*_kappa. So kappa is a number of independent pairs, and it describes how
    far pairs of words are from unrelated, not the size of the text: M*_kappa tends to M* as the
    text grows, and to 0 where n + k mu is far below kappa. A pair never seen has
    -2 k mu / (k mu + kappa) instead of -2. Always |M*_kappa| <= 2.
    """
    prior = kappa / p.pairs

    def absent(independent: Array) -> Array:
        return mstar_kappa(0.0, independent, prior, negative)

    return mstar_kappa(p.joint, p.independent, prior, negative), absent


def pmi_cells(p: Probabilities, floor: float = 1e-25) -> tuple[Array, float]:
    """Return ``log(P_ij / (P_i P_j) + floor)``, as in the authors' code, and ``log(floor)``."""
    return np.log(p.joint / p.independent + floor), float(np.log(floor))


def ppmi_cells(p: Probabilities) -> tuple[Array, float]:
    """Return ``max(0, PMI)`` (Levy and Goldberg 2014), without shift or smoothing, and 0."""
    return np.maximum(0.0, np.log(p.joint / p.independent)), 0.0


def word2vec_pairs(
    p: Probabilities, negative: float = 1.0, subsample: float = 1e-5, negative_power: float = 0.75
) -> tuple[Array, Array, Array]:
    """Return word2vec's pair weights A, B = (c n^T + n c^T) / 2, up to a common factor.

    ``A_ij = a_i a_j P_ij`` weighs a pair seen together, and ``B_ij = (k/2) (a_i n_j + a_j n_i)
    P_i P_j`` one drawn as negative, with a and n of `word2vec_factors`.

    Returns:
        A (nnz,) at the stored cells, 0 elsewhere; the rates k a_i P_i of centres, c (V,); and those
        of negatives, n_i P_i, here n (V,).
    """
    accept, smooth = word2vec_factors(p.unigram, subsample, negative_power)
    seen = p.joint * accept[p.rows] * accept[p.columns]
    return seen, negative * accept * p.unigram, smooth * p.unigram


def drawn_cells(
    rows: NDArray[np.int32], columns: NDArray[np.int32], centre: Array, context: Array
) -> Array:
    """Return B (nnz,) at some cells, from c and n (V,) of `word2vec_pairs`."""
    return 0.5 * (centre[rows] * context[columns] + context[rows] * centre[columns])


def row_sums(
    rows: NDArray[np.int32],
    columns: NDArray[np.int32],
    seen: Array,
    centre: Array,
    context: Array,
) -> tuple[Array, Array]:
    """Return the row sums (V,) of A and of B.

    Args:
        rows, columns: (nnz,) cells of the upper triangle, diagonal included.
        seen, centre, context: of `word2vec_pairs`.
    """
    sums = np.zeros(centre.size)
    np.add.at(sums, rows, seen)
    np.add.at(sums, columns, np.where(rows == columns, 0.0, seen))
    return sums, 0.5 * (centre * context.sum() + context * centre.sum())


def word2vec_cells(
    p: Probabilities, negative: float = 1.0, subsample: float = 1e-5, negative_power: float = 0.75
) -> tuple[Array, float]:
    """Return word2vec's own target ``2 (A - B)/(A + B)`` at the stored cells, and -2.

    It is to word2vec's pair weights (`word2vec_pairs`) what M* is to equal ones.
    """
    seen, centre, context = word2vec_pairs(p, negative, subsample, negative_power)
    drawn = drawn_cells(p.rows, p.columns, centre, context)
    return 2.0 * (seen - drawn) / (seen + drawn), -2.0


def word_weights(
    p: Probabilities, negative: float = 1.0, subsample: float = 1e-5, negative_power: float = 0.75
) -> Array:
    """Return g (V,) with mean 1, for which g_i g_j stands for word2vec's weight G_ij = A_ij + B_ij.

    Proposition 2 solves the loss ``sum_ij G_ij (W W^T - M)_ij^2`` if ``G = g g^T``: with
    Gamma = diag(g)^(1/2) and the d leading eigenpairs of Gamma M Gamma = U Lambda U^T, its minimum
    is W = Gamma^-1 U Lambda^(1/2). A factor of g does not change W.

    word2vec's G is not of rank one. Here ``g = G 1 / (1^T G 1)^(1/2)``, which is exact for rank one
    and leaves every word its share of the weights. The fit of least squares, the leading eigenpair
    of G, is hardly better; that of log G is worse at a large V, since rare pairs count in it as
    much as common ones.

    Raises:
        UserError: the pair weights of a word vanish, or are not finite numbers.
    """
    with np.errstate(all="ignore"):
        seen, centre, context = word2vec_pairs(p, negative, subsample, negative_power)
        sums = np.add(*row_sums(p.rows, p.columns, seen, centre, context))
        weights = sums / sums.mean()
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if bad.size:
        raise UserError(
            f"target prop2: the pair weights of word {bad[0] + 1} sum to {sums[bad[0]]:g}: expected"
            f" a number > 0 (subsample {subsample:g}, negative_power {negative_power:g})"
        )
    return np.asarray(weights)


def cells(
    name: str,
    p: Probabilities,
    negative: float = 1.0,
    *,
    pmi_floor: float = 1e-25,
    kappa: float = 0.0,
    subsample: float = 1e-5,
    negative_power: float = 0.75,
) -> tuple[Array, Absent]:
    """Return the named target at the stored cells, and its value elsewhere, without its `scale`.

    Raises:
        UserError: ``name`` is not one of `TARGETS`.
    """
    if name == "mstar":
        return mstar_cells(p, negative)
    if name == "mstar_kappa":
        return mstar_kappa_cells(p, negative, kappa)
    if name == "pmi":
        return pmi_cells(p, pmi_floor)
    if name == "ppmi":
        return ppmi_cells(p)
    if name == "prop2":
        return word2vec_cells(p, negative, subsample, negative_power)
    raise UserError(f"target {name!r}: expected one of {', '.join(TARGETS)}")


def scale(name: str, p: Probabilities, negative: float = 1.0, **options: float) -> Array | None:
    """Return s (V,) if the named target is ``diag(s) M diag(s)`` with M of `cells`, else None.

    That of Proposition 2 is Gamma M Gamma: s is the square root of `word_weights`.

    Args:
        name, p, negative, options: as of `cells`.
    """
    if name != "prop2":
        return None
    own = {key: options[key] for key in ("subsample", "negative_power") if key in options}
    return np.sqrt(word_weights(p, negative, **own))


def dense(
    name: str,
    p: Probabilities,
    negative: float = 1.0,
    dtype: Any = np.float64,
    **options: float,
) -> NDArray[Any]:
    """Return the named target as a dense symmetric (V, V) matrix; arguments as of `cells`."""
    scaled = scale(name, p, negative, **options)
    values, absent = cells(name, p, negative, **options)
    if callable(absent):
        matrix = np.empty((p.vocabulary_size, p.vocabulary_size), dtype=dtype)
        for row, probability in zip(matrix, p.unigram, strict=True):
            row[:] = absent(probability * p.unigram)
        matrix[p.rows, p.columns] = values
        matrix[p.columns, p.rows] = values
    else:
        matrix = p.symmetric(values, absent, dtype)
    if scaled is not None:
        matrix *= scaled[:, None]
        matrix *= scaled
    return matrix
