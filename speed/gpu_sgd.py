"""Check minibatch steps on a GPU and time them against the limit of memory bandwidth.

    python3 -m speed.gpu_sgd [--steps 20000]

It needs only torch, triton, numpy, scipy, pandas and numba. It generates counts of the paper's size
(V = 10,000, d = 200, batches of 50,000 + 50,000; Zipf's law and latent topics). Without a GPU it
stops, unless TRITON_INTERPRET=1 is set: then it runs only its checks, at a small size.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from mstar.counts import targets
from mstar.dynamics import losses, weightings
from mstar.dynamics.drift import Population
from mstar.dynamics.losses import Loss
from mstar.dynamics.theory import initial_weights
from mstar.spectra import eigensolvers
from mstar.training import closed_form
from mstar.training.pairs import Sampler
from mstar.training.sgd import drift, pull
from mstar.training.sgd_cuda import CudaSteps

GPU = torch.cuda.is_available()
DEVICE = torch.device("cuda" if GPU else "cpu")
STEPS_OF_THE_PAPER = 4_000_000
# (grouped, tile edges or pairs per program, warps, steps per group)
VARIANTS = (
    (True, 8, 1, 64),
    (True, 4, 1, 64),
    (True, 8, 2, 64),
    (True, 16, 2, 64),
    (True, 16, 4, 64),
    (True, 32, 4, 64),
    (True, 8, 1, 8),
    (True, 8, 1, 16),
    (False, 4, 1, 64),
    (False, 8, 2, 64),
    (False, 8, 4, 64),
)


def synthetic(size: int, pairs: float, seed: int = 0) -> targets.Probabilities:
    """Return Poisson counts of about ``pairs`` pairs, with Zipf's law and ten latent topics."""
    generator = torch.Generator(DEVICE).manual_seed(seed)
    unigram = 1.0 / torch.arange(1, size + 1, device=DEVICE, dtype=torch.float64)
    unigram /= unigram.sum()
    topics = 0.35 * torch.randn(size, 10, device=DEVICE, generator=generator)
    rates = (topics @ topics.T).exp_() * (pairs * torch.outer(unigram, unigram)).float()
    counts = torch.poisson(torch.triu(rates), generator=generator)
    rows, columns = counts.nonzero(as_tuple=True)
    joint = counts[rows, columns].double().cpu().numpy()
    i, j = (part.int().cpu().numpy() for part in (rows, columns))
    total = float((np.where(i == j, 1.0, 2.0) * joint).sum())
    return targets.Probabilities(i, j, joint / total, unigram.cpu().numpy())


def seconds_of(function: Callable[[], Any], repeats: int = 3) -> float:
    """Return the median time of a call in seconds, by the device's clock."""
    function()
    if not GPU:
        began = time.perf_counter()
        function()
        return time.perf_counter() - began
    times = []
    for _ in range(repeats):
        start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        function()
        stop.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(stop) / 1e3)
    return float(np.median(times))


def graphed(function: Callable[[], Any]) -> Callable[[], Any]:
    """Return a call as a CUDA graph, so that the host spends no time on launches."""
    if not GPU:
        return function
    function()
    torch.cuda.synchronize()
    graph: Any = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph.replay


def copy_rate(numbers: int, times: int) -> float:
    """Return the bytes read and written per second by repeated copies of float32 numbers."""
    one = torch.rand(numbers, device=DEVICE)
    other = torch.empty_like(one)

    def copies() -> None:
        for _ in range(times):
            other.copy_(one)

    return 8 * numbers * times / seconds_of(graphed(copies))


def relative(found: torch.Tensor, expected: torch.Tensor) -> float:
    found, expected = found.double().cpu(), expected.double().cpu()
    return float((found - expected).norm() / expected.norm())


def one_step_error(steps: CudaSteps, loss: Loss) -> float:
    """Return the relative error of one minibatch gradient against float64 on the CPU."""
    steps.gradient.zero_()
    steps.draw(1)
    steps.add(0)
    expected = drift(loss, steps.w.double().cpu(), steps.pairs(0)) * steps.batch
    error = relative(steps.gradient, expected)
    steps.gradient.zero_()
    return error


def check_steps() -> None:
    """Check every loss and weighting over several small steps against the reference."""
    p = synthetic(300, 1e6)
    for weighting, one in weightings.WEIGHTINGS.items():
        sampler = Sampler(p, one.weigh(p, 2.0))
        for name, kind in losses.LOSSES.items():
            loss = kind()
            for grouped in (True, False):
                start = torch.as_tensor(initial_weights(300, 20, 2.0, 1))
                w = start.float().to(DEVICE)
                steps = CudaSteps(
                    sampler, w, loss, 500, 3, group=4, edges=8, grouped=grouped, graph=GPU
                )
                steps.advance(4, 1e-4)
                expected = start.float().double()
                for index in range(4):
                    expected += 1e-4 * drift(loss, expected, steps.pairs(index))
                moved = relative(steps.w.cpu() - start.float(), expected - start.float().double())
                how = "grouped" if grouped else "pairwise"
                print(f"  {name} {weighting} {how}: 4 steps differ by {moved:.1e}")


def check_means() -> None:
    """Check the mean of many minibatch gradients, and the distribution of the pairs."""
    size, batch, groups = (300, 2000, 20) if GPU else (40, 200, 4)
    p = synthetic(size, 1e6)
    for weighting, one in weightings.WEIGHTINGS.items():
        pair_weights = one.weigh(p, 2.0)
        sampler = Sampler(p, pair_weights)
        w = torch.as_tensor(initial_weights(size, 8, 1.0, 1)).float().to(DEVICE)
        for loss in (kind() for kind in losses.LOSSES.values()):
            steps = CudaSteps(sampler, w, loss, batch, 5, group=32, edges=8, warps=1, graph=False)
            gradients, seen = [], np.zeros((2, size, size))
            for _ in range(groups):
                steps.draw(steps.group)
                steps.number.add_(steps.group)
                for index in range(steps.group):
                    steps.add(index)
                    gradients.append(steps.gradient.double() / batch)
                    steps.gradient.zero_()
                left, right = (part.cpu().numpy() for part in (steps.left, steps.right))
                for kind, cut in enumerate((slice(0, batch), slice(batch, None))):
                    i, j = left[:, cut].ravel(), right[:, cut].ravel()
                    np.add.at(seen[kind], (np.minimum(i, j), np.maximum(i, j)), 1)
            stack = torch.stack(gradients)
            model = Population(loss, pair_weights, str(DEVICE), torch.float64)
            expected = model.drift(w.double())
            error = (stack.mean(0) - expected) / (stack.std(0) / len(stack) ** 0.5)
            line = f"rms z {float(error.square().mean().sqrt()):.3f}, "
            line += f"largest {float(error.abs().max()):.2f} of {error.numel()}"
            laws = (p.symmetric(p.joint), np.outer(p.unigram, p.unigram))
            for kind, (name, law) in enumerate(zip(("positive", "negative"), laws, strict=True)):
                folded = np.triu(law + law.T) - np.diag(np.diag(law))
                mean = folded * len(stack) * batch
                kept = mean > 10
                chi = float(((seen[kind] - mean)[kept] ** 2 / mean[kept]).sum())
                stray = int(seen[kind][folded == 0].sum())
                line += f"; {name} pairs: chi-square / cells {chi / kept.sum():.3f}, {stray} stray"
            print(f"  {loss.name} {weighting}: {line}", flush=True)


def check_training() -> None:
    """Compare QWEM trained by minibatch steps with the exact flow from equal weights."""
    size, dim, init = 1000, 40, 1e-3
    p = synthetic(size, 2e7)
    values = eigensolvers.all_eigenpairs(targets.dense("mstar", p))
    settings = {"estimator": "exact", "init": init, "start": 0.5, "horizon": 4.0, "points": 8}
    exact = closed_form.follow(values, {**settings, "snapshots": []}, dim, 2, lambda _: 0.0)
    w = torch.as_tensor(initial_weights(size, dim, init, 2)).float().to(DEVICE)
    steps = CudaSteps(Sampler(p, weightings.setting31(p, 1.0)), w, losses.Quartic(), 50_000, 2)
    per_tau, worst = 20_000, 0.0
    for time_tau1, known in zip(
        exact.times, exact.trace.filter(like="singular_value_").to_numpy(), strict=True
    ):
        steps.advance(round(time_tau1 * per_tau) - steps.step, exact.tau_1 / per_tau)
        found = np.linalg.svd(steps.w.cpu().numpy(), compute_uv=False)
        worst = max(worst, float(np.abs(found - known)[:10].max() / known[0]))
    final = exact.trace.filter(like="singular_value_").to_numpy()[-1]
    print(f"  first ten singular values differ by at most {worst:.1e} of the largest at any time")
    print(f"  at the end: sampled {np.round(found[:5], 3)}, exact flow {np.round(final[:5], 3)}")


def plain_loop(sampler: Sampler, w: torch.Tensor, loss: Loss, batch: int) -> Callable[[], None]:
    """Run one step as a short PyTorch program: draw on the GPU, gather, index_add."""
    generator = torch.Generator(DEVICE).manual_seed(0)
    cells, words = (
        [torch.as_tensor(part, device=DEVICE) for part in (table.threshold, table.other)]
        for table in (sampler.cells, sampler.words)
    )
    rows, columns, positive, negative = (
        torch.as_tensor(part, device=DEVICE)
        for part in (sampler.rows, sampler.columns, sampler.positive, sampler.negative)
    )

    def draw(table: list[torch.Tensor]) -> torch.Tensor:
        slot = torch.randint(table[0].numel(), (batch,), generator=generator, device=DEVICE)
        uniform = torch.rand(batch, generator=generator, device=DEVICE)
        return torch.where(uniform < table[0][slot], slot, table[1][slot].long())

    def step() -> None:
        cell, first, second = draw(cells), draw(words), draw(words)
        left = torch.cat([rows[cell].long(), first])
        right = torch.cat([columns[cell].long(), second])
        weight = torch.cat([positive[cell], -negative[first, second]])
        a, b = w[left], w[right]
        pulls = pull(loss, (a * b).sum(1), weight)[:, None]
        gradient = torch.zeros_like(w)
        gradient.index_add_(0, left, pulls * b)
        gradient.index_add_(0, right, pulls * a)
        w.add_(gradient, alpha=1e-12)

    return step


def attempt(title: str, function: Callable[[], Any]) -> Any:
    """Call a function; if it fails, report the error and go on."""
    began = time.perf_counter()
    print(title, flush=True)
    try:
        return function()
    except Exception as error:
        print(f"  FAILED: {error!r}"[:600])
        traceback.print_exc(limit=4)
        return None
    finally:
        print(f"  ({time.perf_counter() - began:.1f} s)", flush=True)


def measure(steps_asked: int) -> None:
    """Time variants at the paper's size, the parts of the fastest one, and a long run."""
    size, dim, batch = 10_000, 200, 50_000
    loss = losses.Quartic()
    memory, cache = copy_rate(2**28, 2), max(copy_rate(2**k, 100) for k in (20, 21, 22))
    print(f"  copying moves {memory / 1e12:.2f} TB/s in memory, {cache / 1e12:.2f} in the cache")
    p = synthetic(size, 2.4e8)
    sampler = Sampler(p, weightings.setting31(p, 1.0))
    print(f"  {p.joint.size:,} cells seen ({2 * p.joint.size / size**2:.0%} of pairs)", flush=True)
    start = torch.as_tensor(initial_weights(size, dim, 1.0, 1)).float().to(DEVICE)

    step = plain_loop(sampler, start.clone(), loss, batch)

    def plain() -> None:
        for _ in range(50):
            step()

    baseline = seconds_of(plain) / 50
    print(f"  plain PyTorch loop: {baseline * 1e6:.1f} us a step", flush=True)
    best, best_seconds = VARIANTS[0], float("inf")
    for variant in VARIANTS:
        grouped, edges, warps, group = variant
        try:
            steps = CudaSteps(
                sampler, start.clone(), loss, batch, 1,
                group=group, edges=edges, warps=warps, grouped=grouped,
            )  # fmt: skip
            error = one_step_error(steps, loss)
            taken = seconds_of(lambda s=steps: s.advance(640, 1e-12)) / 640
        except Exception as error:
            print(f"  {variant}: FAILED: {error!r}"[:400], flush=True)
            continue
        name = f"{'tiles' if grouped else 'pairs'} of {edges}, {warps} warps, groups of {group}"
        print(
            f"  {name}: {taken * 1e6:.1f} us a step, {baseline / taken:.1f} times the plain loop, "
            f"error {error:.1e}",
            flush=True,
        )
        if taken < best_seconds and error < 1e-5:
            best, best_seconds = variant, taken
        del steps

    grouped, edges, warps, group = best
    options = {"group": group, "edges": edges, "warps": warps, "grouped": grouped}
    steps = CudaSteps(sampler, start.clone(), loss, batch, 1, **options)
    parts = {
        "draw": lambda: steps.draw(group),
        "add": lambda: [steps.add(index) for index in range(group)],
        "apply": lambda: [steps.apply() for _ in range(group)],
    }
    times = {name: seconds_of(graphed(part)) / group for name, part in parts.items()}
    row, edges_made = 4 * dim, 4 * batch
    tiles = float(steps.ends[:, -1].float().mean()) if grouped else float(edges_made)
    moved = (edges_made + 2 * tiles) * row
    print(f"  best {best}: " + ", ".join(f"{k} {v * 1e6:.1f} us" for k, v in times.items()))
    print(
        f"  add moves {moved / 1e6:.0f} MB a step (of which {tiles * row / 1e6:.0f} MB are atomic)"
        f": {moved / times['add'] / 1e12:.2f} TB/s; at the cache's copy rate it would take "
        f"{moved / cache * 1e6:.1f} us; each pair's two rows read once: "
        f"{2 * 2 * batch * row / cache * 1e6:.1f} us"
    )
    for other in (kind() for kind in losses.LOSSES.values()):
        steps = CudaSteps(sampler, start.clone(), other, batch, 1, **options)
        torch.cuda.synchronize()
        began = time.perf_counter()
        steps.advance(steps_asked, 1e-9)
        finite = bool(torch.isfinite(steps.w).all())
        taken = (time.perf_counter() - began) / steps_asked
        print(
            f"  {other.name}: {steps_asked:,} steps, {1 / taken:,.0f} a second (finite: {finite});"
            f" {STEPS_OF_THE_PAPER:,} would take {STEPS_OF_THE_PAPER * taken / 60:.1f} min, "
            f"by the plain loop {STEPS_OF_THE_PAPER * baseline / 60:.0f} min"
        )
    print(f"  most memory held: {torch.cuda.max_memory_allocated() / 1e9:.2f} GB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000, help="length of the long runs")
    given = parser.parse_args()
    name = torch.cuda.get_device_name() if GPU else "no GPU: Triton's interpreter"
    print(f"{name}; torch {torch.__version__}", flush=True)
    attempt("Steps against the reference", check_steps)
    attempt("Means and laws", check_means)
    if GPU:
        attempt("Speed", lambda: measure(given.steps))
        attempt("Training against the exact flow", check_training)
    return 0


if __name__ == "__main__":
    sys.exit(main())
