"""Random subsets of a corpus: what they keep, and which are omitted."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mstar.corpus.encoded_text import EncodedText
from mstar.corpus.subsets import PIECE, as_corpus, divisible, draw_subset, plan


def text(seed: int, documents: int, longest: int = 40, types: int = 30):
    generator = np.random.default_rng(seed)
    lengths = generator.integers(1, longest, documents)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return EncodedText.of(generator.integers(0, types, offsets[-1]).astype(np.uint16), offsets)


@given(st.integers(0, 99), st.integers(2, 8), st.integers(1, 5))
def test_a_subset_is_whole_documents_of_about_its_share_of_tokens(seed, parts, draw):
    whole = text(seed, 20 * parts)
    tokens, offsets = whole.tokens(), whole.offsets
    kept, bounds = draw_subset(whole, parts, draw)
    documents = {tokens[a:b].tobytes() for a, b in pairwise(offsets)}
    assert all(kept[a:b].tobytes() in documents for a, b in pairwise(bounds))
    assert abs(kept.size - tokens.size / parts) <= 40
    assert kept.tobytes() == draw_subset(whole, parts, draw)[0].tobytes()
    # A text in several parts gives the same.
    ends = offsets[[0, 3, 3, 7, offsets.size - 1]]
    several = EncodedText(offsets, ends, lambda n: tokens[ends[n] : ends[n + 1]], whole.types)
    again, same = draw_subset(several, parts, draw)
    assert again.tobytes() == kept.tobytes() and same.tobytes() == bounds.tobytes()


def test_draws_differ_and_the_whole_is_one_part():
    whole = text(1, 100)
    first, second = (draw_subset(whole, 4, draw)[0] for draw in (1, 2))
    assert first.tobytes() != second.tobytes()
    assert draw_subset(whole, 1, 3)[0].tobytes() == whole.tokens().tobytes()


def test_a_text_of_few_documents_is_cut_into_pieces():
    offsets = np.array([0, 10 * PIECE + 7, 10 * PIECE + 9], np.int64)
    pieces = divisible(offsets, 2)
    assert set(offsets) <= set(pieces) and np.diff(pieces).max() == PIECE
    many = np.arange(0, 50, 5, dtype=np.int64)
    assert divisible(many, 2) is many


def test_a_subset_has_a_vocabulary_of_its_own():
    words = ["a", "b", "c", "d"]
    corpus = as_corpus(np.array([3, 1, 3, 3, 1, 0], np.uint16), np.array([0, 2, 6]), words)
    assert corpus.words == ["d", "b", "a"] and corpus.counts.tolist() == [3, 2, 1]
    assert [corpus.words[i] for i in corpus.tokens] == ["d", "b", "d", "d", "b", "a"]


def test_the_plan_says_which_subsets_are_too_small_and_why():
    whole = text(3, 40)
    found = plan(whole, [2, 8, 60], 2, 28)
    assert found["parts"].tolist() == [2, 2, 8, 8, 60, 60]
    assert found["omitted"].tolist()[:2] == ["", ""]
    for row in found.itertuples():
        if row.parts != 60:
            kept = draw_subset(whole, row.parts, row.draw)[0]
            assert (row.tokens, row.types) == (kept.size, np.unique(kept).size)
            assert bool(row.omitted) == (row.types < 28)
    assert found["omitted"].iloc[-1] == "the text is too short for 60 parts"


def test_more_parts_than_words_are_refused():
    with pytest.raises(ValueError, match="documents in 9 parts"):
        draw_subset(EncodedText.of(np.zeros(4, np.uint16), np.array([0, 4])), 9, 1)
