"""Analogy questions and 3CosAdd: against brute force, gensim, and numbers of the published file."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.evaluation import analogies, three_cos_add
from mstar.evaluation.analogies import (
    Questions,
    accuracy,
    accuracy_table,
    answered,
    build_questions,
    impossible,
    pairs_in_vocabulary,
)
from mstar.evaluation.benchmarks import packaged_benchmark, read_benchmark
from mstar.evaluation.coverage import as_in_text
from mstar.evaluation.question_files import parse_questions
from mstar.evaluation.three_cos_add import NO_ANSWER, predict
from mstar.files.writing import UserError
from mstar.spectra.directions import normalise_rows
from mstar.statistics.intervals import share_interval

TOY = """: capital
Athens Greece Paris France
Athens Greece Rome Italy
Paris France Rome Italy
: state
Chicago Illinois Peoria Illinois
Chicago Illinois Houston Texas
: chain
one two two three
"""


def asked(text):
    """Return the questions of a file in words of a text of the letters a to z."""
    return as_in_text(parse_questions(text), "text8")


def brute_force(embedding, quadruples):
    """Answer word by word, by the definition."""
    answers = []
    for a, b, c, _ in quadruples:
        hat = [row / np.linalg.norm(row) for row in embedding]
        target = hat[c] + hat[b] - hat[a]
        best, answer = -np.inf, None
        for w in range(len(embedding)):
            cosine = hat[w] @ target / np.linalg.norm(target)
            if w not in (a, b, c) and cosine > best:
                best, answer = cosine, w
        answers.append(answer)
    return answers


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    vocabulary=st.integers(4, 25),
    dim=st.integers(2, 9),
    questions=st.integers(0, 30),
    table=st.sampled_from([1, 1000, 2**26]),
)
def test_predict_equals_brute_force(seed, vocabulary, dim, questions, table):
    generator = np.random.default_rng(seed)
    embedding = generator.standard_normal((vocabulary, dim))
    quadruples = generator.integers(0, vocabulary, (questions, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(three_cos_add, "TABLE_BYTES", table)
        assert predict(embedding, quadruples).tolist() == brute_force(embedding, quadruples)


@pytest.mark.parametrize("table", [1, 2**23])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predict_over_many_runs_of_words(table, dtype, monkeypatch):
    """More words than one block and one table hold, with ties between blocks."""
    monkeypatch.setattr(three_cos_add, "TABLE_BYTES", table)
    size = 3 * three_cos_add.RUN + 77
    generator = np.random.default_rng(8)
    embedding = generator.standard_normal((size, 12))
    embedding[1400:1500] = embedding[200:300]  # each of these equals a row of another block
    questions = generator.integers(0, size, (400, 4))
    unit = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    a, b, c = questions[:, :3].T
    score = (unit[c] + unit[b] - unit[a]) @ unit.T
    for asked in (a, b, c):
        score[np.arange(400), asked] = -np.inf
    expected = (score >= score.max(axis=1, keepdims=True) - 1e-12).argmax(axis=1)
    assert (predict(embedding, questions, dtype) == expected).all()


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_inputs_are_never_the_answer(seed):
    generator = np.random.default_rng(seed)
    quadruples = generator.integers(0, 8, (40, 4))
    answers = predict(generator.standard_normal((8, 3)), quadruples)
    assert not (answers[:, None] == quadruples[:, :3]).any()


def test_perfect_linear_structure_is_answered():
    generator = np.random.default_rng(3)
    base = np.linalg.qr(generator.standard_normal((12, 12)))[0][:, :6]
    step = np.linalg.qr(generator.standard_normal((12, 12)))[0][:, 0]
    first = base.T  # six orthonormal words
    embedding = np.vstack([first, first + 0.3 * step])
    words = [f"a{i}" for i in range(6)] + [f"b{i}" for i in range(6)]
    text = ": family\n" + "\n".join(f"a{i} b{i} a{i + 1} b{i + 1}" for i in range(5))
    sections = parse_questions(text)
    for variant in analogies.VARIANTS:
        questions = build_questions(sections, words, variant)
        assert len(questions) == {"original": 5, "regenerated": 30, "authors": 20}[variant]
        assert accuracy(embedding, questions) == 1.0


def test_sets_over_a_toy_file():
    sections = asked(TOY)
    assert list(sections) == ["capital", "state", "chain"]
    words = [
        "chicago",
        "athens",
        "greece",
        "paris",
        "france",
        "illinois",
        "peoria",
        "houston",
        "texas",
        "one",
        "two",
        "three",
    ]
    index = {w: i for i, w in enumerate(words)}

    def of(variant, category):
        chosen = build_questions(sections, words, variant).select(category)
        return [" ".join(words[i] for i in row) for row in chosen.words]

    assert of("original", "capital") == ["athens greece paris france"]
    assert of("regenerated", "capital") == [
        "athens greece paris france",
        "paris france athens greece",
    ]
    # chicago:illinois :: peoria:illinois cannot be answered, since illinois is excluded.
    assert sorted(of("regenerated", "state")) == [
        "chicago illinois houston texas",
        "houston texas chicago illinois",
        "houston texas peoria illinois",
        "peoria illinois houston texas",
    ]
    assert of("regenerated", "chain") == []
    # The authors' variant loses the pair of token 0 (chicago) and keeps impossible questions.
    assert of("authors", "state") == [
        "peoria illinois houston texas",
        "houston texas peoria illinois",
    ]
    assert of("authors", "chain") == ["one two two three", "two three one two"]
    assert pairs_in_vocabulary(sections, words)["capital"].tolist() == [
        [index["athens"], index["greece"]],
        [index["paris"], index["france"]],
    ]


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_regenerated_is_possible_and_complete(seed):
    generator = np.random.default_rng(seed)
    names = [f"w{i}" for i in range(9)]
    lines = [" ".join(generator.choice(names, 4)) for _ in range(12)]
    sections = parse_questions(
        ": one\n" + "\n".join(lines[:6]) + "\n: two\n" + "\n".join(lines[6:])
    )
    words = names[:7]
    regenerated = build_questions(sections, words, "regenerated")
    assert not impossible(regenerated.words).any()
    expected = []
    for pairs in pairs_in_vocabulary(sections, words).values():
        listed = [tuple(pair) for pair in pairs.tolist()]
        assert len(set(listed)) == len(listed)
        expected += [p + q for p in listed for q in listed if p != q]
    expected = [
        (a, b, c, d) for a, b, c, d in expected if d not in (a, b, c) and len({a, b, c}) == 3
    ]
    assert [tuple(row) for row in regenerated.words.tolist()] == expected


@pytest.fixture(scope="module")
def google():
    return asked(read_benchmark("google", packaged_benchmark("google")))


def test_published_file(google):
    assert len(google) == 14
    assert sum(map(len, google.values())) == 19544
    words = sorted({w for section in google.values() for q in section for w in q})
    original = build_questions(google, words, "original")
    assert len(original) == 19544
    assert not impossible(original.words).any()
    pairs = pairs_in_vocabulary(google, words)
    assert sum(map(len, pairs.values())) == 573
    # Token 0 is unused, so only the impossible questions differ.
    words = ["\x00", *words]
    authors = build_questions(google, words, "authors")
    regenerated = build_questions(google, words, "regenerated")
    state = authors.select("city-in-state").words
    assert len(state) == 4556
    # 312 ask for an input word; two more repeat an input word (Glendale, in two states).
    answer_given = (state[:, 3:] == state[:, :3]).any(axis=1)
    assert answer_given.sum() == 312
    assert impossible(state).sum() == 314
    assert impossible(authors.select("currency").words).sum() == 4
    assert len(regenerated) == len(authors) - 318


def test_gensim_agrees_question_by_question(google):
    keyedvectors = pytest.importorskip("gensim.models.keyedvectors")
    generator = np.random.default_rng(0)
    known = sorted({w for section in google.values() for q in section for w in q})
    words = generator.permutation(known)[:500].tolist()
    # Vectors with some structure (a shift per category), so that both outcomes occur.
    embedding = generator.standard_normal((len(words), 12)).astype(np.float32)
    for pairs in pairs_in_vocabulary(google, words).values():
        shift = 0.5 * generator.standard_normal(12)
        embedding[pairs[:, 1]] = embedding[pairs[:, 0]] + shift
    vectors = keyedvectors.KeyedVectors(12)
    vectors.add_vectors(words, embedding)
    _, sections = vectors.evaluate_word_analogies(
        str(packaged_benchmark("google")),
        restrict_vocab=len(words),
        case_insensitive=True,
        dummy4unknown=False,
    )
    questions = build_questions(google, words, "original")
    right = predict(embedding, questions.words) == questions.words[:, 3]
    assert 0 < right.sum() < len(right)
    ours = {
        " ".join(words[i] for i in row).upper(): bool(hit)
        for row, hit in zip(questions.words, right, strict=True)
    }
    theirs = {}
    for section in sections[:-1]:  # the last section is the total
        for verdict in ("correct", "incorrect"):
            for quadruple in section[verdict]:
                theirs[" ".join(quadruple).upper()] = verdict == "correct"
    assert ours == theirs


def test_table_adds_up():
    generator = np.random.default_rng(1)
    words = [
        "athens",
        "greece",
        "paris",
        "france",
        "chicago",
        "illinois",
        "peoria",
        "houston",
        "texas",
        "rome",
    ]
    sections = asked(TOY)
    sets = [build_questions(sections, words, variant) for variant in analogies.VARIANTS]
    embedding = generator.standard_normal((len(words), 3))
    table = accuracy_table(sets, answered(embedding, sets))
    assert list(table.columns) == list(analogies.COLUMNS)
    for one, right in zip(sets, answered(embedding, sets), strict=True):
        rows = table[table.variant == one.variant].set_index("category")
        assert list(rows.index) == ["capital", "state", "chain", "total"]
        parts = rows.drop("total")
        assert rows.loc["total", "questions"] == parts.questions.sum() == len(one)
        assert rows.loc["total", "correct"] == parts.correct.sum()
        assert rows.loc["total", "score"] == pytest.approx(accuracy(embedding, one))
        for name, row in rows.iterrows():
            if row.questions == 0:
                assert math.isnan(row.score) and math.isnan(row.low) and math.isnan(row.high)
            else:
                every = name == "total"
                own = (
                    np.ones(len(one), bool) if every else one.category == one.categories.index(name)
                )
                units = one.among(own).dyads()
                assert (row.low, row.high) == share_interval(right[own], units)
                assert row.low <= row.score <= row.high, name


def test_no_question_in_the_vocabulary():
    sections = asked(TOY)
    sets = [build_questions(sections, ["x", "y"], variant) for variant in analogies.VARIANTS]
    assert [len(one) for one in sets] == [0, 0, 0]
    assert math.isnan(accuracy(np.ones((2, 2)), sets[0]))
    table = accuracy_table(sets, answered(np.ones((2, 2)), sets))
    assert (table.questions == 0).all() and table.score.isna().all()
    assert isinstance(table, pd.DataFrame)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_degenerate_embeddings(dtype):
    quadruples = np.array([[0, 1, 2, 3]])
    question = Questions("original", ("c",), np.zeros(1, np.int64), quadruples)
    assert predict(np.zeros((5, 2), dtype), quadruples)[0] == NO_ANSWER
    assert accuracy(np.zeros((5, 2), dtype), question) == 0.0
    # A word of NaN and a word of zeros score 0 and lose to any word with positive cosine.
    embedding = np.array([[1, 0], [1, 1], [0, 1], [np.nan, 1], [0, 0], [0.1, 1]], dtype)
    assert predict(embedding, quadruples)[0] == 5
    # Too few words to leave a candidate.
    assert predict(np.eye(3, dtype=dtype), np.array([[0, 1, 2, 0]]))[0] == NO_ANSWER
    # Identical rows tie, and the lowest id wins.
    many = np.vstack([np.eye(3), np.tile([[0.3, 0.5, 0.7]], (40, 1))]).astype(dtype)
    assert predict(many, quadruples)[0] == 3


def test_scale_does_not_matter():
    generator = np.random.default_rng(5)
    embedding = generator.standard_normal((30, 6))
    quadruples = generator.integers(0, 30, (50, 4))
    expected = predict(embedding, quadruples)
    lengths = np.exp(generator.uniform(-60, 10, (30, 1)))
    assert (predict(embedding * lengths, quadruples) == expected).all()
    tiny = (embedding * 1e-30).astype(np.float32)
    np.testing.assert_allclose(normalise_rows(tiny), normalise_rows(embedding), atol=1e-6)


def test_unknown_names():
    sections = asked(TOY)
    with pytest.raises(UserError, match="expected one of original, regenerated, authors"):
        build_questions(sections, ["a"], "standard")
    with pytest.raises(UserError, match="capital, state, chain"):
        build_questions(sections, ["a"], "original").select("capitals")
