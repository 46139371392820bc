"""gensim's pair weights, clock and start against a simulation of its rule and against gensim."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from mstar.corpus.encoded_text import EncodedText
from mstar.counts.sampling import kept
from mstar.dynamics import losses, untied
from mstar.dynamics.untied_drift import UntiedPopulation
from mstar.dynamics.weightings import Weights
from mstar.machine.arrays import Array
from mstar.prediction import gensim_weights, untied_embeddings

WINDOW, NEGATIVE, SAMPLE, POWER = 3, 2, 0.05, 0.75
RNG = np.random.default_rng(0)
TOKENS = RNG.choice(6, 400, p=[0.4, 0.2, 0.15, 0.1, 0.1, 0.05]).astype(np.uint16)
OFFSETS = np.array([0, 150, 400])
UNIGRAM = np.bincount(TOKENS, minlength=6)
TEXT = EncodedText.of(TOKENS, OFFSETS)
PAIRS = gensim_weights.pair_numbers(TEXT, UNIGRAM, WINDOW, SAMPLE, draws=200)


def epoch_of_updates(w: Array, c: Array, rate: float, rng: np.random.Generator) -> Array:
    """Return the summed changes of W and C in one epoch of gensim's rule, and its number of pairs.

    Vectors are held fixed, so that the changes add up to a sample of the gradient.
    """
    accept = kept(UNIGRAM / UNIGRAM.sum(), SAMPLE)
    chances = np.cumsum(UNIGRAM**POWER) / (UNIGRAM**POWER).sum()
    change = np.zeros((2, *w.shape))
    pairs = 0
    for a, b in itertools.pairwise(OFFSETS):
        text = [t for t in TOKENS[a:b] if rng.random() < accept[t]]
        for at, centre in enumerate(text):
            reach = rng.integers(1, WINDOW + 1)
            around = text[max(0, at - reach) : at] + text[at + 1 : at + 1 + reach]
            for context in around:
                pairs += 1
                negatives = np.searchsorted(chances, rng.random(NEGATIVE))
                for output, label in [(centre, 1.0), *((n, 0.0) for n in negatives if n != centre)]:
                    step = rate * (label - 1.0 / (1.0 + np.exp(-w[context] @ c[output])))
                    change[0, context] += step * c[output]
                    change[1, output] += step * w[context]
    return np.append(change.ravel(), pairs)


def test_a_text_in_several_parts_is_subsampled_alike() -> None:
    ends = OFFSETS[[0, 1, 1, 2]]
    several = EncodedText(OFFSETS, ends, lambda n: TOKENS[ends[n] : ends[n + 1]], 6)
    found = gensim_weights.pair_numbers(several, UNIGRAM, WINDOW, SAMPLE, draws=200)
    assert np.array_equal(found, PAIRS)


def test_the_mean_of_gensims_updates_is_the_drift_times_the_flow_time() -> None:
    w, c = np.random.default_rng(1).standard_normal((2, 6, 2))
    rng, rate = np.random.default_rng(2), 0.02
    sampled = np.array([epoch_of_updates(w, c, rate, rng) for _ in range(30)])
    mean, error = sampled.mean(axis=0), sampled.std(axis=0) / np.sqrt(30)
    weights = gensim_weights.weights(PAIRS, UNIGRAM, NEGATIVE, POWER)
    model = UntiedPopulation(losses.Sgns(), weights, "cpu", torch.float64)
    drift = model.drift(torch.as_tensor(np.vstack([w, c]))).numpy()
    # At a constant rate an epoch lasts as long as the first of very many.
    time = gensim_weights.flow_time(1.0, weights.mean, rate, 10**9)
    expected = np.append(time * drift.ravel(), PAIRS.sum())
    assert (np.abs(mean - expected) < 4.5 * error + 1e-3 * np.abs(expected)).all()
    assert np.abs(expected[:-1]).min() > 0


def test_the_clock_is_the_sum_of_the_falling_rates() -> None:
    epochs, steps = 4, 10_000
    at = (np.arange(3 * steps) + 0.5) / steps
    rates = 0.03 - (0.03 - gensim_weights.LAST_RATE) * at / epochs
    found = gensim_weights.flow_time(3.0, 7.0, 0.03, epochs)
    assert found == pytest.approx(0.5 * 7.0 * rates.sum() / steps, rel=1e-6)


def test_epochs_passed_inverts_the_clock() -> None:
    passed = np.array([1e-6, 0.3, 2.0, 4.0])
    time = gensim_weights.flow_time(passed, 7.0, 0.03, 4)
    assert gensim_weights.epochs_passed(time, 7.0, 0.03, 4) == pytest.approx(passed, rel=1e-6)


def test_the_start_has_the_size_of_gensims() -> None:
    models = pytest.importorskip("gensim.models")
    model = models.Word2Vec(sg=1, vector_size=20, min_count=1, workers=1, seed=1)
    model.build_vocab_from_freq({f"w{i}": 500 - i for i in range(400)})
    w, c = untied.split(gensim_weights.start(400, 20, 1))
    assert np.abs(model.wv.vectors).max() == pytest.approx(np.abs(w).max(), rel=1e-2)
    assert model.wv.vectors.std() == pytest.approx(w.std(), rel=2e-2)
    assert not model.syn1neg.any() and not c.any()


def test_the_matrix_for_symmetric_weights_is_that_of_proposition_2() -> None:
    """For G = g g^T the embedding of its d leading modes is the weighted minimum of rank d."""
    rng = np.random.default_rng(0)
    g, target = rng.uniform(0.5, 2.0, 8), rng.standard_normal((8, 8))
    total, skew = np.outer(g, g), rng.standard_normal((8, 8))
    target = target @ target.T
    given = Weights(total * target / 2 + skew - skew.T, total + 0.1 * (skew - skew.T))
    matrix, scale = gensim_weights.symmetric(given)
    assert np.allclose(matrix, scale[:, None] * target * scale) and np.allclose(scale**2, g)
    w = untied_embeddings.embedding(matrix, 3, "value", scale)
    assert np.allclose((total * (target - w @ w.T)) @ w, 0)
