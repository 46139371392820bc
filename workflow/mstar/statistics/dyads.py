"""Means of values that share units, such as analogy questions made of the same word pairs.

A question "a is to b as c is to ?" is made of two word pairs, and each pair stands in many
questions: N pairs make up to N (N - 1) of them. Such dyadic data hold about as much information as
there are pairs, not questions. The error of their mean is estimated by the jackknife over units:
each unit is left out in turn, with all values that belong to it. The sum of squares of the changes
is that of the dyadic variance estimator (Fafchamps and Gubert 2007; Aronow, Samii and Assenova
2015), with the products of values that share both units counted twice, so that it errs on the side
of caution where units are few (Efron and Stein 1981).

Categories of questions are strata, as they are fixed: the error is that over other pairs of the
same categories, and differences between categories do not count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mstar.machine.arrays import Array
from mstar.statistics.estimates import Estimate

# Strata with fewer units have no error of their own and are taken together.
FEWEST = 4


class Dyads:
    """Values (n,) of which each belongs to two units and to one stratum.

    Args:
        first, second: (n,) identifiers of the two units of each value.
        stratum: (n,) identifiers of the strata; all values are in one if not given. A unit may
            belong to several. Strata of fewer than `FEWEST` units are merged.

    Attributes:
        units: number of distinct units.
        freedom: degrees of freedom of the variance, units less strata; 0 if there is no estimate.
    """

    def __init__(
        self, first: NDArray[Any], second: NDArray[Any], stratum: NDArray[Any] | None = None
    ) -> None:
        size = len(first)
        names, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
        self.units = len(names)
        value = np.tile(np.arange(size), 2)
        group = np.zeros(size, dtype=np.int64) if stratum is None else stratum
        _, group = np.unique(group, return_inverse=True)
        members = np.unique(np.column_stack([group[value], codes]), axis=0)
        counts = np.bincount(members[:, 0])
        small = counts < FEWEST
        if 0 < small.sum() < len(small) and counts[small].sum() < FEWEST:
            small |= counts == counts[~small].min()
        group = np.where(small[group], len(small), group)
        _, self._stratum = np.unique(group, return_inverse=True)
        self._sizes = np.bincount(self._stratum).astype(np.float64)
        # One entry for each value and unit, and one for each stratum and unit.
        belongs = np.unique(np.column_stack([value, codes]), axis=0)
        value, unit = belongs.T
        joint = self._stratum[value] * self.units + unit
        cells, cell = np.unique(joint, return_inverse=True)
        within = cells // max(self.units, 1)
        in_stratum = np.bincount(within, minlength=len(self._sizes))
        rest = self._sizes[within] - np.bincount(cell)
        known = bool(size) and bool((rest > 0).all()) and bool((in_stratum > 2).all())
        self.freedom = max(self.units - len(self._sizes), 1) if known else 0
        # Leaving out a unit changes the mean of its stratum by minus the sum of the unit's
        # deviations over the number of values left.
        with np.errstate(divide="ignore"):
            scale = self._sizes[within] / size / rest * np.sqrt(1 - 1 / in_stratum[within])
        weights = scale[cell] if known else np.full(len(cell), np.nan)
        self._changes = csr_array((weights, (unit, value)), shape=(self.units, size))

    def estimate(self, values: Array) -> Estimate:
        """Return the mean of ``values`` (n,) with the contributions of its units."""
        if not len(values):
            return Estimate(float("nan"), np.empty(0), 0)
        means = np.bincount(self._stratum, values) / self._sizes
        deviations = values - means[self._stratum]
        return Estimate(float(values.mean()), self._changes @ deviations, self.freedom)
