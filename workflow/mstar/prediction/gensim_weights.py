"""What gensim's word2vec learns, from the text and its settings: its pair weights, clock and start.

gensim draws a window size uniformly from 1..L for every centre i and changes, for each context j
within it, the input vector of j and the output vectors of i and of k negatives o != i, each by the
learning rate times the gradient. With N_ji the expected number of these pairs in an epoch and q_o
the probability of a negative, the mean change per epoch at the rate alpha is alpha K C of W and
alpha K^T W of C, with

    K = A o sigma(-X) - B o sigma(X),    A = N,    B_jo = k (sum_i N_ji - N_jo) q_o.

Words are dropped before windows are formed, so N is counted on texts subsampled as gensim does.
gensim also skips pairs with |x| >= 6, which is neglected here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.encoded_text import EncodedText
from mstar.counts import counting
from mstar.counts.sampling import kept
from mstar.dynamics.weightings import Weights
from mstar.machine.arrays import Array

# gensim's min_alpha.
LAST_RATE = 1e-4


def pair_numbers(
    text: EncodedText,
    unigram: NDArray[np.int64],
    window: int,
    subsample: float,
    draws: int = 1,
    seed: int = 0,
) -> Array:
    """Return N (V, V), the mean number of pairs of one epoch (symmetric).

    Args:
        text: the encoded text.
        unigram: (V,) occurrences of the words of the vocabulary.
        window: L.
        subsample: gensim's ``sample``; 0 keeps every word.
        draws: texts subsampled, whose counts are averaged.
        seed: of the subsampling.
    """
    size = unigram.size
    accept = kept(unigram / unigram.sum(), subsample) if subsample else np.ones(size)
    chances = np.append(accept, 0.0)
    rng, total = np.random.default_rng(seed), np.zeros((size, size))
    for _ in range(draws):
        for tokens, offsets in text.parts():
            # Words that are dropped become the first word beyond the vocabulary.
            kept_or_not = rng.random(tokens.size) < chances[np.minimum(tokens, size)]
            left = np.where(kept_or_not, tokens, size).astype(np.uint32)
            counts = counting.count(left, offsets, size, window, types=size + 1)
            total += counts.dense(np.float64)
    # At distance j a window holds the context with probability (L + 1 - j) / L.
    return total / (draws * window)


def weights(
    pairs: Array, unigram: NDArray[np.int64], negative: float, negative_power: float
) -> Weights:
    """Return gensim's pair weights, rows for input and columns for output vectors.

    Args:
        pairs: (V, V) N of `pair_numbers`.
        unigram: (V,) occurrences of the words.
        negative: k.
        negative_power: gensim's ``ns_exponent``.

    Returns:
        Weights with mean(G) = 1; their ``mean`` is that of A + B, in pairs per epoch.
    """
    drawn = unigram.astype(np.float64) ** negative_power
    negatives = negative * (pairs.sum(axis=1)[:, None] - pairs) * (drawn / drawn.sum())
    mean = float((pairs + negatives).mean())
    return Weights((pairs - negatives) / mean, (pairs + negatives) / mean, mean)


def flow_time(passed: Array | float, mean: float, rate: float, epochs: int) -> Any:
    """Return the flow time of `mstar.dynamics.losses` after ``passed`` epochs.

    The rate falls linearly from alpha to `LAST_RATE` over all epochs. K of the losses is twice that
    of gensim and is divided by mean(A + B) here, so an epoch at the rate alpha covers
    alpha mean(A + B) / 2.

    Args:
        passed: epochs, whole or not.
        mean: mean(A + B), pairs per epoch.
        rate: alpha.
        epochs: number of all epochs.
    """
    passed = np.asarray(passed, dtype=np.float64)
    return 0.5 * mean * (rate * passed - (rate - LAST_RATE) * passed**2 / (2 * epochs))


def epochs_passed(time: Array | float, mean: float, rate: float, epochs: int) -> Any:
    """Return how many epochs have passed at a flow time, the inverse of `flow_time`.

    Args:
        time: flow time, at most that of all epochs.
        mean, rate, epochs: see `flow_time`.
    """
    areas = 2 * np.asarray(time, dtype=np.float64) / mean
    fall = (rate - LAST_RATE) / epochs
    # The smaller root of fall/2 x^2 - rate x + areas = 0, without cancellation.
    return 2 * areas / (rate + np.sqrt(np.maximum(rate**2 - 2 * fall * areas, 0.0)))


def start(size: int, dim: int, seed: int) -> Array:
    """Return a start as gensim draws it, (2V, d): W(0) uniform in +-1/d, and C(0) = 0."""
    inputs = np.random.default_rng(seed).uniform(-1.0 / dim, 1.0 / dim, (size, dim))
    return np.vstack([inputs, np.zeros_like(inputs)])


def symmetric(given: Weights) -> tuple[Array, Array]:
    """Return Proposition 2's matrix Gamma M Gamma (V, V) of the symmetric part, and its scale (V,).

    With A and B replaced by the means of themselves and their transposes, M = 2 (A - B) / (A + B)
    and Gamma = diag(g)^{1/2}, g of the row sums of G, as in `mstar.counts.targets.scale`.
    """
    total = (given.total + given.total.T) / 2
    scale = np.sqrt(total.sum(axis=1) / np.sqrt(total.sum()))
    matrix = (given.difference + given.difference.T) / total
    matrix *= scale[:, None] * scale
    return matrix, scale
