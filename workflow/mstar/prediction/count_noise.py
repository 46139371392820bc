"""The sampling noise of M*: how much of it counts have, and which features stand out of it.

Noise is measured as the difference of M* between halves of the text, D = (M_A - M_B) / sqrt(2), to
which what the text says contributes nothing: it has the noise of half of the text. Three models of
it predict the overlap of features with those of half of the text
(`mstar.statistics.variance_profile`), and from it the number of reproducible features
(`mstar.prediction.reproducibility`), without a look at the halves' own features:

- `INDEPENDENT`: pairs of words are drawn independently of each other. Each pair of the text is
  given to either half at random (`mstar.counts.surrogates.halved`), and S_ij is the mean of D_ij^2
  over words of like frequency.
- `BY_ENTRY`: S_ij is that of halves split by document, in which a pair that occurs in a document
  tends to occur in it again; different entries are independent.
- `ALONG`: entries are not independent either, since a document adds to all pairs of its topic. The
  noise that reaches feature k is rho_k = |D v_k|^2 / sum_ij S_ij v_jk^2 times that of the model
  before, and so, to first order, is 1 - c_k^2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.sparse import csr_array, triu
from scipy.sparse.linalg import eigsh

from mstar.counts import targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.meetings import moments
from mstar.counts.surrogates import halved
from mstar.machine.arrays import Array
from mstar.prediction import reproducibility
from mstar.prediction.noise_models import (
    ALONG,
    BY_ENTRY,
    FEATURES,
    FOLLOWED,
    FREQUENCY,
    HALVES,
    INDEPENDENT,
    KEPT,
    MEASURED,
    PAIRS,
    SHUFFLED,
    SIGNS,
)
from mstar.spectra.spectrum import Spectrum
from mstar.statistics.variance_profile import Noise, Outside

# panel: edge (name: matrix; y: largest eigenvalue that a model predicts, or the one measured),
# dispersion (x: count of a pair in independent pairs; y: variance between halves over that of
# independent pairs), along (x: feature; y: rho), overlap (x: feature; y: q), number (y: of
# reproducible features, low and high: its 95 % interval), best (y: of features with c^2 >= 1/2 in
# the whole text), category (name; y: best d) or missing (note). model: of the noise, or measured.
COLUMNS = ["panel", "name", "model", "x", "y", "low", "high", "note"]
GROUPS = 60
GRID = np.logspace(-8, 5, 157)  # expected meetings
SIGN = np.array([-1, 1], dtype=np.float32)
BINS = 2.0 ** np.arange(0, 17)  # counts, in independent pairs
BLOCK = 32  # vectors multiplied at once
FEWEST_WORDS = 10
Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Groups:
    """Words in groups of like frequency.

    Attributes:
        of: (V,) group of each word.
        sizes: (G,) words of each group.
    """

    of: NDArray[np.int64]
    sizes: Array

    @staticmethod
    def by_rank(size: int) -> Groups:
        """Group words by rank, most frequent first, evenly in log rank."""
        cuts = np.unique(np.geomspace(1, size, min(GROUPS, size)).round().astype(np.int64))
        sizes = np.diff(cuts, prepend=0)
        return Groups(np.repeat(np.arange(len(cuts)), sizes), sizes.astype(np.float64))

    def mean_squares(self, matrix: csr_array) -> Array:
        """Return the mean square (G, G) of the entries of a sparse ``matrix`` between groups."""
        words = np.arange(len(self.of))
        members = csr_array((np.ones(len(words)), (self.of, words)))
        sums = (members @ matrix.multiply(matrix) @ members.T).toarray()
        return np.asarray(sums / np.outer(self.sizes, self.sizes))

    def weights(self, vectors: Array) -> Array:
        """Return the squared length (K, G) of each column of ``vectors`` (V, K) in each group."""
        starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)
        return np.asarray(np.add.reduceat(vectors**2, starts, axis=0).T)


def unrelated(
    counts: Cooccurrence, groups: Groups, negative: float = 1.0, part: float = 1.0
) -> tuple[Noise, Array]:
    """Return the noise of M* if all words were unrelated, and the mean (G, G) of its entries.

    Args:
        counts: of a text, whose word frequencies and size are used.
        groups: of the words.
        negative: k.
        part: of the text that is counted.
    """
    p = targets.probabilities(counts)
    mean = np.bincount(groups.of, p.unigram) / groups.sizes
    meetings = 2.0 * part * counts.total / (counts.window + 1) * np.outer(mean, mean)
    known = [moments(float(m), counts.window, negative) for m in GRID]
    expected, variance, slope = (
        np.interp(np.log(meetings), np.log(GRID), m) for m in zip(*known, strict=True)
    )
    positions = part * counts.total / (counts.window * (counts.window + 1))
    noise = Noise(groups.sizes, variance, slope, counts.window, positions)
    return noise, np.asarray(expected)


def independent(noise: Noise) -> Noise:
    """Return ``noise`` without the correlation of entries that share a window."""
    return replace(noise, slope=np.empty((0, 0)))


def frequency_eigenvalue(noise: Noise, mean: Array) -> float:
    """Return the largest eigenvalue of noise with a ``mean`` (G, G); 0 if it is within the noise.

    It is the z at which the largest eigenvalue of g^1/2 mean g^1/2 is 1.
    """
    alone = independent(noise)
    edge = alone.edge()

    def beyond(z: float) -> float:
        root = np.sqrt(alone.resolvent(np.array([z]))[0][0] * noise.sizes)
        return float(np.linalg.eigvalsh(root[:, None] * mean * root)[-1]) - 1

    low, high = 1.001 * edge, edge + 4 * float(noise.sizes.sum())
    return float(brentq(beyond, low, high)) if beyond(low) > 0 else 0.0


def difference(first: Cooccurrence, second: Cooccurrence, negative: float = 1.0) -> csr_array:
    """Return D = (M_A - M_B) / sqrt(2), sparse (V, V), of the M* of two texts.

    Entries of pairs that neither has seen are 0.
    """
    upper = (_above_absent(first, negative) - _above_absent(second, negative)) * np.float32(
        0.5**0.5
    )
    return csr_array(upper + triu(upper, 1).T)


def _above_absent(counts: Cooccurrence, negative: float) -> csr_array:
    p = targets.probabilities(counts)
    values, absent = targets.mstar_cells(p, negative)
    shape = 2 * (p.vocabulary_size,)
    return csr_array(((values - absent).astype(np.float32), (p.rows, p.columns)), shape=shape)


def with_random_signs(matrix: csr_array, seed: int = 0) -> csr_array:
    """Return a symmetric sparse ``matrix`` with signs at random: with independent entries."""
    upper = csr_array(triu(matrix))
    signs = np.random.default_rng(seed).choice(SIGN, upper.data.size)
    signed = csr_array((upper.data * signs, upper.indices, upper.indptr), shape=upper.shape)
    return csr_array(signed + triu(signed, 1).T)


def largest_eigenvalue(matrix: csr_array) -> float:
    """Return the largest eigenvalue of a symmetric sparse matrix, to about 1e-3 of itself."""
    start = np.random.default_rng(0).standard_normal(matrix.shape[0])
    found = eigsh(matrix, 1, which="LA", return_eigenvectors=False, tol=1e-3, v0=start)
    return float(found[0])


def along(matrix: csr_array, variance: Array, groups: Groups, vectors: Array) -> Array:
    """Return rho (K,): |D v|^2 over its mean for independent entries of the given variance.

    Args:
        matrix: D.
        variance: (G, G) of its entries.
        groups: of the words.
        vectors: (V, K) unit vectors v.
    """
    expected = groups.weights(vectors) @ (variance @ groups.sizes)
    length = [
        ((matrix @ vectors[:, start : start + BLOCK]) ** 2).sum(axis=0)
        for start in range(0, vectors.shape[1], BLOCK)
    ]
    return np.asarray(np.concatenate(length) / expected)


def dispersion(first: Cooccurrence, second: Cooccurrence) -> tuple[Array, Array]:
    """Return counts n, the middles of bins, and the variance of halves of n over that of pairs.

    If a pair's n occurrences in a text went to either part independently, the number in the first
    would have the variance n f (1 - f), with f the first's share of all. Cells of the diagonal are
    left out.
    """
    unit = first.total / targets.independent_pairs(first)
    f = first.total / (first.total + second.total)
    # The second's as imaginary parts, so that cells which only one has seen are in both.
    shape = 2 * (first.vocabulary_size,)
    a, b = (
        triu(csr_array((one * c.counts / unit, c.indices, c.indptr), shape=shape), 1)
        for c, one in ((first, 1.0), (second, 1j))
    )
    both = csr_array(a + b).data
    n = both.real + both.imag
    ratio = (both.real * (1 - f) - both.imag * f) ** 2 / (n * f * (1 - f))
    place = np.digitize(n, BINS)
    number = np.bincount(place, minlength=BINS.size + 1)[1:-1]
    sums = np.bincount(place, ratio, minlength=BINS.size + 1)[1:-1]
    kept = number >= 50
    return np.sqrt(BINS[:-1] * BINS[1:])[kept], sums[kept] / number[kept]


def measure(
    counts: Cooccurrence,
    halves: tuple[Cooccurrence, Cooccurrence],
    spectrum: Spectrum,
    shuffled: Array,
    reproducible: pd.DataFrame,
    families: Mapping[str, NDArray[np.int64]],
    accuracy: pd.DataFrame,
    negative: float = 1.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the noise of a text, what it predicts, and what was measured, in `COLUMNS`.

    Args:
        counts: of the whole text.
        halves: counts of its halves.
        spectrum: of M* of the whole text.
        shuffled: leading eigenvalues of M* of the text with its words shuffled.
        reproducible: of the same halves, with the columns `reproducibility.COLUMNS`.
        families: word ids of each family of analogies.
        accuracy: family, dim and accuracy, of svd(M*).
        negative: k.
        seed: of draws.
    """
    rows = _rows(
        counts, halves, spectrum, shuffled, reproducible, families, accuracy, negative, seed
    )
    return pd.DataFrame(list(rows)).reindex(columns=COLUMNS)


def _rows(
    counts: Cooccurrence,
    halves: tuple[Cooccurrence, Cooccurrence],
    spectrum: Spectrum,
    shuffled: Array,
    reproducible: pd.DataFrame,
    families: Mapping[str, NDArray[np.int64]],
    accuracy: pd.DataFrame,
    negative: float,
    seed: int,
) -> Rows:
    groups = Groups.by_rank(counts.vocabulary_size)
    null, mean = unrelated(counts, groups, negative)
    # The frequency mode, if there is one, is above all noise.
    frequency = frequency_eigenvalue(null, mean)
    bulk = shuffled[1] if frequency else shuffled[0]
    yield {"panel": "edge", "name": SHUFFLED, "model": BY_ENTRY, "y": independent(null).edge()}
    yield {"panel": "edge", "name": SHUFFLED, "model": ALONG, "y": null.edge()}
    yield {"panel": "edge", "name": SHUFFLED, "model": MEASURED, "y": bulk}
    if frequency:
        yield {"panel": "edge", "name": FREQUENCY, "model": BY_ENTRY, "y": frequency}
        yield {"panel": "edge", "name": FREQUENCY, "model": MEASURED, "y": shuffled[0]}
    first, _ = unrelated(counts, groups, negative, part=0.5)
    growth = null.variance / first.variance
    own = reproducible[reproducible["parts"] == 2]
    features = min(FEATURES, spectrum.positive)
    vectors = spectrum.eigenvectors[:, :features]
    values, weights = spectrum.eigenvalues[:features], groups.weights(vectors)
    least = float(own["threshold"].iloc[0])
    drawn = halved(counts, seed)
    for model, parts, name in ((INDEPENDENT, drawn, PAIRS), (BY_ENTRY, halves, HALVES)):
        for n, ratio in zip(*dispersion(*parts), strict=True):
            yield {"panel": "dispersion", "model": model, "x": n, "y": ratio}
        matrix = difference(*parts, negative)
        variance = groups.mean_squares(matrix)
        noises = [Noise(groups.sizes, v) for v in (variance, variance * growth)]
        half, whole = (Outside.of(noise, float(values[0])) for noise in noises)
        yield {"panel": "edge", "name": name, "model": BY_ENTRY, "y": half.edge}
        yield {
            "panel": "edge",
            "name": name,
            "model": MEASURED,
            "y": largest_eigenvalue(matrix),
        }
        signed = with_random_signs(matrix, seed)
        yield {"panel": "edge", "name": name, "model": SIGNS, "y": largest_eigenvalue(signed)}
        strengths = whole.strengths(values, weights)
        rho = {model: np.ones(features)}
        if model == BY_ENTRY:
            some = vectors[:, :FOLLOWED]
            rho[ALONG] = along(matrix, variance, groups, some)
            every = np.arange(0, some.shape[1], 8)
            flipped = some[:, every] * np.random.default_rng(seed).choice(SIGN, (len(some), 1))
            without = along(matrix, variance, groups, flipped)
            yield from _curve("along", ALONG, np.arange(len(rho[ALONG])), rho[ALONG])
            yield from _curve("along", SIGNS, every, without)
        for used, ratio in rho.items():
            c2, c2_whole = (
                _scaled(side.overlaps(strengths, weights)[0][: len(ratio)], ratio)
                for side in (half, whole)
            )
            yield from _curve("overlap", used, np.arange(len(c2)), c2**2)
            for panel, held, bound in (("number", c2**2, least), ("best", c2_whole, 0.5)):
                number = reproducibility.last_reproducible(held, np.full(len(held), bound))
                yield {"panel": panel, "model": used, "y": number}
            if used == ALONG:
                kept = slice(len(c2_whole))
                shares = noise_shares(noises[1], whole, strengths[kept], weights[kept], c2_whole)
                yield from _categories(shares, vectors[:, kept], groups, families, accuracy)
    yield from _curve("overlap", MEASURED, own["rank"] - 1, own["feature"])
    extent = reproducibility.extent(reproducible)
    yield {
        "panel": "number",
        "model": MEASURED,
        "y": extent.rank,
        "low": extent.low,
        "high": extent.high,
    }


def _curve(panel: str, model: str, places: Any, values: Any) -> Rows:
    for place, value in zip(places, values, strict=True):
        yield {"panel": panel, "model": model, "x": place + 1, "y": value}


def _categories(
    shares: Array,
    vectors: Array,
    groups: Groups,
    families: Mapping[str, NDArray[np.int64]],
    accuracy: pd.DataFrame,
) -> Rows:
    """Yield the best d of each family, predicted and measured, and what the prediction is worth.

    The last is the accuracy at the predicted d, over that at the best.
    """
    for family, scores in accuracy.dropna(subset="accuracy").groupby("family", sort=False):
        ids = families.get(str(family), np.empty(0, np.int64))
        dims, score = (scores[name].to_numpy(dtype=np.float64) for name in ("dim", "accuracy"))
        if len(ids) < FEWEST_WORDS or score.max() <= 0:
            continue
        predicted = best_dim(shares[:, groups.of[ids]], vectors[ids])
        at = np.interp(np.log(max(predicted, 1)), np.log(dims), score)
        row = {"panel": "category", "name": family}
        yield {**row, "model": ALONG, "y": predicted}
        yield {**row, "model": MEASURED, "y": dims[score.argmax()]}
        yield {**row, "model": KEPT, "y": at / score.max()}


def _scaled(squares: Array, ratio: Array) -> Array:
    """Return overlaps c^2 (K,) with 1 - c^2 multiplied by ``ratio`` (K,)."""
    return np.clip(1 - ratio * (1 - squares), 0, 1)


def noise_shares(
    noise: Noise, outside: Outside, strengths: Array, weights: Array, squares: Array
) -> Array:
    """Return the mean square (K, G) that noise gives a word of each group in each eigenvector.

    The part of an eigenvector at z that is noise, of length 1 - c^2, has the mean square
    g_i^2 sum_j S_ij u_j^2 at word i, up to a factor.
    """
    _, places = outside.overlaps(strengths, weights)
    z = np.maximum(places, outside.z[0])
    g = np.array([np.interp(z, outside.z, column) for column in outside.g.T]).T
    shape = g**2 * (weights @ noise.variance)
    return np.asarray((1 - squares)[:, None] * shape / (shape @ noise.sizes)[:, None])


def best_dim(shares: Array, vectors: Array) -> int:
    """Return the d beyond which the eigenvectors are mostly noise at some words.

    Args:
        shares: (K, n) mean square of noise at these words, of `noise_shares`.
        vectors: (n, K) eigenvectors at these words.
    """
    noise, total = shares.sum(axis=1), (vectors**2).sum(axis=0)
    signal = np.clip(1 - noise / np.maximum(total, 1e-300), 0, 1)
    return reproducibility.last_reproducible(signal, np.full(len(signal), 0.5))
