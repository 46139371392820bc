"""A cost model: seconds and memory of work as sums of terms of its size, fitted to measurements.

A cost is linear in the terms of its kind of work (`TERMS`), with coefficients >= 0 that
``python -m tools.fit_costs`` measures and writes to config/costs.tsv. Rules request memory and
time from the model with a margin (`CostModel.request`), and it predicts the cost of any corpus.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mstar.files.writing import UserError

# Factors on predictions: other machines may be slower and their libraries larger.
SPARE_TIME, SPARE_MEMORY = 6.0, 1.5
LEAST_MINUTES, LEAST_MB = 5, 1000
# Bytes of a word's path at a recorded time: five float32 coordinates
# (mstar.training.record.PATH_RANK).
PATH = 20
# Eigenpairs that the Krylov method computes beyond those wanted.
SPARE_PAIRS = 20


def vocabulary_bytes(tokens: float, parts: int) -> float:
    """Return about how many bytes the files of vocabularies of equal parts of a text have.

    This is Heaps' law through 4.3 MB for 43 million words of Wikipedia, with the exponent between
    17 and 43 million.
    """
    return float(parts * 4.3e6 * (tokens / parts / 43e6) ** 0.6)


@dataclass(frozen=True)
class Size:
    """The size of a piece of work.

    Attributes:
        tokens: tokens read or counted.
        vocabulary: V.
        window: L.
        dim: d, or the number of eigenpairs wanted.
        times: recorded times of a run; for gensim, vectors that a pair changes in all epochs.
        stored: pairs seen, if known; else `cells` bounds them.
        snapshots: embeddings kept besides the last.
        repeats: how many times the work is done, one after the other.
    """

    tokens: float = 0.0
    vocabulary: int = 0
    window: int = 16
    dim: int = 0
    times: int = 0
    stored: float | None = None
    snapshots: int = 0
    repeats: int = 1

    @property
    def cells(self) -> float:
        """Word pairs seen, or the largest possible number (all pairs, or all window positions)."""
        if self.stored is not None:
            return self.stored
        return min(self.vocabulary * (self.vocabulary + 1) / 2, self.tokens * self.window)

    def term(self, name: str) -> float:
        """Return the value of one term, in millions; the constant is 1."""
        v, wide = float(self.vocabulary), float(self.dim + SPARE_PAIRS)
        values = {
            "constant": 1e6,
            "tokens": self.tokens,
            "cells": self.cells,
            "vectors": v * wide,
            "products": self.cells * wide,
            "orthogonalisation": v * wide**2,
            "matrix": v**2,
            "reduction": v**3,
            "gradient": v**2 * self.dim,
            "updates": self.tokens * self.window * self.dim * self.times,
            "states": v * self.dim * self.times,
            "states x vocabulary": v**2 * self.dim * self.times,
        }
        return values[name] / 1e6

    def written(self, work: str) -> float:
        """Return roughly how many bytes ``work`` writes; its files are not compressed."""
        v, wide = float(self.vocabulary), float(self.dim)
        embedding = 8 * v * wide
        run = embedding * (1 + self.snapshots / 2) + PATH * v * self.times
        return {
            "encode": 4 * self.tokens,  # 2 up to 65,536 types
            "count": 8 * self.cells,
            "add": 8 * self.cells,
            "leading": embedding,
            "complete": embedding,
            "population": run,
            "sparse": run,
            "exact": run,
            "gensim": 2 * embedding,
        }[work]


TERMS = {
    "encode": ("constant", "tokens"),
    "count": ("constant", "tokens", "cells"),
    "add": ("constant", "cells"),
    "kappa": ("constant", "tokens", "cells"),
    "leading": ("constant", "cells", "vectors", "products", "orthogonalisation"),
    "complete": ("constant", "matrix", "reduction"),
    "population": ("constant", "matrix", "gradient", "states"),
    "sparse": ("constant", "cells", "products", "states"),
    "gensim": ("constant", "tokens", "vectors", "updates"),
    "exact": ("constant", "matrix", "states", "states x vocabulary"),
    "read": ("constant", "vectors"),
}


@dataclass(frozen=True)
class Cost:
    """Wall-clock seconds on the machine measured, and megabytes of memory."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class CostModel:
    """Coefficients (seconds, megabytes) of every term of every kind of work."""

    coefficients: Mapping[str, Mapping[str, tuple[float, float]]]

    def predict(self, work: str, size: Size) -> Cost:
        """Return the cost of ``work`` (a key of `TERMS`) of this size."""
        terms = self.coefficients[work]
        values = {name: size.term(name) for name in terms}
        seconds, megabytes = (
            sum(terms[name][which] * value for name, value in values.items()) for which in (0, 1)
        )
        return Cost(size.repeats * seconds, megabytes)

    def request(self, work: str, size: Size) -> tuple[int, int]:
        """Return (MB, minutes) to request from a scheduler for ``work`` of this size."""
        cost = self.predict(work, size)
        megabytes = LEAST_MB + math.ceil(SPARE_MEMORY * cost.megabytes)
        return megabytes, LEAST_MINUTES + math.ceil(SPARE_TIME * cost.seconds / 60)


def load(path: str | Path) -> CostModel:
    """Read the cost model from a table such as config/costs.tsv: work, term, seconds, megabytes.

    Raises:
        UserError: the file cannot be read, or its kinds of work or terms are not `TERMS`.
    """
    found: dict[str, dict[str, tuple[float, float]]] = {}
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                cost = float(row["seconds"]), float(row["megabytes"])
                found.setdefault(row["work"], {})[row["term"]] = cost
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path}: not a table of costs ({error!r}): python -m tools.fit_costs writes one"
        ) from None
    for work, terms in TERMS.items():
        if tuple(found.get(work, ())) != terms:
            raise UserError(f"{path}: {work}: expected the terms {', '.join(terms)}")
    return CostModel(found)
