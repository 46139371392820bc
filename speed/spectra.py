"""Time eigenpairs of M*: our matrix-free solver against scipy's eigsh and LAPACK's drivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.linalg
from scipy.sparse.linalg import eigsh

from mstar.counts import counting, targets
from mstar.machine.arrays import Array
from mstar.spectra import decomposition, eigensolvers
from mstar.spectra.operators import matrix_free
from speed.harness import Context, Row, best_of

VOCABULARY = 10_000
PAIRS = 200
# LAPACK takes minutes to reduce a matrix of 10,000, so its drivers run on a smaller one.
FULL = 3000


def probabilities(context: Context, vocabulary: int) -> targets.Probabilities:
    """Return P_ij and P_i of the benchmark's corpus."""
    return targets.probabilities(
        counting.count(
            context.tokens, context.offsets, vocabulary, context.window, threads=context.threads
        )
    )


def relative_error(found: Array, exact: Array) -> float:
    """Return the largest relative difference between two lists of eigenvalues."""
    return float((np.abs(found - exact) / np.abs(exact)).max())


def rows(context: Context) -> Iterator[Row]:
    """Return timings of the top 200 pairs against eigsh, and of every pair against LAPACK."""
    p = probabilities(context, VOCABULARY)
    compile_kernels(context)
    ours, found = best_of(
        3, lambda: decomposition.decompose("mstar", p, PAIRS, threads=context.threads)
    )
    matrix = targets.dense("mstar", p)
    theirs, (values, _) = best_of(1, lambda: eigsh(matrix, k=PAIRS, which="LA"))
    largest = (found.residuals / found.eigenvalues[0]).max()
    error = relative_error(found.eigenvalues, values[::-1])
    yield Row(
        f"top {PAIRS} eigenpairs of M*, V = {VOCABULARY:,}",
        "scipy.sparse.linalg.eigsh",
        (theirs, ours),
        5.0,
        f"eigenvalues differ by at most {error:.1e} of their size; largest residual "
        f"{largest:.1e} of the first eigenvalue",
        f"{np.count_nonzero(matrix != -2.0) / matrix.size:.0%} of the pairs seen; ours includes "
        "making the operator from counts, eigsh's matrix is there already",
    )
    small = targets.dense("mstar", probabilities(context, FULL))
    best, name, exact = fastest_driver(small)
    ours, found = best_of(2, lambda: eigensolvers.all_eigenpairs(small))
    error = float(np.abs(found.eigenvalues - exact[::-1]).max() / exact[-1])
    yield Row(
        f"every eigenpair of M*, V = {FULL:,}, float64",
        f"LAPACK's fastest driver here ({name})",
        (best, ours),
        1 / 1.1,
        f"eigenvalues differ by at most {error:.1e} of the first",
        "ours includes residuals by a sketch, signs and the norm",
    )


def fastest_driver(matrix: Array) -> tuple[float, str, Array]:
    """Return the seconds, name and eigenvalues of LAPACK's fastest driver for every eigenpair."""

    def solve(driver: str) -> Callable[[], Any]:
        return lambda: scipy.linalg.eigh(matrix, driver=driver, check_finite=False)

    timed = {driver: best_of(2, solve(driver)) for driver in ("evd", "evr")}
    name = min(timed, key=lambda driver: timed[driver][0])
    return timed[name][0], name, timed[name][1][0]


def compile_kernels(context: Context) -> None:
    """Compile the numba kernels of the timed calls."""
    operator = matrix_free("mstar", probabilities(context, 300), threads=context.threads)
    for dtype in (np.float32, np.float64):
        operator.product(np.zeros((operator.size, 1), dtype=dtype))
