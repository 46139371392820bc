"""Steps of stochastic gradient descent on a GPU, many per launch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from mstar.dynamics.losses import Loss
from mstar.files.writing import UserError
from mstar.training import sgd_kernels as kernels
from mstar.training.pairs import Alias, Pairs, Sampler

BLOCK = 256


class _Law:
    """The alias table of a distribution, and Psi+ or Psi-, on the device."""

    def __init__(self, table: Alias, psi: np.ndarray, device: torch.device) -> None:
        self.count = table.other.size
        self.threshold = torch.as_tensor(table.threshold, device=device)
        self.other = torch.as_tensor(table.other, device=device)
        self.psi = torch.as_tensor(psi, device=device)


class CudaSteps:
    """Descent on a GPU, with a group of steps as one CUDA graph.

    Gradients are taken at the initial weights of a step and summed in a buffer. Sums are float32 in
    an order that differs between runs, so equal seeds draw equal pairs but agree only up to
    rounding.

    Attributes:
        w: (V, d) float32 weights, changed in place.
        step: number of steps made.
    """

    def __init__(
        self,
        sampler: Sampler,
        w: torch.Tensor,
        loss: Loss,
        batch: int,
        seed: int,
        *,
        group: int = 64,
        edges: int = 8,
        warps: int = 1,
        grouped: bool = True,
        graph: bool = True,
    ) -> None:
        if loss.name not in kernels.PULLS:
            known = ", ".join(kernels.PULLS)
            raise UserError(
                f"dynamics.device: the loss {loss.name} has no kernel for a GPU, as {known} have:"
                " expected cpu for its sampled runs"
            )
        self.w, self.step, self.batch, self.seed = w.float().contiguous(), 0, batch, seed
        self.group, self.edges, self.warps = group, edges, warps
        self.grouped, self.pull, self.graph = grouped, kernels.PULLS[loss.name], None
        size, pairs = sampler.size, 2 * batch
        self.words = size
        self.positive = _Law(sampler.cells, sampler.positive, w.device)
        self.negative = _Law(sampler.words, sampler.negative, w.device)
        self.rows = torch.as_tensor(sampler.rows, device=w.device)
        self.columns = torch.as_tensor(sampler.columns, device=w.device)
        # Upper bound on the sum over words of ceil(degree / edges), in whole rows of 64 bytes.
        self.tiles = -(-(2 * pairs // edges + size) // 16) * 16

        def empty(*shape: int, dtype: torch.dtype = torch.int32) -> torch.Tensor:
            return torch.zeros(shape, dtype=dtype, device=w.device)

        self.number = empty(1, dtype=torch.int64)
        self.size = empty(1, dtype=torch.float32)
        self.gradient = torch.zeros_like(self.w)
        self.left, self.right = empty(group, pairs), empty(group, pairs)
        self.weight = empty(group, pairs, dtype=torch.float32)
        if grouped:
            self.rank_left, self.rank_right = empty(group, pairs), empty(group, pairs)
            self.degree, self.first = empty(group, size), empty(group, size)
            self.ends = empty(group, size)
            self.edge_word = empty(group, self.tiles * edges)
            self.edge_weight = empty(group, self.tiles * edges, dtype=torch.float32)
            self.tile_word, self.tile_edges = empty(group, self.tiles), empty(group, self.tiles)
        else:
            # Unused, but kernels need pointers.
            self.rank_left = self.rank_right = self.degree = self.left
        if graph:
            self._capture()

    def advance(self, steps: int, size: float) -> None:
        """Make ``steps`` steps W += size * (drift of a minibatch, `mstar.training.sgd.drift`)."""
        self.size.fill_(size / self.batch)
        whole, rest = divmod(steps, self.group)
        for _ in range(whole):
            if self.graph is None:
                self._launch(self.group)
            else:
                self.graph.replay()
        if rest:
            self._launch(rest)
        self.step += steps

    def restart(self, w: torch.Tensor, step: int) -> None:
        """Continue from weights ``w`` (V, d) after ``step`` steps."""
        self.w.copy_(w)
        self.number.fill_(step)
        self.step = step

    def pairs(self, index: int) -> Pairs:
        """Return the pairs of step ``index`` of the last group drawn."""
        return Pairs(*(part[index].cpu().numpy() for part in (self.left, self.right, self.weight)))

    def _capture(self) -> None:
        """Compile the kernels by running a group of steps, record the graph, and reset W."""
        before = self.w.clone()
        self._launch(self.group)
        torch.cuda.synchronize()
        graph: Any = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._launch(self.group)
        torch.cuda.synchronize()
        self.graph = graph
        self.restart(before, 0)

    def _launch(self, steps: int) -> None:
        self.draw(steps)
        for index in range(steps):
            self.add(index)
            self.apply()
        self.number.add_(steps)

    def draw(self, steps: int) -> None:
        """Draw the pairs of the next ``steps`` steps and, if grouped, arrange them in tiles."""
        pairs = 2 * self.batch
        if self.grouped:
            self.degree.zero_()
        grid = (-(-self.batch // BLOCK), steps)
        for positive, law in ((1, self.positive), (0, self.negative)):
            kernels.draw[grid](
                self.left, self.right, self.weight, self.rank_left, self.rank_right, self.degree,
                self.number, self.seed, law.threshold, law.other, self.rows, self.columns, law.psi,
                law.count, self.words, self.batch,
                POSITIVE=positive, GROUPED=self.grouped, BLOCK=BLOCK,
            )  # fmt: skip
        if self.grouped:
            torch.add(self.degree, self.edges - 1, out=self.first)
            self.first.div_(self.edges, rounding_mode="floor")
            torch.cumsum(self.first, 1, dtype=torch.int32, out=self.ends)
            torch.sub(self.ends, self.first, out=self.first)
            kernels.place[(-(-pairs // BLOCK), steps)](
                self.left, self.right, self.weight, self.rank_left, self.rank_right, self.degree,
                self.first, self.edge_word, self.edge_weight, self.tile_word, self.tile_edges,
                self.words, pairs, self.tiles, EDGES=self.edges, BLOCK=BLOCK,
            )  # fmt: skip

    def add(self, index: int) -> None:
        """Add batch * drift of the group's step ``index`` to the gradient."""
        dim = self.w.shape[1]
        sizes = {
            "DIM": dim,
            "WIDTH": 1 << (dim - 1).bit_length(),
            "EDGES": self.edges,
            "PULL": self.pull,
            "num_warps": self.warps,
        }
        if self.grouped:
            kernels.add_tiles[(self.tiles,)](
                self.w, self.gradient, self.edge_word[index], self.edge_weight[index],
                self.tile_word[index], self.tile_edges[index], self.ends[index, -1:], **sizes,
            )  # fmt: skip
        else:
            pairs = 2 * self.batch
            kernels.add_pairs[(-(-pairs // self.edges),)](
                self.w, self.gradient, self.left[index], self.right[index], self.weight[index],
                pairs, **sizes,
            )  # fmt: skip

    def apply(self) -> None:
        """Update the weights by the gradient and set it to zero."""
        entries = self.w.numel()
        kernels.apply[(-(-entries // 1024),)](self.w, self.gradient, self.size, entries, BLOCK=1024)
