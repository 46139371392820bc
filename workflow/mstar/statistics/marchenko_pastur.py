"""The Marchenko–Pastur law, and fitting it to the bulk of a Gram spectrum.

For an (N, d) matrix X of independent entries of variance sigma2, the eigenvalues of (1/d) X Xᵀ
follow, for large N and d at gamma = N/d,

    rho(x) = sqrt((x₊ - x)(x - x₋)) / (2π sigma2 gamma x),   x± = sigma2 (1 ± sqrt(gamma))²,

plus, for gamma > 1, a point mass 1 - 1/gamma at zero (Marchenko and Pastur 1967).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.machine.arrays import Array

# A largest eigenvalue beyond this multiple of the upper edge is an outlier, both for claims and for
# the arrows of figures.
CLEAR = 1.1
# Of the fit: bounds of ln gamma, the step of numerical derivatives, and the most iterations.
LEAST_GAMMA = -20.0
STEP = 1e-6
ITERATIONS = 200
# Starts of the fit, as multiples of the gamma of the moments: an eigenvalue that crosses an edge of
# the law makes a kink in the distance, where the steps from one start can end.
STARTS = (1.0, 2.0, 0.5)


def _check(sigma2: float, gamma: float) -> None:
    if not (sigma2 > 0 and gamma > 0):
        raise ValueError(f"expected sigma2 > 0 and gamma > 0, got {sigma2} and {gamma}")


def edges(sigma2: float, gamma: float) -> tuple[float, float]:
    """Return the lower and upper edge x₋, x₊ of the continuous part."""
    _check(sigma2, gamma)
    root = np.sqrt(gamma)
    return float(sigma2 * (1 - root) ** 2), float(sigma2 * (1 + root) ** 2)


def over_edge(largest: float, sigma2: float, gamma: float) -> float:
    """Return the ratio of the ``largest`` eigenvalue to the upper edge of the law."""
    return largest / edges(sigma2, gamma)[1]


def density(x: NDArray[Any], sigma2: float, gamma: float) -> Array:
    """Return the density rho(x) of the continuous part, which integrates to min(1, 1/gamma)."""
    low, high = edges(sigma2, gamma)
    x = np.asarray(x, dtype=np.float64)
    inside = (x > low) & (x < high)
    safe = np.where(inside, x, (low + high) / 2)
    value = np.sqrt((high - safe) * (safe - low)) / (2 * np.pi * sigma2 * gamma * safe)
    return np.where(inside, value, 0.0)


def _mass_below(theta: Array, gamma: Any) -> Array:
    """Return the continuous mass below x = sigma2 (1 + gamma - 2 sqrt(gamma) cos θ), 0 <= θ <= π.

    With that substitution rho dx = (2/π) sin²θ / (A - B cos θ) dθ, A = 1 + gamma and
    B = 2 sqrt(gamma), whose primitive is elementary.
    """
    root = np.sqrt(gamma)
    gap = abs(1 - gamma)
    half = theta / 2
    angle = np.arctan2((1 + root) * np.sin(half), abs(1 - root) * np.cos(half))
    primitive = (1 + gamma) * theta / (4 * gamma) + np.sin(theta) / (2 * root)
    return np.asarray(2 / np.pi * (primitive - gap * angle / (2 * gamma)))


def cdf(x: NDArray[Any], sigma2: float, gamma: float) -> Array:
    """Return the distribution function at ``x``, including the point mass at 0 for gamma > 1."""
    _check(sigma2, gamma)
    return _cdf(np.asarray(x, dtype=np.float64), sigma2, gamma)


def _cdf(x: Array, sigma2: Any, gamma: Any) -> Array:
    """Return `cdf`, also for arrays of parameters, which broadcast with ``x``."""
    cosine = np.clip((1 + gamma - x / sigma2) / (2 * np.sqrt(gamma)), -1, 1)
    atom = np.maximum(0.0, 1 - 1 / gamma)
    return np.where(x < 0, 0.0, np.clip(atom + _mass_below(np.arccos(cosine), gamma), 0, 1))


def quantile(p: NDArray[Any], sigma2: float, gamma: float) -> Array:
    """Return the smallest x with cdf(x) >= p, p in [0, 1], by bisection to about 1e-15 of x₊."""
    _check(sigma2, gamma)
    p = np.asarray(p, dtype=np.float64)
    if p.size and not ((p >= 0) & (p <= 1)).all():
        raise ValueError("expected probabilities between 0 and 1")
    atom = max(0.0, 1 - 1 / gamma)
    low, high = np.zeros(p.shape), np.full(p.shape, np.pi)
    for _ in range(60):
        middle = (low + high) / 2
        below = atom + _mass_below(middle, gamma) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    x = sigma2 * (1 + gamma - 2 * np.sqrt(gamma) * np.cos(high))
    return np.where(p <= atom, 0.0, x) if atom > 0 else x


@dataclass(frozen=True)
class BulkFit:
    """A fitted law.

    Attributes:
        sigma2: variance, in units of the eigenvalues.
        gamma: n / d_eff.
        d_eff: effective dimension.
        n: number of bulk eigenvalues.
        spikes: number of largest eigenvalues left out.
        distance: Cramér–von Mises statistic at the fit.
        d_eff_moments: `moment_dimension` of the bulk.
    """

    sigma2: float
    gamma: float
    d_eff: float
    n: int
    spikes: int
    distance: float
    d_eff_moments: float


def effective_dimension(spectrum: NDArray[Any]) -> float:
    """Return (Tr Σ)² / Tr Σ² of a covariance Σ with eigenvalues ``spectrum`` (d,).

    It is the d of the isotropic covariance whose Gram matrices have the same ratio of variance to
    squared mean; NaN for a zero spectrum.
    """
    spectrum = np.asarray(spectrum, dtype=np.float64)
    total, squared = float(spectrum.sum()), float(spectrum @ spectrum)
    return total**2 / squared if squared > 0 else float("nan")


def moment_dimension(eigenvalues: NDArray[Any]) -> Any:
    """Return d_eff (...) from two moments of n Gram eigenvalues, ``eigenvalues`` (..., n).

    It is (n + 1 - 2/n) mean² / variance. Gaussian rows of covariance Σ give
    E[Tr G²]/n - E[(Tr G)²]/n² = (n + 1 - 2/n) Tr Σ² for the variance of the eigenvalues of
    G = R Rᵀ, and (Tr Σ)² for their squared mean up to 1/n: the ratio estimates (Tr Σ)²/Tr Σ².
    Infinite for equal eigenvalues.
    """
    eigenvalues = np.asarray(eigenvalues, dtype=np.float64)
    n = eigenvalues.shape[-1]
    if n < 2:
        return np.full(eigenvalues.shape[:-1], np.inf)[()]
    variance, squared_mean = eigenvalues.var(axis=-1), eigenvalues.mean(axis=-1) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(variance > 0, (n + 1 - 2 / n) * squared_mean / variance, np.inf)
    return ratio[()]


def fit_bulk(eigenvalues: NDArray[Any], spikes: int = 1, precision: float = 1e-7) -> BulkFit:
    """Fit the law to Gram eigenvalues (N,), as `fit_bulks` does.

    Raises:
        ValueError: ``spikes`` is negative, or fewer than three bulk eigenvalues are not zero.
    """
    found = fit_bulks(np.asarray(eigenvalues)[None], spikes, precision)[0]
    if found is None:
        raise ValueError("expected at least 3 non-zero bulk eigenvalues")
    return found


def fit_bulks(
    spectra: NDArray[Any], spikes: int = 1, precision: float = 1e-7
) -> list[BulkFit | None]:
    """Fit the law to each of many Gram spectra (k, N), without their ``spikes`` largest: signal.

    The fit minimises the Cramér–von Mises distance 1/(12m) + sum_i (F(x_i) - (2i-1)/(2m))² over
    sigma2 and gamma, by Levenberg–Marquardt steps from the moments of the law (sigma2 = mean,
    gamma = variance/mean², and half and twice that). Unlike a fit to edges or to a histogram it
    needs no bins and does not depend on a single eigenvalue. With full rank gamma <= 1 is imposed.
    If only m < n bulk eigenvalues are not numerically zero, gamma > 1, and these m are fitted by
    the law of the transposed matrix.

    Args:
        spectra: (k, N), each row in any order.
        spikes: number of largest eigenvalues left out.
        precision: of ln sigma2 and ln gamma.

    Returns:
        A fit for each spectrum; None where fewer than three bulk eigenvalues are not zero.

    Raises:
        ValueError: ``spikes`` is negative.
    """
    if spikes < 0:
        raise ValueError(f"expected spikes >= 0, got {spikes}")
    ordered = np.sort(np.asarray(spectra, dtype=np.float64), axis=1)
    n = max(0, ordered.shape[1] - spikes)
    bulk = ordered[:, :n]
    floor = ordered[:, -1:] * max(n, 1) * np.finfo(np.float64).eps * 4
    kept = bulk > floor
    size = kept.sum(axis=1)
    found: list[BulkFit | None] = [None] * len(bulk)
    rows = np.flatnonzero(size >= 3)
    if not len(rows):
        return found
    tries = [_least_distance(bulk[rows], kept[rows], start, precision) for start in STARTS]
    best = np.argmin([distance for _, distance in tries], axis=0)
    logs, distance = (
        np.stack(each)[best, np.arange(len(rows))] for each in zip(*tries, strict=True)
    )
    for row, (sigma2, gamma), least in zip(rows, np.exp(logs).tolist(), distance, strict=True):
        if size[row] < n:
            # The non-zero spectrum of the (n, d) matrix is that of its transpose: (σ²γ', 1/γ').
            sigma2, gamma = sigma2 * gamma, 1 / gamma
        moments = float(moment_dimension(bulk[row]))
        found[row] = BulkFit(sigma2, gamma, n / gamma, n, spikes, float(least), moments)
    return found


def _least_distance(
    x: Array, kept: NDArray[np.bool_], start: float, precision: float
) -> tuple[Array, Array]:
    """Return ln sigma2, ln gamma (k, 2) of least distance to ``kept`` of x (k, n), and that (k,).

    The search starts at ``start`` times the gamma of the moments. All spectra take their steps
    together, each with its own damping, until its step is below ``precision``.
    """
    size = kept.sum(axis=1, keepdims=True)
    target = np.where(kept, (2 * np.cumsum(kept, axis=1) - 1) / (2 * size), 0.0)
    mean = np.where(kept, x, 0.0).sum(axis=1, keepdims=True) / size
    variance = np.where(kept, (x - mean) ** 2, 0.0).sum(axis=1, keepdims=True) / size
    logs = np.log(np.hstack([mean, np.clip(start * variance / mean**2, 1e-6, 0.99)]))

    def residual(logs: Array, which: NDArray[np.int64]) -> Array:
        sigma2, gamma = np.exp(logs[:, :1]), np.exp(logs[:, 1:])
        return np.where(kept[which], _cdf(x[which], sigma2, gamma) - target[which], 0.0)

    going = np.arange(len(x))
    now = residual(logs, going)
    damping = np.full(len(x), 1e-3)
    for _ in range(ITERATIONS):
        here, r = logs[going], now[going]
        # gamma is at most 1, so that its derivative is taken downwards.
        shifts = ([STEP, 0.0], [0.0, STEP])
        slope = np.stack([(r - residual(here - s, going)) / STEP for s in shifts], axis=2)
        gradient = np.einsum("kn,kni->ki", r, slope)
        square = np.einsum("kni,knj->kij", slope, slope)
        # At gamma = 1 a step beyond it is none.
        stuck = (here[:, 1] >= 0) & (gradient[:, 1] < 0)
        square[stuck, 0, 1] = square[stuck, 1, 0] = gradient[stuck, 1] = 0.0
        own = damping[going, None] * np.einsum("kii->ki", square) + 1e-300
        square[:, [0, 1], [0, 1]] += own
        step = -np.linalg.solve(square, gradient[:, :, None])[:, :, 0]
        tried = here + np.clip(step, -1, 1)
        tried[:, 1] = np.clip(tried[:, 1], LEAST_GAMMA, 0.0)
        after = residual(tried, going)
        better = (after**2).sum(axis=1) < (r**2).sum(axis=1)
        logs[going[better]], now[going[better]] = tried[better], after[better]
        damping[going] = np.where(better, damping[going] / 10, damping[going] * 10)
        going = going[(np.abs(tried - here) > precision).any(axis=1)]
        if not len(going):
            break
    return logs, (now**2).sum(axis=1) + 1 / (12 * size[:, 0])


def bootstrap_d_eff(
    fit: BulkFit, samples: int = 200, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """Return a parametric bootstrap interval of ``fit.d_eff``.

    ``samples`` Wishart spectra, drawn at the fitted n and d_eff (rounded), are fitted again.
    """
    generator = np.random.default_rng(seed)
    d = max(1, round(fit.d_eff))
    spectra = np.empty((samples, fit.n))
    for sample in spectra:
        noise = generator.standard_normal((fit.n, d)) * np.sqrt(fit.sigma2 / d)
        sample[:] = np.linalg.eigvalsh(noise @ noise.T)
    values = [one.d_eff for one in fit_bulks(spectra, spikes=0, precision=1e-3) if one]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
