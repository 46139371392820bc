"""Time word2vec's flow without a V x V array against the dense one: a gradient, and a whole run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mstar.counts import cooccurrence, counting, targets
from mstar.dynamics import losses, theory, weightings
from mstar.dynamics.drift import Population
from mstar.dynamics.separable import SeparableDrift, separable
from mstar.training import population, sparse
from speed.harness import DIM, Context, Row, best_of, in_child
from speed.population import SETTINGS

QUARTIC = {**SETTINGS, "loss": "quartic", "weighting": "word2vec"}
# Vocabulary and d of the whole run.
SMALL = (1000, 100)


def rows(context: Context) -> Iterator[Row]:
    """Return a gradient of both at V = 10,000, d = 200, and a whole run of both at V = 1,000."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _rows(context, Path(folder))


def _rows(context: Context, folder: Path) -> Iterator[Row]:
    for size in (context.vocabulary, SMALL[0]):
        counts = counting.count(context.tokens, context.offsets, size, context.window, threads=1)
        cooccurrence.save(folder / f"{size}.npz", counts)
    size, counts_at = context.vocabulary, str(folder / f"{context.vocabulary}.npz")
    dense, separate = (
        in_child(gradient, kind, counts_at, DIM, context.threads, str(folder / kind))
        for kind in ("dense", "separable")
    )
    expected, found = (np.load(folder / f"{kind}.npy") for kind in ("dense", "separable"))
    error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
    yield Row(
        f"gradient of the quartic loss with word2vec's weights, V={size:,}, d={DIM}",
        "the same with V x V weights",
        (dense.result, separate.result),
        float("nan"),
        f"relative difference {error:.1e}",
        f"peak memory {separate.peak_mb:,.0f} MB against {dense.peak_mb:,.0f} MB",
    )
    size, dim = SMALL
    kinds = ("population", "sparse")
    whole, ours = (
        in_child(run, kind, str(folder / f"{size}.npz"), dim, context.threads) for kind in kinds
    )
    values = [np.asarray(each.result[1]) for each in (whole, ours)]
    yield Row(
        f"word2vec's flow with the quartic loss, V={size:,}, d={dim}, to 30 tau_1",
        "estimator population",
        (whole.result[0], ours.result[0]),
        float("nan"),
        f"singular values at the end within {np.abs(values[1] / values[0] - 1).max():.1e}",
        f"peak memory {ours.peak_mb:,.0f} MB against {whole.peak_mb:,.0f} MB",
    )


def gradient(kind: str, counts: str, dim: int, threads: int, output: str) -> float:
    """Return the seconds of a gradient, which is saved, at random weights of the final size."""
    torch.set_num_threads(threads)
    p = targets.probabilities(cooccurrence.load(counts))
    start = theory.initial_weights(p.vocabulary_size, dim, 1.0, 0).astype(np.float32)
    call: Any
    if kind == "dense":
        weights = weightings.word2vec(p, 1.0)
        model = Population(losses.Quartic(), weights, "cpu", torch.float32)
        w = torch.as_tensor(start)
        call = lambda: model.drift(w).numpy()  # noqa: E731
    else:
        drift = SeparableDrift(separable(p, 1.0), threads)
        call = lambda: drift(start)  # noqa: E731
    call()  # compiles
    seconds, found = best_of(5, call)
    np.save(output, found)
    return seconds


def run(kind: str, counts: str, dim: int, threads: int) -> tuple[float, list[float]]:
    """Return the seconds of a whole run and its last singular values."""
    torch.set_num_threads(threads)
    p = targets.probabilities(cooccurrence.load(counts))
    place = "cpu", dim, 0, lambda _: float("nan")
    began = time.perf_counter()
    if kind == "population":
        result = population.train(p, QUARTIC, *place)
    else:
        with tempfile.TemporaryDirectory() as folder:
            result = sparse.train(p, QUARTIC, *place, folder, threads=threads)
    values = result.trace.filter(like="singular_value_").iloc[-1]
    return time.perf_counter() - began, [float(value) for value in values]
