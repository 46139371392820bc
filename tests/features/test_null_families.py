"""Null families: what draws keep, their statistics against the plain functions, and their power."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mstar.evaluation import analogies
from mstar.features import null_families, null_statistics, task_vectors
from mstar.features.analogy_cosines import mean_cosines, neighbour_cosines
from mstar.features.nearest_words import nearest_words
from mstar.features.null_families import RANDOM, SHUFFLED, NoMatch
from mstar.features.null_statistics import NullStatistics
from mstar.spectra.directions import normalise_rows
from mstar.spectra.spectrum import Spectrum
from mstar.statistics import marchenko_pastur

V, N = 400, 10
WORDS = [f"w{i}" for i in range(V)]
COUNTS = np.sort(np.random.default_rng(1).integers(5, 4000, V))[::-1]
PAIRS = np.arange(100, 100 + 2 * N).reshape(N, 2)
DIMS = [2, 8, 32, 96]


def spectrum(planted: float = 0.0, rank: int = 96) -> Spectrum:
    """Return eigenpairs of independent rows, with one offset ``planted`` in every pair."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((V, rank))
    offset = rng.standard_normal(rank)
    rows[PAIRS[:, 1]] += planted * offset
    if planted:
        # The pairing too: b resembles its own a.
        rows[PAIRS[:, 1]] += planted * rows[PAIRS[:, 0]]
    left, values, _ = np.linalg.svd(rows, full_matrices=False)
    return Spectrum(values**2, left, np.zeros(rank), float((values**4).sum()))


def sections(pairs: NDArray[np.int64] = PAIRS) -> dict[str, list[tuple[str, str, str, str]]]:
    """Return a family of ``pairs``, and one of two pairs."""
    named = [(WORDS[a], WORDS[b]) for a, b in pairs]
    few = (WORDS[300], WORDS[301], WORDS[302], WORDS[303])
    return {"planted": [(*named[0], *pair) for pair in named[1:]], "few": [few]}


def analysed(found: Spectrum, draws: int = 12, seed: int = 0) -> NullStatistics:
    return null_statistics.analyse(
        found, WORDS, COUNTS, sections(), {"planted": [32]}, ["planted"], DIMS, 20, draws, seed
    )


def test_random_words_keep_frequency_sharing_and_number() -> None:
    pairs = np.vstack([PAIRS, [[PAIRS[0, 0], PAIRS[1, 1]]]])  # two words stand in two pairs
    excluded = set(range(100, 130))
    generator = null_families.generator("a", RANDOM, 0)
    drawn = null_families.random_words(pairs, COUNTS, excluded, 50, generator).pairs
    assert drawn.shape == (50, N + 1, 2)
    ratio = np.log(COUNTS[drawn] / COUNTS[pairs])
    assert np.abs(ratio).max() <= np.log(null_families.FACTOR) + 1e-9
    assert abs(ratio.mean()) < 0.05
    assert not np.isin(drawn, list(excluded)).any()
    for one in drawn:
        assert len(np.unique(one)) == len(np.unique(pairs))
        assert (one[-1] == [one[0, 0], one[1, 1]]).all()
    assert len(np.unique(drawn)) > 50


def test_shuffled_partners_keep_the_words_and_the_mean_task_vector() -> None:
    generator = null_families.generator("a", SHUFFLED, 0)
    drawn = null_families.shuffled_partners(PAIRS, 400, generator).pairs
    assert (drawn[:, :, 0] == PAIRS[:, 0]).all()
    assert (np.sort(drawn[:, :, 1], axis=1) == PAIRS[:, 1]).all()
    # On average one pair stays, as of uniform permutations.
    assert (drawn == PAIRS).all(axis=2).sum(axis=1).mean() == pytest.approx(1, abs=0.2)
    rows = spectrum(1.0).embedding(96)
    mean = task_vectors.task_vectors(rows, PAIRS).mean(axis=0)
    for one in drawn[:5]:
        np.testing.assert_allclose(task_vectors.task_vectors(rows, one).mean(axis=0), mean)


def test_omissions_are_stated() -> None:
    rare = np.concatenate([np.full(100, 10**6), np.full(N, 500), np.full(V - 100 - N, 2)])
    pairs = np.arange(100, 100 + N).reshape(-1, 2)
    with pytest.raises(NoMatch, match="no words of like frequency"):
        null_families.random_words(pairs, rare, set(pairs.flat), 5, np.random.default_rng(0))
    crowded = np.concatenate([np.full(6, 10**6), np.full(V - 6, 2)])
    pairs = np.arange(300, 308).reshape(-1, 2)
    crowded[300:308] = 10**6
    order = np.argsort(-crowded, kind="stable")
    pairs = np.searchsorted(-crowded[order], -(10**6)) + 6 + np.arange(8).reshape(-1, 2)
    with pytest.raises(NoMatch, match="too few words of like frequency"):
        null_families.random_words(
            pairs, crowded[order], set(pairs.flat), 5, np.random.default_rng(0)
        )
    with pytest.raises(NoMatch, match="3 pairs: too few"):
        null_families.shuffled_partners(PAIRS[:3], 5, np.random.default_rng(0))
    families = analysed(spectrum()).families.set_index(["family", "null"])
    assert families["draws"].to_dict() == {
        ("planted", RANDOM): 12,
        ("planted", SHUFFLED): 12,
        ("few", RANDOM): 0,
        ("few", SHUFFLED): 0,
    }
    assert families.loc[("few", RANDOM), "omitted"] == "2 pairs: too few"


@pytest.mark.parametrize("null", [RANDOM, SHUFFLED])
def test_one_draw_by_brute_force(null: str) -> None:
    found = spectrum(0.5)
    result = analysed(found)
    belonging = [*range(100, 120), *range(300, 304)]
    generator = null_families.generator("planted", null, 0)
    draws = (
        null_families.random_words(PAIRS, COUNTS, belonging, 12, generator)
        if null == RANDOM
        else null_families.shuffled_partners(PAIRS, 12, generator)
    )
    pairs = draws.pairs[7]
    own = [
        table[(table["null"] == null) & (table["draw"] == 7)]
        for table in (result.curves, result.gram, result.fits, result.modes)
    ]
    curves, gram, fits, modes = own
    rows = found.embedding(96)
    plain = task_vectors.family_table(rows, pairs, DIMS).set_index("dim")
    for name in task_vectors.STATISTICS:
        np.testing.assert_allclose(curves.set_index("dim")[name], plain[name], rtol=1e-9)
    posed = analogies.build_questions(sections(pairs), WORDS, "regenerated").select("planted")
    for d in DIMS:
        line = curves.set_index("dim").loc[d]
        cosine = mean_cosines(normalise_rows(rows[:, :d]), posed.words)
        assert (line["cosine"], line["cosine_ratio"]) == pytest.approx(cosine, rel=1e-4)
    values = task_vectors.gram_eigenvalues(task_vectors.gram_matrices(rows, pairs, [32])[0], 32)
    np.testing.assert_allclose(gram["eigenvalue"], values, rtol=1e-9)
    fit = marchenko_pastur.fit_bulk(values)
    assert fits["sigma2"].item() == pytest.approx(fit.sigma2, rel=1e-3)
    assert fits["d_eff"].item() == pytest.approx(fit.d_eff, rel=1e-2)
    if null == RANDOM:
        np.testing.assert_allclose(curves.set_index("dim")["participation"], plain["participation"])
        shares = task_vectors.mean_projections(rows, pairs, 20)
        np.testing.assert_allclose(modes["share"], shares)
    else:
        assert curves["participation"].isna().all() and modes.empty


def test_nearest_words_are_those_of_a_full_comparison() -> None:
    rows = spectrum().embedding(40)
    words = np.array([3, 50, 399])
    ids, cosines = nearest_words(rows, words, [3, 40])
    for d, near, values in zip((3, 40), ids, cosines, strict=True):
        unit = normalise_rows(rows[:, :d])
        table = unit[words] @ unit.T
        table[np.arange(3), words] = -np.inf
        np.testing.assert_array_equal(near, np.argsort(-table, axis=1)[:, :4])
        np.testing.assert_allclose(values, -np.sort(-table, axis=1)[:, :4], atol=1e-6)
        asked = np.column_stack([np.full((3, 3), [0, 1, 2]), words])
        known = neighbour_cosines(unit, asked)
        assert np.isfinite(known).all()


def test_the_same_seed_gives_the_same_draws_whatever_other_families_there_are() -> None:
    one, two, other = analysed(spectrum()), analysed(spectrum()), analysed(spectrum(), seed=1)
    for field in fields(NullStatistics):
        pd.testing.assert_frame_equal(getattr(one, field.name), getattr(two, field.name))
    assert not np.array_equal(one.curves["snr"], other.curves["snr"], equal_nan=True)
    alone = null_statistics.analyse(
        spectrum(),
        WORDS,
        COUNTS,
        {"planted": sections()["planted"]},
        {},
        [],
        DIMS,
        20,
        draws=12,
    )
    shuffled = [table[table["null"] == SHUFFLED]["snr"] for table in (one.curves, alone.curves)]
    np.testing.assert_array_equal(*shuffled)


def outside(found: Spectrum, pairs: NDArray[np.int64], null: str, d: int, draws: int) -> bool:
    """Return whether the spike over the edge of ``pairs`` lies outside 95 % of one null's."""
    rows = found.embedding(96)
    generator = np.random.default_rng(int(pairs.sum()))
    drawn = (
        null_families.random_words(pairs, COUNTS, set(pairs.flat), draws, generator)
        if null == RANDOM
        else null_families.shuffled_partners(pairs, draws, generator)
    )

    def statistic(one: NDArray[np.int64]) -> float:
        gram = task_vectors.gram_matrices(rows, one, [d])[0]
        return float(task_vectors.gram_statistics(gram)["spike_over_edge"])

    low, high = np.quantile([statistic(one) for one in drawn.pairs], [0.025, 0.975])
    return not low <= statistic(pairs) <= high


def test_a_planted_family_lies_outside_both_nulls_and_random_words_do_not() -> None:
    assert all(outside(spectrum(1.0), PAIRS, null, 96, 100) for null in (RANDOM, SHUFFLED))
    rng = np.random.default_rng(3)
    found = spectrum()
    for null in (RANDOM, SHUFFLED):
        passed = [
            outside(found, rng.choice(np.arange(50, 350), (N, 2), replace=False), null, 96, 60)
            for _ in range(80)
        ]
        # Nominally .05, here of 80: the 99.9 % point of the binomial is 13.
        assert sum(passed) <= 13, (null, sum(passed))
