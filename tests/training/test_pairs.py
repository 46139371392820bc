"""Minibatches: distributions, mean against the population gradient, fast against plain steps."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.dynamics import losses, weightings
from mstar.dynamics.drift import Population
from mstar.training import sgd
from mstar.training.pairs import Alias, Sampler
from tests.counts.test_targets import random_probabilities

P = random_probabilities(7, size=30, tokens=900)
WEIGHTS = {
    "setting31": weightings.setting31(P, 2.0),
    "word2vec": weightings.word2vec(P, 2.0, 1e-3),
    "unigram": weightings.unigram(P, 2.0),
}
LOSSES = [kind() for kind in losses.LOSSES.values()]
START = torch.as_tensor(np.random.default_rng(0).normal(size=(30, 4)), dtype=torch.float32)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40)
    | st.lists(st.integers(1, 9), min_size=1, max_size=40)  # with entries at the mean
)
def test_alias_table_holds_its_law(parts: list[float]) -> None:
    """The sum over all slots of the table is the distribution that it was made from."""
    law = np.array(parts)
    table = Alias.of(law)
    held = table.threshold.astype(np.float64)
    assert np.all((held >= 0) & (held <= 1))
    np.add.at(held, table.other, 1.0 - table.threshold.astype(np.float64))
    np.testing.assert_allclose(held / law.size, law / law.sum(), rtol=1e-6, atol=1e-7 / law.size)


def test_equal_chances_need_no_other_index() -> None:
    assert np.all(Alias.of(np.full(7, 0.1)).threshold == 1.0)


def chi_square(seen: np.ndarray, law: np.ndarray) -> float:
    """Return chi-square minus its mean, in standard deviations; inf at zero probability."""
    if seen[law == 0].any():
        return float("inf")
    mean = (seen.sum() * law / law.sum())[law > 0]
    value = ((seen[law > 0] - mean) ** 2 / mean).sum()
    return float((value - mean.size + 1) / np.sqrt(2 * mean.size))


def test_pairs_follow_both_laws() -> None:
    sampler, batch = Sampler(P, WEIGHTS["setting31"]), 20_000
    seen = np.zeros((2, 30, 30))
    for step in range(10):
        pairs = sampler.draw(batch, 3, step)
        for kind, part in enumerate((slice(0, batch), slice(batch, None))):
            i, j = pairs.left[part], pairs.right[part]
            np.add.at(seen[kind], (np.minimum(i, j), np.maximum(i, j)), 1)
    joint, independent = P.symmetric(P.joint), np.outer(P.unigram, P.unigram)
    laws = [np.triu(law + law.T) - np.diag(np.diag(law)) for law in (joint, independent)]
    assert (joint == 0).any()
    for kind in range(2):
        assert abs(chi_square(seen[kind], laws[kind])) < 4
        assert abs(chi_square(seen[kind], laws[1 - kind])) > 100  # the laws are distinguished


def test_pairs_depend_on_seed_and_step_alone() -> None:
    sampler = Sampler(P, WEIGHTS["word2vec"])
    first = sampler.draw(50, 1, 9)
    sampler.draw(50, 1, 4)
    again = sampler.draw(50, 1, 9)
    assert np.array_equal(first.left, again.left) and np.array_equal(first.weight, again.weight)
    for seed, step in ((1, 10), (2, 9)):
        assert not np.array_equal(first.left, sampler.draw(50, seed, step).left)


@pytest.mark.parametrize("loss", LOSSES, ids=losses.LOSSES)
@pytest.mark.parametrize("weighting", WEIGHTS)
def test_minibatch_gradients_are_unbiased(loss: losses.Loss, weighting: str) -> None:
    """The mean differs from the population's drift by its standard error: z is standard normal."""
    sampler, w = Sampler(P, WEIGHTS[weighting]), START.double()
    draws = torch.stack([sgd.drift(loss, w, sampler.draw(2000, 5, step)) for step in range(300)])
    expected = Population(loss, WEIGHTS[weighting], "cpu", torch.float64).drift(w)
    z = (draws.mean(0) - expected) / (draws.std(0) / len(draws) ** 0.5)
    assert 0.75 < float(z.square().mean().sqrt()) < 1.25
    assert float(z.abs().max()) < 4.5
    # the error is small enough to show a wrong factor in either kind of pair
    assert float((draws.mean(0) - expected).norm() / expected.norm()) < 0.05


@pytest.mark.parametrize("loss", LOSSES, ids=losses.LOSSES)
@pytest.mark.parametrize("threads", [1, 2])
def test_grouped_steps_are_the_plain_ones(loss: losses.Loss, threads: int) -> None:
    sampler = Sampler(P, WEIGHTS["word2vec"])
    steps = sgd.CpuSteps(sampler, START, loss, 700, 11)
    sgd.use_threads(threads)
    steps.advance(3, 1e-3)
    expected = START.double()
    for step in range(3):
        expected = expected + 1e-3 * sgd.drift(loss, expected, sampler.draw(700, 11, step))
    moved = steps.w.double() - START.double()
    torch.testing.assert_close(moved, expected - START.double(), rtol=1e-4, atol=1e-6)
    steps.restart(START, 1)
    steps.advance(1, 1e-3)
    one = START + 1e-3 * sgd.drift(loss, START, sampler.draw(700, 11, 1))
    torch.testing.assert_close(steps.w, one, rtol=1e-5, atol=1e-6)


def test_a_tiny_start_keeps_its_precision() -> None:
    """From 1e-12, float32 and float64 steps agree to the rounding of the weights they change."""
    sampler, start = Sampler(P, WEIGHTS["setting31"]), 1e-12 * START
    steps = sgd.CpuSteps(sampler, start, losses.Quartic(), 300, 2)
    exact = start.double()
    for step in range(50):
        exact = exact + 1e-3 * sgd.drift(losses.Quartic(), exact, sampler.draw(300, 2, step))
    steps.advance(50, 1e-3)
    change = (exact - start.double()).norm()
    assert float(change) > 0.05 * float(start.norm())
    assert float((steps.w.double() - exact).norm() / change) < 1e-4


@pytest.mark.skipif(not importlib.util.find_spec("triton"), reason="Triton is not installed")
@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("loss", LOSSES, ids=losses.LOSSES)
def test_gpu_kernels_by_interpreter(
    loss: losses.Loss, grouped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    from mstar.training.sgd_cuda import CudaSteps

    sampler = Sampler(P, WEIGHTS["word2vec"])
    options = {"group": 3, "edges": 8, "grouped": grouped, "graph": False}
    steps = CudaSteps(sampler, START.clone(), loss, 60, 11, **options)
    steps.advance(2, 1e-3)
    expected = START.double()
    for step in range(2):
        expected = expected + 1e-3 * sgd.drift(loss, expected, steps.pairs(step))
    torch.testing.assert_close(steps.w.double(), expected, rtol=1e-5, atol=1e-6)
