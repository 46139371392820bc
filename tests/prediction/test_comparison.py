"""Halves of one text do not differ, planted differences are found, parts are counted exactly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from mstar.counts.counting import count
from mstar.files.writing import UserError
from mstar.prediction.comparison import (
    Comparison,
    adjusted,
    compare,
    distances,
    jackknife,
    labellings,
    standardised,
)
from mstar.prediction.two_texts import GROUPS, Counting, Prepared, Text, prepare, shared_words
from mstar.prediction.verdicts import (
    FEATURES,
    LEVEL,
    NOISE,
    OWN,
    SHARED,
    TEXTS,
    UNDECIDED,
    WORDS,
    differing,
    verdicts,
)

TOPICS, EACH = 5, 10
SIZE = TOPICS * EACH
RANK, WINDOW = 6, 5


def topical(
    name: str,
    seed: int,
    documents: int = 180,
    length: int = 40,
    share: float = 0.6,
    first: float | None = None,
    topic_of: Mapping[int, int | None] | None = None,
) -> Text:
    """Return a text whose documents have a topic each, from which ``share`` of their words come.

    Args:
        name: of the text.
        seed: of the text.
        documents, length: numbers of documents, and of words of each.
        share: the other words are any of all topics.
        first: ``share`` of documents of the first topic, if another.
        topic_of: words that have another topic than number // EACH, or none.
    """
    random = np.random.default_rng(seed)
    topics = [word // EACH for word in range(SIZE)]
    known: list[int | None] = [*topics]
    for word, topic in (topic_of or {}).items():
        known[word] = topic
    members = [np.flatnonzero([each == topic for each in known]) for topic in range(TOPICS)]
    texts = []
    for topic in random.integers(TOPICS, size=documents):
        some = members[topic] if members[topic].size else np.arange(SIZE)
        of_topic = random.random(length) < (first if first and topic == 0 else share)
        own = some[random.integers(some.size, size=length)]
        texts.append(np.where(of_topic, own, random.integers(SIZE, size=length)))
    tokens = np.concatenate(texts).astype(np.uint16)
    words = [f"w{word:02}" for word in range(SIZE)]
    offsets = np.arange(documents + 1, dtype=np.int64) * length
    return Text(name, tokens, offsets, words, np.bincount(tokens, minlength=SIZE), name.upper())


def prepared(first: Text, second: Text, seed: int = 0, convention: str = "removed") -> Prepared:
    return prepare(first, second, Counting(WINDOW, convention), SIZE, seed)


def compared(first: Text, second: Text, seed: int = 0) -> Comparison:
    return compare(prepared(first, second, seed), RANK, moved=5)


# --- texts ---


def test_shared_words_are_those_with_the_largest_smaller_frequency() -> None:
    def text(counts: dict[str, int]) -> Text:
        sizes = np.array([*counts.values()])
        return Text("x", np.empty(0), np.zeros(1, np.int64), [*counts], sizes)

    first = text({"a": 60, "b": 30, "only": 5, "c": 4, "never": 0, "d": 1})
    second = text({"c": 400, "never": 300, "d": 200, "a": 90, "b": 10})
    assert shared_words(first, second, 3) == (["a", "c", "b"], 4)  # 0.09, 0.04, 0.01
    with pytest.raises(UserError, match=r"vocabulary: 5 words asked for.* 4 words in common"):
        shared_words(first, second, 5)


@pytest.mark.parametrize("convention", ["removed", "gap"])
def test_groups_add_up_to_the_counts_of_the_text(convention: str) -> None:
    first, second = topical("a", 1, length=41), topical("b", 2, documents=200)
    made = prepared(first, second, 3, convention)
    ids = np.array([made.words.index(word) for word in first.words])[first.tokens]
    expected = count(ids.astype(np.uint16), first.offsets, SIZE, WINDOW).dense()
    of_first = np.arange(2 * GROUPS) < GROUPS
    found = made.groups.sum(of_first).dense() + made.defining[0].dense()
    assert np.array_equal(found, expected)
    assert made.groups.sum(of_first).unigram.sum() == made.table["compared"][0]


def test_compared_parts_are_half_of_the_smaller_text() -> None:
    made = prepared(topical("a", 1), topical("b", 2, documents=290))
    assert list(made.table.columns) == TEXTS
    assert np.allclose(made.table["compared"], 180 * 40 / 2, rtol=0.05)
    assert made.defining[1].unigram.sum() == pytest.approx(290 * 40 - 180 * 40 / 2, rel=0.02)
    assert made.table["covered"].tolist() == [1.0, 1.0]


def test_few_documents_are_cut_and_a_short_text_is_refused() -> None:
    long = topical("long", 1, documents=4, length=6_000)
    other = topical("b", 2, documents=480)
    made = prepared(long, other)
    assert made.table["documents"].tolist() == [4, 480]
    assert np.allclose(made.table["compared"], 9_600, rtol=0.05)
    short = topical("tiny", 1, documents=4, length=200)
    with pytest.raises(UserError, match=r"^tiny: 800 shared words in 4 .* 176 documents"):
        prepared(short, other)


# --- statistics ---


@pytest.mark.parametrize("order", [2, 6, 22])
def test_any_two_labellings_share_half_of_their_groups(order: int) -> None:
    found = labellings(order)
    signs = np.where(found, 1, -1)
    assert np.array_equal(signs @ signs.T, 2 * order * np.eye(2 * order - 1))
    assert (found.sum(axis=1) == order).all()
    assert np.flatnonzero(found[0]).tolist() == list(range(order))


def test_every_labelling_is_standardised_by_the_others() -> None:
    values = np.random.default_rng(0).normal(size=(7, 3))
    for row in range(7):
        rest = np.delete(values, row, axis=0)
        expected = (values[row] - rest.mean(axis=0)) / rest.std(axis=0, ddof=1)
        assert np.allclose(standardised(values)[row], expected)
    assert np.abs(standardised(np.ones((5, 2)))).max() < 1e-3


def test_adjusted_p_values_hold_their_level_over_many_statistics() -> None:
    random = np.random.default_rng(1)
    draws = (random.standard_t(4, size=(43, 30)) for _ in range(600))
    found = [adjusted(standardised(draw)).min() <= LEVEL for draw in draws]
    assert np.mean(found) == pytest.approx(1 / 43, abs=0.015)
    shifted = random.normal(size=(43, 30))
    shifted[0, 3] += 20
    assert np.flatnonzero(adjusted(standardised(shifted)) <= LEVEL).tolist() == [3]


def test_the_jackknife_gives_the_error_of_a_mean() -> None:
    sample = np.random.default_rng(2).normal(size=30)
    left_out = np.array([np.delete(sample, i).mean() for i in range(30)])
    assert jackknife(left_out) == pytest.approx(sample.std(ddof=1) / np.sqrt(30))


def test_a_rotation_moves_no_word() -> None:
    random = np.random.default_rng(3)
    embedding = random.normal(size=(20, 4))
    rotation = np.linalg.qr(random.normal(size=(4, 4)))[0]
    turned = embedding @ rotation
    assert np.abs(distances(turned, embedding)).max() < 1e-12
    turned[7] *= -1
    assert distances(turned, embedding).argmax() == 7


def test_verdicts_follow_shares_and_chance() -> None:
    own, other = np.array([0.4, 0.8, 0.8, 0.8]), np.array([0.1, 0.41, 0.39, 0.39])
    p = np.array([LEVEL, LEVEL, LEVEL, 2 * LEVEL])
    assert verdicts(own, other, p).tolist() == [NOISE, SHARED, OWN, UNDECIDED]


# --- comparisons ---


def test_halves_of_one_source_seldom_differ() -> None:
    """At most 5 % of comparisons may find anything: 2 or more of 6 have a probability of 3 %."""
    alarms = 0
    for seed in range(6):
        found = compared(topical("a", 2 * seed), topical("b", 2 * seed + 1), seed)
        alarms += differing(found.features, found.words)
        reproducible = found.features[found.features["verdict"] != NOISE]
        assert len(reproducible) >= 2 * (TOPICS - 1)
        assert (reproducible["verdict"] == SHARED).all()
    assert alarms < 2


def test_a_topic_that_one_text_lacks_is_the_other_s_own() -> None:
    without = dict.fromkeys(range(EACH), None)
    strong = topical("a", 1, 240, share=0.5, first=0.9)
    found = compared(strong, topical("b", 2, 240, share=0.5, topic_of=without))
    assert list(found.features.columns) == FEATURES and list(found.words.columns) == WORDS
    features = found.features[found.features["verdict"] == OWN]
    assert set(features["text"]) == {"A"} and len(features) == 1
    assert features["rank"].iloc[0] == 1
    assert features["held_other"].iloc[0] < 0.4 < 0.9 < features["held_own"].iloc[0]
    named = features["name"].iloc[0].replace(" / ", ", ").split(", ")
    assert {f"w{word:02}" for word in range(EACH)} & set(named)


def test_a_word_with_another_topic_moves_most() -> None:
    found = compared(topical("a", 1, 320), topical("b", 2, 320, topic_of={3: 2}))
    assert found.words["word"].iloc[0] == "w03" and found.words["p"].iloc[0] <= LEVEL
    near = [set(found.words[key].iloc[0].split()) for key in ("near_a", "near_b")]
    topics = [{f"w{EACH * topic + word:02}" for word in range(EACH)} for topic in (0, 2)]
    assert near[0] <= topics[0] and near[1] <= topics[1]
    assert 0 < found.words["low"].iloc[0] < found.words["excess"].iloc[0]
    assert (found.words["p"] <= LEVEL).sum() <= 3


def test_weaker_topics_are_learned_later() -> None:
    found = compared(topical("a", 1, 240), topical("b", 2, 240, share=0.35)).features
    leading = found[found["rank"] < TOPICS]
    assert (leading["verdict"] == SHARED).all()
    of_a, of_b = (leading[leading["text"] == text] for text in "AB")
    assert (of_a["later_low"] > 1).all() and (of_b["later_high"] < 1).all()
    assert (leading["p_strength"] <= LEVEL).all()


def test_a_comparison_is_the_same_twice() -> None:
    first, second = (compared(topical("a", 1), topical("b", 2)) for _ in range(2))
    assert first.features.equals(second.features) and first.words.equals(second.words)
