"""Measures of M*, and of the meaning of its eigenvectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mstar.claims.claims import Role
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.counts import targets
from mstar.features.components import component_words
from mstar.statistics import power_law

RANDOM_SETS = 2000


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


def largest_entry(evidence: Evidence) -> Measurement:
    """Largest |M*_ij|, unseen pairs included."""
    mstar, absent = targets.mstar_cells(evidence.probabilities, evidence.negative)
    return Measurement(float(max(np.abs(mstar).max(), abs(absent))))


def nonnegative_share(evidence: Evidence) -> Measurement:
    """Share of the eigenvalues of M* that are not negative."""
    every = evidence.mstar.every
    if not every.size:
        raise NotTestable("only the leading eigenvalues were computed")
    count = int((every >= 0).sum())
    return Measurement(count / every.size, note=f"{count:,} of {every.size:,}")


def topics(evidence: Evidence, modes: int = 10, words: int = 8) -> Measurement:
    """Share of the first modes whose top words are more coherent than 95 % of random word sets.

    The coherence of a set is the mean of NPMI = PMI / -log P_ij, in [-1, 1], over its pairs (Bouma
    2009; Lau, Newman and Baldwin 2014), -1 for a pair never seen. The sets are the ``words`` words
    of each mode by `component_words`; random sets are drawn from the 4,000 most frequent words, as
    those are.
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
    return Measurement(float(np.mean(np.array(scores) > bound)), note=note)


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


def aligned_features(evidence: Evidence, role: Role, other: Role, modes: int = 20) -> Measurement:
    """Difference between two models in the alignment of their features with word2vec's (Figure 5).

    The alignment is the mean over word2vec's first modes of the squared overlap with the model's
    three modes nearest in order.
    """
    reference = evidence.components("word2vec").left
    shares = []
    for name in (role, other):
        left = evidence.components(name).left
        used = min(modes, reference.shape[1], left.shape[1] - 1)
        if used < 2:
            raise NotTestable("an embedding has fewer than three modes")
        overlaps = (reference[:, :used].T @ left[:, : used + 1]) ** 2
        near = [overlaps[k, max(0, k - 1) : k + 2].sum() for k in range(used)]
        shares.append(float(np.mean(near)))
    note = f"{role} {shares[0]:.2f}, {other} {shares[1]:.2f}"
    return Measurement(shares[0] - shares[1], note=note)


def eigenvalue_exponent(evidence: Evidence, first: int = 10, last: int = 200) -> Measurement:
    """Exponent of the power law fitted to the eigenvalues ``first`` to ``last`` of M*."""
    values = evidence.mstar.eigenvalues[first - 1 : last]
    if len(values) < last - first + 1 or values[-1] <= 0:
        raise NotTestable(f"M* has no {last} positive eigenvalues here")
    law = power_law.fit(np.arange(first, last + 1), values)
    return Measurement(law.exponent, law.low, law.high, f"modes {first} to {last}")
