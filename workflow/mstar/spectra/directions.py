"""Words as directions: unit rows, and the queries of analogies made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def normalise_rows(embedding: NDArray[Any], dtype: Any = np.float64) -> NDArray[Any]:
    """Rows of ``embedding`` (V, d) at unit length; zero rows and rows with NaN or inf become zero.

    Norms are taken in float64, so that rows of size 1e-30 in float32 keep their direction.
    """
    wide = np.asarray(embedding, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        norm = np.linalg.norm(wide, axis=1, keepdims=True)
        unit: NDArray[Any] = (wide / norm).astype(dtype)
    unit[~(np.isfinite(norm) & (norm > 0))[:, 0]] = 0
    return unit


def queries(unit: NDArray[Any], words: NDArray[np.int64]) -> NDArray[Any]:
    """c^ + b^ - a^ (n, d) for a, b, c = ``words[:, :3]``, row numbers of ``unit`` (V, d)."""
    a, b, c = words[:, :3].T
    return np.asarray(unit[c] + unit[b] - unit[a])
