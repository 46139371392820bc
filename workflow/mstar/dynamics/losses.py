"""Losses of word2vec-like models, as expected (population) gradients.

With the pair weights A, B and G = A + B of `mstar.dynamics.weightings` and x = W W^T,

    sgns      L = 2 sum_ij [ A log(1 + e^{-x}) + B log(1 + e^{x}) - G log 2 ]      (Eq. 1, twice)
    quartic   L = sum_ij [ A (x^2/4 - x) + B (x^2/4 + x) ]                          (Eq. 3)

The factor two makes the quartic loss the Taylor expansion of the other one. Flow time is defined by
dW/dt = -(1/2) grad L = K(x) W, with

    sgns      K = 2 (A - G sigma(x))
    quartic   K = (A - B) - G x / 2

so both start with the linear growth rates mu_k, the eigenvalues of A - B; Setting 3.1 with G = 1
gives A - B = M*/2 and the paper's dW/dt = (M* - W W^T) W / 2.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from mstar.dynamics.weightings import Weights
from mstar.files.writing import UserError
from mstar.machine.arrays import Array

LOSSES = ("sgns", "quartic")
# Rows whose pairs have this many times the mean weight are integrated on their own: at V = 10,000
# few enough that their steps cost less than those that they save the others.
FAST_ABOVE = 3.0


class Population:
    """The expected loss and drift of a tied-weight model, on one torch device.

    Args:
        loss: one of `LOSSES`.
        weights: pair weights.
        device, dtype: of the products; sums of the loss are always float64.

    Raises:
        UserError: unknown loss.
    """

    def __init__(self, loss: str, weights: Weights, device: str, dtype: torch.dtype) -> None:
        if loss not in LOSSES:
            raise UserError(f"loss {loss!r}: expected one of {', '.join(LOSSES)}")
        self.loss_name = loss
        as_tensor = partial(torch.as_tensor, dtype=dtype, device=device)
        # Under Setting 3.1 G x W = W (W^T W) needs no V x V product.
        self.constant = bool(np.ptp(weights.total) == 0.0)
        self.scale = float(weights.total.flat[0])
        self.loss_range = unconstrained_drop(loss, weights)
        # K = base - slope * response(x), with response sigma (sgns) or the identity (quartic)
        if loss == "sgns":
            base, slope = 2.0 * weights.positive, 2.0 * weights.total
        else:
            base, slope = weights.difference, 0.5 * weights.total
        self.base, self.slope = as_tensor(base), as_tensor(slope)
        # Rows decay at rates in proportion to their sums of G, whose mean is 1 a pair: the frequent
        # words' are many times those of others under word2vec's weighting.
        heavy = np.flatnonzero(weights.total.mean(axis=0) > FAST_ABOVE)
        self.fast = torch.as_tensor(heavy, device=device)
        self.fast_base, self.fast_slope = self.base[self.fast], self.slope[self.fast]
        # Symmetric tiles that fit in a core's cache; a GPU is better served by one product.
        self.tile = 512 if self.base.device.type == "cpu" else weights.total.shape[0]

    def drift(self, w: torch.Tensor) -> torch.Tensor:
        """dW/dt = K(W W^T) W, (V, d)."""
        if self.loss_name == "quartic" and self.constant:
            return self.base @ w - (0.5 * self.scale) * (w @ (w.T @ w))
        drift = torch.zeros_like(w)
        for rows, columns in self._tiles(w):
            kernel = w[rows] @ w[columns].T
            if self.loss_name == "sgns":
                kernel.sigmoid_()
            kernel.mul_(self.slope[rows, columns])
            torch.sub(self.base[rows, columns], kernel, out=kernel)
            drift[rows].addmm_(kernel, w[columns])
            if columns is not rows:
                drift[columns].addmm_(kernel.T, w[rows])
        return drift

    def fast_drift(self, w: torch.Tensor) -> torch.Tensor:
        """Rows ``self.fast`` of the drift, (m, d)."""
        kernel = w[self.fast] @ w.T
        if self.loss_name == "sgns":
            kernel.sigmoid_()
        kernel.mul_(self.fast_slope)
        return torch.sub(self.fast_base, kernel, out=kernel) @ w

    def _tiles(self, w: torch.Tensor) -> Iterator[tuple[slice, slice]]:
        """Rows and columns of the tiles on and above the diagonal of W W^T, which is symmetric."""
        blocks = [slice(i, i + self.tile) for i in range(0, w.shape[0], self.tile)]
        return itertools.combinations_with_replacement(blocks, 2)

    def loss(self, w: torch.Tensor) -> float:
        """(L(W) - L_min) / (L(0) - L_min): 1 at W = 0, 0 at the unconstrained minimum."""
        if self.loss_name == "quartic" and self.constant:
            # x = W W^T: sum G x^2/4 - (A - B) x without the V x V product
            gram = (w.T @ w).double()
            square = 0.25 * self.scale * float((gram**2).sum())
            linear = float((w.double() * (self.base @ w).double()).sum())
            return 1.0 + (square - linear) / self.loss_range
        change = 0.0
        for rows, columns in self._tiles(w):
            x = w[rows] @ w[columns].T
            slope, base = self.slope[rows, columns], self.base[rows, columns]
            if self.loss_name == "quartic":
                # G x^2/4 - (A - B) x
                part = (x * slope).mul_(0.5).sub_(base).mul_(x)
            else:
                # A log(1+e^-x) + B log(1+e^x) - G log 2 = G (log(1+e^x) - log 2) - A x, and twice
                part = torch.nn.functional.softplus(x).sub_(float(np.log(2.0))).mul_(slope)
                part.addcmul_(base, x, value=-1.0)
            change += (1 if columns is rows else 2) * float(part.sum(dtype=torch.float64))
        return 1.0 + change / self.loss_range


def unconstrained_drop(loss: str, weights: Weights) -> float:
    """L(0) - min over all x of L: x = 2(A-B)/G for quartic, log(A/B) for sgns (Eq. 2)."""
    difference, total = weights.difference, weights.total
    if loss == "quartic":
        return float((difference**2 / total).sum())
    a, b = weights.positive, weights.negative
    entropy = np.zeros_like(total)
    # A log(1 + B/A) + B log(1 + A/B), with 0 log 0 = 0
    for part in (a, b):
        seen = part > 0
        entropy[seen] += part[seen] * np.log(total[seen] / part[seen])
    return 2.0 * float((total * np.log(2.0) - entropy).sum())


def time_constants(weights: Weights, modes: Array, rates: Array, initial_square: float) -> Array:
    """tau_k = ln(s_inf,k^2 / s(0)^2) / (2 mu_k) of any weighting, from counts alone; flow time.

    ``s_inf,k^2 = 2 mu_k / sum_ij G_ij v_i^2 v_j^2`` is where a single mode v saturates under the
    quartic loss (lambda_k itself under Setting 3.1, where this is Lemma 3.1's tau_k); the same
    estimate serves for sgns, since tau_k depends on it only through a logarithm. Outside Setting
    3.1 the modes learned first change the growth of those to come, so that tau_1 is what to expect
    and later tau_k are what linear growth alone would give.

    Args:
        modes: (V, r) unit eigenvectors of A - B with eigenvalues ``rates`` (r,) = mu_k.
        initial_square: s_k(0)^2, the same for all modes.

    Returns:
        (r,) times; nan for a mode that does not grow or starts beyond its saturation.

    Raises:
        UserError: that is so of the first mode.
    """
    squares = modes**2
    final = 2.0 * rates / np.einsum("ik,ik->k", squares, weights.total @ squares)
    if rates[0] <= 0:
        raise UserError(f"no mode grows: the largest growth rate is {rates[0]:.3g}")
    if final[0] <= initial_square:
        raise UserError(
            f"init: its square {initial_square:.3g} is beyond the first mode's final"
            f" {final[0]:.3g}; choose a smaller initial scale"
        )
    grows = final > initial_square
    times = np.full(rates.shape, np.nan)
    times[grows] = np.log(final[grows] / initial_square) / (2.0 * rates[grows])
    return times
