"""Targets as operators: products, norms and eigenpairs equal those of the dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.counts import counting, targets
from mstar.files.writing import UserError
from mstar.machine import memory
from mstar.spectra import decomposition, eigensolvers
from mstar.spectra.krylov import BLOCK
from mstar.spectra.operators import Dense, matrix_free


def corpus(seed: int, size: int, tokens: int) -> targets.Probabilities:
    """Return counts of words drawn from Zipf's law."""
    generator = np.random.default_rng(seed)
    weights = 1 / np.arange(1, size + 1)
    text = generator.choice(size, tokens, p=weights / weights.sum()).astype(np.uint16)
    text[:size] = generator.permutation(size)
    return targets.probabilities(counting.count(text, np.array([0, tokens // 2, tokens]), size, 2))


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from(targets.TARGETS),
    st.integers(1, 2 * BLOCK + 1),
    st.integers(1, 2),
)
def test_products_equal_those_of_the_dense_matrix(
    seed: int, name: str, columns: int, threads: int
) -> None:
    p = corpus(seed, 23, 80)
    matrix = targets.dense(name, p, kappa=2.0)
    operator = matrix_free(name, p, kappa=2.0, threads=threads)
    block = np.random.default_rng(seed).normal(size=(23, columns))
    scale = np.abs(matrix).max()
    for dtype, error in ((np.float64, 1e-6), (np.float32, 1e-5)):
        image = operator.product(block.astype(dtype))
        assert image.dtype == dtype
        assert np.allclose(image, matrix @ block, rtol=0, atol=23 * error * scale)
    assert operator.squared_norm == pytest.approx((matrix**2).sum())
    assert Dense(matrix).squared_norm == pytest.approx((matrix**2).sum())


def test_each_row_is_one_sum_whatever_the_threads() -> None:
    p = corpus(1, 300, 4000)
    block = np.random.default_rng(0).normal(size=(300, BLOCK)).astype(np.float32)
    one, two = (matrix_free("mstar", p, threads=n).product(block) for n in (1, 2))
    assert np.array_equal(one, two)


def test_negative_samples_and_floor_reach_the_operator() -> None:
    p = corpus(2, 30, 200)
    eye = np.eye(30)
    free = matrix_free("mstar", p, negative=3.0).product(eye)
    assert np.allclose(free, targets.dense("mstar", p, 3.0), atol=1e-6)
    free = matrix_free("pmi", p, pmi_floor=1e-3).product(eye)
    assert np.allclose(free, targets.dense("pmi", p, pmi_floor=1e-3), atol=1e-5)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_spectra_equal_those_of_the_dense_matrix(name: str) -> None:
    p = corpus(3, 700, 20_000)
    matrix = targets.dense(name, p, kappa=2.0)
    exact = np.linalg.eigvalsh(matrix)[::-1]
    found = eigensolvers.top_eigenpairs(matrix_free(name, p, kappa=2.0), 10)
    assert np.allclose(found.eigenvalues, exact[:10], rtol=1e-6)
    assert found.squared_norm == pytest.approx((exact**2).sum())
    measured = matrix @ found.eigenvectors - found.eigenvectors * found.eigenvalues
    assert np.allclose(np.linalg.norm(measured, axis=0), found.residuals, atol=1e-3)


def test_an_operator_is_never_made_dense() -> None:
    with pytest.raises(UserError, match=r"rank 50: expected at most \d+ of 60 pairs"):
        eigensolvers.top_eigenpairs(matrix_free("mstar", corpus(4, 60, 500)), 50)


def test_dense_or_matrix_free_by_what_fits_and_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    full, thin = corpus(5, 20, 5000), corpus(5, 400, 1000)
    enough = 10**9
    assert decomposition.is_dense(full, enough)
    assert not decomposition.is_dense(full, 1000)  # does not fit in memory
    assert not decomposition.is_dense(thin, enough)  # few pairs were seen
    said: list[str] = []
    both = [corpus(6, 700, 20_000)] * 2
    found = []
    for above, p in zip((0.0, 1.0), both, strict=True):
        monkeypatch.setattr(decomposition, "DENSE_ABOVE", above)
        found.append(decomposition.decompose("mstar", p, 8, progress=said.append))
    assert "dense" in said[0] and any("matrix-free" in line for line in said)
    assert np.allclose(found[0].eigenvalues, found[1].eigenvalues, rtol=1e-6)
    monkeypatch.setattr(memory, "available", lambda: 10**6)
    decomposition.decompose("mstar", both[0], 8)
    with pytest.raises(UserError, match="V of at most 176, or at most 18 eigenpairs"):
        decomposition.decompose("mstar", both[0], 500)
