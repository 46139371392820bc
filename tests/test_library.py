"""The library: the examples on its page, and counts from other inputs."""

from __future__ import annotations

import doctest
import subprocess
import sys
import tomllib

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from gensim.corpora import Dictionary
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.files.writing import UserError
from mstar.library import count_words, from_bags, from_matrix
from tests.support.workflow import ROOT

TEXTS = [["a", "b", "a", "c"], ["b", "d"], [], ["d", "c", "c", "a", "b"], ["a"]]


def test_the_examples_of_the_page_are_right() -> None:
    failed, tried = doctest.testfile(str(ROOT / "docs" / "library.md"), module_relative=False)
    assert tried > 15 and not failed


def test_words_are_counted_as_the_workflow_counts() -> None:
    counted = count_words(TEXTS, vocabulary=3, window=2)
    assert counted.words == ("a", "b", "c")  # by frequency, then alphabetically
    assert counted.counts.unigram.tolist() == [4, 3, 3]
    # Weight 2 at distance 1 and 1 at distance 2, within documents, after removing d.
    found = brute_force(TEXTS, counted.words, 2)
    assert (counted.counts.dense() == found).all() and found[0, 1] == 6


def brute_force(texts: list[list[str]], words: tuple[str, ...], window: int) -> np.ndarray:
    found = np.zeros((len(words), len(words)), np.int64)
    for text in texts:
        kept = [words.index(w) for w in text if w in words]
        for i, a in enumerate(kept):
            for j, b in enumerate(kept):
                if 0 < abs(i - j) <= window:
                    found[a, b] += window + 1 - abs(i - j)
    return found


def test_counts_given_are_counts_used() -> None:
    counted = count_words(TEXTS, vocabulary=4, window=2)
    dense, unigram = counted.counts.dense(), counted.counts.unigram
    shuffled = np.random.default_rng(0).permutation(4)
    words = [counted.words[i] for i in shuffled]
    for kind in (np.asarray, scipy.sparse.coo_matrix, scipy.sparse.csc_array):
        again = from_matrix(kind(dense[shuffled][:, shuffled]), words, unigram[shuffled])
        assert sorted(again.words) == sorted(counted.words)
        order = [again.words.index(w) for w in counted.words]
        assert (again.counts.dense()[order][:, order] == dense).all()
        assert (again.counts.unigram[order] == unigram).all()
    # By default words are counted in proportion to their rows.
    alone = from_matrix(dense, counted.words)
    assert sorted(alone.counts.unigram.tolist()) == sorted(dense.sum(axis=1).tolist())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=6))
def test_bags_count_every_pair_of_places_of_a_document(texts: list[list[str]]) -> None:
    if not any(texts):
        return
    dictionary = Dictionary(texts)
    counted = from_bags([dictionary.doc2bow(text) for text in texts], dictionary)
    found = np.zeros((len(counted.words),) * 2, np.int64)
    for text in texts:
        places = [counted.words.index(w) for w in text]
        for i, a in enumerate(places):
            for j, b in enumerate(places):
                found[a, b] += i != j
    assert (counted.counts.dense() == found).all()
    assert counted.counts.unigram.sum() == sum(map(len, texts))


def test_features_come_out_of_any_way_in() -> None:
    texts = [["sun", "moon", "star"], ["oil", "gas", "coal"]] * 3
    dictionary = Dictionary(texts)
    ways = (
        count_words(texts, window=2),
        from_bags([dictionary.doc2bow(text) for text in texts], dictionary),
    )
    for counted in ways:
        table = counted.features(rank=50)
        assert isinstance(table, pd.DataFrame) and table["rank"].iloc[0] == 1
        ends = {frozenset(table[end].iloc[0].split()) for end in ("positive", "negative")}
        assert ends == {frozenset(texts[0]), frozenset(texts[1])}
        assert counted.embedding(1).shape == (6, 1)


@pytest.mark.parametrize(
    ("matrix", "words", "complaint"),
    [
        ([[0, 1], [1, 0]], ["a"], "expected as many rows"),
        ([[0, 1], [2, 0]], ["a", "b"], "not symmetric"),
        ([[0, 0.5], [0.5, 0]], ["a", "b"], "expected counts"),
        ([[0, -1], [-1, 0]], ["a", "b"], "expected counts"),
        ([[1, 0], [0, 0]], ["a", "b"], "leave out rows"),
    ],
)
def test_counts_that_are_none_are_refused(
    matrix: list[list[float]], words: list[str], complaint: str
) -> None:
    with pytest.raises(UserError, match=complaint):
        from_matrix(np.array(matrix), words)


def test_no_words_are_refused() -> None:
    with pytest.raises(UserError, match="no word"):
        count_words([[], []])
    with pytest.raises(UserError, match="no word"):
        from_bags([[]], {})


def test_the_library_needs_what_it_says_and_no_more() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {need.split(">")[0] for need in listed["dependencies"]}
    code = (
        "import sys, mstar.library;"
        "print(*sorted({n.split('.')[0] for n in sys.modules} & set(sys.argv[1:])))"
    )
    others = ["snakemake", "torch", "pydantic", "jinja2", "gensim", "matplotlib", "pyarrow"]
    done = subprocess.run(
        [sys.executable, "-c", code, *names, "llvmlite", *others],
        cwd=ROOT / "workflow",
        capture_output=True,
        text=True,
        check=True,
    )
    # pandas uses pyarrow if it is installed.
    assert set(done.stdout.split()) - {"pyarrow"} == {*names, "llvmlite"}
