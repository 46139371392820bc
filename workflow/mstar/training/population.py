"""Training without sampling noise: the flow of the expected gradient."""

from __future__ import annotations

import itertools
import sys
import time as clock
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from mstar.counts.targets import Probabilities
from mstar.dynamics import learning_times, losses, theory, weightings
from mstar.dynamics import untied as untied_weights
from mstar.dynamics.chebyshev_flow import chebyshev_flow
from mstar.dynamics.drift import Population
from mstar.dynamics.exponential import exponential_action
from mstar.dynamics.losses import Loss
from mstar.dynamics.stiffness import FastRows
from mstar.dynamics.untied_drift import UntiedPopulation
from mstar.machine import memory
from mstar.machine.arrays import Array
from mstar.machine.memory import Demand
from mstar.spectra import eigensolvers
from mstar.training.record import Accuracy, Recorder, Training, recorded_times

# Memory in units of a float64 matrix (V, V), both on the CPU and on a GPU.
COPIES = 5
# The flow is treated as linear until the first mode has this share of its final square.
LINEAR_UNTIL = 1e-6


def demand(vocabulary: int) -> Demand:
    """Return the GPU memory that `train` needs."""
    return Demand("population training", vocabulary, COPIES)


def train(
    p: Probabilities,
    settings: Mapping[str, Any],
    device: str,
    dim: int,
    seed: int,
    accuracy: Accuracy,
) -> Training:
    """Train a configured run by `population`.

    Args:
        p: pair and word probabilities.
        settings: ``dynamics`` merged with ``dynamics.runs.<run>``.
        device: "cpu", or "cuda" (see `mstar.machine.devices.held`).
        dim: d.
        seed: of the random start.
        accuracy: function of an embedding.

    Raises:
        UserError: the matrices do not fit into memory, or no mode grows from the start.
    """
    memory.require_dense(
        p.vocabulary_size, COPIES, "population training", "svd(M*), which needs no dense matrix"
    )
    snapshots = list(settings["snapshots"])
    times = recorded_times(settings["start"], settings["horizon"], settings["points"], snapshots)
    modes = leading_modes(p, settings["negative"], dim, device)
    pair_weights = weightings.configured(p, settings)
    return population(
        losses.named(settings["loss"]),
        pair_weights,
        dim,
        settings["init"],
        seed,
        times,
        snapshots,
        accuracy,
        settings["tolerance"],
        device,
        settings["dtype"],
        modes,
        settings.get("untied"),
    )


def leading_modes(p: Probabilities, negative: float, dim: int, device: str = "cpu") -> Array:
    """Return the ``dim`` leading eigenvectors (V, dim) of M* at k = ``negative``."""
    mstar = weightings.setting31(p, negative).difference  # M*/2
    return eigensolvers.top_eigenpairs(mstar, dim, device=device).eigenvectors


def population(
    loss: Loss,
    weights: weightings.Weights,
    dim: int,
    init: float,
    seed: int,
    times: Array,
    snapshot_times: list[float],
    accuracy: Accuracy,
    tolerance: float = 1e-3,
    device: str = "cpu",
    dtype: str = "float32",
    modes: Array | None = None,
    untied: str | None = None,
) -> Training:
    """Follow dW/dt = K(W W^T) W from W(0) ~ N(0, init^2/d) over ``times`` (ascending, in tau_1).

    While W W^T is negligible the flow is linear and solved exactly, W(t) = e^{(A-B) t} W(0). Later
    it is integrated with error control (`mstar.dynamics.chebyshev_flow.chebyshev_flow`).
    ``modes`` (V, K) are the directions whose strengths are recorded.

    With ``untied`` the state is (W; C), from `mstar.dynamics.untied.balanced_start`, and the
    embedding is that of `mstar.dynamics.untied.embedding`. Its linear phase solves W +- C
    separately, and tau_1 is that of the mode of A - B with the largest absolute eigenvalue.

    Raises:
        UserError: no mode grows from the start.
        FloatingPointError: the flow diverged.
    """
    difference = weights.difference
    linear = eigensolvers.top_eigenpairs(difference, dim, device=device)
    rates, leading = linear.eigenvalues, linear.eigenvectors
    if untied:
        lowest = eigensolvers.top_eigenpairs(-difference, dim, device=device)
        highest = rates[0], lowest.eigenvalues[0]
        signed, leading = untied_weights.by_magnitude(linear, lowest, dim)
        rates, scale = np.abs(signed), init / np.sqrt(2.0)
    else:
        scale = init
    taus = learning_times.expected_time_constants(weights.total, leading, rates, scale)
    rate, tau_1 = float(rates[0]), float(taus[0])
    recorder = Recorder(taus, snapshot_times, accuracy, modes)
    # s^2(t) = init^2 e^{2 mu t}, and s^2(tau_1) is the saturated value by tau_1's definition
    switch = max(0.0, 1.0 + np.log(LINEAR_UNTIL) / (2.0 * rate * tau_1))
    early = [float(t) for t in times if t <= switch]
    late = [float(t) for t in times if t > switch]
    until = [tau_1 * t for t in (*early, switch)]
    if untied:
        w, c = untied_weights.split(untied_weights.balanced_start(len(difference), dim, init, seed))
        rising = exponential_action(difference, float(highest[0]), (w + c) / 2, until, device)
        falling = exponential_action(-difference, float(highest[1]), (w - c) / 2, until, device)
        *grown, end = (torch.cat([u + v, u - v]) for u, v in zip(rising, falling, strict=True))
        leading = np.vstack([leading, leading * np.sign(signed)]) / np.sqrt(2.0)
        model_of: type[Population] = UntiedPopulation
    else:
        start = theory.initial_weights(len(difference), dim, init, seed)
        *grown, end = exponential_action(difference, rate, start, until, device)
        model_of = Population
    # Rotated so that mode k dominates column k, as in `theory.align`: errors are controlled by
    # column, and in the model's precision no mode is lost beside a larger one.
    directions = torch.as_tensor(leading, device=device)
    end = end @ torch.linalg.qr((directions.T @ end).T).Q
    model = model_of(loss, weights, device, getattr(torch, dtype))
    states = itertools.chain(
        zip(early, grown, strict=True), _nonlinear(model, end, switch, late, tau_1, tolerance, seed)
    )
    for time, state in _with_progress(states, times):
        loss_now = model.loss(state.to(model.dtype))
        vectors = untied_weights.embedding(state, untied) if untied else state
        recorder.record(time, loss_now, singular_values(vectors), vectors.double().cpu().numpy())
    return recorder.finish(vectors.double().cpu().numpy())


def _nonlinear(
    model: Population,
    start: torch.Tensor,
    switch: float,
    late: list[float],
    tau_1: float,
    tolerance: float,
    seed: int,
) -> Iterator[tuple[float, torch.Tensor]]:
    """Yield each time of ``late`` (tau_1) and W there, from ``start`` at the time ``switch``."""
    if not late:
        return
    w = start.to(model.dtype)
    waiting, end = list(late), late[-1] * tau_1
    taken = evaluations = 0
    fast = FastRows(model.fast, model.fast_drift) if len(model.fast) else None
    for step in chebyshev_flow(model.drift, w, switch * tau_1, end, tolerance, seed, fast):
        last = step.stop >= end * (1 - 1e-12)
        taken, evaluations = taken + 1, step.evaluations
        while waiting and (waiting[0] * tau_1 <= step.stop or last):
            time = waiting.pop(0)
            yield time, step.at(time * tau_1)
    # Times that differ from the start only by rounding need no step.
    yield from ((time, w) for time in waiting)
    print(f"{taken} steps, {evaluations} evaluations of the gradient", file=sys.stderr)


def _with_progress(
    states: Iterator[tuple[float, torch.Tensor]], times: Array
) -> Iterator[tuple[float, torch.Tensor]]:
    """Yield ``states`` and report progress to stderr every ten seconds."""
    began = reported = clock.monotonic()
    for done, (time, w) in enumerate(states, start=1):
        yield time, w
        now = clock.monotonic()
        if now - reported >= 10.0 or done == len(times):
            reported, rate = now, done / (now - began)
            left = (len(times) - done) / rate
            print(
                f"t = {time:.2f} tau_1, {done}/{len(times)} times recorded, "
                f"{rate:.1f} a second, about {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )


def singular_values(w: torch.Tensor) -> Array:
    """Return the singular values of W (V, d), descending, computed in float64."""
    r = torch.linalg.qr(w.double(), mode="r").R
    return torch.linalg.svdvals(r).cpu().numpy()
