"""Kappa is recovered from counts of a known prior, without reading anything but halves."""

from __future__ import annotations

import numpy as np
import pytest

from mstar.counts import targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.files.writing import UserError
from mstar.prediction import halves
from mstar.prediction.kappa import COLUMNS, KAPPAS, curve, parts_of_documents


def counts_of(matrix: np.ndarray, unigram: np.ndarray, window: int = 1) -> Cooccurrence:
    """Return symmetric counts as they are stored."""
    rows, columns = np.nonzero(np.triu(matrix))
    sizes = np.bincount(rows, minlength=len(matrix))
    return Cooccurrence(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        columns.astype(np.int32),
        matrix[rows, columns].astype(np.int64),
        unigram,
        window,
        1,
        0,
    )


def world(kappa: float, pairs: float, seed: int = 0, size: int = 300) -> list[Cooccurrence]:
    """Return the counts of two texts whose pairs of words have u from Beta(kappa/2, kappa/2).

    At the ratio r = u / (1 - u) of P_ij to P_i P_j, a pair is seen a Poisson number of times.
    """
    rng = np.random.default_rng(seed)
    unigram = np.sort(rng.integers(50, 5000, size))[::-1].copy()
    share = unigram / unigram.sum()
    u = rng.beta(kappa / 2, kappa / 2, (size, size))
    ratio = np.triu(u) + np.triu(u, 1).T
    joint = np.outer(share, share) * ratio / (1 - ratio)
    joint /= joint.sum()
    texts = []
    for _ in range(2):
        half = np.triu(rng.poisson(pairs * joint))
        texts.append(counts_of(half + np.triu(half, 1).T, unigram))
    return texts


@pytest.mark.parametrize("true", [10.0, 50.0])
def test_halves_choose_the_prior_of_which_pairs_are_drawn(true: float) -> None:
    """Below kappa = 2 or so the ratio has no mean, so that it cannot be normalised."""
    kappas = [true * factor for factor in (0.02, 0.1, 1.0, 10.0)]
    for pairs in (1e5, 1e6):  # whatever the size of the text
        found = curve(*world(true, pairs), kappas=kappas)
        assert found.loc[found["chosen"] == 1, "kappa"].tolist() == [true], found


def test_unrelated_words_choose_the_largest_kappa() -> None:
    found = curve(*world(1e6, 1e5))
    assert list(found.columns) == COLUMNS and found["chosen"].sum() == 1
    assert found["kappa"].tolist() == list(KAPPAS) and found["chosen"].iloc[-1] == 1
    assert (np.diff(found["gain"]) > 0).all() and found["gain"].iloc[-1] < 0.01


@pytest.mark.parametrize("negative", [1.0, 3.0])
def test_the_gain_is_its_definition(negative: float) -> None:
    first, second = world(4.0, 2e4, 1, 40)
    found = curve(first, second, [0.0, 0.7, 8.0], negative)
    for kappa, gain in zip(found["kappa"], found["gain"], strict=True):
        expected = []
        for a, b in ((first, second), (second, first)):
            x = targets.dense("mstar_kappa", targets.probabilities(a), negative, kappa=kappa)
            p = targets.probabilities(b)
            r = p.symmetric(p.joint) / np.outer(p.unigram, p.unigram)
            expected.append(-np.mean(r * (x**2 / 4 - x) + negative * (x**2 / 4 + x)))
        assert gain == pytest.approx(np.mean(expected), rel=1e-9, abs=1e-12)


def test_a_text_of_one_document_has_halves() -> None:
    assert parts_of_documents(np.array([7, 107])).tolist() == list(range(7, 108, 5))
    many = np.arange(0, 101, 2)
    assert np.array_equal(parts_of_documents(many), many)
    mixed = parts_of_documents(np.array([0, 4, 60, 100]))
    assert {0, 4, 60, 100} <= set(mixed) and np.diff(mixed).max() <= 5
    half = halves.part_of_documents(parts_of_documents(np.array([0, 1000])), 2, 0)
    assert np.bincount(half).tolist() == [10, 10]


def test_halves_without_pairs_are_refused() -> None:
    none = counts_of(np.zeros((5, 5), int), np.ones(5, np.int64))
    with pytest.raises(UserError, match="mstar_kappa: the text is too small"):
        curve(none, world(4.0, 1e3, 0, 5)[0])
