"""The expected loss of a model with input vectors W and output vectors C, and its gradient flow."""

from __future__ import annotations

import torch

from mstar.dynamics.drift import Population
from mstar.dynamics.losses import Loss
from mstar.dynamics.untied import split
from mstar.dynamics.weightings import Weights


class UntiedPopulation(Population):
    """The loss and drift dW/dt = K C, dC/dt = K^T W of X = W C^T, in the state (W; C), (2V, d).

    The pair weights need not be symmetric. Attributes and arguments are those of `Population`; the
    rows ``fast`` are rows of the state.
    """

    def __init__(self, loss: Loss, weights: Weights, device: str, dtype: torch.dtype) -> None:
        super().__init__(loss, weights, device, dtype)
        self.inputs = self.fast
        self.outputs = torch.as_tensor(self.heavy(weights.total.T), device=device)
        self.fast = torch.cat([self.inputs, weights.total.shape[0] + self.outputs])

    def drift(self, state: torch.Tensor) -> torch.Tensor:
        """Return (dW/dt; dC/dt), (2V, d)."""
        w, c = split(state)
        if self.narrow:
            first = self.linear_term @ c - self.constant * (w @ (c.T @ c))
            second = self.linear_term.T @ w - self.constant * (c @ (w.T @ w))
            return torch.cat([first, second])
        drift = torch.zeros_like(state)
        for rows in self._blocks(w):
            kernel = self._kernel(w[rows] @ c.T, rows)
            drift[rows] = kernel @ c
            drift[w.shape[0] :].addmm_(kernel.T, w[rows])
        return drift

    def fast_drift(self, state: torch.Tensor) -> torch.Tensor:
        """Return the rows ``self.fast`` of the drift."""
        w, c = split(state)
        first = self._kernel(w[self.inputs] @ c.T, self.inputs) @ c
        x = (w @ c[self.outputs].T).contiguous()
        kernel = self._loss.response_(x).mul_(self.scaled[:, self.outputs])
        kernel = self.linear_term[:, self.outputs] - kernel
        return torch.cat([first, kernel.T @ w])

    def loss(self, state: torch.Tensor) -> float:
        """Return (L(X) - L_min) / (L(0) - L_min): 1 at X = 0, 0 at the unconstrained minimum."""
        w, c = split(state)
        change = 0.0
        for rows in self._blocks(w):
            part = self._loss.entries(w[rows] @ c.T, self.scaled[rows], self.linear_term[rows])
            change += float(part.sum(dtype=torch.float64))
        return 1.0 + change / self.loss_range

    def _blocks(self, w: torch.Tensor) -> list[slice]:
        """Return slices of ``self.tile`` rows of W."""
        size = w.shape[0]
        return [slice(i, min(i + self.tile, size)) for i in range(0, size, self.tile)]

    def _kernel(self, x: torch.Tensor, rows: torch.Tensor | slice) -> torch.Tensor:
        """Return ``rows`` of K, given those of X, which are overwritten."""
        kernel = self._loss.response_(x).mul_(self.scaled[rows])
        return torch.sub(self.linear_term[rows], kernel, out=kernel)
