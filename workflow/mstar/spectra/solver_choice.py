"""The choice of an eigensolver by time and memory, from V and the number of pairs alone.

Nothing is imported here, so that rules can use it too.
"""

from __future__ import annotations

# A Krylov basis beyond this share of V costs more than LAPACK's full reduction, and the spectra of
# M*, PMI and PPMI decay so slowly that one needs about nine basis vectors for each pair wanted.
LARGEST_BASIS_SHARE = 0.5
BASIS_PER_PAIR = 9
# Pairs computed beyond those wanted.
SPARE = 20
# A dense product takes as long as a sparse one with this share of the cells (two cores, AVX2).
DENSE_ABOVE = 0.4
# Matrices of 8 V^2 bytes in memory at once: LAPACK's drivers; Krylov's float64 and float32.
COPIES_FULL, COPIES_KRYLOV = 4.0, 2.5
# The same on a GPU, by the driver that torch calls (measured at V = 10,000: 4.8 and 2.0 GB).
GPU_FULL, GPU_KRYLOV = 6.0, 2.5


def most_pairs(size: int) -> int:
    """Return the most pairs of a (size, size) matrix for which the Krylov method is faster."""
    return max(0, int(LARGEST_BASIS_SHARE * size / BASIS_PER_PAIR) - SPARE)


def needs_dense(size: int, rank: int) -> bool:
    """Return whether ``rank`` is so large that LAPACK's reduction of a dense matrix is cheaper."""
    return rank > most_pairs(size)
