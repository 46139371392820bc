"""What the closed forms need of both numpy (on the CPU) and torch (on a GPU)."""

from __future__ import annotations

import sys
from importlib import import_module
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


def place(values: NDArray[Any], device: str) -> Matrix:
    """Return ``values`` as they are for "cpu", or as a torch tensor on another device."""
    if device == "cpu":
        return values
    # No import statement: most jobs that reach this module run where torch is not installed.
    return import_module("torch").as_tensor(np.ascontiguousarray(values), device=device)


def like(values: Any, other: Matrix) -> Matrix:
    """``values`` as float64, of the library and on the device of ``other``."""
    if isinstance(other, np.ndarray):
        return np.asarray(values, dtype=np.float64)
    return sys.modules["torch"].as_tensor(values, dtype=other.dtype, device=other.device)
