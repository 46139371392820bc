"""Minibatches of word pairs drawn from the text, with the distribution of the counts.

A positive pair is a position and a distance j. All positions of the text and all L (L+1)/2 units of
window weight (L + 1 - j for distance j) are equally likely, and a draw outside a document or on a
removed word is repeated. So pairs are drawn in proportion to the window weight with which they are
counted, and the pairs of a batch are independent. Negative pairs are the words of two independent
positions.

The authors draw differently (`qwem.py`). They take random documents until the batch is full; of
each, every 20th position from a random one of the first 20, except the last L + 1 positions, with
every third distance from a random one of the first three. A pair then has the weight
(L + 1 - j) / ((L + 1) / 2) instead of a probability in that proportion. Their negative pairs are
every fifth word of random documents, in random order, with the centres of the positive pairs. Five
or six consecutive pairs share a word, and many share a document, so gradients are noisier than the
batch size suggests, by an amount that depends on the documents; and a document of more than
60 batch / L words is never read to its end. This module therefore draws independent positions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.encoded_text import EncodedText, open_text
from mstar.counts.layout import lay_out
from mstar.counts.targets import Probabilities
from mstar.dynamics.weightings import Weights
from mstar.training.pairs import Pairs, Words, generator, pair_weights

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Stream:
    """A text laid out so that no window reaches from one document into the next.

    Attributes:
        words: (n,) ids; values of ``size`` or more are fillers, with L around every document.
        size: V.
        window: L.
    """

    words: NDArray[Any]
    size: int
    window: int

    @staticmethod
    def of(
        text: EncodedText,
        size: int,
        window: int,
        out_of_vocabulary: str = "removed",
    ) -> Stream:
        """Lay out documents as `mstar.counts.counting.count` does before it counts them."""
        longest = text.size + text.offsets.size * window
        words = np.empty(longest, np.uint16 if size + window <= 1 << 16 else np.uint32)
        keep, end = out_of_vocabulary == "gap", window
        for tokens, offsets in text.parts():
            seen, lengths = np.zeros((1, size), np.int64), np.empty(offsets.size - 1, np.int64)
            plain = np.asarray(tokens)  # a mapped file is still read from disk as it is used
            # The fillers after one part are those before the next.
            room = words[end - window :]
            laid = lay_out(plain, offsets, size, window, keep, longest, room, seen, lengths)
            end += laid - window
        return Stream(words[:end].copy(), size, window)

    @property
    def proposals(self) -> int:
        """Number n L (L+1) / 2 of equally likely proposals of a pair."""
        return self.words.size * self.window * (self.window + 1) // 2

    def pairs(self, proposals: Numbers) -> tuple[Words, Words]:
        """Return the earlier and the later words of the valid ``proposals``.

        Args:
            proposals: integers from 0 up to, but not including, the property `proposals`.
        """
        distances = np.arange(1, self.window + 1)
        distances = np.repeat(distances, distances[::-1])
        at, unit = np.divmod(proposals, distances.size)
        earlier = self.words[at]
        inside = np.flatnonzero(earlier < self.size)
        # The L fillers at the end keep this within the text.
        later = self.words[at[inside] + distances[unit[inside]]]
        paired = later < self.size
        return earlier[inside][paired].astype(np.int32), later[paired].astype(np.int32)

    def singles(self, places: Numbers) -> Words:
        """Return the words at ``places`` (0 to n - 1), without fillers."""
        words = self.words[places]
        return words[words < self.size].astype(np.int32)


class TextSampler:
    """Sampler of `Pairs` from a `Stream`, weighted as `mstar.training.pairs.Sampler` weights them.

    Attributes:
        size: V.
        stream: the text that was counted.
        positive, negative: (V, V) Psi+ (0 for a pair never seen) and Psi-.
    """

    def __init__(self, p: Probabilities, weights: Weights, stream: Stream) -> None:
        self.size, self.stream = p.vocabulary_size, stream
        seen, self.negative = pair_weights(p, weights)
        self.positive = p.symmetric(seen.astype(np.float64), dtype=np.float32)

    def draw(self, batch: int, seed: int, step: int) -> Pairs:
        """Draw ``batch`` positive pairs and as many negative ones, by ``seed`` and ``step``."""
        rng = generator(seed, step)
        stream = self.stream
        left, right = _fill(batch, stream.proposals, stream.pairs, rng)
        (words,) = _fill(2 * batch, stream.words.size, lambda n: (stream.singles(n),), rng)
        first, second = words[:batch], words[batch:]
        return Pairs(
            np.concatenate([left, first]),
            np.concatenate([right, second]),
            np.concatenate([self.positive[left, right], -self.negative[first, second]]),
        )


def _fill(
    count: int, high: int, made: Callable[[Numbers], tuple[Words, ...]], rng: np.random.Generator
) -> list[Words]:
    """Return the first ``count`` results of ``made`` for uniform random integers below ``high``."""
    parts: list[tuple[Words, ...]] = []
    left = count
    while left > 0:
        # Most proposals are valid, unless documents are short.
        parts.append(made(rng.integers(high, size=left + left // 8 + 16)))
        left -= parts[-1][0].size
    return [np.concatenate(part)[:count] for part in zip(*parts, strict=True)]


def read(
    files: Sequence[str | Path], size: int, window: int, out_of_vocabulary: str
) -> Stream | None:
    """Read a stream from the ``files`` of an encoded text; None if there are none.

    Raises:
        UserError: a file is missing or damaged.
    """
    if not files:
        return None
    return Stream.of(open_text(files, size), size, window, out_of_vocabulary)
