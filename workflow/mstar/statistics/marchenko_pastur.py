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
from scipy.optimize import minimize

from mstar.machine.arrays import Array

# A largest eigenvalue beyond this multiple of the upper edge is an outlier, both for claims and for
# the arrows of figures.
CLEAR = 1.1


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


def _mass_below(theta: Array, gamma: float) -> Array:
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
    low, high = edges(sigma2, gamma)
    x = np.asarray(x, dtype=np.float64)
    cosine = (1 + gamma - np.clip(x, low, high) / sigma2) / (2 * np.sqrt(gamma))
    mass = _mass_below(np.arccos(np.clip(cosine, -1, 1)), gamma)
    atom = max(0.0, 1 - 1 / gamma)
    return np.where(x < 0, 0.0, np.clip(atom + mass, 0, 1))


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


def moment_dimension(eigenvalues: NDArray[Any]) -> float:
    """Return d_eff from two moments of n Gram eigenvalues: (n + 1 - 2/n) mean² / variance.

    Gaussian rows of covariance Σ give E[Tr G²]/n - E[(Tr G)²]/n² = (n + 1 - 2/n) Tr Σ² for the
    variance of the eigenvalues of G = R Rᵀ, and (Tr Σ)² for their squared mean up to 1/n: the ratio
    estimates (Tr Σ)²/Tr Σ². Infinite for equal eigenvalues.
    """
    eigenvalues = np.asarray(eigenvalues, dtype=np.float64)
    n = len(eigenvalues)
    variance = float(eigenvalues.var()) if n > 1 else 0.0
    squared_mean = float(eigenvalues.mean()) ** 2 if n else 0.0
    return (n + 1 - 2 / n) * squared_mean / variance if variance > 0 else np.inf


def fit_bulk(eigenvalues: NDArray[Any], spikes: int = 1, precision: float = 1e-7) -> BulkFit:
    """Fit the law to Gram eigenvalues (N,) without the ``spikes`` largest, which are signal.

    The fit minimises the Cramér–von Mises distance 1/(12m) + sum_i (F(x_i) - (2i-1)/(2m))² over
    sigma2 and gamma, by Nelder–Mead from the moments of the law (sigma2 = mean, gamma =
    variance/mean²). Unlike a fit to edges or to a histogram it needs no bins and does not depend on
    a single eigenvalue. With full rank gamma <= 1 is imposed. If only m < n bulk eigenvalues are
    not numerically zero, gamma > 1, and these m are fitted by the law of the transposed matrix.

    Args:
        eigenvalues: (N,).
        spikes: number of largest eigenvalues left out.
        precision: of ln sigma2 and ln gamma.

    Raises:
        ValueError: ``spikes`` is negative, or fewer than three bulk eigenvalues are not zero.
    """
    if spikes < 0:
        raise ValueError(f"expected spikes >= 0, got {spikes}")
    ordered = np.sort(np.asarray(eigenvalues, dtype=np.float64))
    bulk = ordered[: max(0, len(ordered) - spikes)]
    n = len(bulk)
    floor = (ordered[-1] if len(ordered) else 0.0) * max(n, 1) * np.finfo(np.float64).eps * 4
    x = bulk[bulk > floor]
    m = len(x)
    if m < 3:
        raise ValueError(f"expected at least 3 non-zero bulk eigenvalues, got {m}")
    target = (2 * np.arange(1, m + 1) - 1) / (2 * m)

    def distance(logs: Array) -> float:
        sigma2, gamma = np.exp(logs)
        residual = cdf(x, float(sigma2), float(gamma)) - target
        return float(residual @ residual) + 1 / (12 * m)

    mean = float(x.mean())
    start_gamma = min(max(float(x.var()) / mean**2, 1e-6), 0.99)
    start = np.log([mean, start_gamma])
    found = minimize(
        distance,
        start,
        method="Nelder-Mead",
        bounds=[(start[0] - 5, start[0] + 5), (np.log(1e-9), 0.0)],
        options={
            "xatol": precision,
            "fatol": precision**2,
            "maxiter": 2000,
            "initial_simplex": start + np.array([[0, 0], [0.1, 0], [0, -0.2]]),
        },
    )
    sigma2, gamma = (float(v) for v in np.exp(found.x))
    if m < n:
        # The non-zero spectrum of the (n, d) matrix is that of its transpose: (σ²γ', 1/γ').
        sigma2, gamma = sigma2 * gamma, 1 / gamma
    return BulkFit(sigma2, gamma, n / gamma, n, spikes, float(found.fun), moment_dimension(bulk))


def bootstrap_d_eff(
    fit: BulkFit, samples: int = 200, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """Return a parametric bootstrap interval of ``fit.d_eff``.

    ``samples`` Wishart spectra, drawn at the fitted n and d_eff (rounded), are fitted again.
    """
    generator = np.random.default_rng(seed)
    d = max(1, round(fit.d_eff))
    values = []
    for _ in range(samples):
        noise = generator.standard_normal((fit.n, d)) * np.sqrt(fit.sigma2 / d)
        refit = fit_bulk(np.linalg.eigvalsh(noise @ noise.T), spikes=0, precision=1e-3)
        values.append(refit.d_eff)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
