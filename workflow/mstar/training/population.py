"""Training without sampling noise: the flow of the expected gradient."""

from __future__ import annotations

import dataclasses
import itertools
import sys
import time as clock
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import torch

from mstar.counts.targets import Probabilities
from mstar.dynamics import learning_times, losses, theory, weightings
from mstar.dynamics import untied as untied_weights
from mstar.dynamics.chebyshev_flow import State, chebyshev_flow
from mstar.dynamics.drift import Population
from mstar.dynamics.exponential import Symmetric, exponential_action
from mstar.dynamics.losses import Loss
from mstar.dynamics.stiffness import FastRows
from mstar.dynamics.untied_drift import UntiedPopulation
from mstar.files.checkpoints import Checkpoints
from mstar.machine import memory
from mstar.machine.arrays import Array
from mstar.machine.memory import Demand
from mstar.spectra import eigensolvers
from mstar.spectra.spectrum import Spectrum
from mstar.training.record import Accuracy, Recorder, Training, recorded_times

# Memory in units of a float64 matrix (V, V), both on the CPU and on a GPU.
COPIES = 5
# The flow is treated as linear until the first mode has this share of its final square.
LINEAR_UNTIL = 1e-6
# Seconds between reports, and between checkpoints.
REPORT, CHECKPOINT = 10.0, 60.0


class Model(Protocol):
    """A drift and a loss, as `mstar.dynamics.drift.Population` has them."""

    dtype: torch.dtype
    fast: torch.Tensor

    def drift(self, w: torch.Tensor) -> torch.Tensor:
        """Return dW/dt (V, d)."""

    def fast_drift(self, w: torch.Tensor) -> torch.Tensor:
        """Return the rows ``self.fast`` of the drift, (m, d)."""

    def loss(self, w: torch.Tensor) -> float:
        """Return the loss of W, 1 at W = 0 and 0 at the unconstrained minimum."""


@dataclasses.dataclass(frozen=True)
class Onset:
    """The phase in which a flow is linear.

    Attributes:
        rates: (d,) growth rates of the leading modes, descending.
        taus: (d,) times in which they would be learned alone, in flow time.
        directions: (n, d) the modes, as columns of the state.
        states: function that returns the states (n, d) at some flow times, ascending.
    """

    rates: Array
    taus: Array
    directions: Array
    states: Callable[[list[float]], list[torch.Tensor]]


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
    embedding is that of `mstar.dynamics.untied.embedding`. tau_1 is then that of the mode of A - B
    with the largest absolute eigenvalue.

    Raises:
        UserError: no mode grows from the start.
        FloatingPointError: the flow diverged.
    """
    kind = UntiedPopulation if untied else Population
    model = kind(loss, weights, device, getattr(torch, dtype))
    linear = eigensolvers.top_eigenpairs(weights.difference, dim, device=device)
    begin = untied_onset if untied else onset
    return follow(
        model,
        begin(weights.difference, weights.total, linear, init, seed, device),
        seed,
        times,
        snapshot_times,
        accuracy,
        tolerance,
        device,
        modes,
        embedding=(lambda state: untied_weights.embedding(state, untied)) if untied else None,
    )


def onset(
    difference: Symmetric,
    total: Symmetric,
    linear: Spectrum,
    init: float,
    seed: int,
    device: str = "cpu",
) -> Onset:
    """Return the linear phase of tied weights, W(t) = e^{(A-B) t} W(0).

    Args:
        difference, total: (V, V) A - B and G, as matrices or operators.
        linear: the d leading eigenpairs of A - B.
        init, seed: of the start (`mstar.dynamics.theory.initial_weights`).
        device: of the products.

    Raises:
        UserError: no mode grows from the start.
    """
    rates, modes = linear.eigenvalues, linear.eigenvectors
    size, dim = modes.shape

    def states(times: list[float]) -> list[torch.Tensor]:
        start = theory.initial_weights(size, dim, init, seed)
        return exponential_action(difference, float(rates[0]), start, times, device, _terms())

    taus = learning_times.expected_time_constants(total, modes, rates, init)
    return Onset(rates, taus, modes, states)


def untied_onset(
    difference: Array, total: Array, linear: Spectrum, init: float, seed: int, device: str = "cpu"
) -> Onset:
    """Return the linear phase of untied weights, in which W + C and W - C grow on their own.

    Arguments and errors are those of `onset`.
    """
    size, dim = linear.eigenvectors.shape
    lowest = eigensolvers.top_eigenpairs(-difference, dim, device=device)
    signed, modes = untied_weights.by_magnitude(linear, lowest, dim)

    def states(times: list[float]) -> list[torch.Tensor]:
        w, c = untied_weights.split(untied_weights.balanced_start(size, dim, init, seed))
        highest, depth = float(linear.eigenvalues[0]), float(lowest.eigenvalues[0])
        rising = exponential_action(difference, highest, (w + c) / 2, times, device)
        falling = exponential_action(-difference, depth, (w - c) / 2, times, device)
        return [torch.cat([u + v, u - v]) for u, v in zip(rising, falling, strict=True)]

    rates = np.abs(signed)
    taus = learning_times.expected_time_constants(total, modes, rates, init / np.sqrt(2.0))
    stacked = np.vstack([modes, modes * np.sign(signed)]) / np.sqrt(2.0)
    return Onset(rates, taus, stacked, states)


def follow(
    model: Model,
    begin: Onset,
    seed: int,
    times: Array,
    snapshot_times: list[float],
    accuracy: Accuracy,
    tolerance: float,
    device: str = "cpu",
    modes: Array | None = None,
    checkpoints: Checkpoints | None = None,
    embedding: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> Training:
    """Follow the flow of a model, as `population` does.

    Args:
        model: drift and loss.
        begin: its linear phase.
        seed, times, snapshot_times, accuracy, tolerance, device, modes: see `population`.
        checkpoints: from which a killed run resumes, and ends with the same bytes; none by default.
        embedding: returns the embedding (V, d) of a state, which by default is the state itself.

    Raises:
        FloatingPointError: the flow diverged.
    """
    rate, tau_1 = float(begin.rates[0]), float(begin.taus[0])
    recorder = Recorder(begin.taus, snapshot_times, accuracy, modes)
    # s^2(t) = init^2 e^{2 mu t}, and s^2(tau_1) is the saturated value by tau_1's definition
    switch = max(0.0, 1.0 + np.log(LINEAR_UNTIL) / (2.0 * rate * tau_1))
    early = [float(t) for t in times if t <= switch]
    late = [float(t) for t in times if t > switch]
    saved = _Saved(checkpoints, recorder)
    flow = saved.resume(torch.zeros(0, device=device))
    if flow is None:
        *grown, end = begin.states([tau_1 * t for t in (*early, switch)])
        # Rotated so that mode k dominates column k, as in `theory.align`: errors are controlled by
        # column, and in the model's precision no mode is lost beside a larger one.
        directions = torch.as_tensor(begin.directions, device=device)
        vectors = end = end @ torch.linalg.qr((directions.T @ end).T).Q
    else:
        early, grown = [], []
        late = late[len(recorder.rows) - (len(times) - len(late)) :]
        vectors = torch.from_numpy(np.asarray(recorder.states[-1])) if recorder.states else flow.w
        end = flow.w
    states = itertools.chain(
        zip(early, _released(grown), strict=True),
        nonlinear(model, end, switch, late, tau_1, tolerance, seed, flow, saved.keep),
    )
    for time, state in with_progress(states, times, len(recorder.rows)):
        loss_now = model.loss(state.to(model.dtype))
        vectors = embedding(state) if embedding else state
        recorder.record(time, loss_now, singular_values(vectors), vectors.double().cpu().numpy())
        saved.record()
    return recorder.finish(vectors.double().cpu().numpy())


def _released(states: list[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Yield the states and drop each from the list, which frees its memory."""
    states.reverse()
    while states:
        yield states.pop()


class _Saved:
    """What a run has kept in checkpoints, if it has any: recorded rows, and the flow's state."""

    def __init__(self, checkpoints: Checkpoints | None, recorder: Recorder) -> None:
        self.checkpoints, self.recorder = checkpoints, recorder
        self.kept = -np.inf

    def resume(self, like: torch.Tensor) -> State | None:
        """Restore the rows recorded before the state that was kept last, and return that state."""
        if self.checkpoints is None:
            return None
        names = [field.name for field in dataclasses.fields(State)]
        stored = self.checkpoints.load("flow", "recorded", *names)
        if stored is None:
            return None
        for index in range(int(stored[0])):
            row = self.checkpoints.load(f"record{index:04d}", "row", "w")
            if row is None:
                self.recorder.rows.clear()
                self.recorder.states.clear()
                return None
            self.recorder.rows.append([float(value) for value in row[0]])
            self.recorder.states.append(self.checkpoints.stored(f"record{index:04d}", "w"))
        flow = State.of(dict(zip(names, stored[1:], strict=True)), like)
        print(f"resumed after {len(self.recorder.rows)} recorded times", file=sys.stderr)
        return flow

    def record(self) -> None:
        """Keep the row that was recorded last, and its state on disk alone."""
        if self.checkpoints is not None:
            row, w = self.recorder.rows[-1], self.recorder.states[-1]
            name = f"record{len(self.recorder.rows) - 1:04d}"
            self.checkpoints.save(name, row=row, w=w)
            self.recorder.states[-1] = self.checkpoints.stored(name, "w")

    def keep(self, state: State) -> None:
        """Keep the flow's state, the first and then one every `CHECKPOINT` seconds."""
        if self.checkpoints is None or clock.monotonic() - self.kept < CHECKPOINT:
            return
        self.checkpoints.save("flow", recorded=len(self.recorder.rows), **state.arrays())
        self.kept = clock.monotonic()


def nonlinear(
    model: Model,
    start: torch.Tensor,
    switch: float,
    late: list[float],
    tau_1: float,
    tolerance: float,
    seed: int,
    state: State | None = None,
    keep: Callable[[State], None] = lambda state: None,
) -> Iterator[tuple[float, torch.Tensor]]:
    """Integrate a flow; yield each of some times, and the state then up to a rotation of columns.

    Args:
        model: its drift.
        start: (n, d) state at the time ``switch``.
        switch: time of the start, in ``tau_1``.
        late: ascending times, in ``tau_1``.
        tau_1: unit of time, in flow time.
        tolerance, seed: see `mstar.dynamics.chebyshev_flow.chebyshev_flow`.
        state: of an interrupted integration, which continues.
        keep: called after every step, when all times up to its end have been yielded.

    Raises:
        FloatingPointError: the flow diverged.
    """
    if not late:
        return
    w = start.to(model.dtype)
    waiting, end = list(late), late[-1] * tau_1
    taken = evaluations = 0
    fast = FastRows(model.fast, model.fast_drift) if len(model.fast) else None
    for step in chebyshev_flow(model.drift, w, switch * tau_1, end, tolerance, seed, fast, state):
        last = step.stop >= end * (1 - 1e-12)
        taken, evaluations = taken + 1, step.evaluations
        while waiting and (waiting[0] * tau_1 <= step.stop or last):
            time = waiting.pop(0)
            yield time, step.at(time * tau_1)
        keep(step.state)
    # Times that differ from the start only by rounding need no step.
    yield from ((time, w) for time in waiting)
    print(f"{taken} steps, {evaluations} evaluations of the gradient", file=sys.stderr)


def _terms() -> Callable[[int, int], None]:
    """Return a function that reports the progress of the linear phase every ten seconds."""
    began = reported = clock.monotonic()

    def report(done: int, terms: int) -> None:
        nonlocal reported
        now = clock.monotonic()
        if now - reported >= REPORT:
            reported, rate = now, done / (now - began)
            print(
                f"linear phase: {done} of {terms} products, {rate:.2f} a second, about "
                f"{(terms - done) / rate:.0f} s left",
                file=sys.stderr,
                flush=True,
            )

    return report


def with_progress(
    states: Iterator[tuple[float, torch.Tensor]],
    times: Array,
    before: int = 0,
    unit: str = "tau_1",
) -> Iterator[tuple[float, torch.Tensor]]:
    """Yield times and states, and report progress to stderr every ten seconds.

    Args:
        states: each time, in ``unit``, with the state then.
        times: all times that are recorded.
        before: how many of them an interrupted run recorded.
        unit: of time, for the report.
    """
    began = reported = clock.monotonic()
    for done, (time, w) in enumerate(states, start=before + 1):
        yield time, w
        now = clock.monotonic()
        if now - reported >= REPORT or done == len(times):
            reported, rate = now, (done - before) / (now - began)
            left = (len(times) - done) / rate
            print(
                f"t = {time:.3g} {unit}, {done}/{len(times)} times recorded, "
                f"{rate:.1f} a second, about {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )


def singular_values(w: torch.Tensor) -> Array:
    """Return the singular values of W (V, d), descending, computed in float64."""
    r = torch.linalg.qr(w.double(), mode="r").R
    return torch.linalg.svdvals(r).cpu().numpy()
