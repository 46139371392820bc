"""Pairs drawn from the text have exactly the distribution, weights and mean of the counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.corpus.encoded_text import EncodedText
from mstar.counts import counting, targets
from mstar.dynamics import losses, weightings
from mstar.dynamics.drift import Population
from mstar.files.writing import UserError
from mstar.training import minibatches, sgd, text_pairs
from mstar.training.pairs import Pairs, Sampler
from mstar.training.text_pairs import Stream, TextSampler
from tests.counts.test_cooccurrence import brute_force, documents_strategy, encode
from tests.training.test_pairs import chi_square

SIZE, WINDOW = 12, 3
RNG = np.random.default_rng(2)
# Short documents of few words, so many pairs are never seen; some are out of vocabulary.
DOCUMENTS = [list(RNG.choice(SIZE + 2, 4)[RNG.integers(0, 4, n)]) for n in (1, 2, 3, 40, 90, 200)]
DOCUMENTS += [list(range(SIZE + 2))]


def setting(convention: str) -> tuple[targets.Probabilities, Stream]:
    tokens, offsets = encode(DOCUMENTS)
    counts = counting.count(tokens, offsets, SIZE, WINDOW, convention)
    stream = Stream.of(EncodedText.of(tokens, offsets), SIZE, WINDOW, convention)
    return targets.probabilities(counts), stream


def folded(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return numbers of unordered pairs, in the upper triangle."""
    seen = np.zeros((SIZE, SIZE), dtype=np.int64)
    np.add.at(seen, (np.minimum(left, right), np.maximum(left, right)), 1)
    return seen


@settings(max_examples=80, deadline=None)
@given(documents_strategy, st.integers(1, 7), st.integers(1, 6), st.booleans())
def test_equally_likely_proposals_make_the_counts(
    documents: list[list[int]], size: int, window: int, removed: bool
) -> None:
    """All proposals together give C to the last integer; their words have the counts of C."""
    tokens, offsets = encode(documents)
    convention = "removed" if removed else "gap"
    stream = Stream.of(EncodedText.of(tokens, offsets), size, window, convention)
    # A text in several parts is laid out in the same way.
    middle = offsets.size // 2
    ends = offsets[[0, middle, middle, offsets.size - 1]]
    several = EncodedText(offsets, ends, lambda n: tokens[ends[n] : ends[n + 1]], 7)
    assert np.array_equal(stream.words, Stream.of(several, size, window, convention).words)
    left, right = stream.pairs(np.arange(stream.proposals))
    forward = np.zeros((size, size), dtype=np.int64)
    np.add.at(forward, (left, right), 1)
    assert np.array_equal(forward + forward.T, brute_force(documents, size, window, removed))
    words = stream.singles(np.arange(stream.words.size))
    assert np.array_equal(
        np.bincount(words, minlength=size), np.bincount(tokens, minlength=7)[:size]
    )


@pytest.mark.parametrize("convention", ["removed", "gap"])
def test_drawn_pairs_follow_both_laws_as_those_from_counts_do(convention: str) -> None:
    p, stream = setting(convention)
    weights = weightings.word2vec(p, 2.0, 1e-2)
    joint, independent = p.symmetric(p.joint), np.outer(p.unigram, p.unigram)
    assert (joint == 0).mean() > 0.1
    laws = [np.triu(law + law.T) - np.diag(np.diag(law)) for law in (joint, independent)]
    for sampler in (TextSampler(p, weights, stream), Sampler(p, weights)):
        draws = [sampler.draw(5000, 3, step) for step in range(8)]
        for kind, part in enumerate((slice(0, 5000), slice(5000, None))):
            left, right = (
                np.concatenate([getattr(pairs, side)[part] for pairs in draws])
                for side in ("left", "right")
            )
            seen = folded(left, right)
            assert abs(chi_square(seen, laws[kind])) < 4
            assert abs(chi_square(seen, laws[1 - kind])) > 100  # the laws are distinguished


@pytest.mark.parametrize("convention", ["removed", "gap"])
def test_pairs_weigh_the_same_from_text_and_from_counts(convention: str) -> None:
    p, stream = setting(convention)
    for weights in (weightings.setting31(p, 2.0), weightings.word2vec(p, 2.0, 1e-2)):
        pairs = TextSampler(p, weights, stream).draw(500, 1, 0)
        positive, negative = weights.positive, weights.negative
        expected = np.concatenate(
            [
                (positive / np.where(positive > 0, p.symmetric(p.joint), 1.0))[
                    pairs.left, pairs.right
                ][:500],
                -(negative / np.outer(p.unigram, p.unigram))[pairs.left, pairs.right][500:],
            ]
        )
        np.testing.assert_allclose(pairs.weight, expected, rtol=1e-6)
        assert (pairs.weight[:500] > 0).all()


def same(one: Pairs, other: Pairs) -> bool:
    return all(
        np.array_equal(getattr(one, k), getattr(other, k)) for k in ("left", "right", "weight")
    )


def test_pairs_depend_on_seed_and_step_alone() -> None:
    p, stream = setting("removed")
    sampler = TextSampler(p, weightings.setting31(p, 1.0), stream)
    first = sampler.draw(50, 1, 9)
    sampler.draw(50, 1, 4)
    assert same(first, sampler.draw(50, 1, 9))
    for seed, step in ((1, 10), (2, 9)):
        assert not same(first, sampler.draw(50, seed, step))
    assert first.left.dtype == first.right.dtype == np.int32
    assert first.left.size == first.weight.size == 100


@pytest.mark.parametrize(("name", "weighting"), [("quartic", "setting31"), ("sgns", "word2vec")])
def test_gradients_from_text_are_unbiased(name: str, weighting: str) -> None:
    p, stream = setting("removed")
    settings = {"weighting": weighting, "negative": 2.0, "subsample": 1e-2}
    weights, loss = weightings.configured(p, settings), losses.named(name)
    sampler = TextSampler(p, weights, stream)
    w = torch.as_tensor(np.random.default_rng(0).normal(size=(SIZE, 3)))
    draws = torch.stack([sgd.drift(loss, w, sampler.draw(4000, 5, step)) for step in range(300)])
    expected = Population(loss, weights, "cpu", torch.float64).drift(w)
    z = (draws.mean(0) - expected) / (draws.std(0) / len(draws) ** 0.5)
    assert 0.6 < float(z.square().mean().sqrt()) < 1.4
    assert float(z.abs().max()) < 4.5
    assert float((draws.mean(0) - expected).norm() / expected.norm()) < 0.05


SETTINGS: dict[str, Any] = {
    "estimator": "sampled", "loss": "quartic", "weighting": "setting31", "negative": 1.0,
    "init": 1e-2, "start": 0.4, "horizon": 2.0, "points": 4, "snapshots": [0.5],
    "sgd": {"learning_rate": 0.6, "loss_scale": None, "batch": 3000, "drops": [], "steps": None,
            "sampler": "text"},
}  # fmt: skip


def test_training_from_text(tmp_path: Path) -> None:
    """Runs repeat byte for byte and differ from those on counts; a GPU is refused."""
    p, stream = setting("removed")
    sgd.use_threads(1)
    both = []
    for name, source in (("a", stream), ("b", stream), ("counts", None)):
        result = minibatches.train(
            p, SETTINGS, "cpu", 4, 3, lambda _: 0.0, tmp_path / name, "", source
        )
        both.append(np.linalg.svd(result.embedding, full_matrices=False))
    assert np.array_equal(both[0].U, both[1].U) and not np.array_equal(both[0].U, both[2].U)
    np.testing.assert_allclose(both[0].S[0], both[2].S[0], rtol=0.1)
    with pytest.raises(UserError, match=r"sampler: text: expected the device cpu"):
        minibatches.train(p, SETTINGS, "cuda", 4, 3, lambda _: 0.0, tmp_path, "", stream)


def test_files_of_a_stream(tmp_path: Path) -> None:
    tokens, offsets = encode(DOCUMENTS)
    files = [tmp_path / name for name in ("tokens.npy", "documents.npy", "corpus.json")]
    np.save(files[0], tokens), np.save(files[1], offsets)
    said = {"types": SIZE + 2, "empty_documents": 0, "sources": [], "crc32": {}}
    files[2].write_text(json.dumps(said))
    read = text_pairs.read(files, SIZE, WINDOW, "gap")
    assert read is not None
    assert np.array_equal(read.words, setting("gap")[1].words)
    assert text_pairs.read([], SIZE, WINDOW, "gap") is None
    files[1].write_bytes(b"x")
    with pytest.raises(UserError, match=r"documents\.npy"):
        text_pairs.read(files, SIZE, WINDOW, "gap")
