"""Time text to saved vectors: svd(M*) against gensim's word2vec on one corpus."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec

from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.counts.counting import count
from mstar.counts.targets import probabilities
from mstar.evaluation.analogies import accuracy, build_questions
from mstar.spectra.decomposition import decompose
from speed.harness import DIM, Context, Row

# gensim truncates longer sentences.
SENTENCE = 10_000


def ours(context: Context, folder: Path) -> tuple[float, float, np.ndarray, list[str]]:
    """Return seconds to vectors on disk, from the text and from its tokens; vectors; words."""
    began = time.perf_counter()
    corpus = encode_corpus(CorpusText(context.corpus, context.folder))
    encoded = time.perf_counter()
    size = min(10_000, len(corpus.words))
    counts = count(
        corpus.tokens, corpus.document_offsets, size, context.window, threads=context.threads
    )
    p = probabilities(counts)
    embedding = decompose("mstar", p, DIM, threads=context.threads).embedding(DIM)
    np.save(folder / "svd_mstar.npy", embedding.astype(np.float32))
    done = time.perf_counter()
    return done - began, done - encoded, embedding, corpus.words[:size]


def gensims(
    context: Context, sentences: list[list[str]], negative: int, folder: Path
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return seconds from split text to vectors on disk; input vectors; input plus output."""
    began = time.perf_counter()
    model = Word2Vec(
        sentences,
        sg=1,
        negative=negative,
        vector_size=DIM,
        window=context.window,
        epochs=5,
        min_count=1,
        max_final_vocab=context.vocabulary,
        workers=context.threads,
        seed=0,
    )
    model.wv.save_word2vec_format(str(folder / "word2vec.bin"), binary=True)
    seconds = time.perf_counter() - began
    # gensim drops words whose count ties with that of the first word beyond the vocabulary.
    inputs, both = np.zeros((2, context.vocabulary, DIM))
    for row, word in enumerate(context.words):
        if word in model.wv:
            place = model.wv.key_to_index[word]
            inputs[row] = model.wv.vectors[place]
            both[row] = model.wv.vectors[place] + model.syn1neg[place]
    return seconds, inputs, both


def split(context: Context) -> list[list[str]]:
    """Return the corpus in the form that gensim takes."""
    words, tokens = context.encoded.words, context.tokens
    cuts = [
        (left, min(left + SENTENCE, stop))
        for start, stop in zip(context.offsets[:-1], context.offsets[1:], strict=True)
        for left in range(start, stop, SENTENCE)
    ]
    return [[words[i] for i in tokens[left:right]] for left, right in cuts]


def rows(context: Context) -> Iterator[Row]:
    """Return timings from tokens in memory; the note gives our time to read the text."""
    questions = build_questions(context.sections, context.words, "regenerated")
    sentences = split(context)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, seconds, embedding, words = ours(context, folder)
        assert words == context.words
        score = accuracy(embedding, questions)
        for negative, target in ((1, 5.0), (5, 15.0)):
            baseline, *vectors = gensims(context, sentences, negative, folder)
            inputs, both = (accuracy(w, questions) for w in vectors)
            yield Row(
                f"tokens to saved vectors, svd(M*), V={context.vocabulary:,}, d={DIM}",
                f"gensim word2vec, skip-gram, {negative} negative(s), 5 epochs",
                (baseline, seconds),
                target,
                f"regenerated analogies: svd(M*) {score:.1%}, gensim {inputs:.1%}, "
                f"input + output {both:.1%}",
                f"from the compressed text in {whole:.3g} s",
            )
