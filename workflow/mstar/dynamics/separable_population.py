"""The expected loss and drift with word2vec's weights, on a CPU or another torch device."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mstar.dynamics.drift import FAST_ABOVE
from mstar.dynamics.losses import Loss
from mstar.dynamics.separable import SeparableDrift, SeparableWeights
from mstar.machine.arrays import Array

# Largest share of the seen cells in the rows that are integrated separately, whose drift is
# evaluated several times for one of all rows.
FAST_SHARE = 0.15
# Numbers (cells times d) in a chunk of seen cells on a device other than the CPU.
CHUNK = 1 << 26


class SeparablePopulation:
    """A drift and a loss in float32, as `mstar.dynamics.drift.Population` has them.

    Attributes:
        dtype: of the products.
        fast: (m,) rows that decay much faster than the others.

    Args:
        loss: quartic, or sgns with its expansion on the cells never seen.
        weights: of pairs.
        device: "cpu" for compiled loops, or that of torch.
        threads: of the CPU. Results do not depend on their number.
    """

    dtype = torch.float32

    def __init__(
        self, loss: Loss, weights: SeparableWeights, device: str = "cpu", threads: int = 1
    ) -> None:
        self._drift: SeparableDrift | DeviceDrift = SeparableDrift(weights, threads, loss.name)
        heavy = fast_rows(self._drift, 2.0 * float(loss.curvature(torch.zeros(()))))
        if device != "cpu":
            self._drift = DeviceDrift(self._drift, device)
        self.fast = torch.as_tensor(heavy, device=device)

    def drift(self, w: torch.Tensor) -> torch.Tensor:
        """Return dW/dt = K(W W^T) W, (V, d)."""
        return torch.as_tensor(self._drift(_plain(w)))

    def fast_drift(self, w: torch.Tensor) -> torch.Tensor:
        """Return the rows ``self.fast`` of the drift, (m, d)."""
        return torch.as_tensor(self._drift(_plain(w), _plain(self.fast)))

    def loss(self, w: torch.Tensor) -> float:
        """Return (L(W) - L_min) / (L(0) - L_min): 1 at W = 0, 0 at the unconstrained minimum."""
        return self._drift.loss(_plain(w))


def fast_rows(drift: SeparableDrift, steepness: float) -> NDArray[np.int64]:
    """Return the rows (m,) whose pairs have over `FAST_ABOVE` times the mean weight.

    These are the heaviest of them that hold `FAST_SHARE` of the seen cells, in ascending order.
    """
    seen, drawn = drift.weights.row_sums()
    weight = steepness * (seen + drawn) / drift.weights.size
    heaviest = np.argsort(-weight, kind="stable")
    cells = np.cumsum(np.diff(drift.starts)[heaviest])
    few = (weight[heaviest] > FAST_ABOVE) & (cells <= FAST_SHARE * drift.starts[-1])
    return np.sort(heaviest[few])


def _plain(values: torch.Tensor) -> Any:
    """Return a tensor on the CPU as a numpy array, any other unchanged."""
    return values.numpy() if values.device.type == "cpu" else values


class DeviceDrift:
    """The drift and loss of a `SeparableDrift` by torch, its seen cells in chunks of whole rows."""

    def __init__(self, drift: SeparableDrift, device: str, chunk: int = CHUNK) -> None:
        self.sgns, self.loss_range, self.chunk = drift.sgns, drift.loss_range, chunk
        self.starts = drift.starts
        self.columns, self.positive, self.centre, self.context = (
            torch.as_tensor(each, device=device)
            for each in (
                drift.columns.astype(np.int64),
                drift.positive,
                drift.centre,
                drift.context,
            )
        )

    def __call__(self, w: torch.Tensor, rows: torch.Tensor | None = None) -> torch.Tensor:
        """Return K(W W^T) W (V, d) for W (V, d), or only its ``rows`` (m,)."""
        every = torch.arange(w.shape[0], device=w.device)
        rows = every if rows is None else rows
        drift = torch.empty((rows.numel(), w.shape[1]), dtype=w.dtype, device=w.device)
        for part, lengths, own, cells in self._chunks(rows, w.shape[1]):
            other = self.columns[cells]
            theirs = w[other]
            x = (w[own] * theirs).sum(1)
            factor = self._factor(x, self.positive[cells], self._negative(own, other))
            pulled = theirs.mul_(factor[:, None])
            drift[part] = torch.segment_reduce(pulled, "sum", lengths=lengths, unsafe=True)
        for first, second in ((self.centre, self.context), (self.context, self.centre)):
            second_w = second[:, None] * w
            inner = second_w.sum(0) + 0.5 * (w[rows] @ (w.T @ second_w))
            drift -= 0.5 * first[rows, None] * inner
        return drift

    def loss(self, w: torch.Tensor) -> float:
        """Return (L(W) - L_min) / (L(0) - L_min): 1 at W = 0, 0 at the unconstrained minimum."""
        change = 0.0
        for _, _, own, cells in self._chunks(torch.arange(w.shape[0], device=w.device), w.shape[1]):
            other = self.columns[cells]
            x = (w[own] * w[other]).sum(1).double()
            negative = self._negative(own, other).double()
            change += float(self._entry(x, self.positive[cells].double(), negative).sum())
        double = w.double()
        sides = [each.double()[:, None] * double for each in (self.centre, self.context)]
        linear = float(sides[0].sum(0) @ sides[1].sum(0))
        square = float(((double.T @ sides[0]) * (double.T @ sides[1])).sum())
        return 1.0 + (change + 0.25 * square + linear) / self.loss_range

    def _chunks(
        self, rows: torch.Tensor, dim: int
    ) -> Iterator[tuple[slice, torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Yield places in ``rows``, cells in each of these, and the row and number of each cell."""
        chosen = rows.cpu().numpy()
        lengths: Array = self.starts[chosen + 1] - self.starts[chosen]
        ends = np.cumsum(lengths)
        first = 0
        while first < chosen.size:
            most = (ends[first - 1] if first else 0) + max(1, self.chunk // dim)
            last = max(first + 1, int(np.searchsorted(ends, most, side="right")))
            part = slice(first, last)
            sizes = torch.as_tensor(lengths[part], device=rows.device)
            own = torch.repeat_interleave(rows[part], sizes)
            # a cell's number: where its row starts, and its place in the row
            before = torch.as_tensor(self.starts[chosen[part]], device=rows.device) - (
                sizes.cumsum(0) - sizes
            )
            cells = torch.repeat_interleave(before, sizes)
            cells += torch.arange(cells.numel(), device=rows.device)
            yield part, sizes, own, cells
            first = last

    def _negative(self, i: torch.Tensor, j: torch.Tensor) -> torch.Tensor:
        return 0.5 * (self.centre[i] * self.context[j] + self.context[i] * self.centre[j])

    def _factor(self, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Return K + B (1 + x/2) on seen cells, as `mstar.dynamics.separable_kernels` does."""
        if self.sgns:
            off = 2.0 * (-x).sigmoid()
            return a * off + b * (0.5 * x - 1.0 + off)
        return a * (1.0 - 0.5 * x)

    def _entry(self, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Return the loss of seen cells less B (x^2/4 + x)."""
        if self.sgns:
            softplus, origin = torch.nn.functional.softplus, float(np.log(2.0))
            own = 2.0 * (a * (softplus(-x) - origin) + b * (softplus(x) - origin))
            return own - b * x * (0.25 * x + 1.0)
        return a * x * (0.25 * x - 1.0)
