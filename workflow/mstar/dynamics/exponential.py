"""The action of a large symmetric matrix's exponential on a block of vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import scipy.sparse.linalg
import torch
from scipy.special import ive

from mstar.machine.arrays import Array
from mstar.spectra.operators import PlusLowRank

Symmetric: TypeAlias = Array | PlusLowRank

# Share by which the interval is widened, since the lowest eigenvalue is only known to 1 %.
MARGIN = 0.02
# Size below which coefficients of the expansion are dropped; the largest is of order 1.
NEGLIGIBLE = 1e-18


def lowest_eigenvalue(matrix: Symmetric, tolerance: float = 1e-2) -> float:
    """Return the smallest eigenvalue of a symmetric ``matrix`` (V, V), by Lanczos.

    ``tolerance`` is its relative error.
    """
    operator: object = matrix
    if isinstance(matrix, PlusLowRank):
        size = matrix.size
        operator = scipy.sparse.linalg.LinearOperator(
            (size, size), lambda x: (matrix @ x.reshape(-1, 1)).ravel(), dtype=np.float64
        )
    else:
        size = matrix.shape[0]
    start = np.random.default_rng(0).standard_normal(size)
    values, _ = scipy.sparse.linalg.eigsh(  # type: ignore[call-overload]
        operator, 1, which="SA", v0=start, tol=tolerance
    )
    return float(values[0])


def exponential_action(
    matrix: Symmetric,
    highest: float,
    block: Array,
    times: Sequence[float],
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda done, terms: None,
) -> list[torch.Tensor]:
    """Return ``e^{H t} W`` for every t, by one Chebyshev expansion with float64 products.

    On [a, b] with centre c and half width h, e^{t lambda} = e^{t b} sum_k (2 - [k = 0])
    e^{-h t} I_k(h t) T_k((lambda - c) / h) (Tal-Ezer and Kosloff, J. Chem. Phys. 81, 1984). The
    number of terms grows like h t, and errors are relative to the fastest growth e^{t b}.

    Args:
        matrix: (V, V) symmetric H. An operator multiplies on the CPU, whatever the device.
        highest: largest eigenvalue of H.
        block: (V, d) W.
        times: t >= 0.
        device: of the products and the results.
        progress: called after every product with the products made and those in all.

    Returns:
        (V, d) tensors, one per time.
    """
    low = lowest_eigenvalue(matrix)
    low, high = low - MARGIN * (highest - low), highest + 1e-3 * (highest - low)
    centre, half = (high + low) / 2, (high - low) / 2
    ts = np.asarray(times, dtype=float)
    orders = np.arange(int(np.ceil(2 * half * ts.max(initial=0.0))) + 40)
    weights = ive(orders[:, None], half * ts)
    weights[1:] *= 2
    terms = 1 + int(np.flatnonzero((weights > NEGLIGIBLE).any(axis=1)).max(initial=0))
    image = _product(matrix, device)
    older = torch.as_tensor(block, device=device)
    newer = (image(older) - centre * older) / half
    sums = [float(first) * older for first in weights[0]]
    for k in range(1, terms):
        for total, weight in zip(sums, weights[k], strict=True):
            total.add_(newer, alpha=float(weight))
        progress(k, terms - 1)
        older, newer = newer, (2 / half) * (image(newer) - centre * newer) - older
    # In place, since there may be many states of a large vocabulary.
    return [total.mul_(float(np.exp(high * t))) for t, total in zip(ts, sums, strict=True)]


def _product(matrix: Symmetric, device: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the function that multiplies tensors on ``device`` by ``matrix``."""
    if not isinstance(matrix, PlusLowRank):
        h = torch.as_tensor(matrix, device=device)
        return lambda block: h @ block
    return lambda block: torch.from_numpy(matrix @ block.cpu().numpy()).to(device)
