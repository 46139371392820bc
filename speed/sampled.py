"""Time one step of minibatch training on the CPU: ours against a plain PyTorch loop."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from mstar.counts import counting, targets
from mstar.dynamics import losses, weightings
from mstar.dynamics.theory import initial_weights
from mstar.training import sgd
from mstar.training.pairs import Sampler
from speed.harness import Context, Row, best_of

SIZE, DIM, BATCH, LOSS = 10_000, 200, 50_000, losses.Quartic()


def rows(context: Context) -> Iterator[Row]:
    """Return the timing of the authors' batch: 50,000 + 50,000 pairs at V = 10,000, d = 200.

    The step is QWEM's, under Setting 3.1.
    """
    torch.set_num_threads(context.threads)
    sgd.use_threads(context.threads)
    size = min(SIZE, int(context.tokens.max()) + 1)
    kept = context.tokens < size
    offsets = np.concatenate([[0], np.cumsum(kept)])[context.offsets]
    counts = counting.count(
        context.tokens[kept].astype(np.uint16), offsets, size, context.window, threads=1
    )
    p = targets.probabilities(counts)
    sampler = Sampler(p, weightings.setting31(p, 1.0))
    start = torch.as_tensor(initial_weights(size, DIM, 1.0, 1), dtype=torch.float32)
    plain = start.clone()

    def plain_step() -> None:
        pairs = sampler.draw(BATCH, 1, 0)
        plain.add_(sgd.drift(LOSS, plain, pairs), alpha=1e-9)

    steps = sgd.CpuSteps(sampler, start, LOSS, BATCH, 1)
    steps.advance(1, 1e-9)  # compiles
    seconds = (best_of(3, plain_step)[0], best_of(5, lambda: steps.advance(1, 1e-9))[0])
    found = sgd.CpuSteps(sampler, start, LOSS, BATCH, 1)
    found.advance(1, 1.0)
    expected = sgd.drift(LOSS, start.double(), sampler.draw(BATCH, 1, 0))
    error = float(((found.w - start).double() - expected).norm() / expected.norm())
    drawing = best_of(5, lambda: sampler.draw(BATCH, 1, 0))[0]
    yield Row(
        work=f"one step of minibatch training, V={size:,}, d={DIM}, {BATCH:,} + {BATCH:,} pairs",
        baseline="plain PyTorch step (gather, index_add), same pairs",
        seconds=seconds,
        target=float("nan"),
        check=f"gradient against float64: relative error {error:.1e}",
        note=f"of which drawing the pairs {drawing * 1e3:.1f} ms; 4,000,000 steps would take"
        f" {4e6 * seconds[1] / 3600:.0f} h here; on a GPU see speed/gpu_sgd.py",
    )
