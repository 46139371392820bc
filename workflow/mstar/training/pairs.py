"""Minibatches of word pairs, drawn from the counts and weighted to represent a loss.

Positive pairs follow the skip-gram distribution P_ij = C_ij / sum(C), negative pairs that of
independent words, P_i P_j, for every weighting. A pair has the weight Psi+ = A_ij / P_ij or
Psi- = B_ij / (P_i P_j), with A and B of `mstar.dynamics.weightings.Weights`, so the mean over
minibatches is the expected gradient of the loss. The authors train in this way, except that they
take pairs from the text in order (see `mstar.training.text_pairs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mstar.counts.targets import Probabilities
from mstar.dynamics.weightings import Weights
from mstar.machine.arrays import Array

Words = NDArray[np.int32]
Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Alias:
    """Walker's table for drawing from a discrete distribution by a random slot and a comparison.

    Attributes:
        threshold: (n,) probability that a slot gives its own index.
        other: (n,) index that the slot gives otherwise.
    """

    threshold: Singles
    other: Words

    @staticmethod
    def of(law: Array) -> Alias:
        """Return the table of probabilities ``law`` (n,), which need not sum to 1.

        It is built by prefix sums instead of Vose's loop ("PSA" of Hübschle-Schneider and Sanders,
        2019). Entries below the mean have a deficit, the others an excess. The deficits laid end to
        end are covered by the excesses laid end to end; the owner of an excess that ends inside a
        deficit falls below the mean itself and is topped up by the next owner.
        """
        scaled = law * (law.size / law.sum())
        low = scaled < min(1.0, scaled.max())  # rounding may leave every entry below 1
        light, heavy = np.flatnonzero(low), np.flatnonzero(~low)
        threshold, other = np.where(low, scaled, 1.0), np.arange(law.size, dtype=np.int32)
        if light.size:
            excess = np.cumsum(scaled[heavy] - 1.0)
            deficit = np.concatenate([[0.0], np.cumsum(1.0 - scaled[light])])
            covering = np.searchsorted(excess, deficit[:-1], side="right")
            other[light] = heavy[np.minimum(covering, heavy.size - 1)]
            # the end of the deficit in which each excess ends, and its distance from there
            ends = np.searchsorted(deficit, excess[:-1], side="left")
            over = deficit[np.minimum(ends, light.size)] - excess[:-1]
            threshold[heavy[:-1]] = np.clip(1.0 - over, 0.0, 1.0)
            other[heavy[:-1]] = heavy[1:]
        return Alias(threshold.astype(np.float32), other)

    def draw(self, count: int, rng: np.random.Generator) -> Words:
        """Draw indices (count,) from the distribution."""
        slot = rng.integers(self.other.size, size=count, dtype=np.int32)
        uniform = rng.random(count, dtype=np.float32)
        return np.where(uniform < self.threshold[slot], slot, self.other[slot])


@dataclass(frozen=True)
class Pairs:
    """A minibatch: as many positive pairs as negative ones.

    Attributes:
        left, right: (2 batch,) word ids, positive pairs first. Centre and context are not
            distinguished, since with tied weights the gradient is symmetric in them.
        weight: (2 batch,) Psi+ of a positive pair, -Psi- of a negative one.
    """

    left: Words
    right: Words
    weight: Singles


class Draws(Protocol):
    """Sampler of `Pairs` of ``size`` = V words, a function of ``seed`` and ``step``."""

    size: int

    def draw(self, batch: int, seed: int, step: int) -> Pairs:
        """Draw ``batch`` positive pairs and as many negative ones."""


def generator(seed: int, step: int) -> np.random.Generator:
    """Return the generator of a step, with Philox's counter, so that training resumes anywhere."""
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, step]))


def pair_weights(p: Probabilities, weights: Weights) -> tuple[Singles, Singles]:
    """Return Psi+ = A_ij / P_ij (nnz,) of the stored cells, and Psi- = B_ij / (P_i P_j) (V, V)."""
    negative = weights.negative
    joint = weights.total[p.rows, p.columns] - negative[p.rows, p.columns]
    negative /= p.unigram
    negative /= p.unigram[:, None]
    return (joint / p.joint).astype(np.float32), negative.astype(np.float32)


class Sampler:
    """Sampler of `Pairs` from the counts.

    Attributes:
        size: V.
        cells: distribution of the stored cells (upper triangle): 2 P_ij, and P_ii on the diagonal.
        words: distribution P_i of the words.
        rows, columns: (nnz,) words of the cells.
        positive: (nnz,) Psi+ of the cells.
        negative: (V, V) Psi-.
    """

    def __init__(self, p: Probabilities, weights: Weights) -> None:
        self.size = p.vocabulary_size
        self.rows, self.columns = p.rows, p.columns
        self.cells = Alias.of(np.where(p.rows == p.columns, 1.0, 2.0) * p.joint)
        self.words = Alias.of(p.unigram)
        self.positive, self.negative = pair_weights(p, weights)

    def draw(self, batch: int, seed: int, step: int) -> Pairs:
        """Draw ``batch`` positive pairs and as many negative ones, by ``seed`` and ``step``."""
        rng = generator(seed, step)
        cells = self.cells.draw(batch, rng)
        first, second = self.words.draw(batch, rng), self.words.draw(batch, rng)
        return Pairs(
            np.concatenate([self.rows[cells], first]),
            np.concatenate([self.columns[cells], second]),
            np.concatenate([self.positive[cells], -self.negative[first, second]]),
        )
