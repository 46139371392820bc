"""The matrices that embeddings factorise: M*, PMI and PPMI, from integer counts.

``P_ij = C_ij / sum(C)`` is the skip-gram probability (symmetric, sums to 1) and ``P_i`` the unigram
frequency among the kept tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.counts.cooccurrence import Cooccurrence
from mstar.files.writing import UserError
from mstar.machine.arrays import Array

TARGETS = ("mstar", "pmi", "ppmi")


@dataclass(frozen=True)
class Probabilities:
    """Pair and word probabilities of a corpus.

    Attributes:
        rows, columns: (nnz,) int32, cells of the upper triangle, diagonal included, with a pair
            seen.
        joint: (nnz,) P_ij of those cells.
        unigram: (V,) P_i.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    joint: Array
    unigram: Array

    @property
    def vocabulary_size(self) -> int:
        return int(self.unigram.size)

    @property
    def independent(self) -> Array:
        """P_i P_j (nnz,) of the stored cells."""
        return np.asarray(self.unigram[self.rows] * self.unigram[self.columns])

    def symmetric(
        self, values: Array, absent: float = 0.0, dtype: Any = np.float64
    ) -> NDArray[Any]:
        """Return the dense (V, V) matrix with ``values`` at the stored cells, else ``absent``."""
        matrix = np.full((self.vocabulary_size, self.vocabulary_size), absent, dtype=dtype)
        matrix[self.rows, self.columns] = values
        matrix[self.columns, self.rows] = values
        return matrix

    def mean_square(self, values: Array, absent: float = 0.0) -> float:
        """Return the mean square of all V x V cells of `symmetric`, without building it."""
        diagonal = self.rows == self.columns
        twice = np.where(diagonal, 1.0, 2.0)
        cells = self.vocabulary_size**2
        unseen = cells - float(twice.sum())
        return float((twice * values**2).sum() + unseen * absent**2) / cells


def probabilities(counts: Cooccurrence) -> Probabilities:
    """Return P_ij and P_i from counts.

    Raises:
        UserError: no pair was counted.
    """
    total = counts.total
    if not total:
        raise UserError(
            "corpus: no pair of vocabulary words was ever seen together; it is too small"
        )
    return Probabilities(
        rows=counts.rows(),
        columns=counts.indices,
        joint=counts.counts / float(total),
        unigram=counts.unigram / float(counts.unigram.sum()),
    )


def mstar_cells(p: Probabilities, negative: float = 1.0) -> tuple[Array, float]:
    """Return M* at the stored cells and for pairs never seen (Eq. 5, Psi+ = 1, Psi- = k).

    ``M*_ij = (P_ij - k P_i P_j) / ((P_ij + k P_i P_j) / 2)``: in [-2, 2), and -2 where P_ij = 0.
    """
    independent = negative * p.independent
    return 2.0 * (p.joint - independent) / (p.joint + independent), -2.0


def pmi_cells(p: Probabilities, floor: float = 1e-25) -> tuple[Array, float]:
    """Return ``log(P_ij / (P_i P_j) + floor)``, as in the authors' code, and ``log(floor)``."""
    return np.log(p.joint / p.independent + floor), float(np.log(floor))


def ppmi_cells(p: Probabilities) -> tuple[Array, float]:
    """Return ``max(0, PMI)`` (Levy and Goldberg 2014), without shift or smoothing, and 0."""
    return np.maximum(0.0, np.log(p.joint / p.independent)), 0.0


def cells(
    name: str, p: Probabilities, negative: float = 1.0, pmi_floor: float = 1e-25
) -> tuple[Array, float]:
    """Return the named target at the stored cells, and its value elsewhere.

    Raises:
        UserError: ``name`` is not one of `TARGETS`.
    """
    if name == "mstar":
        return mstar_cells(p, negative)
    if name == "pmi":
        return pmi_cells(p, pmi_floor)
    if name == "ppmi":
        return ppmi_cells(p)
    raise UserError(f"target {name!r}: expected one of {', '.join(TARGETS)}")


def dense(
    name: str,
    p: Probabilities,
    negative: float = 1.0,
    pmi_floor: float = 1e-25,
    dtype: Any = np.float64,
) -> NDArray[Any]:
    """Return the named target as a dense symmetric (V, V) matrix."""
    values, absent = cells(name, p, negative, pmi_floor)
    return p.symmetric(values, absent, dtype)
