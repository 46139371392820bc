"""Linear structure of analogy families against the rank d of svd(M*): the numbers behind Figure
4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar import analogies, marchenko_pastur, task_vectors
from mstar.features import component_words
from mstar.spectrum import Spectrum
from mstar.task_vectors import FEWEST_PAIRS

INTERVAL_SAMPLES = 200
CURVES = ["family", "dim", "pairs", "rank", "snr", "spike_mean_ratio", "accuracy"]


@dataclass(frozen=True)
class LinearStructure:
    """Frames that one analysis gives, each written as one table.

    Attributes:
        gram: dim, eigenvalue: eigenvalues of R_d R_d^T / d of the chosen family.
        fits: dim, sigma2, gamma, d_eff, low, high, n, d_eff_moments: Marchenko-Pastur fits of the
            bulk.
        modes: mode (from 0), share (squared projection of the mean task vector, summing to 1),
            words.
        curves: family, dim, pairs, rank, snr, spike_mean_ratio, accuracy.
    """

    gram: pd.DataFrame
    fits: pd.DataFrame
    modes: pd.DataFrame
    curves: pd.DataFrame


def analyse(
    spectrum: Spectrum,
    words: Sequence[str],
    sections: analogies.Sections,
    family: str,
    families: Sequence[str],
    histogram_dims: Sequence[int],
    dims: Sequence[int],
    modes: int,
    seed: int = 0,
) -> LinearStructure:
    """Analyse one ``family`` closely and all ``families`` over ``dims``.

    Args:
        spectrum: of M*; ranks beyond its positive eigenvalues are left out.
        sections: questions by family, from `mstar.analogies.parse_questions`.
    """
    positive = int((spectrum.eigenvalues > 0).sum())
    embedding = spectrum.embedding(positive)
    pairs = analogies.pairs_in_vocabulary(sections, words)
    questions = analogies.build_questions(sections, words, "regenerated")
    usable = {f: pairs[f] for f in families if f in pairs and len(pairs[f]) >= FEWEST_PAIRS}
    shown = [d for d in dims if d <= positive]
    accuracies = _accuracies(embedding, [questions.select(f) for f in usable], shown)
    curves = [
        task_vectors.family_table(embedding, found, shown).assign(
            family=name, accuracy=accuracies[:, i]
        )
        for i, (name, found) in enumerate(usable.items())
    ]
    counted = [
        pd.DataFrame({"family": [f], "pairs": [len(pairs.get(f, ()))]})
        for f in families
        if f not in usable
    ]
    chosen = pairs.get(family, np.empty((0, 2), dtype=np.int64))
    gram, fits = _bulk(embedding, chosen, [d for d in histogram_dims if d <= positive], seed)
    return LinearStructure(
        gram,
        fits,
        _modes(embedding, words, chosen, modes),
        pd.concat([*curves, *counted]).reindex(columns=CURVES),
    )


def _accuracies(
    embedding: NDArray[np.float64], sets: Sequence[analogies.Questions], dims: Sequence[int]
) -> NDArray[np.float64]:
    """Share of right answers (dims, sets); the questions of all sets share one pass for each d."""
    if not sets:
        return np.empty((len(dims), 0))
    asked = np.concatenate([questions.words for questions in sets])
    ends = np.cumsum([len(questions) for questions in sets])[:-1]
    single = embedding.astype(np.float32)
    shares = []
    for dim in dims:
        right = analogies.predict(single[:, :dim], asked, np.float32) == asked[:, 3]
        shares.append([part.mean() if part.size else np.nan for part in np.split(right, ends)])
    return np.asarray(shares)


def _bulk(
    embedding: NDArray[np.float64], pairs: NDArray[np.int64], dims: Sequence[int], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    spectra, fits = [], []
    for dim in dims if len(pairs) >= FEWEST_PAIRS else []:
        gram = task_vectors.gram_matrices(embedding, pairs, [dim])[0]
        values = task_vectors.gram_eigenvalues(gram, dim)
        spectra.append(pd.DataFrame({"dim": dim, "eigenvalue": values}))
        try:
            fit = marchenko_pastur.fit_bulk(values)
        except ValueError:  # fewer than three non-zero eigenvalues in the bulk: no law to fit
            continue
        low, high = marchenko_pastur.bootstrap_d_eff(fit, samples=INTERVAL_SAMPLES, seed=seed)
        fits.append(
            {
                "dim": dim,
                "sigma2": fit.sigma2,
                "gamma": fit.gamma,
                "d_eff": fit.d_eff,
                "low": low,
                "high": high,
                "n": fit.n,
                "d_eff_moments": fit.d_eff_moments,
            }
        )
    columns = ["dim", "sigma2", "gamma", "d_eff", "low", "high", "n", "d_eff_moments"]
    empty = pd.DataFrame(columns=["dim", "eigenvalue"])
    return (pd.concat(spectra) if spectra else empty), pd.DataFrame(fits, columns=columns)


def _modes(
    embedding: NDArray[np.float64], words: Sequence[str], pairs: NDArray[np.int64], modes: int
) -> pd.DataFrame:
    shown = min(modes, embedding.shape[1])
    shares = np.full(shown, np.nan)
    if len(pairs):
        shares = task_vectors.mean_projections(embedding, pairs, shown)
    # The columns of V_d Lambda_d^{1/2} are orthogonal, so its components are the eigen-features.
    lists = component_words(embedding[:, :shown], words, range(1, shown + 1), 6, 4000)
    text = [" ".join(found.words) if (found := lists[k]) else "" for k in range(1, shown + 1)]
    return pd.DataFrame({"mode": range(shown), "share": shares, "words": text})
