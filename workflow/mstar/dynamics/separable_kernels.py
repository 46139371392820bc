"""Compiled sums over the seen cells of a symmetric matrix of pairs.

Rows are visited in blocks and, within each, columns in blocks, so that the vectors of a block of
columns stay in a core's cache. One thread sums each row, over columns in ascending order, so
results do not depend on the number of threads.
"""

from __future__ import annotations

import numba
import numpy as np

# Bytes of the vectors of a block of columns, half of a core's cache; rows of a block.
CACHE, ROWS = 1 << 20, 128
# Regrouping and fusing sums lets them run in vector registers.
FAST = {"contract", "reassoc", "nsz"}


@numba.njit(cache=True, inline="always")
def _factor(sgns, x, a, b):  # type: ignore[no-untyped-def]
    """Return K + B (1 + x/2), what a seen cell has beyond one never seen.

    This is A (1 - x/2) for the quartic loss; for ``sgns`` K = 2 A sigma(-x) - 2 B sigma(x).
    """
    if sgns:
        off = np.float32(2) / (np.float32(1) + np.exp(x))  # 2 sigma(-x)
        return a * off + b * (np.float32(0.5) * x - np.float32(1) + off)
    return a * (np.float32(1) - np.float32(0.5) * x)


@numba.njit(cache=True, inline="always")
def _entry(sgns, x, a, b):  # type: ignore[no-untyped-def]
    """Return the share of the loss of a seen cell, less B (x^2/4 + x), that of one never seen.

    This is A (x^2/4 - x) for the quartic loss; for ``sgns`` the share is 2 A log(1 + e^-x)
    + 2 B log(1 + e^x) - 2 G log 2.
    """
    if sgns:
        both = 2.0 * (np.log1p(np.exp(-abs(x))) - np.log(2.0))
        own = a * (both + 2.0 * max(-x, 0.0)) + b * (both + 2.0 * max(x, 0.0))
        return own - b * x * (0.25 * x + 1.0)
    return a * x * (0.25 * x - 1.0)


@numba.njit(parallel=True, cache=True, fastmath=FAST)
def add_up(sgns, starts, columns, positive, centre, context, rows, parts, width, w, total):  # type: ignore[no-untyped-def]
    """Set ``total`` (m, d) to the rows ``rows`` of F W.

    F holds ``_factor`` of x = (W W^T)_ij, A_ij and B_ij on the seen cells and 0 elsewhere.
    """
    dim, half = w.shape[1], np.float32(0.5)
    for part in numba.prange(parts.size - 1):
        first, last = parts[part], parts[part + 1]
        at = np.empty(ROWS, np.int64)
        for block in range(first, last, ROWS):
            end = min(block + ROWS, last)
            for row in range(block, end):
                at[row - block] = starts[rows[row]]
                total[row] = 0
            for low in range(0, w.shape[0], width):
                high = low + width
                for row in range(block, end):
                    i = rows[row]
                    k, stop = at[row - block], starts[i + 1]
                    own, sums = w[i], total[row]
                    c_i, n_i = half * centre[i], half * context[i]
                    while k + 4 <= stop and columns[k + 3] < high:
                        p, q, r, s = columns[k], columns[k + 1], columns[k + 2], columns[k + 3]
                        wp, wq, wr, ws = w[p], w[q], w[r], w[s]
                        xp = xq = xr = xs = np.float32(0)
                        for c in range(dim):
                            xp += own[c] * wp[c]
                            xq += own[c] * wq[c]
                            xr += own[c] * wr[c]
                            xs += own[c] * ws[c]
                        fp = _factor(sgns, xp, positive[k], c_i * context[p] + n_i * centre[p])
                        fq = _factor(sgns, xq, positive[k + 1], c_i * context[q] + n_i * centre[q])
                        fr = _factor(sgns, xr, positive[k + 2], c_i * context[r] + n_i * centre[r])
                        fs = _factor(sgns, xs, positive[k + 3], c_i * context[s] + n_i * centre[s])
                        for c in range(dim):
                            sums[c] += fp * wp[c] + fq * wq[c] + fr * wr[c] + fs * ws[c]
                        k += 4
                    while k < stop and columns[k] < high:
                        p = columns[k]
                        wp = w[p]
                        xp = np.float32(0)
                        for c in range(dim):
                            xp += own[c] * wp[c]
                        fp = _factor(sgns, xp, positive[k], c_i * context[p] + n_i * centre[p])
                        for c in range(dim):
                            sums[c] += fp * wp[c]
                        k += 1
                    at[row - block] = k


@numba.njit(parallel=True, cache=True, fastmath=FAST)
def sum_up(sgns, starts, columns, positive, centre, context, parts, w, sums):  # type: ignore[no-untyped-def]
    """Set ``sums`` (V,) to the sums of ``_entry`` over each row's cells on and above the diagonal.

    Cells above the diagonal count twice.
    """
    for part in numba.prange(parts.size - 1):
        for i in range(parts[part], parts[part + 1]):
            total = 0.0
            for k in range(starts[i], starts[i + 1]):
                j = columns[k]
                if j < i:
                    continue
                x = np.float32(0)
                for c in range(w.shape[1]):
                    x += w[i, c] * w[j, c]
                b = 0.5 * (centre[i] * context[j] + context[i] * centre[j])
                times = 1.0 if j == i else 2.0
                total += times * _entry(sgns, np.float64(x), np.float64(positive[k]), b)
            sums[i] = total
