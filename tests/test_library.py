"""The library: the examples on its page, and counts from other inputs."""

from __future__ import annotations

import doctest
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
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
    dictionary = pytest.importorskip("gensim.corpora").Dictionary(texts)
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
    dictionary = pytest.importorskip("gensim.corpora").Dictionary(texts)
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
        ([[0, np.nan], [np.nan, 0]], ["a", "b"], "expected counts"),
        ([[0, np.inf], [np.inf, 0]], ["a", "b"], "expected counts"),
        ([[0, 1], [1, 0]], "ab", "expected a list of words"),
        ([[0, 1], [1, 0]], ["a", None], "None: expected text"),
        ([[0, 1], [1, 0]], ["a", "a"], "'a' stands twice"),
        ([["x", "y"], ["y", "x"]], ["a", "b"], "expected a matrix of counts"),
        ([[0, -1], [-1, 0]], ["a", "b"], "expected counts"),
        ([[1, 0], [0, 0]], ["a", "b"], "leave out rows"),
    ],
)
def test_counts_that_are_none_are_refused(
    matrix: list[list[Any]], words: Any, complaint: str
) -> None:
    with pytest.raises(UserError, match=complaint):
        from_matrix(np.array(matrix), words)


def test_fractional_counts_are_used_as_they_are() -> None:
    """Scaled by any factor, counts have the same M*; whole ones stay integers."""
    rng = np.random.default_rng(4)
    half = rng.integers(1, 9, (6, 6))
    counts, words = half + half.T, list("abcdef")
    whole = from_matrix(counts, words)
    assert whole.counts.counts.dtype == np.int64
    for factor in (0.37, 1e-5):
        scaled = from_matrix(counts * factor, words)
        assert scaled.words == whole.words
        np.testing.assert_allclose(scaled.counts.dense(), whole.counts.dense() * factor)
        assert scaled.counts.total == pytest.approx(whole.counts.total * factor)
        assert scaled.counts.cell(0, 1) == pytest.approx(whole.counts.cell(0, 1) * factor)
        found, expected = (each.spectrum(6).eigenvalues for each in (scaled, whole))
        np.testing.assert_allclose(found, expected, atol=1e-9)
    table = from_matrix(counts * 0.37, words, np.full(6, 0.2)).features(3)
    assert np.isfinite(table["frequency"]).all()


LETTERS: Any = "sun moon"


@pytest.mark.parametrize(
    ("documents", "complaint"),
    [
        (LETTERS, "documents: 'sun moon': expected lists of words"),
        ([["a"], LETTERS], "document 2 is text, 'sun moon': expected a list of its words"),
        ([b"sun"], "document 1 is text, b'sun'"),
        ({"one": ["sun", "moon"]}, "documents: {'one': .*: expected lists of words"),
        ([{"sun": 2}], r"document 1 is {'sun': 2}: expected a list of words"),
        (None, "documents: None: expected lists"),
        ([["sun"], None], "document 2 is None"),
        ([["sun", "moon"], ["sun", None]], "document 2 has the word None: expected text"),
        ([["sun", float("nan")]], "document 1 has the word nan: expected text"),
        ([["sun", 3]], "document 1 has the word 3: expected text"),
        ([[["sun"], ["moon"]]], "document 1 has a word that is not text"),
    ],
)
def test_what_is_no_list_of_words_is_refused(documents: Any, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        count_words(documents)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["vocabulary", "window", "threads"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, None, "3"])
def test_sizes_are_whole_numbers(key: str, value: Any) -> None:
    with pytest.raises(UserError, match=f"{key}: .*: expected an integer >= 1"):
        count_words([["a", "b"]], **{key: value})


@pytest.mark.parametrize(
    ("bags", "complaint"),
    [
        ([[(0, 1), (7, 1)]], "id 7 is not in the dictionary of 2 words"),
        ([[(0, 1), (-1, 1)]], "id -1 is not in the dictionary"),
        ([[(0, 1)], [(1, 2.9)]], "document 2 has word 1 2.9 times: expected whole numbers"),
        ([[(0, float("nan"))]], "document 1 has word 0 nan times"),
        ([[(0, None)]], "document 1 has word 0 None times"),
        ([[(0, -2)]], "document 1 has word 0 -2 times"),
        ([["sun", "moon"]], r"document 1 is \['sun', 'moon'\]: expected a list of"),
        ([None], "document 1 is None"),
        ("sun", "bags: 'sun': expected lists"),
        ({0: 1}, "bags: {0: 1}: expected lists"),
    ],
)
def test_what_is_no_bag_is_refused(bags: Any, complaint: str) -> None:
    for dictionary in (["sun", "moon"], {0: "sun", 1: "moon"}):
        with pytest.raises(UserError, match=complaint):
            from_bags(bags, dictionary)


def test_whole_floats_in_bags_are_counts() -> None:
    bags = [[(0, 2.0), (1, np.int64(1))]]
    assert from_bags(bags, ["sun", "moon"]).counts.dense().tolist() == [[2, 2], [2, 0]]  # type: ignore[list-item]


def test_no_words_are_refused() -> None:
    with pytest.raises(UserError, match="no word"):
        count_words([[], []])
    with pytest.raises(UserError, match="no word"):
        from_bags([[]], {})


def test_the_library_needs_what_it_says_and_no_more() -> None:
    names = {"numba", "numpy", "pandas", "scipy"}
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
