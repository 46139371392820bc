"""Time analogy questions: gensim's evaluation against a table of cosines."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from gensim.models import KeyedVectors

from mstar.evaluation.analogies import build_questions
from mstar.evaluation.benchmarks import packaged_benchmark
from mstar.evaluation.three_cos_add import predict
from speed.harness import Context, Row, best_of


def by_gensim(vectors: KeyedVectors) -> dict[str, bool]:
    """Return each question in upper case, with whether gensim answers it correctly."""
    _, sections = vectors.evaluate_word_analogies(
        str(packaged_benchmark("google")), restrict_vocab=len(vectors), dummy4unknown=False
    )
    return {
        " ".join(question).upper(): verdict == "correct"
        for section in sections[:-1]  # the last section is the total
        for verdict in ("correct", "incorrect")
        for question in section[verdict]
    }


def gemm_rate(size: int, dim: int) -> float:
    """Return the operations per second of a float32 product (n, d) x (d, V).

    Its sizes are those that the questions need.
    """
    generator = np.random.default_rng(0)
    a, b = generator.random((2, size, dim), dtype=np.float32)
    seconds, _ = best_of(3, lambda: a[:2048] @ b.T)
    return 2.0 * 2048 * size * dim / seconds


def rows(context: Context) -> Iterator[Row]:
    """Return the timing of gensim's loop over questions against all questions at once."""
    words, embedding = context.words, context.embedding.astype(np.float32)
    questions = build_questions(context.sections, words, "original")
    predict(embedding[:100], np.array([[0, 1, 2, 3]]), np.float32)  # compiles before timing
    seconds, answers = best_of(5, lambda: predict(embedding, questions.words, np.float32))
    vectors = KeyedVectors(embedding.shape[1])
    vectors.add_vectors(words, embedding)
    began = time.perf_counter()
    theirs = by_gensim(vectors)
    baseline = time.perf_counter() - began
    ours = {
        " ".join(words[i] for i in asked).upper(): bool(answer == asked[3])
        for asked, answer in zip(questions.words, answers, strict=True)
    }
    differing = sum(ours[question] != verdict for question, verdict in theirs.items())
    size, dim = embedding.shape
    products = 2.0 * len(questions) * size * dim / seconds
    share = products / gemm_rate(size, dim)
    yield Row(
        f"{len(questions):,} analogy questions, {size:,} x {dim}",
        "gensim evaluate_word_analogies",
        (baseline, seconds),
        8.0,
        f"{differing} of {len(theirs):,} verdicts differ; {np.mean(list(ours.values())):.1%} right",
        f"{1e6 * seconds / len(questions):.1f} us a question, gensim "
        f"{1e6 * baseline / len(theirs):.0f}; one product a question would need "
        f"{share:.0%} of this machine's sgemm rate to be as quick (asked for: 70 %)",
    )
