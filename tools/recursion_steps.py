"""Show what the prediction of learning times gains, or loses, when its saddles are converged.

    .venv/bin/python -m tools.recursion_steps results encyclopedia 1000 100

prints the table of docs/word2vec.md and puts it there. It needs the runs of ``make
EXTRAS='[word2vec]'`` at that V and d under the default configuration. Times of modes are compared
as in `mstar.claims.prediction.recursion`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mstar.counts import cooccurrence, targets
from mstar.dynamics import learning_times, saddles
from mstar.machine.arrays import Array
from mstar.settings.config import Config
from mstar.training import saddle_path
from mstar.training.record import read_trace, strength_columns
from tools.pages import filled

RUNS = ("sparse_small", "sparse_quartic")
# Most steps of L-BFGS for each saddle, their tolerance, and whether every rank has a saddle.
CASES = (
    (saddles.STEPS, saddles.TOLERANCE, False),
    (2 * saddles.STEPS, saddles.TOLERANCE, False),
    (5 * saddles.STEPS, saddles.TOLERANCE, False),
    (10 * saddles.STEPS, saddles.TOLERANCE / 10, False),
    (10 * saddles.STEPS, saddles.TOLERANCE / 10, True),
)
NEAR = 0.15
PAGE, BLOCK = Path("docs/word2vec.md"), "recursion-steps"
HEAD = (
    "| steps | tolerance | saddles | CPU seconds | word2vec: trained / predicted time |"
    " within 15 % | quartic: trained / predicted time | within 15 % |\n" + "| --- " * 8 + "|"
)


def half_times(trace: pd.DataFrame) -> Array:
    """Return when each mode of M* passes half of its last strength (d,), in flow time."""
    return learning_times.strength_times(
        trace["time"].to_numpy(), trace[strength_columns(trace)].to_numpy()
    )


@dataclass
class Search:
    """The search for saddles with other settings than its own.

    Attributes:
        steps, tolerance: see `mstar.dynamics.saddles.saddles`.
        every: whether every rank has a saddle.
        number: of the saddles found last.
        seconds: of the CPU, that they took.
    """

    steps: int
    tolerance: float
    every: bool
    number: int = 0
    seconds: float = 0.0

    def __call__(self, model: saddles.Model, dim: int) -> list[saddles.Saddle]:
        """Return the saddles of a model."""
        start = time.process_time()
        gap = dim + 1 if self.every else saddles.GAP
        found = saddles.saddles(model, dim, self.steps, gap, self.tolerance)
        self.number, self.seconds = len(found), time.process_time() - start
        return found


def rows(results: Path, corpus: str, vocabulary: int, dim: int) -> Iterator[str]:
    """Yield one row of the table for each of `CASES`."""
    config = Config()
    folder = results / corpus / f"v{vocabulary}-l{config.window}"
    p = targets.probabilities(cooccurrence.load(folder / "cooccurrence.npz"))
    trained = {
        run: half_times(read_trace(folder / f"d{dim}" / run / "seed1" / "trace.parquet"))
        for run in RUNS
    }
    shared = config.dynamics.model_dump(mode="json", exclude={"runs"})
    for steps, tolerance, every in CASES:
        search = Search(steps, tolerance, every)
        cells = []
        for run in RUNS:
            own = config.dynamics.runs[run].model_dump(mode="json")
            settings = {**shared, **own, "negative": config.negative, "snapshots": []}
            record, _, _ = saddle_path.follow(p, settings, dim, lambda _: 0.0, find=search)
            predicted = half_times(record.trace)
            both = np.isfinite(trained[run]) & np.isfinite(predicted)
            ratios = trained[run][both] / predicted[both]
            within = float(np.mean(np.abs(ratios - 1) <= NEAR))
            cells.append(f"{np.median(ratios):.2f} | {within:.2f}")
        found = f"{search.number} | {search.seconds:.1f}"
        yield f"| {steps} | {tolerance:g} | {found} | {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table of one text; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("corpus")
    parser.add_argument("vocabulary", type=int)
    parser.add_argument("dim", type=int)
    given = parser.parse_args(arguments)
    table = [HEAD]
    for row in rows(given.results, given.corpus, given.vocabulary, given.dim):
        print(row, flush=True)
        table.append(row)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(filled(page, {BLOCK: "\n".join(table)}, partly=True), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
