"""Untied weights: the exact flow of QWEM with input vectors W and output vectors C, X = W C^T.

The flow of `mstar.dynamics.losses` for X = W C^T is dW/dt = K(X) C, dC/dt = K(X)^T W; C = W gives
the tied flow in the same time. For QWEM under Setting 3.1, K = (M - W C^T) / 2 with a symmetric M.
Let Y = (W; C) / sqrt(2), of 2V rows, and let Delta = W^T W - C^T C, which the flow conserves for
every loss. If Delta = delta I, then W^T W and C^T C differ from Y^T Y by +- delta/2 I, and

    dY/dt = (1/2) [M_delta - Y Y^T] Y,    M_delta = ((delta/2) I, M; M, -(delta/2) I),

the tied flow of M_delta, which `mstar.dynamics.theory.exact_flow` solves. An eigenpair (lambda, v)
of M gives two of M_delta, +- sqrt(lambda^2 + delta^2/4) along (cos a v; sin a v) and
(-sin a v; cos a v) with tan 2a = 2 lambda / delta; for a balanced start, delta = 0, they are
+-|lambda|. So the modes of largest |lambda| are learned, with C = W along a positive one and
C = -W along a negative one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mstar.dynamics import theory
from mstar.machine.arrays import Array, Matrix
from mstar.spectra.spectrum import Spectrum


def balanced_start(size: int, dim: int, scale: float, seed: int) -> Array:
    """Return (W(0); C(0)), (2 size, dim), with W(0)^T W(0) = C(0)^T C(0).

    W(0) is `mstar.dynamics.theory.initial_weights`; C(0) = Q (W(0)^T W(0))^{1/2}, where Q has
    orthonormal columns of random directions.
    """
    inputs = theory.initial_weights(size, dim, scale, seed)
    left, _ = np.linalg.qr(np.random.default_rng([seed, 1]).standard_normal((size, dim)))
    values, vectors = np.linalg.eigh(inputs.T @ inputs)
    return np.vstack([inputs, left @ (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T])


def split(state: Matrix) -> tuple[Matrix, Matrix]:
    """Return W and C (V, d) of the stacked (2V, d) state."""
    size = state.shape[0] // 2
    return state[:size], state[size:]


def embedding(state: Matrix, kind: str) -> Matrix:
    """Return the embedding (V, d) of the stacked state: W ("input"), or (W + C)/2 ("mean").

    The mean is the tied solution where C = W; gensim users who add output vectors use its double.
    """
    w, c = split(state)
    return w if kind == "input" else (w + c) / 2


def by_magnitude(highest: Spectrum, lowest: Spectrum, count: int) -> tuple[Array, Array]:
    """Return the ``count`` eigenpairs of largest |lambda|, largest first.

    Args:
        highest: largest eigenpairs of M, ``count`` or more.
        lowest: largest eigenpairs of -M, as many.
        count: number of pairs returned.
    """
    every = np.concatenate([highest.eigenvalues, -lowest.eigenvalues])
    # An eigenvalue counts only at the end of the spectrum that has its sign.
    wrong = np.concatenate([highest.eigenvalues < 0, lowest.eigenvalues <= 0])
    order = np.argsort(np.where(wrong, np.inf, -np.abs(every)), kind="stable")[:count]
    return every[order], np.hstack([highest.eigenvectors, lowest.eigenvectors])[:, order]


def exact_flow(
    state: Array, eigenvalues: Array, times: Array, imbalance: float = 0.0
) -> Iterator[Array]:
    """Follow the exact flow through ``times``, yielding (W; C) (2V, d) at each.

    Args:
        state: (2V, d) W and C at time 0 in the eigenbasis of M, row k along eigenvector k, with
            W^T W - C^T C = ``imbalance`` I.
        eigenvalues: (V,) all eigenvalues of M, in any order.
        times: ascending flow times >= 0.
        imbalance: delta.

    Yields:
        W and C, both up to the same rotation on the right.

    Along a mode of either sign, W C^T tends to lambda, and W^T W and C^T C to |lambda|:

    >>> start = balanced_start(3, 2, 1e-3, 0)
    >>> (end,) = exact_flow(start, np.array([4.0, 1.0, -2.0]), np.array([60.0]))
    >>> w, c = split(end)
    >>> print(np.diag(w @ c.T).round(2) + 0.0, np.diag(w @ w.T).round(2) + 0.0)
    [ 4.  0. -2.] [4. 0. 2.]
    """
    w, c = split(state)
    root = np.sqrt(eigenvalues**2 + (imbalance / 2.0) ** 2)
    angle = 0.5 * np.arctan2(eigenvalues, np.full(root.shape, imbalance / 2.0))
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    order = np.argsort(-root, kind="stable")
    back, size = np.argsort(order, kind="stable"), root.size
    rows = np.vstack([(cos * w + sin * c)[order], (cos * c - sin * w)[order[::-1]]])
    rates = np.concatenate([root[order], -root[order[::-1]]])
    for y in theory.exact_flow(rows / np.sqrt(2.0), rates, times):
        rising, falling = y[:size][back], y[size:][::-1][back]
        yield np.sqrt(2.0) * np.vstack([cos * rising - sin * falling, sin * rising + cos * falling])
