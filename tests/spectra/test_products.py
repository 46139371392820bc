"""Smooth functions of P_i P_j, as matrices of low rank."""

from __future__ import annotations

import numpy as np
import pytest

from mstar.counts import targets
from mstar.prediction.vocabulary_size import expected_entry
from mstar.spectra import products


@pytest.mark.parametrize("size", [1, 2, 40, 900])
@pytest.mark.parametrize("prior", [1e-2, 1e-6, 1e-10])
def test_unseen_pairs_of_mstar_kappa_to_rounding(size: int, prior: float) -> None:
    share = 1 / np.arange(1, size + 1) ** 1.3

    def absent(q: np.ndarray) -> np.ndarray:
        return targets.mstar_kappa(0.0, q, prior, 2.0)

    share /= share.sum()
    values, vectors = products.eigenpairs(absent, share)
    exact = absent(np.outer(share, share))
    assert np.allclose((vectors * values) @ vectors.T, exact, rtol=0, atol=1e-11)
    assert np.allclose(vectors.T @ vectors, np.eye(len(values)), atol=1e-12)
    assert (np.diff(np.abs(values)) <= 0).all() and len(values) <= 60
    assert values @ values == pytest.approx((exact**2).sum(), rel=1e-12)


def test_constants_have_rank_one_and_zero_none() -> None:
    share = np.array([0.5, 0.3, 0.2])
    values, vectors = products.eigenpairs(lambda q: np.full_like(q, -2.0), share)
    assert values == pytest.approx([-6.0]) and np.allclose(np.abs(vectors), 3**-0.5)
    assert products.eigenpairs(np.zeros_like, share)[0].size == 0


def test_the_mean_of_mstar_without_a_large_matrix() -> None:
    share = 1 / np.arange(1, 301)
    share /= share.sum()

    def mean(q: np.ndarray) -> np.ndarray:
        return np.asarray(expected_entry(5e4 * q, 16))

    values, _ = products.eigenpairs(mean, share)
    exact = np.linalg.eigvalsh(mean(np.outer(share, share)))
    # expected_entry interpolates linearly between the points of a grid, which is not smooth.
    assert values[np.argmax(values)] == pytest.approx(exact[-1], rel=1e-3)
