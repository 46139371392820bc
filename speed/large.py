"""Time text to vectors beyond the paper's size: V = 100,000, and every word type."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mstar.counts import counting, targets
from mstar.evaluation.analogies import answered, build_questions
from mstar.spectra import eigensolvers
from mstar.spectra.operators import matrix_free
from speed.harness import Context, Measured, Row, in_child
from speed.spectra import compile_kernels

DIM = 200
LARGE = 100_000


def text_to_vectors(context: Context, vocabulary: int | None, path: str) -> dict[str, Any]:
    """Read, count, decompose and save svd(M*) of the commonest words (all of them for None).

    Returns:
        Seconds of each step, V, number of pairs seen, largest residual relative to the first
        eigenvalue.
    """
    compile_kernels(Context(context.corpus, context.folder, context.window, context.threads))
    began = time.perf_counter()
    corpus = context.encoded
    read = time.perf_counter()
    size = vocabulary or len(corpus.words)
    counts = counting.count(
        corpus.tokens, corpus.document_offsets, size, context.window, threads=context.threads
    )
    counted = time.perf_counter()
    seen = counts.nonzero
    operator = matrix_free("mstar", targets.probabilities(counts), threads=context.threads)
    del counts
    found = eigensolvers.top_eigenpairs(operator, DIM)
    np.save(path, found.embedding(DIM).astype(np.float32))
    done = time.perf_counter()
    return {
        "V": size,
        "seen": seen,
        "residual": float(found.residuals.max() / found.eigenvalues[0]),
        "seconds": {"read": read - began, "count": counted - read, "spectrum": done - counted},
    }


def accuracy(context: Context, path: str) -> tuple[float, int]:
    """Return the accuracy on original Google questions within the vocabulary, and their number."""
    embedding = np.load(path)
    words = context.encoded.words[: len(embedding)]
    questions = build_questions(context.sections, words, "original")
    return float(answered(embedding, [questions])[0].mean()), len(questions)


def rows(context: Context) -> Iterator[Row]:
    """Return time, memory and accuracy, with the time allowed as the baseline."""
    for vocabulary, allowed in ((LARGE, 90.0), (None, 300.0)):
        with TemporaryDirectory() as folder:
            path = str(Path(folder) / "vectors.npy")
            fresh = Context(context.corpus, context.folder, context.window, context.threads)
            measured: Measured = in_child(text_to_vectors, fresh, vocabulary, path)
            right, questions = accuracy(context, path)
        result = measured.result
        steps = result["seconds"]
        yield Row(
            f"text to vectors, svd(M*), d = {DIM}, V = {result['V']:,}",
            "what was asked for",
            (allowed, math.fsum(steps.values())),
            1.0,
            f"largest residual {result['residual']:.1e} of the first eigenvalue; "
            f"{right:.1%} of {questions:,} original analogies",
            ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items())
            + f"; {result['seen']:,} pairs seen; peak {measured.peak_mb / 1000:.1f} GB",
        )
