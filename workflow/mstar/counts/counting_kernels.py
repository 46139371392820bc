"""Compiled loops of `mstar.counts.counting`: positions of each word in a padded text, and its row.

They release the GIL, so that threads can run them in parallel.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

# Columns that share a flag in `count_rows`: 64 bytes of 32-bit counts.
BLOCK = 16
# Number of positions by which the text is prefetched ahead of counting.
AHEAD = 24


@intrinsic  # type: ignore[untyped-decorator]
def _prefetch(_typing: Any, array: Any, index: Any) -> Any:
    """Prefetch ``array[index]`` into cache, without waiting for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte_pointer, integer = ir.IntType(8).as_pointer(), ir.IntType(32)
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), byte_pointer)
        kind = ir.FunctionType(ir.VoidType(), [byte_pointer, integer, integer, integer])
        name = "llvm.prefetch.p0i8"
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        # To read, to be kept in every cache, of data rather than code.
        builder.call(function, [address, *(ir.Constant(integer, flag) for flag in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, index), generate


@numba.njit(nogil=True, cache=True)
def group_positions(text, first, stop, size, next_place, positions):  # type: ignore[no-untyped-def]
    """Sort positions ``first`` to ``stop`` by word: those of word w from ``next_place[w]`` on."""
    for at in range(first, stop):
        word = np.int64(text[at])
        if word < size:
            positions[next_place[word]] = at
            next_place[word] += 1


@numba.njit(inline="always")
def _prefetch_window(text, positions, k, last, window):  # type: ignore[no-untyped-def]
    ahead = np.intp(positions[min(k + AHEAD, last)])
    line = 64 // text.itemsize
    for at in range(ahead - window, ahead + window, line):
        _prefetch(text, at)
    _prefetch(text, ahead + window)


@numba.njit(nogil=True, cache=True)
def count_rows(  # type: ignore[no-untyped-def]
    text, positions, starts, first, stop, window, row, flags, indices, counts, nonzero
):
    """Count rows ``first`` to ``stop`` of C, each from its diagonal on, one after another.

    Args:
        starts: (V + 1,) start of each word's positions.
        row: (V + window,) zeros, of a type wide enough for any cell of these rows.
        flags: a zero for each `BLOCK` of ``row``.
        indices, counts: filled with the columns and counts.
        nonzero: filled with the number of entries of each row.

    Returns:
        The total number of entries.
    """
    size = starts.size - 1
    last = positions.size - 1
    add = row.dtype.type
    total = 0
    for i in range(first, stop):
        begin = total
        if 4 * window * (starts[i + 1] - starts[i]) > size - i:
            # A row with many hits: all contexts are counted, also left of the diagonal, since a
            # mispredicted branch costs more than an addition in cache.
            for k in range(starts[i], starts[i + 1]):
                _prefetch_window(text, positions, k, last, window)
                at = np.uintp(positions[k])
                for distance in range(1, window + 1):
                    weight = add(window + 1 - distance)
                    row[text[at + np.uintp(distance)]] += weight
                    row[text[at - np.uintp(distance)]] += weight
            for j in range(i, size):
                # Always written, and kept only if non-zero, to avoid a branch.
                indices[total] = j
                counts[total] = row[j]
                total += 1 if row[j] else 0
            row[:] = 0
        else:
            # A rare word: most of its contexts are more frequent words, so few pass the test.
            width = np.uint64(size - i)
            for k in range(starts[i], starts[i + 1]):
                _prefetch_window(text, positions, k, last, window)
                at = np.uintp(positions[k])
                for step in range(-window, window + 1):
                    word = np.int64(text[np.intp(at) + step])
                    if np.uint64(word - i) < width and step != 0:
                        row[word] += add(window + 1 - abs(step))
                        flags[word // BLOCK] = 1
            for block in range(i // BLOCK, (size - 1) // BLOCK + 1):
                if flags[block]:
                    flags[block] = 0
                    for j in range(block * BLOCK, min((block + 1) * BLOCK, size)):
                        indices[total] = j
                        counts[total] = row[j]
                        total += 1 if row[j] else 0
                        row[j] = 0
        nonzero[i] = total - begin
    return total
