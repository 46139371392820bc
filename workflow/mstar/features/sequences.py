"""The geometry of words that have an order: rings, such as months, and lines, such as numbers.

If counts of two words depend on their distance in the sequence alone, the sequence's block of M* is
circulant (ring) or Toeplitz (line), its eigenvectors are Fourier modes, and the words lie on a
circle, or on an arc, in the order of the sequence (Karkada, Korchinski, Nava, Wyart and Bahri,
arXiv 2602.15029). Every statistic here is compared with its values for permuted labels, which keep
the words and forget their order, and for random words of like frequency.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import rankdata

from mstar.counts.targets import Probabilities, mstar_cells
from mstar.features.null_families import RANDOM, NoMatch, random_words
from mstar.features.ordered_words import (
    ALIGNED,
    EXPLAINED,
    FIRST_MODE,
    NEARER,
    PERMUTED,
    PROBED_POSITION,
    WINDING,
)
from mstar.machine.arrays import Array
from mstar.statistics.estimates import holm

Shape = Literal["ring", "line"]
# Fewer words have no statistics: of 5 words on a ring, 10 of 120 orders are the right one.
FEWEST_WORDS = 5
MODES = 6  # Fourier modes of which the share is tabulated
PROBED = 5  # principal components that a linear probe sees
# panel: plane (coordinates x, y of a word, and its position), distance (x: distance in sequence, y:
# mean M*_ij), modes (x: number of the mode, y: its share of the words' variance), statistic (name,
# y) or missing (note); low, high: 95 % range of y in the ``null``; null_pass: share of its draws
# that reach y, the text itself counted among them; holm: this share adjusted for all statistics
# with the same null, `WINDING` apart.
COLUMNS = [
    "sequence", "shape", "panel", "name", "position", "x", "y", "null", "low", "high", "null_pass",
    "holm", "note",
]  # fmt: skip


@dataclass(frozen=True)
class Ordered:
    """Words of a sequence that are in the vocabulary.

    Attributes:
        name: of the sequence.
        shape: whether the last word is followed by the first.
        words: (n,) the words, in order.
        ids: (n,) their places in the vocabulary.
        positions: (n,) their places in the sequence, from 0.
        length: N, number of words of the whole sequence.
        fitted: (n,) whether a word takes part in fitting the plane in which all are drawn.
    """

    name: str
    shape: Shape
    words: tuple[str, ...]
    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    length: int
    fitted: NDArray[np.bool_]

    def distances(self) -> NDArray[np.int64]:
        """Return the distances (n, n) in the sequence, on a ring the shorter way round."""
        apart = np.abs(np.subtract.outer(self.positions, self.positions))
        return np.minimum(apart, self.length - apart) if self.shape == "ring" else apart


def ordered(
    name: str,
    shape: Shape,
    sequence: Sequence[str],
    vocabulary: Sequence[str],
    apart: Collection[str],
) -> Ordered:
    """Return the words of ``sequence`` that are in the ``vocabulary``.

    Args:
        name, shape: as in `Ordered`.
        sequence: words in order.
        vocabulary: words, most frequent first.
        apart: words that mostly mean something else, such as "may"; they do not fit the plane.
    """
    place = {word: i for i, word in enumerate(vocabulary)}
    known = [(i, word) for i, word in enumerate(sequence) if word in place]
    words = tuple(word for _, word in known)
    return Ordered(
        name,
        shape,
        words,
        np.array([place[word] for word in words], dtype=np.int64),
        np.array([i for i, _ in known], dtype=np.int64),
        len(sequence),
        np.array([word not in apart for word in words], dtype=bool),
    )


def fourier(sequence: Ordered) -> list[Array]:
    """Return an orthonormal basis (n, 1 or 2) of each Fourier mode at the words' positions.

    Mode h of a ring of N has cos and sin of 2 pi h p / N, and that of a line, whose ends are open,
    cos of pi h (p + 1/2) / N, at positions p. If words are missing, each mode is made orthogonal to
    the mean and to the modes before it; modes end when they span all n - 1 dimensions.
    """
    n, p = len(sequence.words), sequence.positions
    columns = [np.ones((n, 1))]
    for h in range(1, sequence.length):
        if sequence.shape == "line":
            columns.append(np.cos(np.pi * h * (p[:, None] + 0.5) / sequence.length))
        elif 2 * h <= sequence.length:
            angle = 2 * np.pi * h * p / sequence.length
            both = [np.cos(angle)] + ([np.sin(angle)] if 2 * h < sequence.length else [])
            columns.append(np.stack(both, axis=1))
    before, modes = columns[0] / np.sqrt(n), []
    for column in columns[1:]:
        rest = column - before @ (before.T @ column)
        left, values, _ = np.linalg.svd(rest, full_matrices=False)
        kept = left[:, values > 1e-9 * np.sqrt(n)]
        if kept.size:
            modes.append(kept)
            before = np.hstack([before, kept])
    return modes


def mode_shares(vectors: Array, modes: Sequence[Array]) -> Array:
    """Return the share of each mode in the variance of ``vectors`` (n, d) over their words."""
    centred = vectors - vectors.mean(axis=0)
    powers = np.array([float(((mode.T @ centred) ** 2).sum()) for mode in modes])
    return np.asarray(powers / float((centred**2).sum()))


def by_distance(block: Array, distances: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array]:
    """Return the distances > 0 that occur, and the mean of ``block`` (n, n) at each."""
    upper = np.triu_indices(len(block), 1)
    found, place = np.unique(distances[upper], return_inverse=True)
    return found, np.bincount(place, block[upper]) / np.bincount(place)


def explained(block: Array, distances: NDArray[np.int64]) -> float:
    """Return the share of the variance of ``block`` (n, n), its diagonal apart, due to distance.

    This is R^2 of the nearest circulant or Toeplitz matrix, and 0 if all entries are equal.
    """
    upper = np.triu_indices(len(block), 1)
    values = block[upper]
    if np.ptp(values) == 0:
        return 0.0
    found, means = by_distance(block, distances)
    rest = values - means[np.searchsorted(found, distances[upper])]
    return 1 - float(rest @ rest) / float(((values - values.mean()) ** 2).sum())


def rank_correlation(block: Array, distances: NDArray[np.int64]) -> float:
    """Return Spearman's correlation of ``block`` (n, n) with the distances; 0 if it is constant."""
    upper = np.triu_indices(len(block), 1)
    if np.ptp(block[upper]) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(block[upper]), rankdata(distances[upper]))[0, 1])


def reduced(vectors: Array) -> Array:
    """Return centred ``vectors`` (n, d) in the fewest dimensions that keep their distances."""
    left, values, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    return np.asarray(left * values)


def plane(vectors: Array, fitted: NDArray[np.bool_]) -> Array:
    """Return coordinates (n, 2) of ``vectors`` (n, d) along the two principal components of some.

    Args:
        vectors: of the words.
        fitted: (n,) the words whose mean and principal components these are.
    """
    centre = vectors[fitted].mean(axis=0)
    _, _, right = np.linalg.svd(vectors[fitted] - centre, full_matrices=False)
    return np.asarray((vectors - centre) @ right[:2].T)


def angles(coordinates: Array) -> Array:
    """Return the angles (n,) of ``coordinates`` (n, 2) about the origin."""
    return np.asarray(np.arctan2(coordinates[:, 1], coordinates[:, 0]))


def winding(turned: Array) -> int:
    """Return how often the closed path through the angles ``turned`` (n,) goes round the origin.

    Each step takes the shorter way. The sign is the direction.
    """
    steps = np.angle(np.exp(1j * np.diff(np.append(turned, turned[0]))))
    return round(float(steps.sum()) / (2 * np.pi))


def alignment(turned: Array, sequence: Ordered) -> float:
    """Return how closely angles ``turned`` (n,) follow the ring, from 0 to 1 (exactly).

    It is the length of the mean of exp(i (theta_j -+ 2 pi p_j / N)), in the better direction.
    """
    ring = 2 * np.pi * sequence.positions / sequence.length
    return float(max(abs(np.exp(1j * (turned + side * ring)).mean()) for side in (-1, 1)))


def probe(vectors: Array, positions: NDArray[np.int64]) -> float:
    """Return R^2 of the position of each word, predicted linearly from the others.

    The words' first `PROBED` principal components (at most n / 3) are all that the least-squares
    fit sees; each word in turn is left out of it. It is negative if the mean position is a better
    guess.
    """
    n = len(vectors)
    centred = vectors - vectors.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    seen = min(PROBED, n // 3)
    x = np.column_stack([np.ones(n), left[:, :seen] * values[:seen]])
    hat = x @ np.linalg.pinv(x)
    p = positions.astype(np.float64)
    # The error of a least-squares fit at a point left out, from the fit to all points.
    errors = (p - hat @ p) / (1 - np.diag(hat))
    means = (p.mean() * n - p) / (n - 1)
    return 1 - float(errors @ errors) / float(((p - means) ** 2).sum())


def statistics(vectors: Array, block: Array, sequence: Ordered) -> dict[str, float]:
    """Return the statistics of a sequence: the larger, the better they follow its order.

    Args:
        vectors: (n, d) of its words.
        block: (n, n) of M*.
        sequence: the words.
    """
    distances = sequence.distances()
    found = {
        NEARER: -rank_correlation(block, distances),
        EXPLAINED: explained(block, distances),
        FIRST_MODE: float(mode_shares(vectors, fourier(sequence)[:1])[0]),
    }
    if sequence.shape == "ring":
        turned = angles(plane(vectors, sequence.fitted))
        found[WINDING] = float(abs(winding(turned)) == 1)
        found[ALIGNED] = alignment(turned, sequence)
    else:
        found[PROBED_POSITION] = probe(vectors, sequence.positions)
    return found


Blocks = Callable[[NDArray[np.int64]], Array]


def mstar_blocks(p: Probabilities, negative: float = 1.0) -> Blocks:
    """Return a function from word ids (n,) to their block (n, n) of M*, which is never dense."""
    values, absent = mstar_cells(p, negative)
    shape = (p.vocabulary_size, p.vocabulary_size)
    upper = csr_array((values - absent, (p.rows, p.columns)), shape=shape)

    def block(ids: NDArray[np.int64]) -> Array:
        half = upper[ids][:, ids].toarray()
        return np.asarray(half + half.T - np.diag(np.diag(half)) + absent)

    return block


def measure(
    sequences: Sequence[Ordered],
    embedding: Array,
    block_of: Blocks,
    counts: NDArray[np.int64],
    draws: int,
    random_draws: int,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the geometry of each sequence, with its nulls, in `COLUMNS`.

    Args:
        sequences: those to measure.
        embedding: (V, d), such as svd(M*).
        block_of: returns the block (n, n) of M* of given words.
        counts: (V,) occurrences of the words, in descending order.
        draws: permutations of the labels.
        random_draws: sets of random words of like frequency.
        seed: of the draws.
    """
    excluded = {int(i) for sequence in sequences for i in sequence.ids}
    rows: list[dict[str, Any]] = []
    for sequence in sequences:
        for row in _measured(
            sequence, embedding, block_of, counts, excluded, draws, random_draws, seed
        ):
            rows.append({"sequence": sequence.name, "shape": sequence.shape, **row})
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    tested = (table["panel"] == "statistic") & (table["name"] != WINDING)
    for _, own in table[tested].groupby("null"):
        table.loc[own.index, "holm"] = holm(own["null_pass"].to_numpy(dtype=np.float64))
    return table


def _measured(
    sequence: Ordered,
    embedding: Array,
    block_of: Blocks,
    counts: NDArray[np.int64],
    excluded: Collection[int],
    draws: int,
    random_draws: int,
    seed: int,
) -> Iterator[dict[str, Any]]:
    n = len(sequence.words)
    note = f"{n} of {sequence.length} words in the vocabulary"
    if n < FEWEST_WORDS or sequence.fitted.sum() < 3:
        yield {"panel": "missing", "note": note}
        return
    vectors, block = reduced(embedding[sequence.ids]), block_of(sequence.ids)
    for word, position, (x, y) in zip(
        sequence.words, sequence.positions, plane(vectors, sequence.fitted), strict=True
    ):
        yield {"panel": "plane", "name": word, "position": position, "x": x, "y": y}
    rng = np.random.default_rng([seed, zlib.crc32(sequence.name.encode())])
    orders = np.array([rng.permutation(n) for _ in range(draws)])
    distances, modes = sequence.distances(), fourier(sequence)[:MODES]
    places, means = by_distance(block, distances)
    null = np.array([by_distance(block[np.ix_(o, o)], distances)[1] for o in orders])
    yield from _curve("distance", places, means, null)
    # Labels are permuted by permuting the words below them.
    shares = np.array([mode_shares(vectors[o], modes) for o in orders])
    yield from _curve("modes", np.arange(1, len(modes) + 1), mode_shares(vectors, modes), shares)
    found = statistics(vectors, block, sequence)
    if np.ptp(block[np.triu_indices(n, 1)]) == 0:  # the words never co-occur
        del found[NEARER], found[EXPLAINED]
    permuted = [
        statistics(vectors[o], block[np.ix_(o, o)], _relabelled(sequence, o)) for o in orders
    ]
    for name, value in found.items():
        yield _statistic(name, value, PERMUTED, [draw[name] for draw in permuted], note)
    pairs = np.stack([sequence.ids[:-1], sequence.ids[1:]], axis=1)
    try:
        drawn = random_words(pairs, counts, excluded, random_draws, rng).pairs
    except NoMatch as reason:
        yield {"panel": "statistic", "null": RANDOM, "note": str(reason)}
        return
    sets = np.column_stack([drawn[:, :, 0], drawn[:, -1, 1]])
    others = [statistics(reduced(embedding[ids]), block_of(ids), sequence) for ids in sets]
    for name, value in found.items():
        yield _statistic(name, value, RANDOM, [draw[name] for draw in others], note)


def _relabelled(sequence: Ordered, order: NDArray[np.int64]) -> Ordered:
    """Return ``sequence`` with its words in another ``order``, at the same positions."""
    return replace(
        sequence,
        words=tuple(sequence.words[i] for i in order),
        ids=sequence.ids[order],
        fitted=sequence.fitted[order],
    )


def _curve(panel: str, x: Any, y: Array, null: Array) -> Iterator[dict[str, Any]]:
    low, high = np.quantile(null, [0.025, 0.975], axis=0)
    for values in zip(x, y, low, high, strict=True):
        yield {
            "panel": panel,
            "null": PERMUTED,
            **dict(zip(("x", "y", "low", "high"), values, strict=True)),
        }


def _statistic(name: str, value: float, null: str, draws: Any, note: str) -> dict[str, Any]:
    drawn = np.asarray(draws, dtype=np.float64)
    low, high = np.quantile(drawn, [0.025, 0.975])
    # The text itself is one of its permutations.
    passed = (1 + float((drawn >= value - 1e-12).sum())) / (1 + len(drawn))
    return {
        "panel": "statistic", "name": name, "y": value, "null": null, "low": low, "high": high,
        "null_pass": passed, "note": note,
    }  # fmt: skip
