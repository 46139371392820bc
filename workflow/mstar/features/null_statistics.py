"""The statistics of task vectors for families of `mstar.features.null_families`.

They are those of `mstar.features.linear_structure`, with the draws of a null computed together:
the Gram matrices of a family's words give those of its task vectors and, divided by the lengths of
the words, the cosines of its analogies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.evaluation import analogies
from mstar.evaluation.question_files import Sections
from mstar.features import null_families, task_vectors
from mstar.features.nearest_words import nearest_words
from mstar.features.null_families import NULLS, RANDOM, Draws, NoMatch
from mstar.machine.arrays import Array
from mstar.spectra.spectrum import Spectrum
from mstar.statistics import marchenko_pastur

CURVES = ["family", "null", "draw", "dim", *task_vectors.STATISTICS]
CURVES += ["participation", "cosine", "cosine_ratio"]
GRAM = ["family", "null", "draw", "dim", "eigenvalue"]
FITS = ["family", "null", "draw", "dim", "sigma2", "gamma", "d_eff"]
MODES = ["family", "null", "draw", "mode", "share"]
FAMILIES = ["family", "null", "pairs", "draws", "omitted"]
# Of the laws fitted to draws, whose spread is far larger.
PRECISION = 1e-4
# Sets of words gathered at once.
SETS = 16


@dataclass(frozen=True)
class NullStatistics:
    """Statistics of all draws, each a frame that is written as a table.

    The columns are those of `mstar.features.linear_structure.LinearStructure` of the same name,
    with null and draw (from 0). A null whose statistic always equals the family's has no values of
    it: shuffled partners keep the mean task vector.

    Attributes:
        families: family, null, pairs, draws, omitted (why there is no draw; empty if there is).
        gram: family, null, draw, dim, eigenvalue.
        fits: family, null, draw, dim, sigma2, gamma, d_eff.
        modes: family, null, draw, mode, share; of random words only.
        curves: family, null, draw, dim, rank, snr, spike_over_edge, spike_mean_ratio, participation
            (of random words only), cosine, cosine_ratio (NaN for families that are not scored).
    """

    families: pd.DataFrame
    gram: pd.DataFrame
    fits: pd.DataFrame
    modes: pd.DataFrame
    curves: pd.DataFrame


def analyse(
    spectrum: Spectrum,
    words: Sequence[str],
    counts: NDArray[np.int64],
    sections: Sections,
    histograms: Mapping[str, Sequence[int]],
    scored: Sequence[str],
    dims: Sequence[int],
    modes: int,
    draws: int,
    seed: int = 0,
) -> NullStatistics:
    """Compute the statistics of ``draws`` families of each null for every family.

    Args:
        spectrum, words, sections, histograms, scored, dims, modes: as for
            `mstar.features.linear_structure.analyse`.
        counts: (V,) occurrences of ``words``, in descending order.
        draws: draws of each null.
        seed: of the draws.
    """
    positive = int((spectrum.eigenvalues > 0).sum())
    embedding = spectrum.embedding(positive)
    found = analogies.pairs_in_vocabulary(sections, words)
    families = dict.fromkeys([*sections, *scored, *histograms])
    pairs = {family: found.get(family, np.empty((0, 2), np.int64)) for family in families}
    belonging = np.unique(np.concatenate([own.reshape(-1) for own in pairs.values()]))
    shown = sorted({d for d in dims if d <= positive})
    drawn: dict[tuple[str, str], Draws] = {}
    said = []
    for family in families:
        for null in NULLS:
            generator = null_families.generator(family, null, seed)
            omitted = ""
            try:
                drawn[family, null] = (
                    null_families.random_words(pairs[family], counts, belonging, draws, generator)
                    if null == RANDOM
                    else null_families.shuffled_partners(pairs[family], draws, generator)
                )
            except NoMatch as why:
                omitted = str(why)
            said.append((family, null, len(pairs[family]), 0 if omitted else draws, omitted))
    asked = {key: one for key, one in drawn.items() if key[0] in scored}
    answers = [np.unique(one.words[:, one.words.shape[1] // 2 :]) for one in asked.values()]
    near = Neighbours.of(embedding, answers, shown)
    tables: dict[str, list[pd.DataFrame]] = {"gram": [], "fits": [], "modes": [], "curves": []}
    for (family, null), one in drawn.items():
        wanted = [d for d in histograms.get(family, ()) if d <= positive]
        parts = _family(embedding, one, shown, wanted, near if (family, null) in asked else None)
        if null == RANDOM and family in histograms:
            parts["modes"] = _modes(embedding, one, min(modes, positive))
        if null != RANDOM:
            parts["curves"]["participation"] = np.nan
        for name, part in parts.items():
            tables[name].append(part.assign(family=family, null=null))
    columns = {"gram": GRAM, "fits": FITS, "modes": MODES, "curves": CURVES}
    whole = {
        name: (pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()).reindex(
            columns=columns[name]
        )
        for name, parts in tables.items()
    }
    return NullStatistics(families=pd.DataFrame(said, columns=FAMILIES), **whole)


@dataclass(frozen=True)
class Neighbours:
    """Nearest words of the answers at each d.

    Attributes:
        place: (V,) position of each answer.
        ids, cosines: (answers, nearest) by d, from `mstar.features.nearest_words`.
    """

    place: NDArray[np.int64]
    ids: Mapping[int, NDArray[np.int64]]
    cosines: Mapping[int, Array]

    @staticmethod
    def of(
        embedding: Array, answers: Sequence[NDArray[np.int64]], dims: Sequence[int]
    ) -> Neighbours:
        """Find the neighbours of all ``answers`` at all ``dims``."""
        every = np.unique(np.concatenate([*answers, np.empty(0, np.int64)]))
        place = np.full(len(embedding), -1)
        place[every] = np.arange(len(every))
        ids, cosines = nearest_words(embedding, every, dims)
        return Neighbours(
            place, dict(zip(dims, ids, strict=True)), dict(zip(dims, cosines, strict=True))
        )


def _family(
    embedding: Array,
    one: Draws,
    dims: Sequence[int],
    histogram_dims: Sequence[int],
    near: Neighbours | None,
) -> dict[str, pd.DataFrame]:
    """Return the tables gram, fits and curves of one null of one family."""
    curves, spectra, fits = [], [], []
    pairs = one.pairs
    posed = _posed(pairs) if near else None
    # Cosines need the products of words, and so does their permutation.
    direct = near is None and len(one.words) > 1
    every = sorted({*dims, *histogram_dims})
    for d, gram, participation in _grams(embedding, one, every, direct):
        blocks = None if direct else _blocks(gram, one)
        differences = _differences(blocks) if blocks else gram
        if d in dims:
            row = task_vectors.gram_statistics(differences)
            row["participation"] = np.broadcast_to(participation, len(pairs))
            if near is not None and posed is not None and blocks:
                row["cosine"], row["cosine_ratio"] = _cosines(
                    blocks, pairs, posed, near, near.ids[d], near.cosines[d]
                )
            curves.append(pd.DataFrame({"draw": range(len(pairs)), "dim": d, **row}))
        if d in histogram_dims:
            values = task_vectors.gram_eigenvalues(differences, d)
            draw = np.repeat(np.arange(len(values)), values.shape[1])
            spectra.append(pd.DataFrame({"draw": draw, "dim": d, "eigenvalue": values.reshape(-1)}))
            laws = marchenko_pastur.fit_bulks(values, precision=PRECISION)
            rows = [(i, law.sigma2, law.gamma, law.d_eff) for i, law in enumerate(laws) if law]
            fits.append(pd.DataFrame(rows, columns=["draw", *FITS[4:]]).assign(dim=d))
    parts = {"curves": curves, "gram": spectra, "fits": fits}
    return {name: pd.concat(part) for name, part in parts.items() if part}


def _grams(
    embedding: Array, one: Draws, dims: Sequence[int], differences: bool
) -> Iterator[tuple[int, Array, Array]]:
    """Yield d, Gram matrices of each set of words, and the participation (sets,).

    The Gram matrices are those of the 2N words, or of the N ``differences`` b - a. Participation is
    the inverse participation ratio of the mean task vector on the first d modes.
    """
    sets, width = one.words.shape
    n = width // 2
    rows_of = n if differences else width
    gram = np.zeros((sets, rows_of, rows_of))
    second, fourth = np.zeros(sets), np.zeros(sets)
    weights = np.full(n, 1 / n) if differences else np.repeat([-1 / n, 1 / n], n)
    for first, last in zip([0, *dims[:-1]], dims, strict=True):
        for start in range(0, sets, SETS):
            here = slice(start, start + SETS)
            rows = embedding[one.words[here], first:last]
            if differences:
                rows = rows[:, n:] - rows[:, :n]
            gram[here] += rows @ rows.transpose(0, 2, 1)
            squared = (weights @ rows) ** 2
            second[here] += squared.sum(axis=1)
            fourth[here] += np.einsum("sk,sk->s", squared, squared)
        ratio = np.divide(fourth, second**2, out=np.full(sets, np.nan), where=second > 0)
        yield last, gram, ratio


def _blocks(gram: Array, one: Draws) -> tuple[Array, Array, Array]:
    """Return products (draws, N, N) of a with a, of a with partners b, and of b with b."""
    n, order = one.partners.shape[1], one.partners
    first, cross, second = gram[:, :n, :n], gram[:, :n, n:], gram[:, n:, n:]
    if len(gram) > 1:  # a set for each draw, in order
        return first, cross, second
    shape = (len(order), n, n)
    cross = np.take_along_axis(np.broadcast_to(cross, shape), order[:, None, :], axis=2)
    second = second[0][order[:, :, None], order[:, None, :]]
    return np.broadcast_to(first, shape), cross, second


def _differences(blocks: tuple[Array, Array, Array]) -> Array:
    """Return the Gram matrices (draws, N, N) of the task vectors b - a."""
    first, cross, second = blocks
    return np.asarray(first - cross - cross.transpose(0, 2, 1) + second)


def _posed(pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which questions (draws, N, N) are asked: pair i as a : b, pair j as c : w."""
    draws, n = pairs.shape[:2]
    shape = (draws, n, n, 2)
    asked = np.concatenate(
        [np.broadcast_to(pairs[:, :, None], shape), np.broadcast_to(pairs[:, None], shape)], axis=3
    )
    possible = ~analogies.impossible(asked.reshape(-1, 4)).reshape(draws, n, n)
    return np.asarray(possible & ~np.eye(n, dtype=bool))


def _cosines(
    blocks: tuple[Array, Array, Array],
    pairs: NDArray[np.int64],
    posed: NDArray[np.bool_],
    near: Neighbours,
    ids: NDArray[np.int64],
    cosines: Array,
) -> tuple[Array, Array]:
    """Return the means of `mstar.features.analogy_cosines.mean_cosines` of each draw (draws,)."""
    first, cross, second = blocks
    lengths = [np.sqrt(np.einsum("tii->ti", block)) for block in (first, second)]
    a_scale, b_scale = (
        np.divide(1, length, out=np.zeros_like(length), where=length > 0) for length in lengths
    )
    # Unit rows: aa[i, j] = a_i · a_j, ab[i, j] = a_i · b_j, bb[i, j] = b_i · b_j.
    aa = first * a_scale[:, :, None] * a_scale[:, None]
    ab = cross * a_scale[:, :, None] * b_scale[:, None]
    bb = second * b_scale[:, :, None] * b_scale[:, None]
    of_a, of_b, own = (np.einsum("tii->ti", block) for block in (aa, bb, ab))
    # The query c + b - a with a = a_i, b = b_i, c = a_j, and the answer b_j.
    product = own[:, None, :] + bb - ab
    squared = 2 * (ab.transpose(0, 2, 1) - aa - own[:, :, None])
    squared += of_a[:, :, None] + of_a[:, None, :] + of_b[:, :, None]
    known = posed & (squared > 1e-12)
    cosine = np.divide(product, np.sqrt(np.abs(squared)), out=np.zeros_like(product), where=known)
    place = near.place[pairs[:, :, 1]]
    there, values = ids[place][:, None], cosines[place][:, None]
    a, b = pairs[:, :, None, 0, None], pairs[:, :, None, 1, None]
    c = pairs[:, None, :, 0, None]
    best = np.where((there == a) | (there == b) | (there == c), -np.inf, values).max(axis=3)
    rated = known & (best > 0)
    ratio = np.divide(cosine, best, out=np.zeros_like(cosine), where=rated)
    with np.errstate(invalid="ignore"):
        return tuple(
            np.where(kept, value, 0.0).sum(axis=(1, 2)) / kept.sum(axis=(1, 2))
            for value, kept in ((cosine, known), (ratio, rated))
        )


def _modes(embedding: Array, one: Draws, modes: int) -> pd.DataFrame:
    """Return the shares of the first ``modes`` in the mean task vector of each set of words."""
    sets, n = len(one.words), one.words.shape[1] // 2
    rows = embedding[one.words, :modes]
    squared = (rows[:, n:].mean(axis=1) - rows[:, :n].mean(axis=1)) ** 2
    share = squared / squared.sum(axis=1, keepdims=True)
    draw = np.repeat(np.arange(sets), modes)
    return pd.DataFrame(
        {"draw": draw, "mode": np.tile(np.arange(modes), sets), "share": share.reshape(-1)}
    )
