"""Measures of M*, and of the meaning of its eigenvectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, ortho_group

from mstar.claims.claims import Role
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.quantities import QUESTIONS, SHARE, gives
from mstar.counts import targets
from mstar.evaluation.analogies import pairs_in_vocabulary
from mstar.evaluation.question_files import read_sections
from mstar.features.components import component_words
from mstar.machine.arrays import Array
from mstar.spectra.directions import normalise_rows
from mstar.statistics import power_law
from mstar.statistics.dyads import Dyads

RANDOM_SETS, PERMUTATIONS = 2000, 200
# What counts equally in the comparison of a run with subspaces.
Each = Literal["direction", "squared norm"]


@gives("largest |M*_ij - 2 tanh(PMI_ij/2)|", "units of M*")
def pmi_identity(evidence: Evidence) -> Measurement:
    """Largest |M*_ij - 2 tanh(PMI_ij / 2)| over the pairs seen.

    This is the identity of appendix D.1, inverted to the numerically stable direction.
    """
    if evidence.negative != 1:
        raise NotTestable("the identity is for k = 1")
    p = evidence.probabilities
    mstar, _ = targets.mstar_cells(p)
    pmi = np.log(p.joint / p.independent)
    note = f"{p.joint.size:,} cells"
    return Measurement(float(np.abs(mstar - 2 * np.tanh(pmi / 2)).max()), note=note)


@gives("excess of |M*_ij| over its bound", "units of M*")
def beyond_bound(evidence: Evidence) -> Measurement:
    """How far |M*_ij| exceeds that of a pair never seen, or that differs from Eq. 5 at P_ij = 0."""
    p = evidence.probabilities
    mstar, absent = targets.mstar_cells(p, evidence.negative)
    independent = evidence.negative * np.outer(p.unigram[:100], p.unigram[:100])
    at_zero = (0.0 - independent) / ((0.0 + independent) / 2)
    excess = float(np.abs(mstar).max()) - abs(absent)
    note = f"{absent:g} for a pair never seen, at most {np.abs(mstar).max():.6g} for one seen"
    return Measurement(max(0.0, excess, float(np.abs(at_zero - absent).max())), note=note)


@gives("tokens within the vocabulary", SHARE)
def tokens_kept(evidence: Evidence) -> Measurement:
    """Share of the tokens of the text that lie within the static vocabulary."""
    corpus = json.loads(Path(evidence.files["corpus"]).read_text(encoding="utf-8"))
    note = f"{evidence.tokens:,.0f} of {corpus['tokens']:,}"
    return Measurement(evidence.tokens / corpus["tokens"], note=note)


@gives("word pairs of the Google analogies within the vocabulary", SHARE)
def pairs_kept(evidence: Evidence) -> Measurement:
    """Share of the distinct word pairs of the Google analogies within the static vocabulary."""
    sections = read_sections(evidence.files["google"])
    everything = {word for questions in sections.values() for q in questions for word in q}
    known = evidence.words[: evidence.static[0]]
    kept, every = (
        sum(len(pairs) for pairs in pairs_in_vocabulary(sections, words).values())
        for words in (known, sorted(everything))
    )
    return Measurement(kept / every, note=f"{kept} of {every}")


@gives("accuracy of {role} with only candidates normalised, less the usual", QUESTIONS)
def candidates_only(evidence: Evidence, role: Role) -> Measurement:
    """Analogy accuracy with only the candidates normalised, less that with all words normalised.

    The answer is then the w nearest by cosine to c + b - a rather than to c^ + b^ - a^. The
    interval is that of paired questions that share word pairs. Under the null the lengths of the
    vectors are permuted among the words.
    """
    embedding, words = evidence.embedding(role), evidence.asked.words
    if not len(words):
        raise NotTestable("no analogy within the vocabulary")
    unit = normalise_rows(embedding, np.float64)
    right = [_right(given, unit, words) for given in (embedding, unit)]
    pairs = np.vstack([words[:, :2], words[:, 2:]])
    units = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(2, -1)
    change = right[0] - right[1]
    found = Dyads(*units).estimate(change)
    value, half = found.value, found.quantile() * found.error
    note = f"{right[0].mean():.3f} against {right[1].mean():.3f}, {len(words):,} questions"
    lengths, generator = np.linalg.norm(embedding, axis=1), np.random.default_rng(0)
    permuted = (unit * generator.permutation(lengths)[:, None] for _ in range(PERMUTATIONS))
    draws = np.array([(_right(given, unit, words) - right[1]).mean() for given in permuted])
    nulls = {"permuted lengths": draws}
    return Measurement(value, value - half, value + half, note, nulls)


def _right(given: Array, unit: Array, words: NDArray[np.int64]) -> Array:
    """Return 1 for each question whose answer is nearest to c + b - a, made of ``given``."""
    a, b, c, answer = words.T
    rows = np.arange(len(words))
    scores = (given[c] + given[b] - given[a]) @ unit.T
    for asked in (a, b, c):
        scores[rows, asked] = -np.inf
    return np.asarray(scores.argmax(axis=1) == answer, dtype=np.float64)


@gives("eigenvalues of M* that are not negative", SHARE)
def nonnegative_share(evidence: Evidence) -> Measurement:
    """Share of the eigenvalues of M* that are not negative.

    The null is that of random symmetric matrices (of the Gaussian orthogonal ensemble).
    """
    every = evidence.mstar.every
    if not every.size:
        raise NotTestable("only the leading eigenvalues were computed")
    count = int((every >= 0).sum())
    nulls = {"random symmetric matrices": _nonnegative_in_noise()}
    return Measurement(count / every.size, note=f"{count:,} of {every.size:,}", nulls=nulls)


def _nonnegative_in_noise(size: int = 200, draws: int = 200) -> Array:
    generator = np.random.default_rng(0)
    matrices = generator.standard_normal((draws, size, size))
    values = np.linalg.eigvalsh(matrices + matrices.transpose(0, 2, 1))
    return np.asarray((values >= 0).mean(axis=1))


@gives("modes more coherent than 95 % of random word sets, of the first {modes}", SHARE)
def topics(evidence: Evidence, modes: int = 10, words: int = 8) -> Measurement:
    """Share of the first modes whose top words are more coherent than 95 % of random word sets.

    The coherence of a set is the mean of NPMI = PMI / -log P_ij, in [-1, 1], over its pairs (Bouma
    2009; Lau, Newman and Baldwin 2014), -1 for a pair never seen. The sets are the ``words`` words
    of each mode by `component_words`; random sets are drawn from the 4,000 most frequent words, as
    those are. The interval is Wilson's, with modes as trials; the null takes random sets for modes.
    """
    found = evidence.mstar
    vocabulary = evidence.words[: found.eigenvectors.shape[0]]
    ids = {word: i for i, word in enumerate(vocabulary)}
    candidates = min(4000, len(vocabulary))
    modes = min(modes, found.positive)
    lists = component_words(found.embedding(modes), vocabulary, range(1, modes + 1), words, 4000)
    npmi = _npmi(evidence, candidates)
    generator = np.random.default_rng(0)
    random = [
        _coherence(npmi, generator.choice(candidates, words, replace=False))
        for _ in range(RANDOM_SETS)
    ]
    bound = float(np.quantile(random, 0.95))
    scores = [
        _coherence(npmi, np.array([ids[word] for word in listed.words]))
        for k in range(1, modes + 1)
        if (listed := lists[k]) is not None and len(listed.words) > 1
    ]
    listing = "; ".join(
        f"{k}: {' '.join(listed.words[:5])}"
        for k in range(1, modes + 1)
        if (listed := lists[k]) is not None
    )
    note = f"random sets' 95 % point {bound:.2f}, modes' mean {np.mean(scores):.2f}. {listing}"
    if not scores:
        raise NotTestable("no mode has two words at one end")
    passed = np.array(scores) > bound
    low, high = binomtest(int(passed.sum()), len(passed)).proportion_ci(method="wilson")
    draws = np.array(random[: len(random) // len(passed) * len(passed)]) > bound
    nulls = {"random words": draws.reshape(-1, len(passed)).mean(axis=1)}
    return Measurement(float(passed.mean()), low, high, note, nulls)


def _npmi(evidence: Evidence, size: int) -> NDArray[np.float64]:
    """Return NPMI (size, size) of the most frequent words; -1 for a pair never seen."""
    p = evidence.probabilities
    kept = (p.rows < size) & (p.columns < size)
    joint, independent = p.joint[kept], p.independent[kept]
    matrix = np.full((size, size), -1.0)
    values = np.log(joint / independent) / -np.log(joint)
    matrix[p.rows[kept], p.columns[kept]] = values
    matrix[p.columns[kept], p.rows[kept]] = values
    return matrix


def _coherence(npmi: NDArray[np.float64], ids: NDArray[np.int64]) -> float:
    """Return the mean NPMI over all pairs of the words ``ids``."""
    first, second = np.triu_indices(len(ids), 1)
    return float(npmi[ids[first], ids[second]].mean())


@gives("alignment with word2vec's features, {role} less {other}", "squared overlap")
def aligned_features(evidence: Evidence, role: Role, other: Role, modes: int = 20) -> Measurement:
    """Difference between two models in the alignment of their features with word2vec's (Figure 5).

    The alignment is the mean over word2vec's first modes of the squared overlap with the model's
    three modes nearest in order. The interval is a bootstrap over modes. Under the null, the
    model's modes are rotated at random within their subspace.
    """
    generator = np.random.default_rng(0)
    reference = evidence.components("word2vec").left
    overlaps: list[Array] = []
    for name in (role, other):
        left = evidence.components(name).left
        used = min(modes, reference.shape[1], left.shape[1] - 1)
        if used < 2:
            raise NotTestable("an embedding has fewer than three modes")
        overlaps.append(reference[:, :used].T @ left[:, : used + 1])
    count = min(len(overlap) for overlap in overlaps)
    ours, theirs = (_near(overlap)[:count] for overlap in overlaps)
    rotations = ortho_group.rvs(overlaps[0].shape[1], 200, random_state=generator)
    turned = [float(_near(overlaps[0] @ rotation)[:count].mean()) for rotation in rotations]
    chosen = generator.integers(0, count, (RANDOM_SETS, count))
    low, high = np.quantile((ours - theirs)[chosen].mean(axis=1), [0.025, 0.975])
    note = f"{role} {ours.mean():.2f}, {other} {theirs.mean():.2f}"
    nulls = {"rotated modes": np.array(turned) - theirs.mean()}
    return Measurement(float((ours - theirs).mean()), float(low), float(high), note, nulls)


def _near(overlap: Array) -> Array:
    """Return the squared overlap of each row with the three columns nearest in order."""
    squares = overlap**2
    return np.array([row[max(0, k - 1) : k + 2].sum() for k, row in enumerate(squares)])


@gives("part of {role} ({each}) within {other}'s space, less that within M*'s", SHARE)
def nearer_subspace(
    evidence: Evidence, role: Role, other: Role, each: Each = "direction"
) -> Measurement:
    """How much more of a run lies within another model's subspace than within that of M*.

    It is the mean over the run's left singular vectors of their squared length within the space of
    the other model, less that within as many leading eigenvectors of M*. They count equally (each
    ``direction``), or by their squared singular values (each ``squared norm``: shares of
    ||W||_F^2). The interval is a bootstrap over them; under the null, chance decides for each which
    of the two spaces is which.
    """
    own, space = evidence.components(role), evidence.components(other).left
    mstar = evidence.mstar_dynamic.eigenvectors[:, : space.shape[1]]
    ours, theirs = (((own.left.T @ basis) ** 2).sum(axis=1) for basis in (space, mstar))
    weight = np.ones(len(ours)) if each == "direction" else own.values**2
    gain = ours - theirs
    generator = np.random.default_rng(0)
    chosen = generator.integers(0, len(gain), (RANDOM_SETS, len(gain)))
    resampled = (weight * gain)[chosen].sum(axis=1) / weight[chosen].sum(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    signs = generator.choice([-1.0, 1.0], (RANDOM_SETS, len(gain)))
    nulls = {"models exchanged": signs @ (weight * gain) / weight.sum()}
    shares = (float(weight @ each_of / weight.sum()) for each_of in (ours, theirs))
    note = "{} {:.3f}, M* {:.3f}".format(other, *shares)
    value = float(weight @ gain / weight.sum())
    return Measurement(value, float(low), float(high), note, nulls)


@gives("exponent of the eigenvalues {first} to {last} of M*", "power of k")
def eigenvalue_exponent(evidence: Evidence, first: int = 10, last: int = 200) -> Measurement:
    """Exponent of the power law fitted to the eigenvalues ``first`` to ``last`` of M*."""
    values = evidence.mstar.eigenvalues[first - 1 : last]
    if len(values) < last - first + 1 or values[-1] <= 0:
        raise NotTestable(f"M* has no {last} positive eigenvalues here")
    law = power_law.fit(np.arange(first, last + 1), values)
    return Measurement(law.exponent, law.low, law.high, f"modes {first} to {last}")
