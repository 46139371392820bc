"""Closed-form learning dynamics of QWEM under Setting 3.1: dW/dt = (M* - W W^T) W / 2.

`sigmoid_*` is Lemma 3.1 (aligned initialisation). `exact_flow` drops that assumption: with
P = W W^T the flow is the Riccati equation P' = (M* P + P M*)/2 - P^2, solved for any W(0) by

    W(t) = e^{M* t/2} W(0) [ I + W(0)^T (int_0^t e^{M* s} ds) W(0) ]^{-1/2}   (times a rotation).

Time t is flow time; `time_constant` converts to the paper's unit tau_1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mstar.machine.arrays import Array, Matrix, library, like, to_numpy


def initial_weights(size: int, dim: int, scale: float, seed: int) -> Array:
    """Return W(0) (size, dim) with entries N(0, scale^2 / dim).

    Its projection on any unit vector has mean square scale^2.
    """
    return np.random.default_rng(seed).standard_normal((size, dim)) * (scale / np.sqrt(dim))


def time_constant(eigenvalue: float | Array, initial_square: float | Array) -> float | Array:
    """Return tau_k = ln(lambda_k / s_k(0)^2) / lambda_k (Lemma 3.1), for lambda_k > 0.

    Args:
        eigenvalue: lambda_k of M*.
        initial_square: s_k(0)^2, the initial squared singular value along mode k.

    >>> times = time_constant(np.array([4.0, 2.0, 1.0]), 1e-6)
    >>> print(times.round(2), (times / times[0]).round(2))
    [ 3.8   7.25 13.82] [1.   1.91 3.64]
    """
    return np.log(np.asarray(eigenvalue) / initial_square) / eigenvalue


def sigmoid_squares(eigenvalues: Array, initial_squares: Array, times: Array) -> Array:
    """Return s_k(t)^2 of Lemma 3.1, shape (times, modes).

    ``s^2(t) = s0^2 lam e^{lam t} / (lam + s0^2 (e^{lam t} - 1))``, written with e^{-|lam| t} so
    that nothing overflows. Eigenvalues of either sign (and zero) are allowed.

    Each mode is half learned at its tau_k and fully learned in the end:

    >>> lam, start = np.array([4.0, 2.0]), np.full(2, 1e-6)
    >>> tau = time_constant(lam, start)
    >>> print(sigmoid_squares(lam, start, np.array([*tau, 100.0])).round(2))
    [[2. 0.]
     [4. 1.]
     [4. 2.]]
    """
    lam, start, t = eigenvalues[None, :], initial_squares[None, :], np.asarray(times)[:, None]
    decay = np.exp(-np.abs(lam) * t)
    # (1 - e^{-|lam| t}) / |lam|, which tends to t at lam = 0
    safe = np.where(lam == 0.0, 1.0, np.abs(lam))
    integral = np.where(lam == 0.0, t, -np.expm1(-np.abs(lam) * t) / safe)
    rising = start / (decay + start * integral)
    falling = start * decay / (1.0 + start * integral)
    return np.where(lam >= 0.0, rising, falling)


def align(weights: Matrix) -> Matrix:
    """Return W rotated on the right so that its first d rows are lower triangular.

    The rows are graded (the row of a mode is as small as the mode), and Householder QR of their
    transpose is backward stable column by column, so every row keeps its relative precision.
    Afterwards mode k dominates column k, which makes column-scaled Gram matrices well conditioned
    (see `singular_values`).
    """
    rank = weights.shape[1]
    rotation, _ = library(weights).linalg.qr(weights[:rank].T)
    rotated = weights @ rotation
    rotated[:rank] = library(weights).tril(rotated[:rank])
    return rotated


def exact_step(weights: Matrix, eigenvalues: Matrix, step: float) -> Matrix:
    """Make one exact step of the flow in the eigenbasis of M*, from an aligned W to an aligned W.

    With D = int_0^h e^{M* s} ds and I + W^T D W = L L^T, the new W is e^{M* h/2} W L^{-T} Q.
    Factors of the inverse differ only by a rotation Q on the right, chosen as in `align`.

    Args:
        weights: (V, d) aligned W in the eigenbasis, row k along eigenvector k, eigenvalues
            descending.
        eigenvalues: (V,) of M*.
        step: flow time h.

    Returns:
        (V, d) W after the step, up to a rotation on the right (singular values, left vectors
        exact).
    """
    xp, rank = library(weights), weights.shape[1]
    nonzero = xp.where(eigenvalues == 0.0, 1.0, eigenvalues)
    integral = xp.where(eigenvalues == 0.0, step, xp.expm1(eigenvalues * step) / nonzero)
    identity = like(np.eye(rank), weights)
    scaled = xp.sqrt(integral)[:, None] * weights
    lower = xp.linalg.cholesky(scaled.T @ scaled + identity)
    damping = xp.linalg.solve(lower.T, identity)
    growth = xp.exp(0.5 * step * eigenvalues)[:, None]
    rotation, _ = xp.linalg.qr((growth[:rank] * (weights[:rank] @ damping)).T)
    # One product with the V rows applies both factors; scaling rows afterwards keeps the precision
    # of each.
    after = weights @ (damping @ rotation)
    after *= growth
    after[:rank] = xp.tril(after[:rank])
    return after


def exact_flow(
    weights: Matrix, eigenvalues: Matrix, times: Array, largest_exponent: float = 600.0
) -> Iterator[Matrix]:
    """Follow the exact flow through ``times``, yielding W (aligned, in the eigenbasis) at each.

    Each `exact_step` from an aligned W keeps all digits whatever its length. Only overflow (e^709)
    limits it, so lambda_1 h is kept below ``largest_exponent``.

    Args:
        weights: (V, d) initial W in the eigenbasis of M* (Gaussian if W(0) is), float64: a numpy
            array, or a torch tensor on the device of the computation.
        eigenvalues: (V,) all eigenvalues of M*, descending.
        times: ascending flow times >= 0.
        largest_exponent: largest lambda_1 h of a step h.

    With two columns, the first two of three modes are learned one after the other:

    >>> start = 1e-3 * np.random.default_rng(0).standard_normal((3, 2))
    >>> for weights in exact_flow(start, np.array([4.0, 2.0, 1.0]), np.array([1.0, 5.0, 50.0])):
    ...     print((singular_values(weights) ** 2).round(2))
    [0. 0.]
    [3.21 0.01]
    [4. 2.]
    """
    current, now = align(weights), 0.0
    eigenvalues = like(eigenvalues, weights)
    largest = max(float(eigenvalues[0]), 0.0)
    for time in times:
        remaining = float(time) - now
        if remaining > 0.0:
            steps = max(1, int(np.ceil(largest * remaining / largest_exponent)))
            for _ in range(steps):
                current = exact_step(current, eigenvalues, remaining / steps)
        now = float(time)
        yield current


def singular_values(weights: Matrix, squares: Matrix | None = None) -> Array:
    """Return the singular values of W, descending, from the Gram matrix of its unit columns.

    Unit columns keep singular values below 1e-8 of the largest, which W^T W would lose, if the
    columns are graded (see `align`). ``squares`` is W^T W, if known.
    """
    small = to_numpy(weights.T @ weights if squares is None else squares)
    norms = np.sqrt(np.diag(small))
    norms[norms == 0.0] = 1.0
    try:
        triangular = np.linalg.cholesky(small / np.outer(norms, norms)).T
    except np.linalg.LinAlgError:  # parallel columns: QR is slower, but does not square them
        triangular = np.asarray(np.linalg.qr(to_numpy(weights) / norms, mode="r"))
    return np.asarray(np.linalg.svd(triangular * norms, compute_uv=False))


def normalised_loss(weights: Matrix, eigenvalues: Matrix, squares: Matrix | None = None) -> float:
    """Return ||W W^T - M*||_F^2 / ||M*||_F^2, W in the eigenbasis of M*: 1 at W = 0, at least 0.

    ``squares`` is W^T W, if known.
    """
    small = weights.T @ weights if squares is None else squares
    eigenvalues = like(eigenvalues, weights)
    alignment = float(eigenvalues @ (weights**2).sum(1))
    return 1.0 + (float((small**2).sum()) - 2.0 * alignment) / float((eigenvalues**2).sum())
