"""Words that have an order: exact rings and lines, closed forms, and the rate of false alarms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mstar.counts import counting, targets
from mstar.features import sequences
from mstar.features.null_families import RANDOM
from mstar.features.ordered_words import PERMUTED
from mstar.features.sequences import FEWEST_WORDS, Ordered, ordered

V, D = 600, 20
WORDS = [f"w{i}" for i in range(V)]
COUNTS = np.sort(np.random.default_rng(0).integers(5, 4000, V))[::-1]


def sequence(shape: Any, n: int = 12, apart: tuple[str, ...] = ()) -> Ordered:
    """Return n words of one sequence, from the 101st word of the vocabulary."""
    return ordered("it", shape, WORDS[100 : 100 + n], WORDS, apart)


def ring(n: int, noise: float = 0.0) -> np.ndarray:
    """Return n points (n, D) of a circle in a random plane, with Gaussian noise."""
    rng = np.random.default_rng(1)
    angle = 2 * np.pi * np.arange(n) / n
    basis = np.linalg.qr(rng.standard_normal((D, 2)))[0]
    flat = np.stack([np.cos(angle), np.sin(angle)], axis=1) @ basis.T
    return np.asarray(flat + noise * rng.standard_normal((n, D)))


def measured(embedding: np.ndarray, matrix: np.ndarray, *given: Ordered, draws: int = 99) -> Any:
    found = sequences.measure(
        given, embedding, lambda ids: matrix[np.ix_(ids, ids)], COUNTS, draws, 19, seed=2
    )
    statistic = found[found["panel"] == "statistic"]
    return found, statistic.set_index(["null", "name"])


def test_only_words_of_the_vocabulary_and_their_places_are_kept() -> None:
    found = ordered("it", "ring", ["w3", "unknown", "w1", "w9"], WORDS, ["w1"])
    assert found.words == ("w3", "w1", "w9") and found.length == 4
    assert found.ids.tolist() == [3, 1, 9] and found.positions.tolist() == [0, 2, 3]
    assert found.fitted.tolist() == [True, False, True]
    assert found.distances().tolist() == [[0, 2, 1], [2, 0, 1], [1, 1, 0]]
    line = ordered("it", "line", ["w3", "unknown", "w1", "w9"], WORDS, [])
    assert line.distances().tolist() == [[0, 2, 3], [2, 0, 1], [3, 1, 0]]


@pytest.mark.parametrize("shape", ["ring", "line"])
def test_a_matrix_of_distances_has_fourier_modes(shape: Any) -> None:
    """Modes diagonalise a circulant, and a chain whose ends reflect; gaps leave a basis."""
    whole = sequence(shape, 9)
    modes = sequences.fourier(whole)
    basis = np.hstack([np.full((9, 1), 1 / 3), *modes])
    np.testing.assert_allclose(basis.T @ basis, np.eye(9), atol=1e-12)
    chain = np.eye(9, k=1) + np.eye(9, k=-1)
    ends = (0, 8)
    if shape == "ring":
        chain[ends, ends[::-1]] = 1
    else:
        chain[ends, ends] = 1
    turned = basis.T @ chain @ basis
    np.testing.assert_allclose(turned, np.diag(np.diag(turned)), atol=1e-12)
    some = ordered("it", shape, WORDS[100:109], WORDS[:104] + WORDS[105:], [])
    kept = np.hstack(sequences.fourier(some))
    assert kept.shape == (8, 7)
    np.testing.assert_allclose(kept.T @ kept, np.eye(7), atol=1e-10)
    np.testing.assert_allclose(kept.sum(axis=0), 0, atol=1e-10)


def test_a_circle_is_one_mode_and_goes_round_once() -> None:
    whole, points = sequence("ring"), ring(12)
    shares = sequences.mode_shares(points, sequences.fourier(whole))
    np.testing.assert_allclose(shares, [1, 0, 0, 0, 0, 0], atol=1e-12)
    turned = sequences.angles(sequences.plane(points, whole.fitted))
    assert abs(sequences.winding(turned)) == 1
    assert sequences.alignment(turned, whole) == pytest.approx(1)
    backwards = sequences.angles(sequences.plane(points[::-1], whole.fitted))
    assert sequences.winding(turned) == -sequences.winding(backwards)
    assert sequences.alignment(backwards, whole) == pytest.approx(1)
    twice = points[np.arange(12) * 2 % 12]
    assert sequences.alignment(sequences.angles(twice[:, :2]), whole) < 0.5
    reduced = sequences.reduced(points)
    np.testing.assert_allclose(reduced @ reduced.T, points @ points.T, atol=1e-12)


def test_blocks_are_those_of_the_dense_matrix() -> None:
    text = np.random.default_rng(7).integers(0, 12, 500).astype(np.uint16)
    p = targets.probabilities(counting.count(text, np.array([0, 500]), 12, 2))
    ids = np.array([5, 0, 3])
    expected = targets.dense("mstar", p, 2.0)[np.ix_(ids, ids)]
    np.testing.assert_allclose(sequences.mstar_blocks(p, 2.0)(ids), expected)


def test_words_apart_do_not_turn_the_plane() -> None:
    points = ring(12)
    points[4] += 100 * np.eye(D)[0]
    some = sequence("ring", apart=("w104",))
    turned = sequences.angles(sequences.plane(points, some.fitted))
    assert sequences.alignment(np.delete(turned, 4), _without(some, 4)) > 0.95
    every = sequence("ring")
    turned = sequences.angles(sequences.plane(points, every.fitted))
    assert sequences.alignment(np.delete(turned, 4), _without(every, 4)) < 0.9


def _without(whole: Ordered, i: int) -> Ordered:
    return ordered("it", "ring", whole.words, [w for j, w in enumerate(whole.words) if j != i], [])


def test_distance_explains_a_circulant_and_the_probe_a_line() -> None:
    whole = sequence("ring")
    distances = whole.distances()
    block = np.cos(distances) - 0.3 * distances
    assert sequences.explained(block, distances) == pytest.approx(1)
    assert sequences.rank_correlation(-distances.astype(float), distances) == pytest.approx(-1)
    constant = np.full((12, 12), -2.0)
    assert sequences.explained(constant, distances) == 0
    assert sequences.rank_correlation(constant, distances) == 0
    rng = np.random.default_rng(3)
    at = np.arange(12)
    line = np.outer(at, rng.standard_normal(D)) + 0.1 * rng.standard_normal((12, D))
    assert sequences.probe(line, at) > 0.99
    # Leave-one-out by the closed form is leave-one-out by hand.
    points = rng.standard_normal((12, D))
    centred = points - points.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    x = np.column_stack([np.ones(12), left[:, :4] * values[:4]])
    errors = []
    for i in range(12):
        rest = np.delete(at, i)
        fit = np.linalg.lstsq(x[rest], at[rest].astype(float), rcond=None)[0]
        errors.append((at[i] - x[i] @ fit, at[i] - at[rest].mean()))
    squares = (np.array(errors) ** 2).sum(axis=0)
    assert sequences.probe(points, at) == pytest.approx(1 - squares[0] / squares[1])


def test_a_planted_ring_is_found_and_its_words_are_no_null() -> None:
    embedding = np.random.default_rng(4).standard_normal((V, D)) * 0.3
    whole = sequence("ring")
    embedding[whole.ids] = ring(12, noise=0.1)
    matrix = embedding @ embedding.T
    found, own = measured(embedding, matrix, whole)
    for name in ("nearer words co-occur more", "explained by distance", "angles follow the ring",
                 "share of the first mode"):  # fmt: skip
        assert own.at[(PERMUTED, name), "null_pass"] == pytest.approx(0.01)
        assert own.at[(RANDOM, name), "null_pass"] == pytest.approx(0.05)
    adjusted = own["holm"].dropna()
    assert len(adjusted) == 8 and adjusted.loc[PERMUTED].max() == pytest.approx(0.04)
    # Going round once is no evidence: a large part of all orders does.
    assert own.at[(PERMUTED, "winding"), "y"] == 1
    assert own.at[(PERMUTED, "winding"), "null_pass"] > 0.3
    panels = found.groupby("panel").size()
    assert panels["plane"] == 12 and panels["distance"] == 6 and panels["modes"] == 6


def test_words_that_never_meet_have_no_statistics_of_distance() -> None:
    embedding = np.random.default_rng(8).standard_normal((V, D))
    matrix = embedding @ embedding.T
    whole = sequence("line")
    matrix[np.ix_(whole.ids, whole.ids)] = -2.0
    _, own = measured(embedding, matrix, whole)
    names = {"share of the first mode", "position from a linear probe"}
    assert set(own.index.get_level_values("name")) == names


def test_false_alarms_are_as_rare_as_they_claim_to_be() -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(150):
        embedding = rng.standard_normal((40, 8))
        matrix = embedding @ embedding.T
        whole = ordered("it", "line", WORDS[:9], WORDS[:40], [])
        found = sequences.measure(
            [whole], embedding, lambda ids, m=matrix: m[np.ix_(ids, ids)], COUNTS[:40], 19, 1
        )
        own = found[(found["panel"] == "statistic") & (found["null"] == PERMUTED)]
        alarms += int((own["null_pass"] <= 0.05).sum())
    share = alarms / (150 * 4)
    assert 0.02 < share < 0.085


def test_too_few_words_and_no_like_frequency_are_said() -> None:
    embedding = np.random.default_rng(6).standard_normal((V, D))
    few = ordered("few", "ring", ["w1", "w2", "other", "w3", "w4"], WORDS, [])
    found, _ = measured(embedding, embedding @ embedding.T, few)
    assert found["panel"].tolist() == ["missing"]
    assert found["note"].tolist() == ["4 of 5 words in the vocabulary"]
    assert len(few.words) < FEWEST_WORDS
    counts = COUNTS.copy()
    counts[:12] = 10**7
    alone = ordered("alone", "line", WORDS[:12], WORDS, [])
    matrix = embedding @ embedding.T
    found = sequences.measure(
        [alone], embedding, lambda ids: matrix[np.ix_(ids, ids)], counts, 19, 5
    )
    (row,) = found[found["null"] == RANDOM].to_dict("records")
    assert "no words of like frequency" in row["note"] and np.isnan(row["y"])
