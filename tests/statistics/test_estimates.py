"""Errors of scores whose questions share units: brute force, identities, coverage in simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from mstar.statistics.dyads import FEWEST, Dyads
from mstar.statistics.estimates import (
    Estimate,
    difference,
    exchanged,
    exchanged_ratios,
    holm,
    ratio,
    resampled,
    resampled_ratios,
)
from mstar.statistics.intervals import share_interval, spearman_estimate, spearman_interval
from tools import coverage


def ordered_pairs(units: int) -> tuple[np.ndarray, np.ndarray]:
    """Return all ordered pairs of different units."""
    first, second = np.nonzero(~np.eye(units, dtype=bool))
    return first, second


@given(st.integers(0, 10**6), st.integers(4, 9), st.integers(0, 20))
def test_the_error_is_that_of_leaving_units_out(seed: int, units: int, dropped: int) -> None:
    """Each unit is left out with all its values; strata keep their weights."""
    rng = np.random.default_rng(seed)
    first, second = (np.concatenate([side, side + 5]) for side in ordered_pairs(units))
    stratum = np.repeat([0, 1], len(first) // 2)  # the strata share units
    kept = np.sort(rng.permutation(len(first))[min(dropped, units) :])
    first, second, stratum = first[kept], second[kept], stratum[kept]
    values = rng.normal(size=len(first))
    dyads = Dyads(first, second, stratum)
    changes = np.zeros(2 * units + 5)
    for unit in {*first, *second}:
        out = (first == unit) | (second == unit)
        for k in (0, 1):
            own = stratum == k
            if not (out & own).any():
                continue
            members = len({*first[own], *second[own]})
            change = values[own & ~out].mean() - values[own].mean()
            changes[unit] += own.mean() * change * math.sqrt(1 - 1 / members)
    found = dyads.estimate(values)
    assert found.value == pytest.approx(values.mean())
    assert found.error == pytest.approx(np.linalg.norm(changes))
    assert found.freedom == len({*first, *second}) - 2


def test_its_squares_are_the_double_sum_over_questions_that_share_a_pair() -> None:
    """Apart from products of questions that share both pairs, counted twice, and few pairs."""
    n = 30
    first, second = ordered_pairs(n)
    values = np.random.default_rng(2).normal(size=len(first))
    error = values - values.mean()
    units = np.zeros((len(first), n))
    units[np.arange(len(first)), first] = units[np.arange(len(first)), second] = 1
    shared = units @ units.T  # 0, 1 or 2
    expected = math.sqrt(error @ shared @ error * (1 - 1 / n)) / (len(first) - 2 * (n - 1))
    assert Dyads(first, second).estimate(values).error == pytest.approx(expected)


def test_categories_are_fixed_and_small_ones_are_taken_together() -> None:
    first, second = ordered_pairs(6)
    stratum = np.repeat([0, 1], len(first))
    twice = [np.concatenate([side, side + 6]) for side in (first, second)]
    right = np.repeat([0.0, 1.0], len(first))
    assert Dyads(*twice, stratum).estimate(right).error == 0  # differs between categories only
    assert Dyads(*twice).estimate(right).error > 0.3
    small = ordered_pairs(FEWEST - 1)
    both = [np.concatenate([side, side + 3, side + 6]) for side in small]
    few = Dyads(*both, np.repeat([0, 1, 2], len(small[0])))
    values = np.random.default_rng(0).normal(size=len(both[0]))
    assert few.estimate(values).error == pytest.approx(Dyads(*both).estimate(values).error)
    one = Dyads(np.concatenate([first, [90]]), np.concatenate([second, [91]]), [0] * 30 + [1])
    assert one.freedom == 7  # a category of two pairs is taken with another


def test_scores_without_an_error_have_wide_intervals() -> None:
    nothing = Dyads(np.empty(0), np.empty(0))
    assert np.isnan(share_interval(np.empty(0), nothing)).all()
    assert np.isnan(difference(nothing.estimate(np.empty(0)), nothing.estimate(np.empty(0)))).all()
    single = Dyads(np.array([1]), np.array([2]))  # one question of two pairs
    assert math.isnan(single.estimate(np.ones(1)).error)
    low, high = share_interval(np.ones(1), single)
    assert low < 0.05 and high == 1
    first, second = ordered_pairs(5)
    full = Dyads(first, second)
    low, high = share_interval(np.ones(len(first)), full)
    assert 0.2 < low < 0.6 and high == 1
    assert share_interval(np.zeros(len(first)), full) == pytest.approx((0, 1 - low))


@given(st.integers(0, 10**6), st.integers(3, 12), st.floats(0, 1))
def test_intervals_of_shares_lie_within_0_and_1_and_mirror(seed: int, n: int, p: float) -> None:
    first, second = ordered_pairs(n)
    right = (np.random.default_rng(seed).uniform(size=len(first)) < p).astype(float)
    dyads = Dyads(first, second)
    low, high = share_interval(right, dyads)
    assert 0 <= low <= right.mean() <= high <= 1
    assert share_interval(1 - right, dyads) == pytest.approx((1 - high, 1 - low), abs=1e-12)
    wider = share_interval(right, dyads, 0.99)
    assert wider[0] <= low and high <= wider[1]


def test_intervals_cover_where_wilson_s_do_not() -> None:
    for effects in coverage.EFFECTS:
        found = coverage.of_shares(coverage.SMALL, effects, 300, every=False)
        assert found["jackknife"] >= 0.94
    large = coverage.Analogies(coverage.LARGE, coverage.MEASURED)
    held = {"Wilson": 0.0, "here": 0.0}
    for (right,) in large.samples(150):
        held["Wilson"] += coverage.covers(coverage.wilson(right), large.truths[0]) / 150
        held["here"] += coverage.covers(share_interval(right, large.dyads), large.truths[0]) / 150
    assert held["here"] >= 0.9 and held["Wilson"] < 0.7
    for share in (0.02, 0.5, 0.95):
        for pairs in (4, 10):
            given = ((pairs, share),)
            found = coverage.of_shares(given, coverage.MEASURED, 200, every=False)
            assert found["jackknife"] >= 0.93


def test_differences_and_ratios_cover_and_find_no_difference_of_equals() -> None:
    for gain in (0.0, 0.3):
        found = coverage.of_differences(coverage.SMALL, coverage.STRONG, gain, 300)
        assert found["difference"] >= 0.94 and found["ratio"] >= 0.94
        if not gain:
            assert found["found"] <= 0.05 < found["found by McNemar"]


def test_correlations_cover_where_pairs_share_words_and_human_scores_tie() -> None:
    given = coverage.Similarities(80, 60, effects=0.3, ties=True)
    found = coverage.of_correlations(given, 200, every=False)
    assert found["words"] >= 0.9 and found["difference"] >= 0.9


def test_the_ratio_s_interval_holds_1_if_that_of_the_difference_holds_0() -> None:
    rng = np.random.default_rng(8)
    outcomes = set()
    for _ in range(300):
        a, b = (Estimate(rng.uniform(0.2, 0.9), 0.04 * rng.normal(size=9), 8) for _ in range(2))
        _, low, high, p = difference(a, b)
        of, least, most = ratio(a, b)
        assert least <= of <= most
        assert (low <= 0 <= high) == (least <= 1 <= most) == (p >= 0.05)
        outcomes.add(p >= 0.05)
    assert outcomes == {True, False}
    assert ratio(Estimate(0.5, np.full(9, 0.1), 8), Estimate(0.1, np.ones(9), 8))[1:] == (0, np.inf)
    assert np.isnan(ratio(a, Estimate(0.0, np.zeros(9), 8))).all()


def test_exchanged_models_differ_by_chance_alone() -> None:
    rng = np.random.default_rng(4)
    a, b = (Estimate(s, rng.normal(size=40) / 100, 39) for s in (0.6, 0.3))
    found = exchanged(a, b, 4000)
    assert found.mean() == pytest.approx(0, abs=0.004)
    assert found.std() == pytest.approx(a.minus(b).error, rel=0.05)
    ratios = exchanged_ratios(a, b, 4000)
    np.testing.assert_allclose(ratios, (0.9 + found) / (0.9 - found))
    assert (exchanged(a, b) == exchanged(a, b)).all() and len(exchanged(a, b)) >= 200
    np.testing.assert_allclose(resampled(a, b, 4000), 0.3 + found)
    np.testing.assert_allclose(resampled_ratios(a, b, 4000), (1.2 + found) / (0.6 - found))


def test_holm_s_p_values() -> None:
    p = np.array([0.01, 0.04, math.nan, 0.03, 0.005])
    np.testing.assert_allclose(holm(p), [0.03, 0.06, math.nan, 0.06, 0.02])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]


@given(st.integers(0, 10**6), st.integers(4, 12))
def test_the_error_of_rho_is_the_double_sum_over_pairs_that_share_a_word(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 5, (2, n)).astype(float)
    first, second = rng.integers(0, 6, (2, n))
    out = [np.delete(np.arange(n), q) for q in range(n)]
    if min(np.ptp(values[kept]) for values in (x, y) for kept in out) == 0:
        return
    left = np.array([spearmanr(x[kept], y[kept]).statistic for kept in out])
    error = math.sqrt(1 - 1 / n) * (left - left.mean())
    words = [{a, b} for a, b in zip(first, second, strict=True)]
    total = sum(error[q] * error[r] for q in range(n) for r in range(n) if words[q] & words[r])
    found = spearman_estimate(x, y, first, second)
    assert found.value == pytest.approx(spearmanr(x, y).statistic)
    independent = float(found.twice @ found.twice)
    assert found.error == pytest.approx(math.sqrt(max(total, independent)), abs=1e-9)
    low, high = spearman_interval(found)
    assert -1 <= low <= found.value <= high <= 1


def test_rho_of_few_pairs_or_equal_values() -> None:
    words = np.arange(3)
    few = spearman_estimate(np.arange(3.0), np.arange(3.0), words, words + 3)
    assert spearman_interval(few) == (-1, 1)
    none = spearman_estimate(np.ones(5), np.arange(5.0), np.arange(5), np.arange(5))
    assert np.isnan(spearman_interval(none)).all()
