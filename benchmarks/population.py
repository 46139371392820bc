"""word2vec's dynamics without sampling noise, at the paper's size: about a quarter of an hour."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.dynamics import HORIZON, INIT, START, STEPS_OF_THE_PAPER, minibatch_step
from benchmarks.harness import DIM, Context, Row
from mstar import training

SETTINGS = {
    "loss": "sgns", "weighting": "word2vec", "init": INIT, "negative": 1.0, "dtype": "float32",
    "start": START, "horizon": HORIZON, "points": 60, "snapshots": [], "tolerance": 1e-2,
    "subsample": 1e-5, "negative_power": 0.75,
}  # fmt: skip


def rows(context: Context) -> Iterator[Row]:
    """Run in full, from the pairs' probabilities to the last recorded time."""
    p = context.probabilities
    step = minibatch_step(p.vocabulary_size, DIM)
    began = time.perf_counter()
    run = training.train(p, SETTINGS, "cpu", DIM, 0, lambda _: float("nan"))
    seconds = time.perf_counter() - began
    learned = run.trace["singular_value_1"].to_numpy()
    first = np.interp(
        learned[-1] / 2**0.5, learned[: learned.argmax() + 1], run.times[: learned.argmax() + 1]
    )
    yield Row(
        f"word2vec dynamics, V={p.vocabulary_size:,}, d={DIM}, {START}-{HORIZON:g} tau_1",
        f"{STEPS_OF_THE_PAPER:,} minibatch steps (one measured: {step:.3g} s)",
        (STEPS_OF_THE_PAPER * step, seconds),
        1e3,
        f"first step at {first:.2f} of its own tau_1; loss {run.trace['loss'].iloc[-1]:.3f} "
        "at the end",
    )
