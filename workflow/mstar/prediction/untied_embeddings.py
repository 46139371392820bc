"""What untied word2vec is predicted to learn: modes by size for W, by value for W + C.

Z_+ = (W + C) / sqrt(2) learns the modes with positive eigenvalues, Z_- = (W - C) / sqrt(2) those
with negative ones (`mstar.dynamics.untied`). So the input vectors W hold the modes of largest
|lambda|, and input plus output vectors those of largest lambda.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from mstar.files.writing import UserError
from mstar.machine.arrays import Array

ORDERS = ("value", "size")


def embedding(
    matrix: Any, dim: int, order: Literal["value", "size"], scale: Array | None = None
) -> Array:
    """Return diag(s)^{-1} U |Lambda|^{1/2} (V, d), the strongest first.

    Args:
        matrix: (V, V) symmetric array, or an operator with ``@`` and ``size``.
        dim: d, below V.
        order: by which of the eigenvalues the d modes are chosen: the largest lambda > 0 (value),
            or the largest |lambda| (size).
        scale: (V,) s, as in `mstar.spectra.spectrum.Spectrum`; ones by default.

    Raises:
        UserError: there are fewer than d modes with a positive eigenvalue.
    """
    size = matrix.shape[0] if isinstance(matrix, np.ndarray) else matrix.size

    def product(block: Array) -> Array:
        return np.asarray(matrix @ block.reshape(size, -1))

    operator = LinearOperator((size, size), matvec=product, matmat=product, dtype=np.float64)
    # A start of its own, or results would depend on a global generator.
    start = np.random.default_rng(0).standard_normal(size)
    which: Literal["LA", "LM"] = "LA" if order == "value" else "LM"
    values, vectors = eigsh(operator, k=dim, which=which, v0=start)
    if order == "value" and values.min() <= 0:
        raise UserError(
            f"dim: {dim} asked for, and {(values > 0).sum()} eigenvalues are positive: expected a"
            " smaller d"
        )
    first = np.argsort(-np.abs(values), kind="stable")
    weights = vectors[:, first] * np.sqrt(np.abs(values[first]))
    return weights if scale is None else weights / scale[:, None]
