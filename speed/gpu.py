"""Time spectra, the exact flow and population training on a GPU, and check the results.

    python3 -m speed.gpu results/CORPUS [--vocabulary 10000] [--dim 200]

It needs only torch, numpy, scipy, pandas and numba. The folder holds the workflow's tokens.npy and
documents.npy; a .npz file of ``tokens`` and ``documents`` also works. Without a GPU it stops with a
message, unless ``--device cpu`` is given to try the script.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mstar.counts import counting, targets
from mstar.machine import devices
from mstar.spectra import eigensolvers, spectrum
from mstar.training import closed_form, record
from mstar.training import minibatches as sampled
from mstar.training import population as training

SETTINGS: Mapping[str, Any] = {
    "init": 1e-12, "start": 0.3, "horizon": 30.0, "points": 60, "snapshots": [],
    "negative": 1.0, "tolerance": 1e-2, "subsample": 1e-5, "negative_power": 0.75,
}  # fmt: skip


def no_questions(_: Any) -> float:
    return float("nan")


def timed(label: str, function: Callable[[], Any], device: str) -> Any:
    """Call a function; print its time, its peak memory on a GPU, and any error."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    try:
        result = function()
    except Exception as error:
        print(f"{label}: FAILED: {error!r}"[:500])
        traceback.print_exc(limit=3)
        return None
    if device == "cuda":
        torch.cuda.synchronize()
    memory = f", {torch.cuda.max_memory_allocated() / 1e9:.2f} GB of its memory"
    taken = f"{label}: {time.perf_counter() - began:.2f} s"
    print(taken + (memory if device == "cuda" else ""), flush=True)
    return result


def singular_values(run: record.Training) -> Any:
    return run.trace.filter(like="singular_value_").to_numpy()


def difference(first: Any, second: Any) -> str:
    if first is None or second is None:
        return "not compared"
    a, b = singular_values(first), singular_values(second)
    off = np.abs(a - b).max() / b.max()
    loss = np.abs(first.trace["loss"] - second.trace["loss"]).max()
    return f"singular values differ by {off:.1e} of the largest at most, losses by {loss:.1e}"


def counted(tokens: Any, documents: Any, size: int) -> targets.Probabilities:
    return targets.probabilities(
        counting.count(tokens, documents, size, 16, "removed", os.cpu_count() or 1)
    )


def spectra(p: targets.Probabilities, device: str) -> spectrum.Spectrum:
    matrix = targets.dense("mstar", p)
    top = {
        name: timed(
            f"top 200 eigenpairs, {name}",
            lambda chosen=chosen: eigensolvers.top_eigenpairs(matrix, 200, device=chosen),
            device,
        )
        for name, chosen in (("cpu", "cpu"), (device, device), (f"{device} again", device))
    }
    full = timed(
        f"all eigenpairs, {device}",
        lambda: eigensolvers.all_eigenpairs(matrix, None, device),
        device,
    )
    for name, found in top.items():
        if found is not None:
            error = np.abs(found.eigenvalues / full.eigenvalues[:200] - 1).max()
            print(f"  {name}: eigenvalues differ by {error:.1e} from those of the full solver")
    reference = timed("all eigenpairs, LAPACK", lambda: eigensolvers.all_eigenpairs(matrix), device)
    if reference is not None:
        off = np.abs(full.eigenvalues - reference.eigenvalues).max() / reference.eigenvalues[0]
        print(f"  all eigenvalues differ by {off:.1e} of the largest")
    return full


def flows(p: targets.Probabilities, full: spectrum.Spectrum, dim: int, device: str) -> None:
    def exact(where: str) -> record.Training:
        settings = {**SETTINGS, "estimator": "exact"}
        return closed_form.follow(full, settings, dim, 0, no_questions, where)

    def trained(loss: str, weighting: str, where: str, dtype: str) -> record.Training:
        settings = {**SETTINGS, "loss": loss, "weighting": weighting, "dtype": dtype}
        return training.train(p, settings, where, dim, 0, no_questions)

    size = p.vocabulary_size
    cpu, gpu = (
        timed(f"exact flow, V={size}, {d}", lambda d=d: exact(d), device) for d in ("cpu", device)
    )
    print(f"  {difference(gpu, cpu)}")
    qwem = timed(
        f"QWEM by the population gradient, float32, {device}",
        lambda: trained("quartic", "setting31", device, "float32"),
        device,
    )
    print(f"  against the exact flow: {difference(qwem, cpu)}")
    single = timed(
        f"word2vec by the population gradient, float32, {device}",
        lambda: trained("sgns", "word2vec", device, "float32"),
        device,
    )
    double = timed(
        f"word2vec by the population gradient, float64, {device}",
        lambda: trained("sgns", "word2vec", device, "float64"),
        device,
    )
    print(f"  float32 against float64: {difference(single, double)}")
    settings = {**SETTINGS, "loss": "sgns", "weighting": "word2vec", "dtype": "float32"}
    finer = timed(
        "the same, tolerance 1e-4",
        lambda: training.train(p, {**settings, "tolerance": 1e-4}, device, dim, 0, no_questions),
        device,
    )
    print(f"  tolerance {SETTINGS['tolerance']:g} against 1e-4: {difference(single, finer)}")


def minibatches(p: targets.Probabilities, full: spectrum.Spectrum, dim: int, device: str) -> None:
    """Compare the authors' minibatch runs, from init 0.1 to 3 tau_1, with noise-free runs."""
    settings = {**SETTINGS, "init": 1e-1, "horizon": 3.0, "points": 25, "dtype": "float32"}
    exact = closed_form.follow(full, {**settings, "estimator": "exact"}, dim, 0, no_questions)
    word2vec = {**settings, "loss": "sgns", "weighting": "word2vec"}
    population = training.train(p, word2vec, device, dim, 0, no_questions)
    steps = {"learning_rate": 2, "batch": 50_000, "drops": [], "steps": None}
    qwem = {**settings, "loss": "quartic", "weighting": "setting31"}
    for name, run, scale, expected in (
        ("QWEM", qwem, None, exact),
        ("word2vec", word2vec, 0.12, population),
    ):
        chosen = {**run, "sgd": {**steps, "loss_scale": scale}}
        with tempfile.TemporaryDirectory() as folder:
            found = timed(
                f"{name} by minibatches, {device}",
                lambda chosen=chosen, folder=folder: sampled.train(
                    p, chosen, device, dim, 0, no_questions, folder
                ),
                device,
            )
        print(f"  {difference(found, expected)}")
        if found is not None:
            first = np.abs(singular_values(found) - singular_values(expected))[:, :10].max()
            print(f"  the first ten by {first / singular_values(expected).max():.1e}", flush=True)


def small(p: targets.Probabilities, dim: int, device: str) -> None:
    """Compare one small run on both devices, at a size that suits the CPU."""
    for dtype in ("float32", "float64"):
        runs = [
            timed(
                f"word2vec, V={p.vocabulary_size}, d={dim}, {dtype}, {where}",
                lambda where=where, dtype=dtype: training.train(
                    p,
                    {**SETTINGS, "loss": "sgns", "weighting": "word2vec", "dtype": dtype},
                    where, dim, 0, no_questions,
                ),
                device,
            )
            for where in ("cpu", device)
        ]  # fmt: skip
        print(f"  {difference(runs[1], runs[0])}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tokens", type=Path)
    parser.add_argument("--vocabulary", type=int, default=10_000)
    parser.add_argument("--dim", type=int, default=200)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    given = parser.parse_args()
    if given.device == "cuda" and not torch.cuda.is_available():
        print("no GPU here")
        return 1
    print(f"{devices.describe(torch.device(given.device))}; torch {torch.__version__}; "
          f"{os.cpu_count()} cores; {given.tokens.name}")  # fmt: skip
    if given.tokens.is_dir():
        tokens, documents = (
            np.load(given.tokens / f"{n}.npy", allow_pickle=False) for n in ("tokens", "documents")
        )
    else:
        with np.load(given.tokens, allow_pickle=False) as stored:
            tokens, documents = stored["tokens"], stored["documents"]
    p = timed("counts", lambda: counted(tokens, documents, given.vocabulary), given.device)
    full = spectra(p, given.device)
    flows(p, full, given.dim, given.device)
    minibatches(p, full, given.dim, given.device)
    small(counted(tokens, documents, given.vocabulary // 5), given.dim // 2, given.device)
    return 0


if __name__ == "__main__":
    sys.exit(main())
