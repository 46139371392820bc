"""The nearest words of given words at many ranks d, from one pass over the columns of W."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from mstar.features.analogy_cosines import NEAREST
from mstar.machine.arrays import Array

# Words whose products with all others are held at once.
BLOCK = 512


def nearest_words(
    embedding: NDArray[Any], words: NDArray[np.int64], dims: Sequence[int]
) -> tuple[NDArray[np.int64], Array]:
    """Return the `NEAREST` words of each of ``words`` (n,), and their cosines, at each d.

    Products of the further columns are added to those of the next smaller d, so that all ``dims``
    cost as much as the largest. Computed in float32.

    Args:
        embedding: (V, D), raw rows; the rank-d rows are the first d columns.
        words: (n,) row ids.
        dims: increasing, none above D.

    Returns:
        Row ids (dims, n, NEAREST), -1 where there are fewer words, and cosines, -inf there.
    """
    single = np.asarray(embedding, dtype=np.float32)
    shape = (len(dims), len(words), NEAREST)
    ids, cosines = np.full(shape, -1), np.full(shape, -np.inf)
    parts = list(zip([0, *dims[:-1]], dims, strict=True))
    squared = np.cumsum(
        [np.einsum("vd,vd->v", single[:, a:b], single[:, a:b], dtype=np.float64) for a, b in parts],
        axis=0,
    )
    inverse = np.divide(1, np.sqrt(squared), out=np.zeros_like(squared), where=squared > 0)
    for start in range(0, len(words), BLOCK):
        asked = words[start : start + BLOCK]
        product = np.zeros((len(asked), len(single)), dtype=np.float32)
        rows = single[asked]
        for at, (first, last) in enumerate(parts):
            product += rows[:, first:last] @ single[:, first:last].T
            scale = inverse[at].astype(np.float32)
            there = slice(start, start + len(asked))
            _largest(product, scale, asked, ids[at, there], cosines[at, there])
            cosines[at, there] *= inverse[at, asked, None]
    return ids, cosines


@numba.njit(cache=True)
def _largest(product, scale, words, ids, values):  # type: ignore[no-untyped-def]
    """Set the words of the largest product * scale of each row, without the word itself."""
    last = values.shape[1] - 1
    for i in range(product.shape[0]):
        row, word, least = product[i], words[i], np.float32(values[i, last])
        for j in range(row.shape[0]):
            value = row[j] * scale[j]
            if value > least and j != word:
                at = last
                while at > 0 and value > values[i, at - 1]:
                    values[i, at], ids[i, at] = values[i, at - 1], ids[i, at - 1]
                    at -= 1
                values[i, at], ids[i, at] = value, j
                least = np.float32(values[i, last])
