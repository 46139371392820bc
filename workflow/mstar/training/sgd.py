"""Stochastic gradient descent on minibatches of pairs, as the authors train.

A step is W += h D with D the mean of -(1/2) dl/dW over the minibatch's pairs, l being the loss of
`mstar.dynamics.losses` for one pair. The mean of D is the drift K(W W^T) W of the flow there, so a
step covers the flow time h. A pair (i, j) of weight q (see `mstar.training.pairs.Pairs`) adds c w_j
to row i and c w_i to row j, with x = w_i . w_j and

    sgns      c = q sigma(-x) for a positive pair, q sigma(x) for a negative one
    quartic   c = (q - |q| x / 2) / 2

Gradients are taken at the weights of the step's start, whole. Weights are float32: from a start of
1e-12 they are tiny but far from underflow, and what a step changes is relative to them (about 1e-4
of each direction at the authors' step sizes, a thousand times the rounding of a float32).
"""

from __future__ import annotations

from typing import Protocol

import numba
import numpy as np
import torch

from mstar.training.pairs import Draws, Pairs, Singles

# Shares of a step's work, more than threads.
CHUNKS = 64


class Steps(Protocol):
    """Descent that has made ``step`` steps and has weights ``w`` (V, d) float32."""

    step: int

    @property
    def w(self) -> torch.Tensor: ...

    def advance(self, steps: int, size: float) -> None:
        """Make ``steps`` steps, each of flow time ``size``."""

    def restart(self, w: torch.Tensor, step: int) -> None:
        """Go on from weights ``w`` (V, d) after ``step`` steps."""


def coefficient(loss: str, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The pull c of pairs with inner products ``x`` and signed weights ``weight``, (n,) each."""
    if loss == "sgns":
        return weight * torch.sigmoid(-torch.sign(weight) * x)
    return 0.5 * (weight - 0.5 * weight.abs() * x)


def drift(loss: str, w: torch.Tensor, pairs: Pairs) -> torch.Tensor:
    """D of a minibatch written plainly, (V, d): the reference for faster ways of computing it."""
    left, right = (
        torch.as_tensor(ids, dtype=torch.int64, device=w.device)
        for ids in (pairs.left, pairs.right)
    )
    weight = torch.as_tensor(pairs.weight, device=w.device).to(w.dtype)
    first, second = w[left], w[right]
    pull = coefficient(loss, (first * second).sum(1), weight)[:, None]
    total = torch.zeros_like(w)
    total.index_add_(0, left, pull * second)
    total.index_add_(0, right, pull * first)
    return total / (left.numel() // 2)


class CpuSteps:
    """Descent on a CPU: pairs are grouped by word, so that each thread has rows of its own.

    The same seed gives the same bytes, whatever the number of threads.
    """

    def __init__(self, sampler: Draws, w: torch.Tensor, loss: str, batch: int, seed: int) -> None:
        self.sampler, self.loss, self.batch, self.seed, self.step = sampler, loss, batch, seed, 0
        self.weights: Singles = np.array(w.numpy(), dtype=np.float32)
        self.total = np.empty_like(self.weights)

    @property
    def w(self) -> torch.Tensor:
        return torch.from_numpy(self.weights)

    def advance(self, steps: int, size: float) -> None:
        """Make ``steps`` steps, each of flow time ``size``."""
        scale = np.float32(size / self.batch)
        sgns = self.loss == "sgns"
        for _ in range(steps):
            pairs = self.sampler.draw(self.batch, self.seed, self.step)
            edges = _edges(pairs.left, pairs.right, pairs.weight, self.sampler.size)
            _add_up(self.weights, *edges, sgns, self.total)
            self.total *= scale
            self.weights += self.total
            self.step += 1

    def restart(self, w: torch.Tensor, step: int) -> None:
        """Go on from weights ``w`` (V, d) after ``step`` steps."""
        self.weights[:] = w.numpy()
        self.step = step


@numba.njit(cache=True)
def _edges(left, right, weight, size):  # type: ignore[no-untyped-def]
    """Both edges of every pair in order of their word: (V+1,) starts, words at the other end, q."""
    start = np.zeros(size + 1, np.int64)
    for ends in (left, right):
        for word in ends:
            start[word + 1] += 1
    for word in range(size):
        start[word + 1] += start[word]
    free = start[:-1].copy()
    others = np.empty(2 * left.size, np.int32)
    weights = np.empty(2 * left.size, np.float32)
    for pair in range(left.size):
        i, j, q = left[pair], right[pair], weight[pair]
        others[free[i]], weights[free[i]] = j, q
        free[i] += 1
        others[free[j]], weights[free[j]] = i, q
        free[j] += 1
    return start, others, weights


# Reassociation lets the inner products use vector registers.
@numba.njit(cache=True, parallel=True, fastmath={"reassoc", "contract"})
def _add_up(w, start, others, weights, sgns, total):  # type: ignore[no-untyped-def]
    """batch * D into ``total``, (V, d). Chunks have about equal numbers of edges, not of words."""
    for chunk in numba.prange(CHUNKS):
        first = np.searchsorted(start, chunk * start[-1] // CHUNKS)
        last = np.searchsorted(start, (chunk + 1) * start[-1] // CHUNKS)
        for word in range(first, w.shape[0] if chunk == CHUNKS - 1 else last):
            own, row = w[word], total[word]
            row[:] = 0.0
            for edge in range(start[word], start[word + 1]):
                other, q = w[others[edge]], weights[edge]
                x = np.float32(0.0)
                for k in range(own.size):
                    x += own[k] * other[k]
                if sgns:
                    pull = q / (np.float32(1.0) + np.exp(x if q > 0 else -x))
                else:
                    pull = np.float32(0.5) * (q - np.float32(0.5) * abs(q) * x)
                for k in range(own.size):
                    row[k] += pull * other[k]


def use_threads(count: int) -> None:
    """Let `CpuSteps`, and torch beside it, use ``count`` threads."""
    torch.set_num_threads(count)
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
