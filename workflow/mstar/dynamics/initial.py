"""Random initial weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def initial_weights(size: int, dim: int, scale: float, seed: int) -> NDArray[np.float64]:
    """W(0) with entries N(0, scale^2 / d): the projection on any unit vector has mean square
    scale^2.
    """
    return np.random.default_rng(seed).standard_normal((size, dim)) * (scale / np.sqrt(dim))
