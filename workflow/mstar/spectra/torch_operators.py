"""Dense spectra with torch, on a GPU or on the CPU: the same methods as with numpy.

Imported only where a device is asked for, so that spectra need no torch otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mstar.machine.arrays import Array


class TorchArrays:
    """`mstar.spectra.krylov.Arrays` of torch on one device."""

    def __init__(self, device: str) -> None:
        self.device = torch.device(device)

    def empty(self, rows: int, columns: int) -> torch.Tensor:
        return torch.empty((columns, rows), dtype=torch.float32, device=self.device).T

    def take(self, x: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(x)).to(self.device)

    def give(self, x: torch.Tensor) -> Array:
        return np.asarray(x.cpu().numpy(), dtype=np.float64)

    def double(self, x: torch.Tensor) -> torch.Tensor:
        return x.double()

    def single(self, x: torch.Tensor) -> torch.Tensor:
        return x.float()

    def qr(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        q, r = torch.linalg.qr(x)
        return q, r


class TorchDense:
    """A symmetric matrix (V, V) on a device, in float64 and float32 (12 V^2 bytes).

    float32 products are true ones: TF32, with its 10 bits, is off by default and left so.
    """

    def __init__(self, matrix: Array, device: str) -> None:
        self.arrays = TorchArrays(device)
        self.matrix = self.arrays.take(matrix)
        self.single = self.matrix.float()
        self.size = matrix.shape[0]
        self.squared_norm = float((self.matrix**2).sum())

    def product(self, block: torch.Tensor) -> torch.Tensor:
        """A X (V, b), in the dtype of X (V, b)."""
        return (self.single if block.dtype == torch.float32 else self.matrix) @ block


def eigh(matrix: Array, device: str) -> tuple[Array, Array]:
    """All eigenvalues (V,), ascending, and eigenvectors (V, V) in float64."""
    arrays = TorchArrays(device)
    values, vectors = torch.linalg.eigh(arrays.take(matrix))
    return arrays.give(values), arrays.give(vectors)
