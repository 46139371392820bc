"""Time the dynamics of both models without sampling noise, at the paper's size (20 minutes)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from mstar.evaluation.analogies import accuracy, build_questions
from mstar.training import population
from speed.dynamics import HORIZON, INIT, START, STEPS_OF_THE_PAPER, minibatch_step
from speed.harness import DIM, Context, Row

SETTINGS = {
    "init": INIT, "negative": 1.0, "dtype": "float32", "start": START, "horizon": HORIZON,
    "points": 60, "snapshots": [], "tolerance": 1e-2, "subsample": 1e-5, "negative_power": 0.75,
}  # fmt: skip
MODELS = {"word2vec": ("sgns", "word2vec"), "QWEM": ("quartic", "setting31")}


def rows(context: Context) -> Iterator[Row]:
    """Return timings of full runs, from pair probabilities to the last recorded time."""
    p = context.probabilities
    questions = build_questions(context.sections, context.words, "regenerated")
    step = minibatch_step(p.vocabulary_size, DIM)
    for name, (loss, weighting) in MODELS.items():
        settings = {**SETTINGS, "loss": loss, "weighting": weighting}
        began = time.perf_counter()
        run = population.train(p, settings, "cpu", DIM, 0, lambda _: float("nan"))
        seconds = time.perf_counter() - began
        learned = run.trace["singular_value_1"].to_numpy()
        first = np.interp(
            learned[-1] / 2**0.5, learned[: learned.argmax() + 1], run.times[: learned.argmax() + 1]
        )
        yield Row(
            f"{name}, all pairs, V={p.vocabulary_size:,}, d={DIM}, {START}-{HORIZON:g} tau_1",
            f"{STEPS_OF_THE_PAPER:,} minibatch steps (one measured: {step:.3g} s)",
            (STEPS_OF_THE_PAPER * step, seconds),
            1e3,
            f"first step at {first:.2f} of its own tau_1; loss {run.trace['loss'].iloc[-1]:.3f} "
            f"at the end; regenerated analogies: {accuracy(run.embedding, questions):.1%}",
        )
