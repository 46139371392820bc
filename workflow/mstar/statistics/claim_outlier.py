"""When the largest eigenvalue is an outlier: one rule for claims and for the arrows of figures."""

from __future__ import annotations

from mstar.statistics.marchenko_pastur import edges

CLEAR = 1.1  # of the upper edge: what lies beyond it stands clear of the bulk


def over_edge(largest: float, sigma2: float, gamma: float) -> float:
    """The ``largest`` eigenvalue over the upper edge of the law fitted to the others."""
    return largest / edges(sigma2, gamma)[1]
