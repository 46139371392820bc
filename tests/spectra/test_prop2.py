"""Proposition 2: the weighted factorisation that a rank-one fit of word2vec's weights solves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from mstar.counts import counting, targets
from mstar.dynamics import weightings
from mstar.files.writing import UserError
from mstar.library import Counted
from mstar.machine.arrays import Array
from mstar.spectra import spectrum
from mstar.spectra.decomposition import decompose
from mstar.spectra.operators import matrix_free
from mstar.training.closed_form import factorisation
from tests.spectra.test_operators import corpus

OPTIONS = {"subsample": 1e-2, "negative_power": 0.5}


def with_weights(total: Array, seed: int = 0) -> targets.Probabilities:
    """Return probabilities for which word2vec's G, up to a factor, is ``total`` in every cell."""
    size = len(total)
    rows, columns = (index.astype(np.int32) for index in np.triu_indices(size))
    unigram = np.random.default_rng(seed).dirichlet(np.full(size, 3.0))
    p = targets.Probabilities(rows, columns, np.ones(rows.size), unigram)
    accepted, centre, context = targets.word2vec_pairs(p, **OPTIONS)
    drawn = targets.drawn_cells(rows, columns, centre, context)
    seen = drawn.max() * 1.1 * total[rows, columns] / total.min() - drawn
    return replace(p, joint=seen / accepted)


def loss(w: Array, total: Array, target: Array) -> float:
    return float((total * (w @ w.T - target) ** 2).sum())


@pytest.mark.parametrize("dim", [1, 3])
def test_it_minimises_the_weighted_loss_if_g_is_of_rank_one(dim: int) -> None:
    generator = np.random.default_rng(dim)
    g = generator.uniform(0.5, 3.0, 12)
    total = np.outer(g, g)
    p = with_weights(total)
    assert np.allclose(targets.word_weights(p, **OPTIONS), g / g.mean(), rtol=1e-12)
    target = p.symmetric(targets.word2vec_cells(p, **OPTIONS)[0])
    found = decompose("prop2", p, 12, **OPTIONS).embedding(dim)

    def value(flat: Array) -> tuple[float, Array]:
        w = flat.reshape(12, dim)
        return loss(w, total, target), 4 * ((total * (w @ w.T - target)) @ w).ravel()

    starts = [generator.normal(size=12 * dim) for _ in range(20)]
    least = min(minimize(value, start, jac=True, options={"gtol": 1e-9}).fun for start in starts)
    assert loss(found, total, target) == pytest.approx(least, rel=1e-7)
    # Equal weights are another problem, with another minimum.
    values, vectors = np.linalg.eigh(target)
    equal = vectors[:, ::-1][:, :dim] * np.sqrt(np.maximum(values[::-1][:dim], 0))
    assert loss(equal, total, target) > 1.001 * least


def test_constant_weights_give_the_factorisation_of_the_target_itself() -> None:
    p = with_weights(np.ones((9, 9)))
    found = decompose("prop2", p, 9, **OPTIONS)
    assert np.allclose(found.scale, 1.0)
    values = np.linalg.eigvalsh(p.symmetric(targets.word2vec_cells(p, **OPTIONS)[0]))[::-1]
    assert np.allclose(found.eigenvalues, values)
    assert np.allclose(found.solution(3).eigenvalues, found.eigenvalues[:3])
    # Without subsampling and smoothing, word2vec's own target is M*.
    plain = corpus(0, 40, 400)
    own, _ = targets.word2vec_cells(plain, 2.0, subsample=1e9, negative_power=1.0)
    assert np.allclose(own, targets.mstar_cells(plain, 2.0)[0])


def test_cells_and_sums_are_those_of_the_weighting() -> None:
    p = corpus(4, 30, 300)
    weights = weightings.word2vec(p, 2.0, **OPTIONS)
    own = 2 * weights.difference / weights.total
    values, absent = targets.word2vec_cells(p, 2.0, **OPTIONS)
    assert np.allclose(p.symmetric(values, absent), own)
    sums = weights.total.sum(axis=1)
    g = targets.word_weights(p, 2.0, **OPTIONS)
    assert np.allclose(g, sums / sums.mean())
    scaled = np.sqrt(g)[:, None] * own * np.sqrt(g)
    assert np.allclose(targets.dense("prop2", p, 2.0, **OPTIONS), scaled)


def test_dense_and_matrix_free_give_one_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    p = corpus(3, 700, 20_000)
    free = decompose("prop2", p, 8, 2.0, **OPTIONS)
    monkeypatch.setattr("mstar.spectra.decomposition.is_dense", lambda *_: True)
    dense = decompose("prop2", p, 8, 2.0, **OPTIONS)
    first, second = (each.embedding(5) for each in (free, dense))
    assert np.allclose(first @ first.T, second @ second.T, atol=1e-4 * np.abs(first).max() ** 2)
    other = decompose("prop2", p, 8, 2.0).embedding(5)
    assert not np.allclose(first @ first.T, other @ other.T, atol=0.1)


def test_files_and_records_keep_the_weights_of_words(tmp_path) -> None:
    found = decompose("prop2", corpus(5, 60, 2000), 6)
    spectrum.save(tmp_path / "spectrum.npz", found)
    again = spectrum.load(tmp_path / "spectrum.npz")
    assert np.array_equal(again.scale, found.scale) and again.leading(3).scale.size == 60
    record = factorisation(again, 4, lambda _: 0.0)
    assert np.allclose(
        record.embedding,
        found.eigenvectors[:, :4] * np.sqrt(found.eigenvalues[:4]) / found.scale[:, None],
    )
    singular = np.linalg.svd(record.embedding, compute_uv=False)
    assert np.allclose(record.trace.filter(like="singular_value").to_numpy()[0], singular)
    solution = found.solution(4)
    gram = solution.eigenvectors * solution.eigenvalues @ solution.eigenvectors.T
    assert np.allclose(gram, record.embedding @ record.embedding.T)


def test_a_word_without_weight_is_an_error() -> None:
    p = corpus(6, 20, 200)
    with pytest.raises(
        UserError, match=r"^target prop2: the pair weights of word 1 sum to nan: .*$"
    ):
        targets.word_weights(p, negative_power=1e4)
    kept = (p.rows != 7) & (p.columns != 7)
    alone = replace(p, rows=p.rows[kept], columns=p.columns[kept], joint=p.joint[kept])
    for make in (targets.dense, matrix_free):  # neither pairs nor negative samples of word 8
        with pytest.raises(UserError, match="of word 8 sum to 0: expected a number > 0"):
            make("prop2", alone, 0.0)


def test_the_library_factorises_for_word2vec() -> None:
    text = np.random.default_rng(0).integers(0, 20, 900).astype(np.uint16)
    counts = counting.count(text, np.array([0, 900]), 20, 2)
    counted = Counted(tuple(map(str, range(20))), counts)
    p = targets.probabilities(counts)
    found = counted.embedding(4, 2.0, model="word2vec", **OPTIONS)
    assert np.array_equal(found, decompose("prop2", p, 4, 2.0, **OPTIONS).embedding(4))
    assert np.array_equal(counted.embedding(4), decompose("mstar", p, 4).embedding(4))
    with pytest.raises(UserError, match="model: 'glove': expected qwem or word2vec"):
        counted.spectrum(4, model="glove")
