"""The effect of the vocabulary's size, and the part of it due to rare words.

A text of T words has about n_i n_j 2 L / T meetings of two unrelated words in its windows, which is
less than one for rare words. If such a pair is seen once, P_ij >> P_i P_j and M*_ij is near 2; if
never, M*_ij = -2. So the mean of M*_ij over texts of unrelated words is not 0 but a function of
n_i n_j (`expected_entry`), -2 if both words are rare and about 0 if both are frequent. The
eigenvalues of this matrix grow with the number of rare words. Once its largest exceeds those of
topics, the first mode of M* separates frequent words from rare ones, whatever their meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.counts.meetings import moments
from mstar.features.components import frequency_share
from mstar.machine.arrays import Array
from mstar.spectra.spectrum import Spectrum
from mstar.statistics import power_law
from mstar.statistics.dyads import Dyads
from mstar.statistics.intervals import share_interval

MODES = 4
GRID = np.logspace(-8, 2, 121)
GROUPS = 200


def expected_entry(meetings: Array, window: int, negative: float = 1.0) -> Array:
    """Return the mean of M*_ij = 4 C / (C + k mu) - 2 for two unrelated words.

    C is the sum of a Poisson number of window weights, each uniform on 1..L, and mu its mean.

    Args:
        meetings: expected numbers of meetings, any shape, >= 0.
        window: L.
        negative: k.
    """
    means = np.array([moments(float(m), window, negative).mean for m in GRID])
    inside = np.interp(np.log(np.maximum(meetings, GRID[0])), np.log(GRID), means)
    return np.where(meetings < GRID[0], -2.0, inside)


def chance_eigenvalues(unigram: NDArray[Any], window: int, negative: float = 1.0) -> Array:
    """Return the eigenvalues, descending, of the matrix of `expected_entry` between words.

    Words are grouped by rank in about `GROUPS` groups, evenly spaced in log rank, each with its
    mean frequency. Words of equal frequency have equal rows, so the matrix of groups, weighted by
    the square roots of their sizes, has the non-zero eigenvalues of the matrix of words.

    Args:
        unigram: (V,) occurrences n_i, descending.
        window: L.
        negative: k.
    """
    size, total = len(unigram), float(unigram.sum())
    cuts = np.unique(np.logspace(0, np.log10(size), min(GROUPS, size)).round().astype(int))
    low, high = np.concatenate([[0], cuts[:-1]]), cuts
    sums = np.concatenate([[0], np.cumsum(unigram, dtype=np.float64)])
    members = high - low
    mean = (sums[high] - sums[low]) / members
    entries = expected_entry(2 * window * np.outer(mean, mean) / total, window, negative)
    values = np.linalg.eigvalsh(entries * np.sqrt(np.outer(members, members)))
    return np.asarray(values[::-1], dtype=np.float64)


def question_words(answers: pd.DataFrame, size: int) -> NDArray[np.int64]:
    """Return the word ids (n, 4) of the analogy questions in a table of answers.

    Args:
        answers: analogies in a table with the columns `mstar.evaluation.evaluate.ANSWERS`.
        size: V.
    """
    pairs = answers[["first", "second"]].to_numpy(dtype=np.int64)
    return np.column_stack([pairs // size, pairs % size]).reshape(-1, 4)


def at_size(
    words: Sequence[str],
    unigram: NDArray[Any],
    spectrum: Spectrum,
    answers: pd.DataFrame,
    *,
    among: int,
    window: int,
    negative: float,
    fit_from: int,
    modes: int,
) -> list[dict[str, Any]]:
    """Return the rows of the scaling figure's table for one vocabulary.

    Args:
        words, unigram: the V words, most frequent first, and their occurrences.
        spectrum: of M*, with ``modes`` pairs or more.
        answers: of svd(M*), with the columns `mstar.evaluation.evaluate.ANSWERS`.
        among: the fixed questions have all words among this many most frequent words.
        window: L.
        negative: k.
        fit_from, modes: first and last mode of the power law.
    """
    size = len(words)
    asked = answers[(answers["benchmark"] == "google") & (answers["variant"] == "original")]
    fixed = (question_words(asked, size) < among).all(axis=1)
    rows: list[dict[str, Any]] = []
    for panel, chosen in (("accuracy fixed", fixed), ("accuracy all", np.ones_like(fixed))):
        if panel == "accuracy fixed" and size < among:
            continue  # not all fixed questions are covered
        own = asked[chosen]
        units = (own[name].to_numpy() for name in ("first", "second", "category"))
        low, high = share_interval(own["value"].to_numpy(), Dyads(*units))
        row = {"y": own["value"].mean(), "low": low, "high": high, "questions": len(own)}
        rows.append({"panel": panel, **row})
    values = spectrum.eigenvalues[:modes]
    values = values[values > 0]
    x = np.arange(1, len(values) + 1)
    if len(values) - fit_from + 1 >= power_law.FEWEST_POINTS:
        law = power_law.fit(x[fit_from - 1 :], values[fit_from - 1 :])
        rows.append({"panel": "exponent", "y": law.exponent, "low": law.low, "high": law.high})
    for k in range(min(MODES, spectrum.eigenvalues.size)):
        vector = spectrum.eigenvectors[:, k]
        ends = np.argsort(-vector, kind="stable")[:8]
        correlation = np.corrcoef(np.abs(vector), np.log(unigram))[0, 1]
        rows += [
            {"panel": "eigenvalue", "mode": k + 1, "y": spectrum.eigenvalues[k]},
            {"panel": "frequency", "mode": k + 1, "y": frequency_share(vector, unigram)},
            {"panel": "correlation", "mode": k + 1, "y": correlation},
            {"panel": "words", "mode": k + 1, "text": " ".join(words[i] for i in ends)},
        ]
    chance = chance_eigenvalues(unigram, window, negative)[0]
    rows.append({"panel": "chance", "mode": 1, "y": chance})
    return [{"vocabulary": size, **row} for row in rows]
