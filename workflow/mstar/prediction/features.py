"""Prediction, without training, of the features that embeddings learn, in order.

Predictions use only the leading eigenpairs of M*. Mode k is learned at tau_k = ln(lambda_k / s^2) /
lambda_k (Lemma 3.1). One minibatch step at learning rate eta covers the flow time
h = 2 (1 + k) eta / ||M*||_F^2 (`mstar.dynamics.schedule` with the loss scale mean(M*^2)), until eta
drops.

The exact flow (`mstar.dynamics.theory.exact_flow`) is followed from Gaussian weights within the
space of the r known modes. W(0) is Gaussian in any orthonormal basis, so its coordinates in that
space are drawn directly. The other V - r directions, which grow more slowly, are neglected: they
would add their share of the random start, (V - r) s^2 of ||W||_F^2, and little else, since modes
learned first occupy the columns of W.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.dynamics import learning_times, theory
from mstar.dynamics.schedule import Drops, steps_until
from mstar.features.components import ends, frequency_share
from mstar.features.names import names
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.spectra.spectrum import Spectrum

# rank: from 1; share: lambda^2 / ||M*||^2, cumulative: sum of shares so far; time: tau_k in flow
# time, time_tau1: in tau_1, steps: in minibatch steps; name: see `mstar.features.names`; positive,
# negative: words at both ends, the most extreme first; frequency: share of the mode explained by
# word frequency.
COLUMNS = ["rank", "eigenvalue", "share", "cumulative", "time", "time_tau1", "steps", "name"]
COLUMNS += ["positive", "negative", "frequency"]
WORD2VEC = ["rank", "singular_value", "share", "cumulative", *COLUMNS[-4:]]

# Times run from 0.5 tau_1 to 2 times the last tau_k.
SPAN = 0.5, 2.0


def step_time(squared_norm: float, learning_rate: float, negative: float = 1.0) -> float:
    """Return the flow time h = 2 (1 + k) eta / ||M*||_F^2 of one minibatch step of QWEM.

    Args:
        squared_norm: ||M*||_F^2.
        learning_rate: eta, for the loss divided by mean(M*^2), as in the authors' code.
        negative: k.
    """
    return 2.0 * (1.0 + negative) * learning_rate / squared_norm


def features(
    spectrum: Spectrum,
    words: Sequence[str],
    unigram: NDArray[np.int64],
    *,
    init: float,
    learning_rate: float,
    negative: float = 1.0,
    drops: Drops = (),
    shown: int = 10,
) -> pd.DataFrame:
    """Return the features that will be learned, in order, in rows with `COLUMNS`.

    Features are the known modes with an eigenvalue above ``init``^2.

    Args:
        spectrum: leading eigenpairs of M*.
        words: (V,) words of its rows.
        unigram: (V,) occurrences of the words.
        init: scale s of the random start.
        learning_rate: eta, by which times are converted to minibatch steps.
        negative: k.
        drops: steps at which the learning rate is multiplied by a factor.
        shown: words listed at each end.

    Raises:
        UserError: no mode grows from ``init``.
        ValueError: words and rows of the eigenvectors differ in number.
    """
    if len(words) != len(spectrum.eigenvectors):
        raise ValueError(f"{len(words)} words for {len(spectrum.eigenvectors)} rows")
    times = learning_times.time_constants(spectrum.eigenvalues, init)
    count = int(np.isfinite(times).sum())
    values, times = spectrum.eigenvalues[:count], times[:count]
    step = step_time(spectrum.squared_norm, learning_rate, negative)
    share = values**2 / spectrum.squared_norm
    columns = {
        "rank": np.arange(1, count + 1),
        "eigenvalue": values,
        "share": share,
        "cumulative": np.cumsum(share),
        "time": times,
        "time_tau1": times / times[0],
        "steps": [steps_until(time, step, drops) for time in times.tolist()],
        **_meaning(spectrum, words, unigram, count, shown),
    }
    return pd.DataFrame(columns)[COLUMNS]


def word2vec_features(
    spectrum: Spectrum, words: Sequence[str], unigram: NDArray[np.int64], dim: int, shown: int = 10
) -> pd.DataFrame:
    """Return word2vec's features, the principal components of its embedding by Proposition 2.

    Strong components come first. When each is learned is not predicted.

    Args:
        spectrum: ``dim`` leading eigenpairs, or more, of Proposition 2's matrix, with its scale.
        words: (V,) words of its rows.
        unigram: (V,) occurrences of the words.
        dim: d of the embedding W.
        shown: words listed at each end.

    Returns:
        Columns `WORD2VEC`: ``singular_value`` of W, its ``share`` of ||W||_F^2, and the others as
        in `features`.

    Raises:
        UserError: ``dim`` exceeds the number of known eigenpairs.
    """
    return components(spectrum.solution(dim), words, unigram, shown)


def components(
    spectrum: Spectrum, words: Sequence[str], unigram: NDArray[np.int64], shown: int = 10
) -> pd.DataFrame:
    """Return the principal components of an embedding W, in rows with `WORD2VEC`.

    Args:
        spectrum: of W W^T, all eigenpairs that are not zero.
        words, unigram, shown: see `word2vec_features`.
    """
    squares = spectrum.eigenvalues
    columns = {
        "rank": np.arange(1, squares.size + 1),
        "singular_value": np.sqrt(squares),
        "share": squares / squares.sum(),
        "cumulative": np.cumsum(squares) / squares.sum(),
        **_meaning(spectrum, words, unigram, squares.size, shown),
    }
    return pd.DataFrame(columns)[WORD2VEC]


def _meaning(
    spectrum: Spectrum, words: Sequence[str], unigram: NDArray[np.int64], count: int, shown: int
) -> dict[str, list[Any]]:
    """Return name, words at both ends and share of frequency of the first ``count`` modes."""
    vectors = [spectrum.eigenvectors[:, k] for k in range(count)]
    both = [ends(vector, shown) for vector in vectors]
    return {
        "name": names(spectrum, words, count),
        "positive": [" ".join(words[i] for i in top) for top, _ in both],
        "negative": [" ".join(words[i] for i in bottom) for _, bottom in both],
        "frequency": [frequency_share(vector, unigram) for vector in vectors],
    }


def times_followed(eigenvalues: Array, dim: int, init: float, points: int) -> Array:
    """Return ``points`` flow times, evenly spaced in log time, over which ``dim`` modes learn."""
    times = learning_times.time_constants(eigenvalues[:dim], init)
    return np.geomspace(SPAN[0] * float(times[0]), SPAN[1] * float(np.nanmax(times)), points)


def follow(
    spectrum: Spectrum, dim: int, init: float, times: Array, seed: int = 0
) -> Iterator[tuple[Array, float]]:
    """Yield W (r, d) in the basis of the r known modes, and its normalised loss, at flow ``times``.

    The embedding of the words is ``spectrum.eigenvectors @ W``. The loss is that for all of M*.

    Raises:
        UserError: ``dim`` exceeds the number of known modes.
    """
    values = spectrum.eigenvalues
    if dim > values.size:
        raise UserError(
            f"dim: {dim} asked for, and {values.size} eigenpairs are known: expected at most "
            f"{values.size}, or a larger prediction.rank"
        )
    known = float((values**2).sum()) / spectrum.squared_norm
    start = theory.initial_weights(values.size, dim, init, seed)
    for weights in theory.exact_flow(start, values, times):
        yield weights, 1.0 - known * (1.0 - theory.normalised_loss(weights, values))


def lemma_loss(spectrum: Spectrum, squares: Array) -> Array:
    """Return the normalised loss (times,) for squared singular values (times, d) of Lemma 3.1."""
    values = spectrum.eigenvalues[: squares.shape[1]]
    return np.asarray(
        1.0 + (squares**2 - 2.0 * values * squares).sum(axis=1) / spectrum.squared_norm
    )


def rank_loss(spectrum: Spectrum, dims: Sequence[int]) -> Array:
    """Return the normalised loss (dims,) of the best embedding of each d (Theorem 1)."""
    learned = np.maximum(spectrum.eigenvalues, 0.0) ** 2
    return np.asarray(1.0 - np.cumsum(learned)[np.asarray(dims) - 1] / spectrum.squared_norm)
