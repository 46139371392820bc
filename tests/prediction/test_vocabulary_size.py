"""What chance alone makes of M*, the frequency share of a mode, and the scaling figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mstar.counts import counting, targets
from mstar.features.components import frequency_share
from mstar.figures.scaling import _short, draw, table
from mstar.prediction import vocabulary_size
from mstar.spectra import eigensolvers

WINDOW = 4


def unrelated(size: int, tokens: int) -> tuple[np.ndarray, targets.Probabilities]:
    """A text of unrelated words with Zipf's frequencies."""
    generator = np.random.default_rng(0)
    weights = 1.0 / np.arange(1, size + 1)
    text = generator.choice(size, tokens, p=weights / weights.sum())
    counts = np.bincount(text, minlength=size)
    order = np.argsort(-counts, kind="stable")
    text = np.argsort(order)[text].astype(np.uint16)
    text = np.concatenate([text, np.arange(size, dtype=np.uint16)])
    offsets = np.array([0, len(text)])
    return np.bincount(text), targets.probabilities(counting.count(text, offsets, size, WINDOW))


@pytest.mark.parametrize("negative", [1.0, 2.0])
def test_expected_entry_is_the_mean_of_a_simulation(negative: float) -> None:
    generator = np.random.default_rng(1)
    for meetings in (0.02, 0.7, 5.0, 60.0):
        times = generator.poisson(meetings, 40_000)
        weights = generator.integers(1, WINDOW + 1, int(times.sum()))
        total = np.bincount(np.repeat(np.arange(times.size), times), weights, times.size)
        mean = meetings * (WINDOW + 1) / 2
        entries = 4 * total / (total + negative * mean) - 2
        found = vocabulary_size.expected_entry(np.array(meetings), WINDOW, negative)
        assert found == pytest.approx(entries.mean(), abs=5 * entries.std() / 200 + 2e-3)
    assert vocabulary_size.expected_entry(np.array([0.0, 1e-12]), WINDOW).tolist() == [-2.0, -2.0]


def test_first_mode_of_unrelated_words_is_one_of_frequency() -> None:
    """No topics: the first positive eigenvalue is chance's, and its vector a function of n_i."""
    unigram, p = unrelated(1000, 20_000)
    found = eigensolvers.all_eigenpairs(targets.dense("mstar", p))
    chance = vocabulary_size.chance_eigenvalues(unigram, WINDOW)
    # Far from the bulk of the noise they agree; noise near it pushes the first one up.
    assert found.eigenvalues[-1] == pytest.approx(chance[-1], rel=0.02)
    assert 1.0 < found.eigenvalues[0] / chance[0] < 1.5
    shares = [frequency_share(v, unigram) for v in found.eigenvectors[:, :2].T]
    assert shares[0] > 0.6 > 0.1 > shares[1]


def rows(size: int) -> list[dict[str, object]]:
    unigram, p = unrelated(size, 20 * size)
    found = eigensolvers.all_eigenpairs(targets.dense("mstar", p))
    # (0, 1, 2, 3) right and (0, 1, 2, size - 1) wrong, as V a + b.
    asked = {
        "benchmark": "google",
        "variant": "original",
        "first": [1, 1],
        "second": [2 * size + 3, 2 * size + size - 1],
        "value": [1.0, 0.0],
    }
    words = [f"word{i}" for i in range(size)]
    chosen = {"among": 60, "window": WINDOW, "negative": 1.0, "fit_from": 2, "modes": 20}
    return vocabulary_size.at_size(words, unigram, found, pd.DataFrame(asked), **chosen)


def test_rows_and_picture() -> None:
    numbers = table([*rows(200), *rows(50), *rows(100)])
    fixed = numbers[numbers["panel"] == "accuracy fixed"].set_index("vocabulary")
    # At V = 50 the fixed questions are not all in the vocabulary.
    assert fixed["y"].to_dict() == {100: 1.0, 200: 1.0}
    assert fixed["questions"].to_dict() == {100: 1, 200: 1}
    every = numbers[numbers["panel"] == "accuracy all"].set_index("vocabulary")
    assert every["y"].to_dict() == {50: 0.5, 100: 0.5, 200: 0.5}
    words = numbers[(numbers["panel"] == "words") & (numbers["mode"] == 1)]
    assert [len(text.split()) for text in words["text"]] == [8, 8, 8]
    figure = draw(numbers, (2, 20))
    accuracy, exponent, values, share = figure.axes
    drawn = {line.get_label(): line.get_ydata() for line in accuracy.lines}
    assert list(drawn["the same 1 questions"]) == [1.0, 1.0]
    assert [len(ax.lines) for ax in (exponent, values, share)] == [1, 5, 4]
    texts = [text.get_text() for text in figure.texts]
    assert [_short(size) for size in (200, 3000, 1234, 30_000, 220_545)] == (
        ["200", "3k", "1,234", "30k", "221k"]
    )
    assert r"$k = 2 \ldots 20$" in exponent.get_title()
    for ax in (accuracy, exponent):  # what shading means
        assert "95 % interval" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert words["text"].iloc[0].replace(" ", ", ") in texts
