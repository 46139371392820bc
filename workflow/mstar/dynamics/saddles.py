"""Learning times under any pair weights by the saddle-to-saddle recursion, without training.

From small weights, gradient flow of the quartic loss of `mstar.dynamics.losses`,

    dW/dt = K(W W^T) W,    K(X) = A - B - (1/2) G o X,

rests near one critical point after another (Jacot et al. 2021, arXiv 2106.15933; greedy low-rank
learning, Li, Luo and Lyu 2021, arXiv 2012.09839). At the r-th the product is P_r = W_r W_r^T, the
minimiser of rank r, and the columns not yet learned obey the linear flow delta' = K_r delta with
K_r = K(P_r). Since K_r W_r = 0 they grow on the orthogonal complement of W_r, where the eigenvalues
of K_r are rho_1(K_r) >= rho_2(K_r) >= .... The volume spanned by m columns grows at rho_1 + ... +
rho_m, so mode k grows at rho_(k-r) while r modes are learned:

    ln s_k^2 = ln s^2 + sum_(r < k) 2 rho_(k-r)(K_r) (T_(r+1) - T_r),    T_0 = 0.

It is learned at T_k, when this reaches ln s_inf,k^2, where alone on top of W_(k-1) it saturates:

    s_inf,k^2 = 2 rho_1(K_(k-1)) / sum_ij G_ij u_i^2 u_j^2,    K_(k-1) u = rho_1 u.

If G is constant K_r is A - B without its first r modes, and T_k is tau_k of Lemma 3.1. Otherwise
G o P_r has full rank, and each mode learned changes the rates of all later ones.

Limits: the recursion is the limit s -> 0. Plateaus are separated if T_(k+1) - T_k is long against
the time 1 / rho_1(K_(k-1)) in which mode k saturates. Where it is not, several modes are learned at
a time and P_r is never visited; so from rank `GAP` on only some saddles are computed, and rates in
between are interpolated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from scipy import linalg
from scipy.special import digamma

from mstar.dynamics.weightings import Weights
from mstar.files.writing import UserError
from mstar.machine.arrays import Array

Operator = Callable[[Array], Array]

# From r to r + r // GAP modes, at least one, are added between two saddles.
GAP = 8
# Steps of L-BFGS from one saddle to the next, the pairs that it keeps, and the relative size of a
# preconditioned step at which it stops.
STEPS = 4
PAIRS = 8
TOLERANCE = 1e-2
# Directions followed besides those whose rates are used.
SPARE = 8
# Steps of subspace iteration without a guess.
COLD = 8


class Model(Protocol):
    """The quartic loss of a tied-weight model, L = sum_ij [G x^2/4 - (A - B) x], x = W W^T.

    Attributes:
        scale: (V,) g such that g g^T has the row sums of G.
    """

    scale: Array

    def drift(self, w: Array) -> Array:
        """Return K(W W^T) W (V, r)."""

    def kernel(self, w: Array) -> Operator:
        """Return the function Y -> K(W W^T) Y."""

    def quartic(self, u: Array) -> Array:
        """Return sum_ij G_ij u_ik^2 u_jk^2 (m,) of the columns of ``u`` (V, m)."""


class DenseModel:
    """The quartic loss with V x V arrays, for any weights.

    Args:
        weights: of pairs.
    """

    def __init__(self, weights: Weights) -> None:
        self._difference, self._total = weights.difference, weights.total
        rows = self._total.sum(axis=1)
        self.scale: Array = rows / np.sqrt(rows.sum())

    def _matrix(self, w: Array) -> Array:
        matrix: Array = w @ w.T
        matrix *= self._total
        matrix *= -0.5
        matrix += self._difference
        return matrix

    def drift(self, w: Array) -> Array:
        """Return K(W W^T) W (V, r)."""
        return np.asarray(self._matrix(w) @ w)

    def kernel(self, w: Array) -> Operator:
        """Return the function Y -> K(W W^T) Y."""
        matrix = self._matrix(w)
        return lambda block: np.asarray(matrix @ block)

    def quartic(self, u: Array) -> Array:
        """Return sum_ij G_ij u_ik^2 u_jk^2 (m,) of the columns of ``u`` (V, m)."""
        squares = u**2
        return np.asarray(np.einsum("ik,ik->k", squares, self._total @ squares))


@dataclass(frozen=True)
class Saddle:
    """A critical point of rank r, and the modes that grow there.

    Attributes:
        weights: (V, r) W_r.
        rates: (d + 1 - r,) rho_1(K_r), ..., descending.
        directions: (V, m) eigenvectors of the m modes learned before the next saddle computed.
        quartic: (m,) sum_ij G_ij u_i^2 u_j^2 of each.
    """

    weights: Array
    rates: Array
    directions: Array
    quartic: Array

    @property
    def rank(self) -> int:
        """r."""
        return int(self.weights.shape[1])


def saddles(
    model: Model, dim: int, steps: int = STEPS, gap: int = GAP, tolerance: float = TOLERANCE
) -> list[Saddle]:
    """Return saddles of rank 0 to ``dim``, or to the last rank from which a mode grows.

    Each starts from the one before it and the leading eigenvectors of its K_r, scaled to their
    saturation.

    Args:
        model: the loss.
        dim: d.
        steps: most steps of L-BFGS for each saddle.
        gap: r // ``gap`` modes, at least one, are added between saddles.
        tolerance: see `minimise`.

    Raises:
        UserError: no mode grows.
    """
    size = model.scale.size
    w, guess, found = np.zeros((size, 0)), None, []
    while True:
        rank = w.shape[1]
        wanted = min(dim + 1, size) - rank
        rates, vectors, images = leading(model.kernel(w), w, wanted + SPARE, guess)
        added = min(max(1, rank // gap), dim - rank, int((rates > 0).sum()))
        if not rank and not added:
            raise UserError(f"no mode grows: the largest growth rate is {rates[0]:.3g}")
        new = vectors[:, :added]
        fourth = model.quartic(new)
        found.append(Saddle(w, rates[:wanted], new, fourth))
        if not added:
            return found
        guess = np.hstack([vectors[:, added:], images[:, added:]])
        w = np.hstack([w, new * np.sqrt(2.0 * rates[:added] / fourth)])
        w = minimise(model, w, steps, tolerance)


def minimise(model: Model, w: Array, steps: int, tolerance: float) -> Array:
    """Return the minimiser of the loss of the rank of ``w`` (V, r), by L-BFGS from ``w``.

    For G = g g^T the Hessian is near Z -> (1/2) g_i Z (W^T diag(g) W), whose inverse preconditions
    every step.

    Args:
        model: the loss.
        w: start.
        steps: most steps.
        tolerance: size of the preconditioned gradient, relative to W, at which it stops.
    """
    root = np.sqrt(model.scale)[:, None]

    def precondition(force: Array) -> Array:
        inner = linalg.cho_factor(w.T @ (model.scale[:, None] * w))
        return np.asarray(2.0 * linalg.cho_solve(inner, (force / model.scale[:, None]).T).T)

    force = model.drift(w)
    moves: list[Array] = []
    changes: list[Array] = []
    for _ in range(steps):
        if linalg.norm(root * precondition(force)) <= tolerance * linalg.norm(root * w):
            break
        rest, shares = force.copy(), []
        for move, change in zip(moves[::-1], changes[::-1], strict=True):
            shares.append(np.vdot(move, rest) / np.vdot(move, change))
            rest -= shares[-1] * change
        step = precondition(rest)
        step *= (
            np.vdot(moves[-1], changes[-1]) / np.vdot(changes[-1], precondition(changes[-1]))
            if moves
            else 0.5
        )
        for move, change, share in zip(moves, changes, shares[::-1], strict=True):
            step += (share - np.vdot(change, step) / np.vdot(move, change)) * move
        slope = np.vdot(force, step)
        for _ in range(10):
            after = model.drift(w + step)
            # Beyond the minimum along the step by no more than it began before it.
            if np.vdot(after, step) > -0.9 * slope:
                break
            step, slope = 0.5 * step, 0.5 * slope
        if np.vdot(step, force - after) > 0:
            moves, changes = [*moves, step][-PAIRS:], [*changes, force - after][-PAIRS:]
        w, force = w + step, after
    return w


def leading(
    kernel: Operator, w: Array, count: int, guess: Array | None = None
) -> tuple[Array, Array, Array]:
    """Return the ``count`` leading eigenpairs of K on the complement of W, or all there are.

    One Rayleigh-Ritz step on the span of ``guess``, or `COLD` steps of subspace iteration from
    random vectors. With the eigenvectors of the saddle before and their images as ``guess`` one is
    enough, since near saddles have near eigenvectors.

    Args:
        kernel: K, symmetric.
        w: (V, r) W.
        count: number of pairs.
        guess: (V, m) vectors whose span is near that of the eigenvectors.

    Returns:
        Eigenvalues, descending; eigenvectors in columns; and their images under K.
    """
    size, rank = w.shape
    span = np.linalg.qr(w)[0]
    count = min(count, size - rank)
    block = guess if guess is not None else np.random.default_rng(0).normal(size=(size, count))
    for _ in range(1 if guess is not None else COLD):
        for _ in range(2):
            block = block - span @ (span.T @ block)
        basis = np.linalg.qr(block)[0][:, : size - rank]
        image = kernel(basis)
        values, turn = np.linalg.eigh(basis.T @ image)
        turn = turn[:, ::-1][:, :count]
        vectors, images = basis @ turn, image @ turn
        block = np.hstack([vectors, images])
    return values[::-1][:count], vectors, images


@dataclass(frozen=True)
class LearningTimes:
    """The times of the d modes, in flow time.

    Attributes:
        times: (d,) T_k; inf for a mode that is not learned.
        final: (d,) s_inf,k^2; nan for a mode that never grows.
        rates: (d, d) rates[r, k - 1] = growth rate of mode k while r < k modes are learned.
        starts: (d,) ln s_k^2 at time 0.
    """

    times: Array
    final: Array
    rates: Array
    starts: Array

    def learned(self, time: float) -> Array:
        """Return the share (d,) to which each mode is learned at a time, s_k^2 / s_inf,k^2.

        It is the sigmoid e^x / (1 + e^x) of x = ln s_k^2 / s_inf,k^2 by linear growth, with the
        rate rho_1(K_(k-1)) from T_k on.
        """
        ends, starts = self.times, np.insert(self.times[:-1], 0, 0.0)
        spent = np.clip(np.minimum(ends, time) - np.minimum(starts, time), 0.0, None)
        after = np.clip(time - self.times, 0.0, None)
        grown = np.triu(self.rates).T @ spent + np.diag(self.rates) * after
        x = np.clip(self.starts + 2.0 * grown - np.log(self.final), -700.0, 700.0)
        share: Array = 1.0 / (1.0 + np.exp(-x))
        return np.where(np.isfinite(self.times), share, 0.0)


def random_starts(dim: int, init: float) -> Array:
    """Return the mean of ln s_k^2 (d,) of random weights N(0, ``init``^2 / d).

    The volume of the first k columns is the product of the R_jj of a QR decomposition, and R_kk^2
    is chi^2 with d - k + 1 degrees of freedom times ``init``^2 / d.
    """
    freedom = dim - np.arange(dim)
    return np.asarray(np.log(init**2 * 2.0 / dim) + digamma(freedom / 2.0))


def learning_times(found: list[Saddle], init: float, aligned: bool = False) -> LearningTimes:
    """Return the learning times of the recursion from a start of scale ``init``.

    Args:
        found: `saddles`.
        init: s.
        aligned: whether every s_k(0) is s, as in Lemma 3.1, or the weights are random
            (`random_starts`).

    Raises:
        UserError: the first mode starts beyond its saturation, so that there are no plateaus.
    """
    rates, fourth = stage_rates(found), np.concatenate([one.quartic for one in found])
    own, dim = np.diag(rates), len(rates)
    final = np.full(dim, np.nan)
    final[: fourth.size] = 2.0 * own[: fourth.size] / fourth
    if final[0] <= init**2:
        raise UserError(
            f"init: {init:g} is beyond the first mode's final size {final[0] ** 0.5:.3g}, so there"
            " are no plateaus; choose a smaller initial scale"
        )
    starts = np.full(dim, np.log(init**2)) if aligned else random_starts(dim, init)
    size, times, now = starts, np.full(dim, np.inf), 0.0
    for k in range(fourth.size):
        if own[k] <= 0:
            break
        wait = max(0.0, (np.log(final[k]) - size[k]) / (2.0 * own[k]))
        now, size = now + wait, size + 2.0 * rates[k] * wait
        times[k] = now
    return LearningTimes(times, final, rates, starts)


def stage_rates(found: list[Saddle]) -> Array:
    """Return the growth rates (d, d) of `LearningTimes`, interpolated between saddles.

    Between saddles of ranks a < b the rates of modes beyond b are linear in the number of modes
    learned; those of modes a + 1, ..., b change by the same factor as that of mode b + 1.
    """
    dim = found[0].rates.size - 1
    whole = np.zeros((dim, dim + 1))
    for here, there in pairwise(found):
        a, b = here.rank, there.rank
        whole[a, a:] = here.rates
        for r in range(a + 1, b):
            part = (r - a) / (b - a)
            whole[r, b:] = (1 - part) * here.rates[b - a :] + part * there.rates
            factor = whole[r, b] / here.rates[b - a] if here.rates[b - a] > 0 else 1.0
            whole[r, r:b] = np.clip(factor, 0.0, 2.0) * here.rates[r - a : b - a]
    return whole[:, :dim]
