"""The noise of counts: its edge in random text, and features that are known beforehand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mstar.counts import counting, targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.prediction import count_noise
from mstar.prediction.count_noise import Groups, difference, dispersion, with_random_signs
from mstar.prediction.noise_models import (
    ALONG,
    BY_ENTRY,
    INDEPENDENT,
    KEPT,
    MEASURED,
    MODELS,
    SHUFFLED,
)
from mstar.prediction.reproducibility import COLUMNS, feature_overlaps, threshold
from mstar.spectra.decomposition import decompose

V, L = 300, 8


def counted(text: np.ndarray, length: int) -> Cooccurrence:
    """Return the counts of a text of documents of one length."""
    bounds = np.arange(0, text.size + 1, length)
    return counting.count(text.astype(np.uint16), bounds, V, L)


def frequencies() -> np.ndarray:
    weights = 1 / (np.arange(V) + 20)
    return np.asarray(weights / weights.sum())


def topical(documents: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """Return documents (documents, length) that each prefer the words of one of 10 topics."""
    topic = np.arange(V) % 10
    rows = []
    for _ in range(documents):
        weights = frequencies() * np.where(topic == rng.integers(10), 6.0, 1.0)
        rows.append(rng.choice(V, length, p=weights / weights.sum()))
    return np.array(rows)


def test_edge_of_random_text_is_predicted() -> None:
    size, window = 600, 16
    weights = 1 / (np.arange(size) + 20)
    text = np.random.default_rng(0).choice(size, 30_000, p=weights / weights.sum())
    counts = counting.count(text.astype(np.uint16), np.array([0, text.size]), size, window)
    noise, mean = count_noise.unrelated(counts, Groups.by_rank(size))
    values = np.linalg.eigvalsh(targets.dense("mstar", targets.probabilities(counts)))
    assert count_noise.frequency_eigenvalue(noise, mean) == 0
    assert values[-1] == pytest.approx(noise.edge(), rel=0.03)
    # Entries that share a window are not independent.
    assert values[-1] > 1.15 * count_noise.independent(noise).edge()


def test_documents_make_counts_and_features_noisier_than_independent_pairs() -> None:
    rng = np.random.default_rng(1)
    text = topical(160, 400, rng)
    whole = counted(text.reshape(-1), 400)
    halves = [counted(half.reshape(-1), 400) for half in (text[:80], text[80:])]
    groups = Groups.by_rank(V)
    vectors = decompose("mstar", targets.probabilities(whole), 9).eigenvectors
    found = {}
    for name, pair in (("text", halves), ("pairs", count_noise.halved(whole, 0))):
        matrix = difference(pair[0], pair[1])
        variance = groups.mean_squares(matrix)
        known = variance[np.ix_(groups.of, groups.of)].sum()
        assert known == pytest.approx((matrix.toarray() ** 2).sum(), rel=1e-4)
        np.testing.assert_allclose(
            matrix.toarray(),
            (
                targets.dense("mstar", targets.probabilities(pair[0]))
                - targets.dense("mstar", targets.probabilities(pair[1]))
            )
            / 2**0.5,
            atol=1e-5,
        )
        ratio = dispersion(*pair)[1]
        signed = with_random_signs(matrix)
        found[name] = [
            float(ratio.mean()),
            float(np.median(count_noise.along(matrix, variance, groups, vectors))),
            float(np.median(count_noise.along(signed, variance, groups, vectors))),
        ]
    assert found["pairs"] == pytest.approx([1, 1, 1], abs=0.2)
    assert found["text"][0] > 1.2 and found["text"][1] > 1.3
    assert found["text"][2] == pytest.approx(1, abs=0.2)


def test_reproducible_features_are_predicted() -> None:
    rng = np.random.default_rng(2)
    text = topical(640, 400, rng)
    whole = counted(text.reshape(-1), 400)
    halves = counted(text[::2].reshape(-1), 400), counted(text[1::2].reshape(-1), 400)
    spectrum = decompose("mstar", targets.probabilities(whole), 40)
    spaces = [decompose("mstar", targets.probabilities(c), 20).eigenvectors for c in halves]
    held = feature_overlaps(spectrum.eigenvectors[:, :20], *spaces)
    reproducible = pd.DataFrame(
        {"parts": 2, "tokens": 128_000.0, "rank": np.arange(1, 21), "subspace": 0.0,
         "subspace_chance": 0.0, "feature": held, "threshold": threshold(20, V)}
    )[COLUMNS]  # fmt: skip
    accuracy = pd.DataFrame({"family": "it", "dim": [2, 8, 32], "accuracy": [0.2, 0.8, 0.4]})
    found = count_noise.measure(
        whole, halves, spectrum, np.array([9.0, 8.0]), reproducible, {"it": np.arange(20, 40)},
        accuracy,
    )  # fmt: skip
    assert list(found.columns) == count_noise.COLUMNS
    # Ten topics differ along nine features.
    number = found[found["panel"] == "number"].set_index("model")["y"]
    assert dict(number) == dict.fromkeys((*MODELS, MEASURED), 9.0)
    shown = found[found["panel"] == "overlap"]
    overlap = {model: own["y"].to_numpy()[:9] for model, own in shown.groupby("model")}
    assert overlap[MEASURED] == pytest.approx(held[:9])
    assert overlap[BY_ENTRY] == pytest.approx(held[:9], abs=0.06)
    assert overlap[INDEPENDENT] == pytest.approx(held[:9], abs=0.1)
    assert (overlap[BY_ENTRY] > overlap[ALONG]).all()
    edges = found[(found["panel"] == "edge") & (found["name"] == SHUFFLED)].set_index("model")["y"]
    assert edges[MEASURED] == 9 and edges[ALONG] > edges[BY_ENTRY]
    category = found[found["panel"] == "category"].set_index("model")["y"]
    assert category[MEASURED] == 8 and set(category.index) == {ALONG, MEASURED, KEPT}


def test_words_that_are_noise_in_later_features_have_a_smaller_best_d() -> None:
    vectors = np.full((5, 8), 0.1)
    shares = np.full((8, 5), 1e-4)
    assert count_noise.best_dim(shares, vectors) == 8
    shares[3:] = 0.02
    assert count_noise.best_dim(shares, vectors) == 3
