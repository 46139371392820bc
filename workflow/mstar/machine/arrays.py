"""What the closed forms need of both numpy (on the CPU) and torch (on a GPU)."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# A float64 numpy array or torch tensor. The two libraries give exp, expm1, where, sqrt, tril and
# their linear algebra the same names.
Matrix = Any


def library(array: Matrix) -> Any:
    """The module, numpy or torch, that ``array`` belongs to."""
    return np if isinstance(array, np.ndarray) else sys.modules["torch"]


def to_numpy(array: Matrix) -> Any:
    """The array in the computer's own memory."""
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()


def like(values: Any, other: Matrix) -> Matrix:
    """``values`` as float64, of the library and on the device of ``other``."""
    if isinstance(other, np.ndarray):
        return np.asarray(values, dtype=np.float64)
    return sys.modules["torch"].as_tensor(values, dtype=other.dtype, device=other.device)
