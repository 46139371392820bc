"""Errors of Lemma 3.1's learning times against the exact flow, by the scale of the start.

The lemma starts every mode at s_k(0) = s, aligned. A Gaussian start W(0), entries N(0, s^2/d),
cannot be aligned by a rotation; the best rotation (`mstar.dynamics.theory.align`) makes it lower
triangular in the eigenbasis. Column k then belongs to mode k and starts with the R_kk of a QR
decomposition of Gaussians,

    R_kk^2 = rho_k s^2,    rho_k = chi^2_{d-k+1} / d,

which is smaller for later modes. Its other entries, of slower modes j > k, are N(0, s^2/d). While W
is small all entries grow as e^(lambda t/2), and column k reaches the size of mode k when

    rho_k s^2 e^(lambda_k t) (1 + eps_k) = lambda_k,
    eps_k = sum_(j > k) (s^2/lambda_k)^(1 - lambda_j/lambda_k) / (d rho_k),

where the sum is the size of the slower modes at tau_k. So the relative error of the lemma's tau_k
is

    |t_k / tau_k - 1| <= (|ln rho_k| + ln(1 + eps_k)) / ln(lambda_k/s^2),

to first order in eps_k and without the coupling of large columns. It vanishes as s -> 0, but only
as 1 / ln(1/s): an error of 1 % needs |ln rho_k| <= 0.01 ln(lambda_k/s^2), whatever the gaps. For
most of the d modes rho_k is about (d - k + 1)/d, so the lemma is within 1 % up to about

    k = d (1 - e^(-0.01 ln(lambda_k/s^2))),

which is less than half of them at s = 1e-12. With rho_k s^2 in place of s^2 only the error of eps_k
remains.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from mstar.dynamics import learning_times, theory
from mstar.machine.arrays import Array
from mstar.spectra.spectrum import Spectrum

# init: s; mode: k from 1; measured: t_k / tau_k - 1 of the exact flow, nan if the mode starts half
# learned; bound: on its absolute value, with probability `LEVEL`; typical: bound at the median
# rho_k; within_at: the s below which the bound without eps_k is `WITHIN`.
COLUMNS = ["init", "mode", "measured", "bound", "typical", "within_at"]
LEVEL = 0.95
WITHIN = 0.01
POINTS = 150


def log_start(dim: int, modes: NDArray[np.int64], level: float = LEVEL) -> Array:
    """Return a bound on |ln rho_k| of probability ``level``, for ``modes`` k = 1 ... d.

    It is the larger of the values at both tails of chi^2, each of probability (1 - level) / 2.
    """
    freedom = dim - modes + 1
    tails = [chi2.ppf(p, freedom) / dim for p in ((1 - level) / 2, (1 + level) / 2)]
    return np.asarray(np.maximum(*(np.abs(np.log(tail)) for tail in tails)))


def time_error(eigenvalues: Array, dim: int, init: float, level: float = LEVEL) -> Array:
    """Return the bound (d,) on |t_k / tau_k - 1| that holds for a mode with probability ``level``.

    It is nan for a mode with an eigenvalue of at most ``init``^2.

    Args:
        eigenvalues: all eigenvalues of M*, descending.
        dim: d.
        init: s.
        level: probability.
    """
    modes = np.arange(1, dim + 1)
    shift: Array = log_start(dim, modes, level)
    found = np.full(dim, np.nan)
    least = np.asarray(chi2.ppf((1 - level) / 2, dim - modes + 1)) / dim
    for k in np.flatnonzero(eigenvalues[:dim] > init**2):
        span = np.log(eigenvalues[k] / init**2)
        slower = np.exp(-span * (1.0 - eigenvalues[k + 1 :] / eigenvalues[k])).sum()
        found[k] = (shift[k] + np.log1p(slower / (dim * least[k]))) / span
    return found


def scale_within(eigenvalues: Array, dim: int, within: float = WITHIN) -> Array:
    """Return the s (d,) below which tau_k has a relative error of ``within``, without eps_k.

    It is sqrt(lambda_k) e^(-|ln rho_k| / (2 within)), with |ln rho_k| at `LEVEL`.
    """
    shift = log_start(dim, np.arange(1, dim + 1))
    return np.asarray(np.sqrt(np.maximum(eigenvalues[:dim], 0.0)) * np.exp(-shift / (2 * within)))


def half_times(squares: Array, eigenvalues: Array, times: Array) -> Array:
    """Return the time (d,) at which s_k^2 first reaches lambda_k / 2.

    It is nan if s_k^2 starts there or never reaches it. Between times ln(s^2 / (lambda - s^2)) is
    interpolated linearly, which is exact for a sigmoid.

    Args:
        squares: (times, d) s_k^2.
        eigenvalues: (d,) lambda_k.
        times: (times,) flow times.
    """
    share = np.clip(squares / eigenvalues, 1e-300, 1 - 1e-12)
    logit = np.log(share) - np.log1p(-share)
    found = [learning_times.first_passed(times, one, 0.0, "linear") for one in logit.T]
    return np.where(logit[0] < 0, found, np.nan)


def compare(spectrum: Spectrum, dim: int, inits: Sequence[float], seed: int = 0) -> pd.DataFrame:
    """Compare the learning times of exact flow and lemma, in rows with `COLUMNS`.

    Args:
        spectrum: complete spectrum of M*.
        dim: d.
        inits: scales s of the start; modes that do not grow from s are omitted.
        seed: of the random start.
    """
    values = spectrum.eigenvalues
    tables = []
    for init in inits:
        learned = learning_times.growing(values[:dim], init)
        if not learned:
            continue
        taus = learning_times.time_constants(values[:learned], init)
        times = np.geomspace(0.1 * taus.min(), 3.0 * taus.max(), POINTS)
        start = theory.initial_weights(values.size, dim, init, seed)
        squares = [
            theory.singular_values(w)[:learned] ** 2
            for w in theory.exact_flow(start, values, np.concatenate([[0.0], times]))
        ]
        measured = half_times(np.array(squares), values[:learned], np.concatenate([[0.0], times]))
        columns = {
            "init": init,
            "mode": np.arange(1, learned + 1),
            "measured": measured / taus - 1.0,
            "bound": time_error(values, dim, init)[:learned],
            "typical": time_error(values, dim, init, 0.0)[:learned],
            "within_at": scale_within(values, dim)[:learned],
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
