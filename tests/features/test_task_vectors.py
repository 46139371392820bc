"""Task vectors, their Gram spectra, and the Marchenko–Pastur law."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize

from mstar.features.task_vectors import (
    COLUMNS,
    STATISTICS,
    family_table,
    gram_eigenvalues,
    gram_matrices,
    gram_statistics,
    inverse_participation_ratio,
    mean_projections,
    task_vectors,
)
from mstar.statistics import marchenko_pastur as mp

PAIRS = np.array([[0, 5], [1, 6], [2, 7], [3, 8]])


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_gram_matrices_of_every_prefix(seed):
    embedding = np.random.default_rng(seed).standard_normal((10, 12))
    dims = [7, 2, 12, 7, 3]
    for normalise in (False, True):
        for d, gram in zip(dims, gram_matrices(embedding, PAIRS, dims, normalise), strict=True):
            rows = embedding[:, :d]
            if normalise:
                rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            vectors = np.array([rows[b] - rows[a] for a, b in PAIRS])
            np.testing.assert_allclose(gram, vectors @ vectors.T, atol=1e-12)
            expected = np.linalg.svd(vectors, compute_uv=False) ** 2
            found = gram_eigenvalues(gram, d)
            np.testing.assert_allclose(found[: len(expected)], expected / d, atol=1e-12)
            total, rank = expected.sum(), np.linalg.matrix_rank(vectors)
            statistics = gram_statistics(gram)
            assert statistics["rank"] == rank
            assert statistics["snr"] == pytest.approx(expected[0] * rank / total)
            mean = vectors.mean(axis=0)
            ratio = len(PAIRS) * (mean @ mean) / expected[0]
            assert statistics["spike_mean_ratio"] == pytest.approx(ratio)


def test_signal_to_noise_extremes():
    generator = np.random.default_rng(0)
    parallel = np.outer(np.ones(6), generator.standard_normal(9))
    one = gram_statistics(parallel @ parallel.T)  # one direction, rank one
    assert one["snr"] == pytest.approx(1.0) and math.isnan(one["spike_over_edge"])
    noisy = parallel + 1e-3 * generator.standard_normal((6, 9))
    both = gram_statistics(np.stack([noisy @ noisy.T, np.eye(6), np.zeros((6, 6))]))
    assert both["snr"][:2] == pytest.approx([6.0, 1.0], rel=1e-3)
    assert both["spike_mean_ratio"][0] == pytest.approx(1.0, rel=1e-3)
    assert all(math.isnan(both[name][2]) for name in STATISTICS[1:]) and both["rank"][2] == 0
    assert math.isnan(gram_statistics(np.zeros((0, 0)))["spike_mean_ratio"])


def test_spike_over_edge_has_no_cap_and_is_near_1_for_noise():
    """Beyond d = N noise stays near 1; a spike grows without the bound of its ratio to the mean."""
    generator = np.random.default_rng(8)
    n = 30
    for d in (40, 100, 400):
        noise = generator.standard_normal((60, n, d))
        grams = noise @ noise.transpose(0, 2, 1)
        assert np.median(gram_statistics(grams)["spike_over_edge"]) == pytest.approx(1, abs=0.12)
        # By hand, for one of them.
        values = np.linalg.eigvalsh(grams[0])[::-1]
        gamma = (n - 1) / mp.moment_dimension(values[1:])
        edge = values[1:].mean() * (1 + math.sqrt(gamma)) ** 2
        found = gram_statistics(grams[0])["spike_over_edge"]
        assert found == pytest.approx(values[0] / edge)
    spike = np.outer(np.ones(n), generator.standard_normal(400))
    strong = [(noise[0] + size * spike) @ (noise[0] + size * spike).T for size in (3, 10)]
    found = gram_statistics(np.stack(strong))
    assert (found["snr"] < n).all()
    assert found["spike_over_edge"][1] > 8 * found["spike_over_edge"][0] > 8 * n


def test_family_table():
    embedding = np.random.default_rng(1).standard_normal((10, 8))
    table = family_table(embedding, PAIRS, [2, 4, 8, 16])
    assert list(table.columns) == list(COLUMNS)
    assert table.dim.tolist() == [2, 4, 8]  # 16 exceeds the number of columns
    assert table["rank"].tolist() == [2, 4, 4]
    assert (table.pairs == 4).all()
    empty = family_table(embedding, np.empty((0, 2), np.int64), [2, 4])
    assert empty.snr.isna().all() and (empty["rank"] == 0).all()


def test_mean_projections():
    embedding = np.random.default_rng(2).standard_normal((10, 8))
    weights = mean_projections(embedding, PAIRS, 5)
    mean = task_vectors(embedding, PAIRS).mean(axis=0)[:5]
    np.testing.assert_allclose(weights, mean**2 / (mean**2).sum())
    assert weights.sum() == pytest.approx(1)
    assert len(mean_projections(embedding, PAIRS, 100)) == 8
    assert np.isnan(mean_projections(embedding, np.empty((0, 2), np.int64), 3)).all()
    assert inverse_participation_ratio(np.full(8, 1 / 8)) == pytest.approx(1 / 8)
    assert inverse_participation_ratio(np.eye(8)[3]) == 1
    with pytest.raises(ValueError, match="dim 9"):
        task_vectors(embedding, PAIRS, 9)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 5), st.floats(0.01, 6), st.floats(0.02, 0.98))
@example(1.0, 0.99999, 0.5)
@example(1.0, 1.0 + 1e-9, 0.5)
def test_law_is_a_distribution(sigma2, gamma, where):
    low, high = mp.edges(sigma2, gamma)
    x = low + where * (high - low)
    atom = max(0.0, 1 - 1 / gamma)
    # In u = sqrt(x - x_lower), where the density's square-root edge is smooth. The range is split,
    # since the density changes within sqrt(x_lower), which is tiny for gamma near 1.
    end, scale = math.sqrt(x - low), math.sqrt(low)
    pieces = [scale * 10.0**power for power in range(-1, 12) if scale * 10.0**power < end]
    mass, _ = quad(
        lambda u: 2 * u * float(mp.density(np.array(low + u * u), sigma2, gamma)),
        0,
        end,
        points=pieces if scale > 0 else None,
        limit=200,
    )
    assert mp.cdf(np.array(x), sigma2, gamma) == pytest.approx(atom + mass, abs=1e-6)
    assert mp.cdf(np.array([high, high + 1]), sigma2, gamma) == pytest.approx(1)
    assert mp.cdf(np.array(-1e-9), sigma2, gamma) == 0
    p = float(mp.cdf(np.array(x), sigma2, gamma))
    assert mp.quantile(np.array(p), sigma2, gamma) == pytest.approx(x, rel=1e-6, abs=1e-9)
    grid = np.linspace(low - 1, high + 1, 200)
    assert (np.diff(mp.cdf(grid, sigma2, gamma)) >= -1e-12).all()


def test_moments_and_atom():
    """The whole law, atom included, has mean sigma2 and variance gamma sigma2²."""
    p = (np.arange(200_000) + 0.5) / 200_000
    for sigma2, gamma in [(1.0, 0.2), (0.5, 1.0), (2.0, 3.0)]:
        sample = mp.quantile(p, sigma2, gamma)
        assert sample.mean() == pytest.approx(sigma2, rel=1e-4)
        assert sample.var() == pytest.approx(gamma * sigma2**2, rel=1e-3)
        assert (sample == 0).mean() == pytest.approx(max(0, 1 - 1 / gamma), abs=1e-4)
    with pytest.raises(ValueError, match="gamma > 0"):
        mp.cdf(np.array(1.0), 1.0, 0.0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        mp.quantile(np.array(1.2), 1.0, 1.0)


@pytest.mark.parametrize(("n", "d"), [(300, 900), (300, 300), (400, 200)])
def test_law_describes_wishart_matrices(n, d):
    noise = np.random.default_rng(n + d).standard_normal((n, d)) * math.sqrt(1.7)
    eigenvalues = np.maximum(np.linalg.eigvalsh(noise @ noise.T / d), 0)
    middle = (np.arange(n) + 0.5) / n
    bulk = eigenvalues > 1e-9
    assert np.abs(mp.cdf(eigenvalues[bulk], 1.7, n / d) - middle[bulk]).max() < 0.02


@pytest.mark.parametrize("spike", [0.0, 6.0])
@pytest.mark.parametrize("d", [64, 128, 256, 512])
def test_fit_recovers_the_dimension(d, spike):
    n, sigma2 = 27, 0.03
    fits = []
    for seed in range(25):
        generator = np.random.default_rng([seed, d])
        noise = generator.standard_normal((n, d)) * math.sqrt(sigma2)
        mean = generator.standard_normal(d)
        noise = noise + spike * math.sqrt(sigma2) * mean / np.linalg.norm(mean)
        fits.append(mp.fit_bulk(np.linalg.eigvalsh(noise @ noise.T / d), spikes=int(spike > 0)))
    assert all(fit.n == n - int(spike > 0) for fit in fits)
    assert all(fit.gamma == pytest.approx(fit.n / fit.d_eff) for fit in fits)
    assert np.median([fit.sigma2 for fit in fits]) == pytest.approx(sigma2, rel=0.05)
    assert np.median([fit.d_eff for fit in fits]) == pytest.approx(d, rel=0.12)
    assert np.median([fit.d_eff_moments for fit in fits]) == pytest.approx(d, rel=0.1)


def test_fit_is_a_minimum_and_scales():
    noise = np.random.default_rng(4).standard_normal((27, 90))
    eigenvalues = np.linalg.eigvalsh(noise @ noise.T / 90)
    fit = mp.fit_bulk(eigenvalues, spikes=1)
    bulk = np.sort(eigenvalues)[:-1]
    target = (np.arange(26) + 0.5) / 26

    def distance(sigma2, gamma):
        return ((mp.cdf(bulk, sigma2, gamma) - target) ** 2).sum() + 1 / (12 * 26)

    assert fit.distance == pytest.approx(distance(fit.sigma2, fit.gamma))
    for ds, dg in [(1.01, 1), (0.99, 1), (1, 1.03), (1, 0.97)]:
        assert distance(fit.sigma2 * ds, fit.gamma * dg) > fit.distance
    scaled = mp.fit_bulk(eigenvalues * 1e-5, spikes=1)
    assert scaled.gamma == pytest.approx(fit.gamma, rel=1e-3)
    assert scaled.sigma2 == pytest.approx(fit.sigma2 * 1e-5, rel=1e-3)


def test_fit_with_more_pairs_than_dimensions():
    generator = np.random.default_rng(5)
    estimates = []
    for _ in range(15):
        noise = generator.standard_normal((60, 30))
        fit = mp.fit_bulk(np.linalg.eigvalsh(noise @ noise.T / 30), spikes=0)
        assert fit.gamma > 1
        estimates.append((fit.d_eff, fit.sigma2))
    d_eff, sigma2 = np.median(estimates, axis=0)
    assert d_eff == pytest.approx(30, rel=0.15) and sigma2 == pytest.approx(1, rel=0.1)


def test_correlated_noise_has_its_participation_dimension():
    """Rows of covariance Σ: d_eff is near (Tr Σ)²/Tr Σ², far below the number of columns."""
    generator = np.random.default_rng(6)
    spectrum = np.arange(1, 401) ** -0.6
    expected = mp.effective_dimension(spectrum)
    assert expected < 200
    moments = []
    for _ in range(40):
        rows = generator.standard_normal((27, 400)) * np.sqrt(spectrum)
        moments.append(mp.moment_dimension(np.linalg.eigvalsh(rows @ rows.T / 400)))
    assert np.median(moments) == pytest.approx(expected, rel=0.1)


def test_bootstrap_interval():
    noise = np.random.default_rng(7).standard_normal((26, 100))
    fit = mp.fit_bulk(np.linalg.eigvalsh(noise @ noise.T / 100), spikes=0)
    low, high = mp.bootstrap_d_eff(fit, samples=40, seed=1)
    assert low < fit.d_eff < high
    assert (low, high) == mp.bootstrap_d_eff(fit, samples=40, seed=1)


def test_many_fits_at_once_are_the_single_ones_and_no_worse_than_another_optimiser():
    """Nelder–Mead, from the moments, on the same distance; spectra of full and of lower rank."""
    generator = np.random.default_rng(9)
    for n, d in ((27, 90), (12, 60), (20, 8)):
        noise = generator.standard_normal((12, n, d))
        spectra = np.linalg.eigvalsh(noise @ noise.transpose(0, 2, 1) / d)
        fits = mp.fit_bulks(spectra, spikes=1)
        for values, fit in zip(spectra, fits, strict=True):
            assert fit == mp.fit_bulk(values, spikes=1)
            bulk = np.sort(values)[:-1]
            bulk = bulk[bulk > 1e-9 * bulk[-1]]
            target = (np.arange(len(bulk)) + 0.5) / len(bulk)

            def distance(logs, x=bulk, t=target):
                gap = mp.cdf(x, *np.exp(logs)) - t
                return gap @ gap + 1 / (12 * len(x))

            start = np.log([bulk.mean(), min(bulk.var() / bulk.mean() ** 2, 0.99)])
            bounds = [(start[0] - 5, start[0] + 5), (-20, 0)]
            other = minimize(distance, start, method="Nelder-Mead", bounds=bounds)
            assert fit.distance <= other.fun + 1e-6
    assert mp.fit_bulks(np.array([[0.0, 0, 0, 0, 1], [1.0, 2, 3, 4, 5]]))[0] is None


def test_too_few_eigenvalues():
    with pytest.raises(ValueError, match="at least 3"):
        mp.fit_bulk(np.array([1.0, 2.0, 3.0]), spikes=1)
    with pytest.raises(ValueError, match="at least 3"):
        mp.fit_bulk(np.zeros(9))
    with pytest.raises(ValueError, match="spikes"):
        mp.fit_bulk(np.ones(9), spikes=-1)
