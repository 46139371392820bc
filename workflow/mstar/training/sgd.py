"""Stochastic gradient descent on minibatches of pairs, as in the authors' code.

A step is W += h D, where D is the mean of -(1/2) dl/dW over the pairs of the minibatch and l is the
loss of `mstar.dynamics.losses` for one pair. The expectation of D is the drift K(W W^T) W of the
flow, so a step covers the flow time h. A pair (i, j) of weight q (see `mstar.training.pairs.Pairs`)
adds c w_j to row i and c w_i to row j, with x = w_i . w_j and the pull c of
`mstar.dynamics.losses.Loss.pull`.

All gradients of a step are taken at its initial weights. Weights are float32: from a start of 1e-12
they are far from underflow, and changes are relative to them (about 1e-4 of each direction at the
authors' step sizes, a thousand times the rounding of float32).
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import numba
import numpy as np
import torch

from mstar.dynamics.losses import Loss
from mstar.training.pairs import Draws, Pairs, Singles

# Parts of the work of a step, more than there are threads.
CHUNKS = 64


class Steps(Protocol):
    """Descent in progress, with weights ``w`` (V, d), float32, after ``step`` steps."""

    step: int

    @property
    def w(self) -> torch.Tensor: ...

    def advance(self, steps: int, size: float) -> None:
        """Make ``steps`` steps, each of flow time ``size``."""

    def restart(self, w: torch.Tensor, step: int) -> None:
        """Continue from weights ``w`` (V, d) after ``step`` steps."""


def pull(loss: Loss, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return the pull c of pairs with inner products ``x`` and signed weights ``weight``, (n,)."""
    return 0.5 * (weight - weight.abs() * (loss.slope(x) - loss.origin))


def drift(loss: Loss, w: torch.Tensor, pairs: Pairs) -> torch.Tensor:
    """Return D (V, d) of a minibatch; a simple reference for faster implementations."""
    left, right = (
        torch.as_tensor(ids, dtype=torch.int64, device=w.device)
        for ids in (pairs.left, pairs.right)
    )
    weight = torch.as_tensor(pairs.weight, device=w.device).to(w.dtype)
    first, second = w[left], w[right]
    pulls = pull(loss, (first * second).sum(1), weight)[:, None]
    total = torch.zeros_like(w)
    total.index_add_(0, left, pulls * second)
    total.index_add_(0, right, pulls * first)
    return total / (left.numel() // 2)


class CpuSteps:
    """Descent on a CPU, with pairs grouped by word, so that threads do not share rows.

    Equal seeds give equal bytes for any number of threads.
    """

    def __init__(self, sampler: Draws, w: torch.Tensor, loss: Loss, batch: int, seed: int) -> None:
        self.sampler, self.batch, self.seed, self.step = sampler, batch, seed, 0
        self.add_up = _adding(loss.pull)
        self.weights: Singles = np.array(w.numpy(), dtype=np.float32)
        self.total = np.empty_like(self.weights)

    @property
    def w(self) -> torch.Tensor:
        return torch.from_numpy(self.weights)

    def advance(self, steps: int, size: float) -> None:
        """Make ``steps`` steps, each of flow time ``size``."""
        scale = np.float32(size / self.batch)
        for _ in range(steps):
            pairs = self.sampler.draw(self.batch, self.seed, self.step)
            edges = _edges(pairs.left, pairs.right, pairs.weight, self.sampler.size)
            self.add_up(self.weights, *edges, self.total)
            self.total *= scale
            self.weights += self.total
            self.step += 1

    def restart(self, w: torch.Tensor, step: int) -> None:
        """Continue from weights ``w`` (V, d) after ``step`` steps."""
        self.weights[:] = w.numpy()
        self.step = step


@numba.njit(cache=True)
def _edges(left, right, weight, size):  # type: ignore[no-untyped-def]
    """Return both edges of every pair, ordered by word: starts (V+1,), words at other ends, q."""
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


@cache
def _adding(pull: Callable[[Any, Any], Any]) -> Callable[..., None]:
    """Return the compiled function that sets ``total`` (V, d) to batch * D, for one loss.

    The function replaces ``weights`` of the edges by their pulls.
    """
    # Inlined into the loop below, and so compiled with its fastmath options.
    numba.extending.register_jitable(inline="always")(pull)

    def add_up(w, start, others, weights, total):  # type: ignore[no-untyped-def]
        # Chunks have about equal numbers of edges, not of words.
        for chunk in numba.prange(CHUNKS):
            first = np.searchsorted(start, chunk * start[-1] // CHUNKS)
            last = np.searchsorted(start, (chunk + 1) * start[-1] // CHUNKS)
            for word in range(first, w.shape[0] if chunk == CHUNKS - 1 else last):
                own, row = w[word], total[word]
                row[:] = 0.0
                for edge in range(start[word], start[word + 1]):
                    other = w[others[edge]]
                    x = np.float32(0.0)
                    for k in range(own.size):
                        x += own[k] * other[k]
                    # Stored, since reassociation may otherwise move a division into the loop below.
                    weights[edge] = c = pull(x, weights[edge])
                    for k in range(own.size):
                        row[k] += c * other[k]

    # numba's cache depends only on this name and the age of this file.
    source = hashlib.sha256(inspect.getsource(pull).encode()).hexdigest()[:12]
    add_up.__qualname__ = f"add_up_{source}"
    # Reassociation lets the inner products use vector registers.
    options = {"parallel": True, "fastmath": {"reassoc", "contract"}}
    return numba.njit(cache=True, **options)(add_up)


def use_threads(count: int) -> None:
    """Let `CpuSteps` and torch use ``count`` threads."""
    torch.set_num_threads(count)
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
