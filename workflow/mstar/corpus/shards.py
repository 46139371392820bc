"""Division of texts and documents into shards of about equal size, added up as a binary tree."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mstar.files.writing import UserError


def even_cuts(offsets: NDArray[np.int64], shards: int) -> NDArray[np.int64]:
    """Return increasing indices (shards + 1,) into ``offsets`` that cut its range most evenly.

    Args:
        offsets: (n + 1,) start of each of n items, and the end of the last.
        shards: number of shards, at most n; each has at least one item.
    """
    things = offsets.size - 1
    ideal = offsets[0] + (offsets[-1] - offsets[0]) * np.arange(shards + 1) / shards
    after = np.clip(np.searchsorted(offsets, ideal), 1, things)
    cuts = np.where(ideal - offsets[after - 1] < offsets[after] - ideal, after - 1, after)
    cuts[0], cuts[-1] = 0, things
    number = np.arange(shards + 1)
    # Each side of a cut needs at least as many items as shards.
    cuts = number + np.maximum.accumulate(np.maximum(cuts - number, 0))
    return np.asarray(np.minimum(cuts, things - shards + number), dtype=np.int64)


def text_parts(sizes: Sequence[int], shards: int) -> list[range]:
    """Return at most ``shards`` non-empty ranges of consecutive files, about equal in bytes."""
    parts = min(shards, len(sizes))
    cuts = even_cuts(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), parts)
    return [range(first, stop) for first, stop in pairwise(cuts.tolist())]


def document_shard(
    offsets: NDArray[np.int64], shard: int, shards: int, some_empty: bool = False
) -> slice:
    """Return the documents of one shard; shards are about equal in tokens.

    Args:
        offsets: (documents + 1,) boundaries of documents, in tokens.
        shard: number of the shard, from 0.
        shards: number of shards.

        some_empty: whether shards may be empty if there are more than documents.

    Raises:
        UserError: a shard would be empty.
    """
    documents = offsets.size - 1
    if some_empty and shards > documents:
        return slice(min(shard, documents), min(shard + 1, documents))
    if shards > documents:
        raise UserError(
            f"shards: {shards:,} shards of {documents:,} documents would leave some of them empty: "
            f"expected a value from 1 to {documents:,}"
        )
    cuts = even_cuts(offsets, shards)
    return slice(int(cuts[shard]), int(cuts[shard + 1]))


def shard_of_part(shard: int, shards: int, parts: int) -> tuple[int, int, int]:
    """Return the part of a text that a shard is of, and the shard's number among those of the part.

    Args:
        shard: number of the shard, from 0.
        shards: number of shards.
        parts: number of parts, at most ``shards``.

    Returns:
        Part, number of the shard in it, and number of its shards, at least one.
    """
    part = shard * parts // shards
    first, stop = (-(-number * shards // parts) for number in (part, part + 1))
    return part, shard - first, stop - first


def halves(first: int, last: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return both halves, as (first, last), of the shards ``first`` to ``last``, inclusive."""
    middle = (first + last) // 2
    return (first, middle), (middle + 1, last)
