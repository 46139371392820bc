"""numpy arrays in main memory and torch tensors on a GPU, by the same calls.

The two libraries give exp, expm1, where, sqrt, tril and linalg the same names, reached through
`library`; the other functions here cover what they name differently. torch is imported only where
an array is placed on a device.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# A numpy array or a torch tensor.
Matrix = Any


def library(array: Matrix) -> Any:
    """Return the module, numpy or torch, that ``array`` belongs to."""
    return np if isinstance(array, np.ndarray) else sys.modules["torch"]


def to_numpy(array: Matrix) -> Any:
    """Return ``array`` in main memory, as numpy's, of the same dtype."""
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()


def place(values: NDArray[Any], device: str) -> Matrix:
    """Return ``values`` as they are for "cpu", or as a torch tensor on another device."""
    if device == "cpu":
        return values
    # No import statement: most jobs that reach this module run where torch is not installed.
    return import_module("torch").as_tensor(np.ascontiguousarray(values), device=device)


def like(values: Any, other: Matrix) -> Matrix:
    """Return ``values`` in the dtype and library, and on the device, of ``other``."""
    if isinstance(other, np.ndarray):
        return np.asarray(values, dtype=other.dtype)
    if isinstance(values, np.ndarray):
        values = np.ascontiguousarray(values)  # torch knows no negative strides
    return library(other).as_tensor(values, dtype=other.dtype, device=other.device)


def cast(array: Matrix, dtype: str) -> Matrix:
    """Return ``array`` in "float32" or "float64", of the same library and on the same device."""
    if isinstance(array, np.ndarray):
        return array.astype(dtype)
    return array.to(getattr(library(array), dtype))


def empty_columns(rows: int, columns: int, other: Matrix) -> Matrix:
    """Return (rows, columns) unset numbers as `like` has them, each column contiguous."""
    if isinstance(other, np.ndarray):
        return np.empty((rows, columns), dtype=other.dtype, order="F")
    return other.new_empty((columns, rows)).T
