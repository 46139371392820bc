"""Families of word pairs without their relation, as nulls for the statistics of task vectors.

Two nulls answer two questions about a family of N pairs (a, b):

- *random words*: each word is replaced by a random one of like frequency that belongs to no
  family. What would any N pairs of such words give?
- *shuffled partners*: the words b are permuted among the pairs. What does the difference between
  the class of the a's and the class of the b's give, without the pairing? Permutations are uniform
  over all N!, so that one pair on average stays as it was: only the whole group makes the
  permutation test exact. The mean task vector is that of the family, so what depends on nothing
  else (localisation, participation) has no such null.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.machine.arrays import Array

RANDOM, SHUFFLED = "random words", "shuffled partners"
NULLS = (RANDOM, SHUFFLED)
# A word is replaced by one of the candidates of nearest frequency, ties included, all within a
# factor of its own frequency. A word with fewer candidates than the fewest has no match.
CANDIDATES = 50
FEWEST_CANDIDATES = 5
FACTOR = 2.0
TRIES = 1000


class NoMatch(Exception):
    """A family that has no draws of a null; the message says why."""


@dataclass(frozen=True)
class Draws:
    """Draws of one null of a family of N pairs.

    Attributes:
        words: (sets, 2N) row ids a_1..a_N, b_1..b_N: a set for each draw, or one for all of them.
        partners: (draws, N) which b of the set is the partner of each a.
    """

    words: NDArray[np.int64]
    partners: NDArray[np.int64]

    @property
    def pairs(self) -> NDArray[np.int64]:
        """Pairs (draws, N, 2) of row ids (a, b)."""
        draws, n = self.partners.shape
        words = np.broadcast_to(self.words, (draws, 2 * n))
        return np.stack([words[:, :n], np.take_along_axis(words, n + self.partners, 1)], axis=2)


def generator(family: str, null: str, seed: int) -> np.random.Generator:
    """Return the random numbers of one null of a family, whatever other families there are."""
    return np.random.default_rng([seed, zlib.crc32(f"{family}: {null}".encode())])


def random_words(
    pairs: NDArray[np.int64],
    counts: NDArray[np.int64],
    excluded: Collection[int],
    draws: int,
    generator: np.random.Generator,
) -> Draws:
    """Draw families of random words with the frequencies of a family's.

    Distinct words are replaced by distinct words, and a word in several pairs by one word in all of
    them, so that the pairs share words as the family's do. A word is replaced by one of the
    `CANDIDATES` whose log counts are nearest to its own (those as near as the last included).

    Args:
        pairs: (N, 2) row ids of the family.
        counts: (V,) occurrences of the words, in descending order.
        excluded: row ids that are no candidates, such as the words of all families.
        draws: number of families.
        generator: source of randomness.

    Raises:
        NoMatch: the family has fewer than `FEWEST_PAIRS` pairs, or a word has fewer than
            `FEWEST_CANDIDATES` candidates with a count within a `FACTOR` of its own.
    """
    _check_pairs(pairs)
    candidates = np.setdiff1d(np.arange(len(counts)), np.fromiter(excluded, np.int64))
    logs = np.log(np.asarray(counts, dtype=np.float64))
    words, place = np.unique(pairs, return_inverse=True)
    first, last = _ranges(logs[words], logs[candidates])
    if (last - first).min() < FEWEST_CANDIDATES:
        raise NoMatch("no words of like frequency outside the families")
    chosen = np.full((draws, len(words)), -1, dtype=np.int64)
    # Words with the fewest candidates come first, since they have the least choice.
    for word in np.argsort(last - first, kind="stable"):
        open_ = np.arange(draws)
        for _ in range(TRIES):
            chosen[open_, word] = -1
            drawn = candidates[generator.integers(first[word], last[word], len(open_))]
            taken = (chosen[open_] == drawn[:, None]).any(axis=1)
            chosen[open_, word] = drawn
            open_ = open_[taken]
            if not len(open_):
                break
        else:
            raise NoMatch("too few words of like frequency outside the families")
    ends = chosen[:, place.reshape(pairs.shape)]
    order = np.broadcast_to(np.arange(len(pairs)), (draws, len(pairs)))
    return Draws(np.concatenate([ends[:, :, 0], ends[:, :, 1]], axis=1), order)


def _ranges(logs: Array, among: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the range of candidates of each word, in the descending log counts ``among`` (m,)."""
    if not len(among):
        return np.zeros(len(logs), np.int64), np.zeros(len(logs), np.int64)
    kept = min(CANDIDATES, len(among)) - 1
    far = np.array([np.partition(np.abs(among - log), kept)[kept] for log in logs])
    far = np.minimum(far, np.log(FACTOR)) + 1e-9  # no two counts are so close
    first, last = (np.searchsorted(-among, -(logs + side * far)) for side in (1, -1))
    return first.astype(np.int64), last.astype(np.int64)


def shuffled_partners(
    pairs: NDArray[np.int64], draws: int, generator: np.random.Generator
) -> Draws:
    """Draw families whose partners are permuted, uniformly over all permutations.

    Args:
        pairs: (N, 2) row ids of the family.
        draws: number of families.
        generator: source of randomness.

    Raises:
        NoMatch: the family has fewer than `FEWEST_PAIRS` pairs.
    """
    _check_pairs(pairs)
    order = np.tile(np.arange(len(pairs)), (draws, 1))
    return Draws(pairs.T.reshape(1, -1), generator.permuted(order, axis=1))


def _check_pairs(pairs: NDArray[np.int64]) -> None:
    if len(pairs) < FEWEST_PAIRS:
        raise NoMatch(f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'}: too few")


def null_over_edge(gram: pd.DataFrame, fits: pd.DataFrame) -> dict[str, Array]:
    """Return the largest eigenvalue over the edge of its law (draws,), by null.

    Args:
        gram, fits: of `mstar.features.null_statistics`, of one family at one d.
    """
    largest = gram.groupby(["null", "draw"])["eigenvalue"].max()
    laws = fits.set_index(["null", "draw"])[["sigma2", "gamma"]].join(largest, how="inner")
    edge = laws["sigma2"] * (1 + np.sqrt(laws["gamma"])) ** 2
    ratio = (laws["eigenvalue"] / edge).groupby("null")
    return {str(null): own.to_numpy(dtype=np.float64) for null, own in ratio}
