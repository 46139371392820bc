"""Matrices whose cells are a smooth function of P_i P_j, as a few eigenpairs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.fft
import scipy.linalg

from mstar.machine.arrays import Array

# Chebyshev nodes for each word. Functions of log(P_i P_j) as smooth as 1/(1 + P_i P_j), with poles
# at a distance of pi, are represented to rounding over frequencies that differ by a factor of 1e8.
NODES = 128
# Eigenvalues below this share of the largest are rounding.
ROUNDING = 1e-14


def eigenpairs(function: Callable[[Array], Array], unigram: Array) -> tuple[Array, Array]:
    """Return the eigenpairs of the matrix with cells f(P_i P_j), except those of size 0.

    With x_i = log P_i, cells are F(x_i + x_j), and F is interpolated in both variables at Chebyshev
    nodes: T(x) C T(x)^T with T (V, n) the Chebyshev polynomials at the words. The QR decomposition
    of T turns this into an eigenproblem of n rows. The time is linear in V.

    Args:
        function: f, elementwise, smooth on a logarithmic scale.
        unigram: (V,) P_i > 0.

    Returns:
        Eigenvalues (r,), of descending size, and orthonormal eigenvectors (V, r).
    """
    logs = np.log(unigram)
    low, high = float(logs.min()), float(logs.max())
    half = max((high - low) / 2, 1e-3)  # words of one frequency
    nodes = np.polynomial.chebyshev.chebpts1(NODES)[::-1]
    grid = (low + high) / 2 + half * nodes
    samples = function(np.exp(grid[:, None] + grid))
    # Coefficients of an interpolant at Chebyshev nodes are a discrete cosine transform.
    coefficients = scipy.fft.dctn(samples, type=2) / NODES**2
    coefficients[0] /= 2
    coefficients[:, 0] /= 2
    basis = np.polynomial.chebyshev.chebvander((logs - (low + high) / 2) / half, NODES - 1)
    orthonormal, triangle = np.linalg.qr(basis)
    core = triangle @ coefficients @ triangle.T
    values, vectors = scipy.linalg.eigh((core + core.T) / 2)
    order = np.argsort(-np.abs(values), kind="stable")
    order = order[np.abs(values[order]) > ROUNDING * np.abs(values).max(initial=0.0)]
    return values[order], orthonormal @ vectors[:, order]
