"""How two texts A and B differ in the features that embeddings learn, and in their words.

Features v_k of A are the leading R eigenvectors of M* of one random part of A. They are tested on
two other parts with equal numbers of words, A' of A and B' of B (`mstar.prediction.two_texts`):

- held: h_X = |P_X v_k|^2, the share of v_k in the span of the leading R eigenvectors of X = A' or
  B'. It does not depend on how features of nearly equal eigenvalues mix.
- strength: s_A = v_k^T M*_A' v_k, and s_B = u_k^T M*_B' u_k of B's version u_k of the feature, the
  unit vector nearest to v_k in the span of B's own features. Lemma 3.1 gives the time
  tau = ln(s / s_0^2) / s at which a feature of this eigenvalue is learned from initial scale s_0.

Features of B are tested likewise. For words, the embeddings V_R Lambda_R^(1/2) of A' and B' are
aligned by an orthogonal matrix (Procrustes), and 1 - cosine is the distance that a word moved.

The null is that A and B are random documents of one source. Under it the groups of documents of A'
and B' can be exchanged, so all statistics are computed again with A' and B' replaced by halves of
their union. In each of these labellings, every part has as many groups of A' as of B', so that what
distinguishes the texts cancels, and any two labellings share half of their groups, as the observed
one does with each (`labellings`): under the null it is one of 2 G - 1 like ones. Each statistic x
is standardised by the mean and the standard deviation of the *other* labellings, and

    z = |x - mean| / sd,    p = share of all labellings whose largest z is at least z

is a p-value adjusted for the number of features or words (the maximum over them, Westfall and
Young). For words, z has its sign. Features and words are each tested at 2.5 %, so that two halves
of one text differ anywhere on the page with a probability of at most 5 %. Intervals are those of a
jackknife over the groups, with Student's t.

The features of a text are never estimated from the parts compared: otherwise A' would hold more of
them than B' by construction, and halves of one text would seem to differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from mstar.counts import targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.dynamics import theory
from mstar.features.components import squared_overlaps
from mstar.features.names import names
from mstar.machine.arrays import Array
from mstar.prediction.two_texts import GROUPS, Prepared
from mstar.prediction.verdicts import FEATURES, WORDS, verdicts
from mstar.spectra.decomposition import decompose
from mstar.spectra.directions import nearest_rotation, normalise_rows
from mstar.spectra.operators import matrix_free
from mstar.spectra.spectrum import Spectrum

NEIGHBOURS = 5


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison.

    Attributes:
        features: rows with `FEATURES`, those of A first.
        words: rows with `WORDS`, those that moved most first.
    """

    features: pd.DataFrame
    words: pd.DataFrame


@dataclass(frozen=True)
class _Part:
    """What one of the compared parts says of the features of A and of B.

    Attributes:
        held: (2, R) h of the features of A and of B.
        strength: (2, 2, R) strength of each text's version of the features of A and of B.
        embedding: (V, R).
    """

    held: Array
    strength: Array
    embedding: Array


class _Tests:
    """Features of A and B, and what any part of the texts says of them.

    Args:
        texts: the prepared texts.
        rank: R.
        negative, threads: of M*.
    """

    def __init__(self, texts: Prepared, rank: int, negative: float, threads: int) -> None:
        self.texts, self.rank, self.negative, self.threads = texts, rank, negative, threads
        self.spectra = [leading(counts, rank, negative, threads) for counts in texts.defining]
        self.features = [spectrum.eigenvectors for spectrum in self.spectra]
        self.versions = [[_nearest(v, space) for space in self.features] for v in self.features]

    def part(self, groups: NDArray[np.bool_]) -> _Part:
        """Return what the part with these ``groups`` (2 G,) says."""
        counts = self.texts.groups.sum(groups)
        spectrum = leading(counts, self.rank, self.negative, self.threads)
        p = targets.probabilities(counts)
        mstar = matrix_free("mstar", p, self.negative, self.threads)
        held = [squared_overlaps(v, spectrum.eigenvectors).sum(axis=1) for v in self.features]
        strength = [
            [np.einsum("vk,vk->k", v, mstar.product(v)) for v in versions]
            for versions in self.versions
        ]
        return _Part(np.array(held), np.array(strength), spectrum.embedding(self.rank))


@dataclass(frozen=True)
class _Pair:
    """Two parts, in the places of A' and B'."""

    first: _Part
    second: _Part

    @property
    def held(self) -> Array:
        """Shares (2, 2, R) of each text's features in the part of that text, and in the other."""
        a, b = self.first.held, self.second.held
        return np.array([[a[0], b[0]], [b[1], a[1]]])

    @property
    def strength(self) -> Array:
        """Strengths (2, 2, R) of each text's features there, and of the other's version there."""
        a, b = self.first.strength, self.second.strength
        return np.array([[a[0, 0], b[0, 1]], [b[1, 1], a[1, 0]]])

    @property
    def distance(self) -> Array:
        """Distances (V,) that words moved."""
        return distances(self.first.embedding, self.second.embedding)


def _nearest(vectors: Array, space: Array) -> Array:
    """Return the unit vectors of ``space`` (V, R) nearest to ``vectors`` (V, K)."""
    projected = space @ (space.T @ vectors)
    return np.asarray(projected / np.linalg.norm(projected, axis=0))


def leading(counts: Cooccurrence, rank: int, negative: float, threads: int = 1) -> Spectrum:
    """Return the ``rank`` leading eigenpairs of M*."""
    return decompose("mstar", targets.probabilities(counts), rank, negative, threads)


def distances(first: Array, second: Array) -> Array:
    """Return 1 - cosine (V,) of the rows of two embeddings (V, d) after an orthogonal alignment."""
    rotation = nearest_rotation(first, second)
    a, b = normalise_rows(first @ rotation), normalise_rows(second)
    return np.asarray(1.0 - np.einsum("vd,vd->v", a, b))


def labellings(order: int = GROUPS) -> NDArray[np.bool_]:
    """Return which of 2 G groups are in the place of A', in 2 G - 1 labellings, (2 G - 1, 2 G).

    The first is the observed one: the first G groups. The rows are those of a Hadamard matrix of
    order 2 G = q + 1, with q a prime of the form 4 n + 3, by Paley's construction from the squares
    modulo q, without its constant row: any two labellings share half of their groups. Each other
    one is turned at random, so that A' and B' are in neither place more often.

    Args:
        order: G.
    """
    prime = 2 * order - 1
    steps = np.arange(prime)
    squares = np.isin(steps, steps[1:] ** 2 % prime)
    matrix = np.ones((2 * order, 2 * order), dtype=bool)
    matrix[1:, 0] = False
    matrix[1:, 1:] = squares[(steps[None, :] - steps[:, None]) % prime]
    matrix[steps + 1, steps + 1] = True
    rows = matrix[1:] == matrix[0]
    rows = rows[:, np.argsort(~rows[0], kind="stable")]
    turned = np.random.default_rng(0).random(prime) < 0.5
    turned[0] = False
    return np.asarray(rows ^ turned[:, None])


def standardised(values: Array) -> Array:
    """Return each row of ``values`` (N, K) in deviations of the N - 1 other rows."""
    others = len(values) - 1
    centred = values - values.mean(axis=0)
    mean = -centred / others
    squares = (centred**2).sum(axis=0) - centred**2 - others * mean**2
    deviation = np.sqrt(np.maximum(squares, 0.0) / (others - 1))
    least = 1e-12 * (1.0 + np.abs(values).max(axis=0))  # rounding of equal values
    return np.asarray((centred - mean) / np.maximum(deviation, least))


def adjusted(scores: Array) -> Array:
    """Return p-values (K,) of the first row of ``scores`` (N, K), adjusted by the maximum of K."""
    largest = scores.max(axis=1)
    return np.asarray((largest[:, None] >= scores[0]).mean(axis=0))


def jackknife(left_out: Array) -> Array:
    """Return the standard error of a statistic from its values (G, ...) without each group."""
    count = len(left_out)
    return np.asarray(np.sqrt((count - 1) * left_out.var(axis=0)))


def compare(
    texts: Prepared,
    rank: int,
    *,
    negative: float = 1.0,
    init: float = 1e-12,
    moved: int = 50,
    threads: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Compare the features and the words of two texts.

    Args:
        texts: from `mstar.prediction.two_texts.prepare`.
        rank: R.
        negative: k.
        init: scale s of the random start, for learning times.
        moved: number of words whose nearest words are listed.
        threads: worker threads.
        progress: called with lines on the progress.
    """
    tests = _Tests(texts, rank, negative, threads)
    group = np.arange(2 * texts.size)
    observed = labellings(texts.size)[0]
    pairs = []
    for number, label in enumerate(labellings(texts.size)):
        pairs.append(_Pair(tests.part(label), tests.part(~label)))
        progress(f"labelling {number + 1} of {2 * texts.size - 1}")
    progress("jackknife")
    whole = pairs[0]
    left_out = [_Pair(tests.part(observed & (group != g)), whole.second) for g in group[observed]]
    left_out += [_Pair(whole.first, tests.part(~observed & (group != g))) for g in group[~observed]]
    features = _features(texts, tests.spectra, pairs, left_out, init)
    table = _words(texts, pairs, left_out)
    embeddings = normalise_rows(whole.first.embedding), normalise_rows(whole.second.embedding)
    shown = table.index[:moved]
    table.loc[shown, ["near_a", "near_b"]] = _neighbours(texts.words, embeddings, shown)
    return Comparison(features, table[WORDS].reset_index(drop=True))


def _interval_error(left_out: Array, size: int) -> Array:
    """Return half of the width of a 95 % interval, from values (2 G, ...) without each group."""
    error = np.hypot(jackknife(left_out[:size]), jackknife(left_out[size:]))
    return np.asarray(stdtrit(size - 1, 0.975) * error)


def _log_later(strength: Array, init: float) -> Array:
    """Return ln(tau_other / tau_own) of strengths (..., 2 parts, R), own first."""
    known = np.where(strength > init**2, strength, np.nan)
    times = np.log(theory.time_constant(known, init**2))
    return np.asarray(times[..., 1, :] - times[..., 0, :])


def _features(
    texts: Prepared,
    spectra: list[Spectrum],
    pairs: list[_Pair],
    left_out: list[_Pair],
    init: float,
) -> pd.DataFrame:
    """Return the table of features."""
    rank = spectra[0].eigenvalues.size
    labels = [names(spectrum, texts.words, rank) for spectrum in spectra]
    # (labelling, text of the feature, in its own text and in the other, R)
    held, held_out = (np.array([one.held for one in some]) for some in (pairs, left_out))
    strength, strength_out = (
        np.array([one.strength for one in some]) for some in (pairs, left_out)
    )
    lost = standardised((held[:, :, 0] - held[:, :, 1]).reshape(len(held), -1))
    changed = standardised((strength[:, :, 0] - strength[:, :, 1]).reshape(len(held), -1))
    p_own, p_strength = np.split(adjusted(np.abs(np.hstack([lost, changed]))), 2)
    held_error = _interval_error(held_out, texts.size)
    later = _log_later(strength[0], init)
    later_error = _interval_error(_log_later(strength_out, init), texts.size)
    cosines = squared_overlaps(spectra[0].eigenvectors, spectra[1].eigenvectors)
    tables = []
    for text, (own, other) in enumerate(held[0]):
        some = slice(text * rank, (text + 1) * rank)
        match = (cosines, cosines.T)[text]
        nearest = match.argmax(axis=1)
        low, high = (np.clip(held[0, text] + s * held_error[text], 0, 1) for s in (-1, 1))
        ends = (np.exp(later[text] + s * later_error[text]) for s in (0, -1, 1))
        table = {
            "text": "AB"[text],
            "rank": np.arange(1, rank + 1),
            "name": labels[text],
            "verdict": verdicts(own, other, p_own[some]),
            "held_own": own,
            "held_own_low": low[0],
            "held_own_high": high[0],
            "held_other": other,
            "held_other_low": low[1],
            "held_other_high": high[1],
            "p_own": p_own[some],
            "counterpart": nearest + 1,
            "counterpart_name": [labels[1 - text][i] for i in nearest],
            "cosine2": match.max(axis=1),
            "strength_own": strength[0, text, 0],
            "strength_other": strength[0, text, 1],
            **dict(zip(("later", "later_low", "later_high"), ends, strict=True)),
            "p_strength": p_strength[some],
        }
        tables.append(pd.DataFrame(table)[FEATURES])
    return pd.concat(tables, ignore_index=True)


def _words(texts: Prepared, pairs: list[_Pair], left_out: list[_Pair]) -> pd.DataFrame:
    """Return the table of words, without their neighbours; its index are their numbers."""
    found = np.array([one.distance for one in pairs])
    expected = found[1:].mean(axis=0)
    excess = found[0] - expected
    error = _interval_error(np.array([one.distance for one in left_out]), texts.size)
    table = pd.DataFrame(
        {
            "word": texts.words,
            "count_a": texts.occurrences[0],
            "count_b": texts.occurrences[1],
            "distance": found[0],
            "expected": expected,
            "excess": excess,
            "low": excess - error,
            "high": excess + error,
            "p": adjusted(standardised(found)),
            "near_a": "",
            "near_b": "",
        }
    )
    return table.sort_values("low", ascending=False, kind="stable")


def _neighbours(words: Any, embeddings: tuple[Array, Array], asked: Any) -> list[list[str]]:
    """Return the nearest words of the words numbered ``asked`` in each text."""
    found = []
    for embedding in embeddings:
        cosines = embedding[asked] @ embedding.T
        cosines[np.arange(len(asked)), asked] = -np.inf
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
        found.append([" ".join(words[i] for i in row) for row in order])
    return [list(pair) for pair in zip(*found, strict=True)]
