"""One interface to numpy arrays in main memory and torch tensors on a GPU.

Both libraries have exp, expm1, where, sqrt, tril and linalg, reached through `library`; the other
functions of this module cover operations with different names. torch is imported only when an array
is placed on a device.
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
    """Return the module of ``array``, numpy or torch."""
    return np if isinstance(array, np.ndarray) else sys.modules["torch"]


def to_numpy(array: Matrix) -> Any:
    """Return ``array`` as a numpy array in main memory, in its dtype."""
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()


def place(values: NDArray[Any], device: str) -> Matrix:
    """Return ``values`` unchanged for "cpu", or as a torch tensor on another device."""
    if device == "cpu":
        return values
    # No import statement, since most jobs that import this module run without torch.
    return import_module("torch").as_tensor(np.ascontiguousarray(values), device=device)


def like(values: Any, other: Matrix) -> Matrix:
    """Return ``values`` in the dtype and library, and on the device, of ``other``."""
    if isinstance(other, np.ndarray):
        return np.asarray(values, dtype=other.dtype)
    if isinstance(values, np.ndarray):
        values = np.ascontiguousarray(values)  # torch does not support negative strides
    return library(other).as_tensor(values, dtype=other.dtype, device=other.device)


def cast(array: Matrix, dtype: str) -> Matrix:
    """Return ``array`` in "float32" or "float64", in its library and on its device."""
    if isinstance(array, np.ndarray):
        return array.astype(dtype)
    return array.to(getattr(library(array), dtype))


def empty_columns(rows: int, columns: int, other: Matrix) -> Matrix:
    """Return an uninitialised (rows, columns) array with contiguous columns.

    Its dtype, library and device are those of ``other``.
    """
    if isinstance(other, np.ndarray):
        return np.empty((rows, columns), dtype=other.dtype, order="F")
    return other.new_empty((columns, rows)).T
