"""Eigenpairs: block Lanczos against LAPACK, residuals, the sign convention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mstar.files.writing import UserError
from mstar.spectra import eigensolvers, spectrum
from mstar.spectra.directions import fix_signs
from mstar.spectra.krylov import Krylov, leading_space, rayleigh_ritz
from mstar.spectra.lapack import leading_eigenpairs
from mstar.spectra.operators import Dense


def decaying(size: int, seed: int = 0) -> np.ndarray:
    """Return a symmetric matrix with eigenvalues of both signs and one large negative, like M*."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(size, size)))[0]
    values = 300.0 * np.arange(1, size + 1) ** -0.6
    values[size // 2 :] *= -1.0
    values[-1] = -2000.0
    matrix = (basis * values) @ basis.T
    return (matrix + matrix.T) / 2


def test_lanczos_agrees_with_lapack(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = decaying(900)
    full = eigensolvers.all_eigenpairs(matrix)
    monkeypatch.setattr(eigensolvers, "all_eigenpairs", lambda *_: pytest.fail("LAPACK was used"))
    top = eigensolvers.top_eigenpairs(matrix, 12)
    assert np.allclose(top.eigenvalues, full.eigenvalues[:12], rtol=1e-8)
    assert np.abs(top.eigenvectors - full.eigenvectors[:, :12]).max() < 1e-3
    assert np.allclose(top.eigenvectors.T @ top.eigenvectors, np.eye(12), atol=1e-12)
    measured = np.linalg.norm(
        matrix @ top.eigenvectors - top.eigenvectors * top.eigenvalues, axis=0
    )
    assert np.allclose(measured, top.residuals, atol=1e-10)
    assert top.residuals.max() <= 4e-5 * top.eigenvalues[0]


def test_torch_agrees_with_lapack() -> None:
    """The GPU code, on torch's CPU device (plain "cpu" is numpy), gives equal pairs."""
    matrix = decaying(900)
    full = eigensolvers.all_eigenpairs(matrix)
    top = eigensolvers.top_eigenpairs(matrix, 12, device="cpu:0")
    assert np.allclose(top.eigenvalues, full.eigenvalues[:12], rtol=1e-8)
    assert np.abs(top.eigenvectors - full.eigenvectors[:, :12]).max() < 1e-3
    assert top.squared_norm == pytest.approx(full.squared_norm)
    whole = eigensolvers.top_eigenpairs(matrix[:100, :100], 99, device="cpu:0")
    lapack = np.linalg.eigvalsh(matrix[:100, :100])[::-1]
    assert np.allclose(whole.eigenvalues, lapack[:99]) and whole.residuals.max() < 1e-9


@pytest.mark.parametrize("kind", ["ones", "rank three", "zero", "identity"])
def test_lanczos_on_matrices_that_exhaust_their_krylov_space(kind: str) -> None:
    """Directions run out at once: new ones must be orthogonal, and every pair still right."""
    size, rank = 600, 5
    factor = np.random.default_rng(3).normal(size=(size, 3))
    matrix = {
        "ones": np.ones((size, size)),
        "rank three": factor @ factor.T,
        "zero": np.zeros((size, size)),
        "identity": np.eye(size),
    }[kind]
    found = eigensolvers.top_eigenpairs(matrix, rank)
    exact = np.linalg.eigvalsh(matrix)[::-1]
    assert np.allclose(found.eigenvalues, exact[:rank], atol=1e-6 * max(1.0, exact[0]))
    assert np.allclose(found.eigenvectors.T @ found.eigenvectors, np.eye(rank), atol=1e-10)


def test_restart_from_the_ritz_vectors() -> None:
    """A basis too small to converge in one cycle gives equal pairs."""
    matrix = decaying(900)
    exact = np.linalg.eigvalsh(matrix)[::-1][:12]
    said: list[str] = []
    basis = Krylov(Dense(matrix), 96, 0)
    space = leading_space(basis, 12, 20, 96, 1e-5, said.append)
    values, _, residuals = rayleigh_ritz(Dense(matrix), space, 12)
    assert any("restart" in line for line in said)
    assert np.allclose(values, exact, rtol=1e-8)
    assert residuals.max() < 4e-5 * exact[0]
    kept = basis.vectors[:, : basis.used]
    assert np.allclose(kept.T @ kept, np.eye(basis.used), atol=1e-5)
    assert np.allclose(
        kept.T @ matrix @ kept, basis.projected[: basis.used, : basis.used], atol=1e-3 * exact[0]
    )


def test_full_spectrum() -> None:
    matrix = decaying(120)
    full = eigensolvers.all_eigenpairs(matrix)
    assert full.complete
    assert np.all(np.diff(full.eigenvalues) <= 0)
    rebuilt = (full.eigenvectors * full.eigenvalues) @ full.eigenvectors.T
    assert np.allclose(rebuilt, matrix)
    assert full.squared_norm == pytest.approx((full.eigenvalues**2).sum())
    assert np.array_equal(full.eigenvectors, fix_signs(full.eigenvectors))
    first = eigensolvers.all_eigenpairs(matrix, 7)
    assert np.allclose(first.every, full.eigenvalues) and np.array_equal(
        full.every, full.eigenvalues
    )
    assert np.array_equal(first.eigenvalues, first.every[:7])
    assert np.allclose(first.eigenvectors, full.eigenvectors[:, :7])
    assert not first.complete


def test_reduction_in_single_precision() -> None:
    """Leading pairs are refined to full precision; the tail and all eigenvalues are single."""
    size, rank = 900, 400
    generator = np.random.default_rng(7)
    basis, _ = np.linalg.qr(generator.normal(size=(size, size)))
    exact = np.sort(generator.normal(size=size))[::-1] + 50.0 / np.arange(1, size + 1)
    matrix = (basis * exact) @ basis.T
    matrix = (matrix + matrix.T) / 2
    exact = np.linalg.eigvalsh(matrix)[::-1]
    found = eigensolvers.top_eigenpairs(matrix, rank)
    leading = eigensolvers.REFINED
    assert np.allclose(found.eigenvalues[:leading], exact[:leading], rtol=0, atol=1e-9 * exact[0])
    assert np.allclose(found.eigenvalues, exact[:rank], rtol=0, atol=2e-6 * exact[0])
    assert np.allclose(found.every, exact, rtol=0, atol=2e-6 * exact[0])
    gram = found.eigenvectors.T @ found.eigenvectors
    assert np.allclose(gram, np.eye(rank), atol=2e-5)
    assert found.residuals.max() < 1e-5 * exact[0]
    again = eigensolvers.top_eigenpairs(matrix, rank)
    assert np.array_equal(again.eigenvectors, found.eigenvectors)


@pytest.mark.parametrize(("size", "rank"), [(1, 1), (2, 1), (3, 1), (4, 2), (61, 30), (61, 61)])
def test_leading_eigenpairs(size: int, rank: int) -> None:
    matrix = np.random.default_rng(size).normal(size=(size, size))
    matrix += matrix.T
    before = matrix.copy()
    values, vectors = leading_eigenpairs(matrix, rank)
    assert np.array_equal(matrix, before)
    assert np.allclose(values, np.linalg.eigvalsh(matrix)[::-1])
    assert vectors.shape == (size, rank)
    assert np.allclose(matrix @ vectors, vectors * values[:rank])
    assert np.allclose(vectors.T @ vectors, np.eye(rank))


def test_leading_eigenpairs_of_a_matrix_with_equal_eigenvalues() -> None:
    for matrix in (np.eye(40), np.zeros((40, 40)), np.ones((40, 40))):
        values, vectors = leading_eigenpairs(matrix, 15)
        assert np.allclose(matrix @ vectors, vectors * values[:15], atol=1e-12)
        assert np.allclose(vectors.T @ vectors, np.eye(15))


def test_residuals_are_estimated_from_a_sketch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tampered eigenvectors have known residuals far above rounding."""
    matrix = decaying(300)

    def tampered(matrix: np.ndarray, **options: object) -> tuple[np.ndarray, np.ndarray]:
        values, vectors = np.linalg.eigh(matrix)
        return values, vectors + 1e-3 * np.random.default_rng(0).normal(size=vectors.shape)

    monkeypatch.setattr(eigensolvers.scipy.linalg, "eigh", tampered)
    found = eigensolvers.all_eigenpairs(matrix, 20)
    exact = np.linalg.norm(
        matrix @ found.eigenvectors - found.eigenvectors * found.eigenvalues, axis=0
    )
    assert np.all(np.abs(found.residuals / exact - 1) < 0.5)
    assert abs(np.mean(found.residuals / exact) - 1) < 0.1


def test_embedding_minimises_the_distance() -> None:
    """Theorem 1: ||W W^T - M||^2 = ||M||^2 - sum of the d largest squared positive eigenvalues."""
    matrix = decaying(80)
    w = eigensolvers.all_eigenpairs(matrix).embedding(5)
    distance = np.sum((w @ w.T - matrix) ** 2)
    values = np.linalg.eigvalsh(matrix)[::-1]
    assert distance == pytest.approx(np.sum(matrix**2) - np.sum(values[:5] ** 2))
    for step in np.random.default_rng(1).normal(size=(5, 80, 5)):
        moved = w + 1e-3 * step
        assert np.sum((moved @ moved.T - matrix) ** 2) > distance


def test_too_few_positive_eigenvalues() -> None:
    """The best approximation has zero columns; only unknown eigenpairs are an error."""
    matrix = np.diag([3.0, 2.0, 1.0, -1.0, -2.0])
    w = eigensolvers.all_eigenpairs(matrix).embedding(4)
    assert np.array_equal(w[:, 3], np.zeros(5))
    assert np.allclose(w @ w.T, np.diag([3.0, 2.0, 1.0, 0.0, 0.0]))
    assert eigensolvers.all_eigenpairs(-np.eye(5)).embedding(2).tolist() == [[0.0, 0.0]] * 5
    with pytest.raises(UserError, match="dim: 3 asked for, the spectrum has 2 eigenpairs"):
        eigensolvers.all_eigenpairs(matrix, 2).embedding(3)


def test_rank_out_of_range() -> None:
    with pytest.raises(UserError, match=r"expected 1\.\.4"):
        eigensolvers.top_eigenpairs(np.eye(4), 5)


def test_saved_spectrum_reads_back(tmp_path: Path) -> None:
    found = eigensolvers.all_eigenpairs(decaying(30))
    spectrum.save(tmp_path / "s.npz", found)
    again = spectrum.load(tmp_path / "s.npz")
    assert np.array_equal(again.eigenvectors, found.eigenvectors)
    assert again.squared_norm == found.squared_norm
    assert np.array_equal(again.every, found.every)
    (tmp_path / "s.npz").write_bytes((tmp_path / "s.npz").read_bytes()[:100])
    with pytest.raises(UserError, match=r"s\.npz"):
        spectrum.load(tmp_path / "s.npz")
