"""The expected (population) loss of a tied-weight model and its gradient flow dW/dt."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from mstar.dynamics.losses import Loss
from mstar.dynamics.weightings import Weights
from mstar.machine.arrays import Array

# Rows whose pairs have over this many times the mean weight are integrated separately. At V =
# 10,000 they are few enough for their steps to cost less than the steps of other rows that they
# save.
FAST_ABOVE = 3.0


class Population:
    """The expected loss and drift of a tied-weight model, on one torch device.

    Attributes:
        dtype: of the products.
        narrow: whether the drift needs no V x V product, as for the quartic loss in Setting 3.1.
        linear_term, scaled: (V, V) T and gain * G of `mstar.dynamics.losses`.
        fast: (m,) rows that decay much faster than the others.
        tile: side of the square tiles in which V x V products are computed.

    Args:
        loss: see `mstar.dynamics.losses`.
        weights: pair weights.
        device, dtype: of the products; sums of the loss are always float64.
    """

    def __init__(self, loss: Loss, weights: Weights, device: str, dtype: torch.dtype) -> None:
        self._loss, self.dtype = loss, dtype
        as_tensor = partial(torch.as_tensor, dtype=dtype, device=device)
        # If r is linear and G constant (Setting 3.1), G x W = W (W^T W) needs no V x V product.
        self.narrow = loss.linear and weights.constant
        self.constant = loss.gain * float(weights.total.flat[0])
        self.loss_range = loss.drop(weights)
        self.linear_term = as_tensor(loss.linear_term(weights))
        self.scaled = as_tensor(loss.gain * weights.total)
        self.fast = torch.as_tensor(self.heavy(weights.total), device=device)
        self.fast_linear, self.fast_scaled = self.linear_term[self.fast], self.scaled[self.fast]
        # Tiles fit in a core's cache; on a GPU one product is faster.
        self.tile = 512 if self.scaled.device.type == "cpu" else weights.total.shape[0]

    def heavy(self, total: Array) -> NDArray[np.intp]:
        """Return the rows of G (V, V) that decay much faster than the others.

        Rows decay at rates proportional to their sums of G r'(0), with a mean of 1/2 per pair.
        Under word2vec's weighting those of frequent words are many times larger than others.
        """
        steepness = 2.0 * float(self._loss.curvature(torch.zeros(())))
        return np.flatnonzero(steepness * total.mean(axis=1) > FAST_ABOVE)

    def drift(self, w: torch.Tensor) -> torch.Tensor:
        """Return dW/dt = K(W W^T) W, (V, d)."""
        if self.narrow:
            return self.linear_term @ w - self.constant * (w @ (w.T @ w))
        drift = torch.zeros_like(w)
        for rows, columns in self._tiles(w):
            kernel = self._loss.response_(w[rows] @ w[columns].T)
            kernel.mul_(self.scaled[rows, columns])
            torch.sub(self.linear_term[rows, columns], kernel, out=kernel)
            drift[rows].addmm_(kernel, w[columns])
            if columns is not rows:
                drift[columns].addmm_(kernel.T, w[rows])
        return drift

    def fast_drift(self, w: torch.Tensor) -> torch.Tensor:
        """Return the rows ``self.fast`` of the drift, (m, d)."""
        kernel = self._loss.response_(w[self.fast] @ w.T).mul_(self.fast_scaled)
        return torch.sub(self.fast_linear, kernel, out=kernel) @ w

    def _tiles(self, w: torch.Tensor) -> Iterator[tuple[slice, slice]]:
        """Yield rows and columns of the tiles on and above the diagonal of the symmetric W W^T."""
        blocks = [slice(i, i + self.tile) for i in range(0, w.shape[0], self.tile)]
        return itertools.combinations_with_replacement(blocks, 2)

    def loss(self, w: torch.Tensor) -> float:
        """Return (L(W) - L_min) / (L(0) - L_min): 1 at W = 0, 0 at the unconstrained minimum."""
        if self.narrow:
            # sum of gain G x^2/2 - T x
            gram = (w.T @ w).double()
            square = 0.5 * self.constant * float((gram**2).sum())
            linear = float((w.double() * (self.linear_term @ w).double()).sum())
            return 1.0 + (square - linear) / self.loss_range
        change = 0.0
        for rows, columns in self._tiles(w):
            x = w[rows] @ w[columns].T
            at = rows, columns
            part = self._loss.entries(x, self.scaled[at], self.linear_term[at])
            change += (1 if columns is rows else 2) * float(part.sum(dtype=torch.float64))
        return 1.0 + change / self.loss_range
