"""The choice of an eigensolver by time and memory, from V and the number of pairs alone.

Nothing is imported here, so that Snakemake rules can import this module cheaply.
"""

from __future__ import annotations

# A Krylov basis larger than this share of V costs more than LAPACK's full reduction. The spectra of
# M*, PMI and PPMI decay slowly: each pair wanted takes about nine basis vectors.
LARGEST_BASIS_SHARE = 0.5
BASIS_PER_PAIR = 9
# Pairs computed beyond those wanted.
SPARE = 20
# Share of cells at which a sparse product takes as long as a dense one (two cores, AVX2).
DENSE_ABOVE = 0.4
# Memory in units of 8 V^2 bytes: for LAPACK's drivers, and for Krylov's float64 and float32.
COPIES_FULL, COPIES_KRYLOV = 4.0, 2.5
# GPU memory in units of 8 V^2 bytes, with torch's driver (at V = 10,000: 4.8 and 2.0 GB measured).
GPU_FULL, GPU_KRYLOV = 6.0, 2.5


def most_pairs(size: int) -> int:
    """Return the most pairs of a (size, size) matrix for which the Krylov method is faster."""
    return max(0, int(LARGEST_BASIS_SHARE * size / BASIS_PER_PAIR) - SPARE)


def needs_dense(size: int, rank: int) -> bool:
    """Return whether ``rank`` is so large that LAPACK's reduction of a dense matrix is cheaper."""
    return rank > most_pairs(size)
