"""Compute the leading eigenpairs of a target from counts, by a dense or a matrix-free method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mstar.counts import targets
from mstar.counts.targets import Probabilities
from mstar.machine import memory
from mstar.machine.memory import Demand
from mstar.spectra import eigensolvers
from mstar.spectra.operators import matrix_free
from mstar.spectra.solver_choice import (
    COPIES_FULL,
    COPIES_KRYLOV,
    DENSE_ABOVE,
    GPU_FULL,
    GPU_KRYLOV,
    most_pairs,
    needs_dense,
)
from mstar.spectra.spectrum import Spectrum


def demand(vocabulary: int, rank: int) -> Demand | None:
    """Return the memory that `decompose` needs on a GPU; None if it makes no dense matrix."""
    if needs_dense(vocabulary, rank):
        return Demand(f"{rank} eigenpairs", vocabulary, GPU_FULL)
    if vocabulary > memory.largest_vocabulary(COPIES_KRYLOV, memory.available()):
        return None
    without = "products through the seen pairs alone, on the CPU"
    return Demand(f"{rank} eigenpairs", vocabulary, GPU_KRYLOV, without)


def decompose(
    name: str,
    p: Probabilities,
    rank: int,
    negative: float = 1.0,
    threads: int = 1,
    progress: Callable[[str], None] = lambda _: None,
    device: str = "cpu",
    **options: float,
) -> Spectrum:
    """Return the ``rank`` algebraically largest eigenpairs of the named target.

    A dense matrix is made if ``rank`` is large (`solver_choice.needs_dense`), or if more than
    `DENSE_ABOVE` of the word pairs were seen and the matrix fits into memory. Otherwise products
    use only the seen pairs (`mstar.spectra.operators.PlusLowRank`). The eigenvalues of the two
    methods agree to a relative 1e-7.

    Args:
        name, p, negative, options: as of `mstar.counts.targets.cells`.
        rank: number of pairs.
        threads: used by products through the seen pairs.
        progress: called with lines on the progress.
        device: "cpu", or another for torch.

    Raises:
        UserError: a dense matrix is needed and does not fit into memory.
    """
    size = p.vocabulary_size
    full = needs_dense(size, rank)
    if full:
        most = most_pairs(size)
        memory.require_dense(
            size,
            COPIES_FULL,
            f"{rank} eigenpairs",
            f"at most {most} eigenpairs, which need no dense matrix",
        )
    free = memory.available()
    on_gpu = device != "cpu" and size <= memory.largest_vocabulary(COPIES_KRYLOV, free)
    if full or on_gpu or is_dense(p, free):
        progress(f"{name}: dense, {size} x {size}")
        matrix = targets.dense(name, p, negative, **options)
        found = eigensolvers.top_eigenpairs(matrix, rank, progress=progress, device=device)
    else:
        operator = matrix_free(name, p, negative, threads, **options)
        progress(f"{name}: matrix-free, {operator.values.size} of {size}^2 cells")
        found = eigensolvers.top_eigenpairs(operator, rank, progress=progress)
    scale = targets.scale(name, p, negative, **options)
    return found if scale is None else replace(found, scale=scale)


def is_dense(p: Probabilities, free: int) -> bool:
    """Return whether over `DENSE_ABOVE` of pairs were seen and matrices fit in ``free`` bytes."""
    size = p.vocabulary_size
    diagonal = int((p.rows == p.columns).sum())
    seen = (2 * p.rows.size - diagonal) / size**2
    return seen > DENSE_ABOVE and size <= memory.largest_vocabulary(COPIES_KRYLOV, free)
