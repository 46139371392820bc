"""Linear structure of analogy families against the rank d of svd(M*).

These are the numbers of Figures 4, 6 and 8 and of the participation figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.evaluation import analogies
from mstar.evaluation.question_files import Sections
from mstar.evaluation.three_cos_add import answer
from mstar.features import task_vectors
from mstar.features.analogy_cosines import mean_cosines
from mstar.features.components import component_words
from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.spectra.directions import normalise_rows
from mstar.spectra.spectrum import Spectrum
from mstar.statistics import marchenko_pastur

INTERVAL_SAMPLES = 200
SCORES = ["accuracy", "cosine", "cosine_ratio"]
CURVES = ["family", *task_vectors.COLUMNS, *SCORES]
GRAM = ["family", "dim", "eigenvalue"]
FITS = ["family", "dim", "sigma2", "gamma", "d_eff", "low", "high", "n"]
FITS += ["d_eff_moments", "d_eff_mstar"]
MODES = ["family", "mode", "share", "words"]


@dataclass(frozen=True)
class LinearStructure:
    """Results of one analysis, each a frame that is written as a table.

    Attributes:
        gram: family, dim, eigenvalue: eigenvalues of R_d R_d^T / d.
        fits: family, dim, sigma2, gamma, d_eff, low, high (Marchenko-Pastur law fitted to the n
            eigenvalues of the bulk, with the interval of d_eff), n, d_eff_moments (from two
            moments of the bulk), d_eff_mstar (from the eigenvalues of M* alone).
        modes: family, mode (from 0), share (squared projection of the mean task vector, summing
            to 1 over a family), words.
        curves: family, dim, pairs, rank, snr, spike_mean_ratio, participation (inverse
            participation ratio of the mean task vector on the first d modes); accuracy, cosine,
            cosine_ratio of the regenerated questions (NaN for families that are not scored). A
            family with too few pairs has one row without dim.
    """

    gram: pd.DataFrame
    fits: pd.DataFrame
    modes: pd.DataFrame
    curves: pd.DataFrame


def analyse(
    spectrum: Spectrum,
    words: Sequence[str],
    sections: Sections,
    histograms: Mapping[str, Sequence[int]],
    scored: Sequence[str],
    dims: Sequence[int],
    modes: int,
    seed: int = 0,
) -> LinearStructure:
    """Analyse every family of ``sections`` over the ranks ``dims``, and some in more detail.

    Args:
        spectrum: of M*; ranks beyond its positive eigenvalues are left out.
        words: (V,) words of the rows.
        sections: questions by family, from `mstar.evaluation.question_files.parse_questions`.
        histograms: families whose Gram spectra and modes are computed, each with its d.
        scored: families whose questions are scored, which takes most of the time.
        dims: ranks d.
        modes: number of leading modes of the mean task vectors.
        seed: of the bootstrap interval of d_eff.
    """
    positive = int((spectrum.eigenvalues > 0).sum())
    embedding = spectrum.embedding(positive)
    found = analogies.pairs_in_vocabulary(sections, words)
    families = dict.fromkeys([*sections, *scored, *histograms])
    pairs = {family: found.get(family, np.empty((0, 2), np.int64)) for family in families}
    questions = analogies.build_questions(sections, words, "regenerated")
    usable = [family for family in families if len(pairs[family]) >= FEWEST_PAIRS]
    shown = [d for d in dims if d <= positive]
    asked = {family: questions.select(family) for family in usable if family in scored}
    scores = dict(zip(asked, _scores(embedding, list(asked.values()), shown), strict=True))
    curves = [
        task_vectors.family_table(embedding, pairs[family], shown).assign(**scores.get(family, {}))
        if family in usable
        else pd.DataFrame({"pairs": [len(pairs[family])]})
        for family in families
    ]
    bulks = {
        family: _bulk(embedding, pairs[family], [d for d in wanted if d <= positive], seed)
        for family, wanted in histograms.items()
    }
    fits = _labelled({family: fit for family, (_, fit) in bulks.items()}, FITS)
    fits["d_eff_mstar"] = [
        marchenko_pastur.effective_dimension(spectrum.eigenvalues[:d]) for d in fits["dim"]
    ]
    features = _modes(embedding, words, {family: pairs[family] for family in histograms}, modes)
    return LinearStructure(
        _labelled({family: gram for family, (gram, _) in bulks.items()}, GRAM),
        fits,
        _labelled(features, MODES),
        _labelled(dict(zip(families, curves, strict=True)), CURVES),
    )


def _labelled(parts: Mapping[str, pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Concatenate all parts that have rows, each labelled with its family."""
    known = [part.assign(family=family) for family, part in parts.items() if len(part)]
    return (pd.concat(known, ignore_index=True) if known else pd.DataFrame()).reindex(
        columns=columns
    )


def _scores(
    embedding: NDArray[np.float64], sets: Sequence[analogies.Questions], dims: Sequence[int]
) -> list[dict[str, list[float]]]:
    """Return `SCORES` over ``dims`` of each set; one pass for each d answers all sets."""
    found: list[dict[str, list[float]]] = [{name: [] for name in SCORES} for _ in sets]
    if not sets:
        return found
    asked = np.concatenate([questions.words for questions in sets])
    ends = np.cumsum([len(questions) for questions in sets])[:-1]
    single = embedding.astype(np.float32)
    for dim in dims:
        unit = normalise_rows(single[:, :dim], np.float32)
        right = np.split(answer(unit, asked) == asked[:, 3], ends)
        for one, questions, hits in zip(found, sets, right, strict=True):
            share = float(hits.mean()) if hits.size else np.nan
            for name, value in zip(
                SCORES, (share, *mean_cosines(unit, questions.words)), strict=True
            ):
                one[name].append(value)
    return found


def _bulk(
    embedding: NDArray[np.float64], pairs: NDArray[np.int64], dims: Sequence[int], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    spectra: list[pd.DataFrame] = []
    fits = []
    for dim in dims if len(pairs) >= FEWEST_PAIRS else []:
        gram = task_vectors.gram_matrices(embedding, pairs, [dim])[0]
        values = task_vectors.gram_eigenvalues(gram, dim)
        spectra.append(pd.DataFrame({"dim": dim, "eigenvalue": values}))
        try:
            fit = marchenko_pastur.fit_bulk(values)
        except ValueError:  # fewer than three non-zero eigenvalues in the bulk
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
    return pd.concat(spectra) if spectra else pd.DataFrame(), pd.DataFrame(fits)


def _modes(
    embedding: NDArray[np.float64],
    words: Sequence[str],
    families: Mapping[str, NDArray[np.int64]],
    modes: int,
) -> dict[str, pd.DataFrame]:
    shown = min(modes, embedding.shape[1])
    # The columns of V_d Lambda_d^{1/2} are orthogonal, so its components are M*'s eigenvectors.
    lists = component_words(embedding[:, :shown], words, range(1, shown + 1), 6, 4000)
    text = [" ".join(found.words) if (found := lists[k]) else "" for k in range(1, shown + 1)]
    return {
        family: pd.DataFrame(
            {
                "mode": range(shown),
                "share": task_vectors.mean_projections(embedding, pairs, shown),
                "words": text,
            }
        )
        for family, pairs in families.items()
    }
