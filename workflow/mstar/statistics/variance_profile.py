"""The spectrum of noise whose variance differs from entry to entry, and of features within it.

A symmetric (V, V) matrix W of independent entries of mean 0 and variance S_ij has, for large V, the
resolvent diag(g) with

    1 / g_i = z - Sigma_i(g),    Sigma_i(g) = sum_j S_ij g_j

(the quadratic vector equation; Ajanki, Erdos and Kruger 2017), which has a positive solution if
and only if z lies above the spectrum. Words of like frequency have like noise, so S is a matrix of
a few groups, and so are all equations.

A matrix theta u u^T + W has an eigenvalue z outside the noise if theta sum_i u_i^2 g_i(z) = 1, and
its eigenvector v then has (u^T v)^2 = 1 / (theta^2 sum_i u_i^2 |g_i'(z)|): the transition of Baik,
Ben Arous and Peche, for noise of any profile.

Entries of a matrix of counts are not quite independent: three words within one window add to three
entries at once. If W contains B_ij (C_ij - E C_ij) / std(C_ij), with C = X^T K X the counts of T
random positions, the self-energy gains the free cumulants of K from the third on,

    T [Q^2 phi(beta)]_i / (N_i g_i),    phi(x) = <(x K)^3 / (1 - x K)>,

with eigenvalues beta and eigenvectors Q of g^1/2 B g^1/2 and the mean < > over the eigenvalues of
the Toeplitz matrix K of the window. They skew the spectrum to the right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from mstar.machine.arrays import Array

FREQUENCIES = 512  # at which the eigenvalues of K are taken
PRECISION = 1e-9
ITERATIONS = 2000
POINTS = 200  # at which the resolvent is tabulated


@dataclass(frozen=True)
class Noise:
    """Noise of words in G groups.

    Attributes:
        sizes: (G,) words of each group.
        variance: (G, G) of the entries between groups.
        slope: (G, G) B_ij, the part of W that is linear in counts; (0, 0) if entries are
            independent.
        window: L.
        positions: T, of the text.
    """

    sizes: Array
    variance: Array
    slope: Array = field(default_factory=lambda: np.empty((0, 0)))
    window: int = 1
    positions: float = np.inf

    def self_energy(self, g: Array) -> Array:
        """Return Sigma (G,) of the resolvent ``g`` (G,); infinite if its series diverges."""
        weight = self.sizes * g
        found = self.variance @ weight
        if not self.slope.size:
            return np.asarray(found)
        root = np.sqrt(weight)
        beta, modes = np.linalg.eigh(root[:, None] * self.slope * root)
        x = np.outer(beta / np.sqrt(self.positions), _kernel(self.window))
        if x.max() >= 1:
            return np.full(len(g), np.inf)
        triangles = self.positions * (x**3 / (1 - x)).mean(axis=1)
        return np.asarray(found + (modes**2 @ triangles) / weight)

    def edge(self) -> float:
        """Return the upper edge of the spectrum, the least z with a positive resolvent.

        For a given trace t of the resolvent, z(t) solves the equations; its minimum is the edge.
        """
        words = float(self.sizes.sum())
        scale = words / np.sqrt(float(self.sizes @ self.variance @ self.sizes) / words)
        ends = np.log(scale * np.array([0.02, 4.0]))
        best = minimize_scalar(
            lambda t: self._at_trace(float(np.exp(t))),
            bounds=tuple(ends),
            method="bounded",
            options={"xatol": 1e-3},
        )
        return float(best.fun)

    def _at_trace(self, trace: float) -> float:
        g = np.full(len(self.sizes), trace / self.sizes.sum())
        z = np.inf
        for _ in range(ITERATIONS):
            energy = self.self_energy(g)
            top = float(energy.max())
            if not np.isfinite(top):
                return float(self.sizes.sum())  # beyond any edge
            z = float(
                brentq(
                    lambda at, energy=energy: trace - float((self.sizes / (at - energy)).sum()),
                    top + self.sizes[energy.argmax()] / trace * (1 - 1e-12),
                    top + self.sizes.sum() / trace + 1e-9,
                    xtol=1e-12,
                )
            )
            new = 1 / (z - energy)
            if np.abs(new - g).max() < PRECISION * new.max():
                break
            g = (g + new) / 2
        return z

    def resolvent(self, above: Array) -> tuple[Array, Array]:
        """Return g and |g'| (n, G) at values z ``above`` (n,) the edge, of independent entries."""
        order = np.argsort(-above)
        g = 1 / above[order[0]] * np.ones(len(self.sizes))
        found = np.empty((2, len(above), len(self.sizes)))
        product = self.variance * self.sizes
        for place in order:
            for _ in range(100):  # Newton's method, from the solution at a larger z
                change = np.linalg.solve(
                    np.diag(1 / g**2) - product, 1 / g - above[place] + product @ g
                )
                g = g + change
                if np.abs(change).max() < PRECISION * np.abs(g).max():
                    break
            slope = np.linalg.solve(np.diag(1 / g**2) - product, np.ones(len(g)))
            found[:, place] = g, slope
        return found[0], found[1]


def _kernel(window: int) -> Array:
    """Return eigenvalues of the Toeplitz matrix of the window's weights, of mean square 1."""
    angle = 2 * np.pi * (np.arange(FREQUENCIES) + 0.5) / FREQUENCIES
    distance = np.arange(1, window + 1)
    values = ((window + 1 - distance) * np.cos(np.outer(angle, distance))).sum(axis=1)
    return np.asarray(values / np.sqrt((values**2).mean()))


@dataclass(frozen=True)
class Outside:
    """What lies outside noise: its resolvent, tabulated above the edge.

    Attributes:
        edge: of the noise.
        z: (n,) increasing, from just above the edge.
        g, slope: (n, G) the resolvent and |g'|.
    """

    edge: float
    z: Array
    g: Array
    slope: Array

    @staticmethod
    def of(noise: Noise, largest: float) -> Outside:
        """Tabulate the resolvent of ``noise`` from its edge to beyond the ``largest`` z."""
        edge = noise.edge()
        z = edge + np.geomspace(1e-3 * edge, 2 * max(largest, edge), POINTS)
        return Outside(edge, z, *noise.resolvent(z))

    def strengths(self, values: Array, weights: Array) -> Array:
        """Return theta (K,) of features seen at eigenvalues ``values``; 0 of those in the noise.

        Args:
            values: (K,) eigenvalues.
            weights: (K, G) squared length of each feature in each group.
        """
        of_modes = np.log(self.g @ weights.T)
        found = np.array(
            [
                np.exp(-np.interp(value, self.z, g))
                for value, g in zip(values, of_modes.T, strict=True)
            ]
        )
        return np.where(values > self.edge, found, 0.0)

    def overlaps(self, strengths: Array, weights: Array) -> tuple[Array, Array]:
        """Return squared overlaps (K,) of features with eigenvectors, and eigenvalues z (K,).

        Features within the noise have the overlap 0, and z at the edge.

        Args:
            strengths, weights: of `strengths`.
        """
        squares, places = np.zeros(len(strengths)), np.full(len(strengths), self.edge)
        for k, (theta, weight) in enumerate(zip(strengths, weights, strict=True)):
            along = self.g @ weight  # decreases
            if theta * along[0] <= 1:
                continue
            places[k] = np.interp(-1 / theta, -along, self.z)
            slope = np.exp(np.interp(places[k], self.z, np.log(self.slope @ weight)))
            squares[k] = min(1.0, 1 / (theta**2 * slope))
        return squares, places
