"""How word2vec-like models weight pairs of words: seen together, and drawn as negatives.

A model weights every pair with ``A_ij = Psi+_ij P_ij`` (seen together) and ``B_ij = Psi-_ij P_i
P_j`` (drawn as negatives); ``G = A + B``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mstar.counts.targets import Probabilities
from mstar.files.writing import UserError
from mstar.machine.arrays import Array

WEIGHTINGS = ("word2vec", "setting31", "unigram")


@dataclass(frozen=True)
class Weights:
    """Pair weights of a model: A on the seen cells (zero elsewhere), B on all cells.

    Attributes:
        difference: (V, V) A - B.
        total: (V, V) G = A + B.
        mean: what mean(G) is with Psi as the authors scale it; here mean(G) = 1.
    """

    difference: Array
    total: Array
    mean: float = 1.0

    @property
    def positive(self) -> Array:
        """A, (V, V)."""
        return (self.total + self.difference) / 2

    @property
    def negative(self) -> Array:
        """B, (V, V)."""
        return (self.total - self.difference) / 2


def setting31(p: Probabilities, negative: float) -> Weights:
    """Setting 3.1: Psi+ = 1/(P_ij + k P_i P_j) and Psi- = k Psi+, so that G = 1 everywhere."""
    size = p.vocabulary_size
    independent = negative * p.independent
    difference = p.symmetric((p.joint - independent) / (p.joint + independent), absent=-1.0)
    return Weights(difference, np.ones((size, size)), (1.0 + negative) / size**2)


def unigram(p: Probabilities, negative: float) -> Weights:
    """Psi+ = 1/(P_i P_j) and Psi- = k Psi+, which needs no P_ij beforehand (the authors' example).

    So A - B = P_ij/(P_i P_j) - k and G = P_ij/(P_i P_j) + k: the unconstrained minimum is still M*,
    but a pair is fitted the more closely the more often it is seen than chance would have it. The
    authors divide Psi by V^2; here mean(G) = 1.
    """
    ratio = p.symmetric(p.joint / p.independent)
    mean, cells = float(ratio.mean()) + negative, p.vocabulary_size**2
    return Weights((ratio - negative) / mean, (ratio + negative) / mean, mean / cells)


def word2vec(
    p: Probabilities, negative: float, subsample: float = 1e-5, negative_power: float = 0.75
) -> Weights:
    """word2vec's own weights, symmetrised as in the paper's runs (App. A.3 and its code).

    Word i is kept with probability ``min(1, t/P_i + sqrt(t/P_i))``; negatives follow P_i^{3/4}:
    ``Psi+_ij = a_i a_j`` and ``Psi-_ij = k (a_i n_j + a_j n_i)/2`` with a and n = P^{power}/P
    divided by their vocabulary means; so sum(B) is not k sum(A). The overall scale
    is then set to mean(G) = 1: it only rescales time.
    """
    ratio = subsample / p.unigram
    accept = np.minimum(1.0, ratio + np.sqrt(ratio))
    accept = accept / accept.mean()
    smooth = p.unigram**negative_power / p.unigram
    smooth = smooth / smooth.mean()
    positive = p.symmetric(p.joint * accept[p.rows] * accept[p.columns])
    centre, context = accept * p.unigram, smooth * p.unigram
    drawn = 0.5 * negative * (np.outer(centre, context) + np.outer(context, centre))
    mean = float((positive + drawn).mean())
    scale = 1.0 / mean
    return Weights(scale * (positive - drawn), scale * (positive + drawn), mean)


def weights(name: str, p: Probabilities, negative: float, **options: float) -> Weights:
    """The named weighting; ``options`` are those of `word2vec`.

    Raises:
        UserError: ``name`` is not one of `WEIGHTINGS`.
    """
    if name == "setting31":
        return setting31(p, negative)
    if name == "unigram":
        return unigram(p, negative)
    if name == "word2vec":
        return word2vec(p, negative, **options)
    raise UserError(f"weighting {name!r}: expected one of {', '.join(WEIGHTINGS)}")


def configured(p: Probabilities, settings: Mapping[str, Any]) -> Weights:
    """`weights` of a run's settings: ``weighting``, ``negative`` and the options it has."""
    options = ("subsample", "negative_power")
    given = {key: settings[key] for key in options if key in settings}
    return weights(settings["weighting"], p, settings["negative"], **given)
