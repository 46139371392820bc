"""Weightings of word2vec-like models: the weight of each pair of words in the loss.

A model weights every pair with ``A_ij = Psi+_ij P_ij`` (seen together) and ``B_ij = Psi-_ij P_i
P_j`` (negative samples); ``G = A + B``. A weighting is an entry in `WEIGHTINGS` with a function of
the probabilities, k and further options.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mstar.counts.targets import Probabilities, word2vec_pairs
from mstar.files.writing import UserError
from mstar.machine.arrays import Array


@dataclass(frozen=True)
class Weights:
    """Pair weights of a model: A on the seen cells (zero elsewhere), B on all cells.

    Attributes:
        difference: (V, V) A - B.
        total: (V, V) G = A + B.
        mean: mean(G) with Psi scaled as by the authors; here G is scaled to mean(G) = 1.
    """

    difference: Array
    total: Array
    mean: float = 1.0

    @property
    def positive(self) -> Array:
        """A (V, V)."""
        return (self.total + self.difference) / 2

    @property
    def negative(self) -> Array:
        """B (V, V)."""
        return (self.total - self.difference) / 2

    @property
    def constant(self) -> bool:
        """Whether G is constant, as under Setting 3.1."""
        return bool(np.ptp(self.total) == 0.0)


def setting31(p: Probabilities, negative: float) -> Weights:
    """Weight by Psi+ = 1/(P_ij + k P_i P_j) and Psi- = k Psi+ (Setting 3.1): G = 1 everywhere."""
    size = p.vocabulary_size
    independent = negative * p.independent
    difference = p.symmetric((p.joint - independent) / (p.joint + independent), absent=-1.0)
    return Weights(difference, np.ones((size, size)), (1.0 + negative) / size**2)


def unigram(p: Probabilities, negative: float) -> Weights:
    """Weight by Psi+ = 1/(P_i P_j) and Psi- = k Psi+, the authors' example.

    Psi does not depend on P_ij. A - B = P_ij/(P_i P_j) - k and G = P_ij/(P_i P_j) + k: the
    unconstrained minimum is still M*, but pairs are fitted more closely the more P_ij exceeds
    P_i P_j. The authors divide Psi by V^2; here mean(G) = 1.
    """
    ratio = p.symmetric(p.joint / p.independent)
    mean, cells = float(ratio.mean()) + negative, p.vocabulary_size**2
    return Weights((ratio - negative) / mean, (ratio + negative) / mean, mean / cells)


def word2vec(
    p: Probabilities, negative: float, subsample: float = 1e-5, negative_power: float = 0.75
) -> Weights:
    """Weight as word2vec does, symmetrised as in the paper's runs (App. A.3 and its code).

    Word i is kept with probability a_i = ``min(1, t/P_i + sqrt(t/P_i))``, t = ``subsample``, and
    negatives follow P_i^{power}, with n_i = P_i^{power}/P_i: ``Psi+_ij = a_i a_j`` and
    ``Psi-_ij = k (a_i n_j + a_j n_i)/2``, with a and n divided by their means over the vocabulary,
    so sum(B) is not k sum(A). G is then scaled to mean(G) = 1, which only rescales time.
    """
    seen, centre, context = word2vec_pairs(p, negative, subsample, negative_power)
    positive = p.symmetric(seen)
    drawn = 0.5 * (np.outer(centre, context) + np.outer(context, centre))
    mean = float((positive + drawn).mean())
    scale = 1.0 / mean
    return Weights(scale * (positive - drawn), scale * (positive + drawn), mean)


@dataclass(frozen=True)
class Weighting:
    """An entry of `WEIGHTINGS`.

    Attributes:
        weigh: returns `Weights` from `mstar.counts.targets.Probabilities`, k and the options.
        about: a few words for the description of the configuration.
    """

    weigh: Callable[..., Weights]
    about: str

    @property
    def options(self) -> tuple[str, ...]:
        """Keys of the section ``dynamics`` that `weigh` takes besides k."""
        return tuple(inspect.signature(self.weigh).parameters)[2:]


WEIGHTINGS = {
    "word2vec": Weighting(word2vec, "subsampling and negative sampling"),
    "setting31": Weighting(
        setting31, "the weights for which the loss is plain matrix factorisation of M*"
    ),
    "unigram": Weighting(unigram, "pairs count 1/(P_i P_j)"),
}


def named(name: str) -> Weighting:
    """Return the weighting of that name.

    Raises:
        UserError: ``name`` is not among `WEIGHTINGS`.
    """
    if name not in WEIGHTINGS:
        raise UserError(f"weighting {name!r}: expected one of {', '.join(WEIGHTINGS)}")
    return WEIGHTINGS[name]


def configured(p: Probabilities, settings: Mapping[str, Any]) -> Weights:
    """Return the pair weights of a run.

    Args:
        p: pair and word probabilities.
        settings: ``weighting``, ``negative`` and options of the weighting, which have defaults.

    Raises:
        UserError: the weighting is unknown.
    """
    weighting = named(settings["weighting"])
    given = {key: settings[key] for key in weighting.options if key in settings}
    return weighting.weigh(p, settings["negative"], **given)
