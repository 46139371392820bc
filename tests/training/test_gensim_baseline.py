"""gensim's word2vec on encoded tokens equals gensim on words, and is repeatable."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.encoded_text import EncodedText
from mstar.files.writing import UserError
from mstar.training.record import Training

Word2Vec = pytest.importorskip("gensim.models").Word2Vec
gensim_baseline = pytest.importorskip("mstar.training.gensim_baseline")

SETTINGS = {
    "window": 4, "negative": 3, "subsample": 1e-2, "negative_power": 0.75, "learning_rate": 0.025,
    "epochs": 3, "workers": 1,
}  # fmt: skip


def corpus_of(documents: list[list[int]], words: list[str]) -> EncodedCorpus:
    lengths = [len(document) for document in documents]
    tokens = np.array([token for document in documents for token in document], dtype=np.uint16)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return EncodedCorpus(tokens, offsets, words, np.bincount(tokens, minlength=len(words)), 0)


def two_topics(words: int = 40, documents: int = 300) -> EncodedCorpus:
    """Return documents of fifty words, each from one half of the vocabulary, without ties."""
    rng = np.random.default_rng(0)
    drawn = []
    for number in range(documents):
        half = np.arange(number % 2, words, 2)
        weights = 1.0 / (half + 5.0)
        drawn.append(rng.choice(half, 50, p=weights / weights.sum()).tolist())
    counts = np.bincount(np.concatenate(drawn), minlength=words)
    rank = np.argsort(np.argsort(-counts, kind="stable"), kind="stable")
    renamed = [rank[document].tolist() for document in drawn]
    return corpus_of(renamed, [f"w{old}" for old in np.argsort(rank)])


def trained(corpus: EncodedCorpus, size: int, seed: int = 1, **other: Any) -> list[Training]:
    return list(
        gensim_baseline.train(
            EncodedText.of(corpus.tokens, corpus.document_offsets),
            corpus.words[:size],
            corpus.counts[:size],
            {**SETTINGS, **other},
            12,
            seed,
            lambda w: float(len(w)),
        )
    )


@given(
    st.lists(st.lists(st.integers(0, 5), max_size=12), min_size=1, max_size=5),
    st.integers(1, 6),
    st.integers(1, 5),
)
def test_sentences_are_the_documents_without_rare_words(
    documents: list[list[int]], size: int, longest: int
) -> None:
    words = list("abcdef")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gensim_baseline, "LONGEST", longest)
        corpus = corpus_of(documents, words)
        text = EncodedText.of(corpus.tokens, corpus.document_offsets)
        sentences = gensim_baseline.Sentences(text, words[:size])
        found = list(sentences)
        assert found == list(sentences)
    expected = [[words[i] for i in document if i < size] for document in documents]
    for document in filter(None, expected):
        parts = [found.pop(0) for _ in range(-(-len(document) // longest))]
        assert [word for part in parts for word in part] == document
        assert max(map(len, parts)) <= min(longest, min(map(len, parts)) + 1)
    assert not found


def test_it_is_gensim_on_the_same_words() -> None:
    corpus, size = two_topics(), 30
    kept = corpus.counts[: size + 1]
    assert (np.diff(kept) < 0).all()  # otherwise gensim orders words differently
    lists = [
        [corpus.words[i] for i in corpus.tokens[a:b] if i < size]
        for a, b in zip(corpus.document_offsets[:-1], corpus.document_offsets[1:], strict=True)
    ]
    model = Word2Vec(
        lists, sg=1, vector_size=12, window=4, negative=3, sample=1e-2, epochs=3, seed=1,
        workers=1, min_count=1,
    )  # fmt: skip
    inputs, sums = trained(corpus, size)
    order = [model.wv.key_to_index[word] for word in corpus.words[:size]]
    assert np.array_equal(inputs.embedding, model.wv.vectors[order])
    assert np.array_equal(sums.embedding, (model.wv.vectors + model.syn1neg)[order])


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    corpus = two_topics()
    first, again, other = (trained(corpus, 30, seed) for seed in (1, 1, 2))
    for a, b, c in zip(first, again, other, strict=True):
        assert a.embedding.tobytes() == b.embedding.tobytes() != c.embedding.tobytes()


def test_words_of_a_topic_come_together_and_the_record_says_what_was_made() -> None:
    rng = np.random.default_rng(0)
    documents = [2 * rng.permutation(20).repeat(3) + number % 2 for number in range(200)]
    words = [f"w{number}" for number in rng.permutation(40)]
    corpus = corpus_of([document.tolist() for document in documents], words)
    assert np.ptp(corpus.counts) == 0  # all words tie, but rows must still be in our order
    topic = np.arange(40) % 2
    same = topic[:, None] == topic
    for result in trained(corpus, 40, learning_rate=0.1, epochs=10):
        unit = result.embedding / np.linalg.norm(result.embedding, axis=1, keepdims=True)
        cosines = unit @ unit.T
        np.fill_diagonal(cosines, np.nan)
        assert np.nanmean(cosines[same]) > np.nanmean(cosines[~same]) + 0.3
        row = result.trace.iloc[-1]
        assert len(result.trace) == 1 and row["time"] == np.inf and row["analogy_accuracy"] == 40
        singular = np.linalg.svd(result.embedding, compute_uv=False)
        assert row.iloc[4:].to_numpy(float) == pytest.approx(singular)


def test_without_gensim_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    monkeypatch.delitem(sys.modules, "mstar.training.gensim_baseline")
    with pytest.raises(UserError, match=r"^baselines: gensim cannot be imported .*PYTHON=python3"):
        importlib.import_module("mstar.training.gensim_baseline")
