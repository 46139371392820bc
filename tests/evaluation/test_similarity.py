"""Word similarity, intervals, benchmark files and the evaluation table."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from mstar.evaluation.benchmarks import packaged_benchmark, read_benchmark
from mstar.evaluation.evaluate import ANSWERS, COLUMNS, evaluate
from mstar.evaluation.question_files import Judgements, parse_judgements, parse_questions
from mstar.evaluation.similarity import LEAST, similarity, similarity_table
from mstar.files.tables import write_table
from mstar.files.writing import UserError
from mstar.statistics.intervals import spearman


@pytest.mark.parametrize(("name", "pairs"), [("wordsim353", 353), ("simlex999", 999)])
def test_published_files(name, pairs):
    judgements = parse_judgements(read_benchmark(name, packaged_benchmark(name)), name)
    assert len(judgements.pairs) == len(judgements.scores) == pairs
    assert judgements.scores.min() >= 0 and judgements.scores.max() <= 10


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 40))
def test_spearman_equals_scipy(seed, n):
    generator = np.random.default_rng(seed)
    x, y = generator.integers(0, 6, (2, n)).astype(float)  # with ties
    rho = spearman(x, y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert math.isnan(rho)
    else:
        assert rho == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)


def test_similarity_is_the_rank_correlation_of_cosines():
    generator = np.random.default_rng(2)
    words = [f"w{i}" for i in range(20)]
    embedding = generator.standard_normal((20, 5)) * np.exp(generator.standard_normal((20, 1)))
    pairs = [(f"w{i}", f"w{j}") for i, j in generator.integers(0, 25, (80, 2))]
    scores = generator.uniform(0, 10, 80)
    found, n = similarity(embedding, words, Judgements(tuple(pairs), scores))
    kept = [k for k, (x, y) in enumerate(pairs) if x in words and y in words]
    cosines = []
    for k in kept:
        x, y = (embedding[words.index(w)] for w in pairs[k])
        cosines.append(x @ y / np.linalg.norm(x) / np.linalg.norm(y))
    assert n == len(kept) < 80
    # Rounded, because cos(x, x) differs from 1 by rounding and such pairs should tie.
    expected = spearmanr(np.round(cosines, 12), scores[kept]).statistic
    assert found.value == pytest.approx(expected, abs=1e-12)


def test_degenerate_vocabularies_and_embeddings():
    judgements = Judgements((("a", "b"), ("b", "c"), ("a", "c")), np.array([1.0, 2.0, 3.0]))
    words = ["a", "b", "c"]
    table = similarity_table(np.ones((2, 2)), ["x", "y"], {"men": judgements})
    assert table.questions[0] == 0 and table[["score", "low", "high"]].isna().all(axis=None)
    assert math.isnan(similarity(np.zeros((3, 2)), words, judgements)[0].value)
    few = Judgements((("a", "b"),) * (LEAST - 1), np.arange(LEAST - 1.0))
    table = similarity_table(np.eye(3), words, {"men": few})
    assert table.questions[0] == LEAST - 1 and math.isnan(table.score[0])
    nan_row = np.array([[np.nan, 0], [1, 0], [1, 1]])
    found, n = similarity(nan_row, words, judgements)
    assert n == 3 and math.isfinite(found.value)


def _benchmarks():
    sections = parse_questions(": c\na b c d\nb a d c\n: empty\nq r s t\n")
    judgements = Judgements((("a", "b"), ("c", "d"), ("a", "d"), ("b", "z")), np.arange(4.0))
    return {"google": sections, "men": judgements}


def _read(path):
    return pd.read_csv(path, sep="\t", float_precision="round_trip")


def test_evaluation_table(tmp_path):
    embedding = np.random.default_rng(0).standard_normal((6, 3))
    table, answers = evaluate(embedding, list("abcdef"), _benchmarks(), "svd_mstar")
    assert list(table.columns) == list(COLUMNS)
    assert (table.model == "svd_mstar").all() and (table["rank"] == 3).all()
    padded = np.hstack([embedding, np.zeros((6, 2))])
    again, _ = evaluate(padded, list("abcdef"), _benchmarks(), "svd_mstar")
    pd.testing.assert_frame_equal(again, table)
    assert table.benchmark.tolist() == ["google"] * 9 + ["men"]
    assert table.variant.unique().tolist() == ["original", "regenerated", "authors", "spearman"]
    assert table.iloc[-1].questions == 3
    assert list(answers.columns) == list(ANSWERS)
    for (benchmark, variant), asked in answers.groupby(["benchmark", "variant"]):
        own = table[(table.benchmark == benchmark) & (table.variant == variant)]
        total = own[own.category == "total"].iloc[0]
        assert len(asked) == total.questions
        if benchmark == "google":
            assert asked.value.mean() == pytest.approx(total.score)
            assert set(asked["first"]) <= {0 * 6 + 1, 2 * 6 + 3, 1 * 6 + 0, 3 * 6 + 2}
        else:
            assert asked.human.tolist() == [0.0, 1.0, 2.0]
            assert asked[["first", "second"]].to_numpy().tolist() == [[0, 1], [2, 3], [0, 3]]
    path = tmp_path / "new" / "table.tsv"
    write_table(table, path)
    pd.testing.assert_frame_equal(_read(path), table, check_exact=True)
    assert [p.name for p in path.parent.iterdir()] == ["table.tsv"]
    with pytest.raises(ValueError, match="for 5 words"):
        evaluate(embedding, list("abcde"), _benchmarks(), "x")


def test_benchmark_files_are_verified(tmp_path):
    original = packaged_benchmark("wordsim353")
    edited = tmp_path / "wordsim353.tsv"
    edited.write_bytes(original.read_bytes() + b"a\tb\t1\n")
    with pytest.raises(UserError, match=r"wordsim353.tsv as published \(sha256 .* expected f92a"):
        read_benchmark("wordsim353", edited)
    assert read_benchmark("wordsim353", edited, verify=False).endswith("a\tb\t1\n")
    with pytest.raises(UserError, match="No such file"):
        read_benchmark("men", tmp_path / "absent")
    with pytest.raises(UserError, match="expected one of google"):
        read_benchmark("mens", edited)
    with pytest.raises(UserError, match="packages bring google"):
        packaged_benchmark("men")
    latin = tmp_path / "men"
    latin.write_bytes("caf\xe9 tea 1\n".encode("latin-1"))
    with pytest.raises(UserError, match="not UTF-8"):
        read_benchmark("men", latin, verify=False)
