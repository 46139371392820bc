"""Minibatch training as in the authors' code, in a run that can be killed and resumed."""

from __future__ import annotations

import sys
import time as clock
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mstar.counts.targets import Probabilities
from mstar.dynamics import learning_times, losses, schedule, theory, weightings
from mstar.dynamics.chebyshev_flow import ROTATE_ABOVE, largest_cosine, rotate_to_principal
from mstar.dynamics.drift import Population
from mstar.dynamics.losses import Loss
from mstar.dynamics.schedule import Drops, Leg
from mstar.files.checkpoints import Checkpoints, key_of
from mstar.files.writing import UserError
from mstar.machine import memory
from mstar.machine.memory import Demand
from mstar.spectra import eigensolvers
from mstar.training import sgd
from mstar.training.pairs import Draws, Sampler
from mstar.training.population import COPIES, leading_modes, singular_values
from mstar.training.record import Accuracy, Recorder, Training, recorded_times
from mstar.training.text_pairs import Stream, TextSampler

# Steps between checks of the clock and weights; seconds between checkpoints, and between reports.
LOOK, CHECKPOINT, REPORT = 256, 30.0, 10.0
# Steps between rotations of the columns, counted from the first step, so that a resumed run agrees.
TURN = 256


def demand(settings: Mapping[str, Any], vocabulary: int) -> Demand | None:
    """Return the GPU memory that `train` needs; None if pairs are drawn from the text."""
    if settings["sgd"]["sampler"] == "text":
        return None
    return Demand("sampled training", vocabulary, COPIES)


def train(
    p: Probabilities,
    settings: Mapping[str, Any],
    device: str,
    dim: int,
    seed: int,
    accuracy: Accuracy,
    folder: str | Path,
    code: str = "",
    stream: Stream | None = None,
) -> Training:
    """Train a configured run by minibatch steps.

    Args:
        p: pair and word probabilities.
        settings: ``dynamics`` merged with ``dynamics.runs.<run>``; its ``sgd`` has learning_rate,
            loss_scale, batch, drops and steps.
        device: "cpu", or "cuda" (see `mstar.machine.devices.held`).
        dim: d.
        seed: of the random start and of the pairs.
        accuracy: function of an embedding.
        folder: folder of checkpoints. A killed run resumes from them, and on a CPU ends with the
            same bytes. Checkpoints of other settings, counts or code are ignored.
        code: fingerprint of the code.
        stream: the text that was counted, to draw pairs from it on a CPU; None to draw pairs from
            the counts.

    Raises:
        UserError: the device is not "cpu" with a ``stream``; ``sgd.steps`` end before a snapshot;
            no mode grows from the start; or training diverged.
    """
    if stream is not None and device != "cpu":
        raise UserError("sgd.sampler: text: expected the device cpu: pairs are drawn there only")
    chosen = torch.device(device)
    loss, options = losses.named(settings["loss"]), settings["sgd"]
    memory.require_dense(
        p.vocabulary_size, COPIES, "sampled training", "svd(M*), which needs no dense matrix"
    )
    weights = weightings.configured(p, settings)
    # Always on the CPU: a resumed run needs exactly the same tau_1 to continue its steps, and a GPU
    # may round differently each time.
    linear = eigensolvers.top_eigenpairs(weights.difference, dim)
    taus = learning_times.expected_time_constants(
        weights.total, linear.eigenvectors, linear.eigenvalues, settings["init"]
    )
    size, tau_1 = schedule.step_size(loss, weights, p, settings), float(taus[0])
    drops = [(int(step), float(factor)) for step, factor in options["drops"]]
    legs = schedule.plan(_times(settings, size, tau_1, drops), tau_1, size, drops)
    print(
        f"tau_1 = {tau_1:.4g} = {tau_1 / size:,.0f} steps of {size:.3g}; {legs[-1].stop:,} in all",
        file=sys.stderr,
    )
    start = torch.as_tensor(theory.initial_weights(p.vocabulary_size, dim, settings["init"], seed))
    key = key_of(
        {**settings, "dim": dim, "seed": seed, "code": code, "device": chosen.type},
        p.rows, p.columns, p.joint, p.unigram, *([] if stream is None else [stream.words]),
    )  # fmt: skip
    sampler = Sampler(p, weights) if stream is None else TextSampler(p, weights, stream)
    steps = _steps(sampler, start.to(chosen), loss, options["batch"], seed)
    model = Population(loss, weights, str(chosen), torch.float32)
    modes = leading_modes(p, settings["negative"], dim)
    recorder = Recorder(taus, list(settings["snapshots"]), accuracy, modes)
    run = _Run(steps, model, recorder, Checkpoints(folder, key), legs)
    run.resume()
    try:
        run.go()
    except FloatingPointError as error:
        bound = options["learning_rate"] / (size * float(linear.eigenvalues[0]))
        raise UserError(
            f"sgd.learning_rate: {options['learning_rate']:g}: training diverged at"
            f" {error}; without noise it is stable below {bound:.3g} = 2 / lambda_1 in these units,"
            " with minibatches below a fraction of that"
        ) from None
    return recorder.finish(steps.w.double().cpu().numpy())


def _times(settings: Mapping[str, Any], size: float, tau_1: float, drops: Drops) -> list[float]:
    """Return the recorded times (tau_1), up to ``horizon``, or to ``sgd.steps`` if given."""
    horizon, steps = settings["horizon"], settings["sgd"]["steps"]
    snapshots = list(settings["snapshots"])
    if steps is not None:
        horizon = schedule.flow_time(steps, size, drops) / tau_1
        latest = max([settings["start"], *snapshots])
        if horizon < latest:
            raise UserError(
                f"sgd.steps: {steps} steps cover {horizon:.3g} tau_1: expected enough for"
                f" dynamics.start and dynamics.snapshots, which reach {latest:g}"
            )
    times = recorded_times(settings["start"], horizon, settings["points"], snapshots)
    return [float(t) for t in times]


def _steps(sampler: Draws, start: torch.Tensor, loss: Loss, batch: int, seed: int) -> sgd.Steps:
    if start.device.type == "cpu" or not isinstance(sampler, Sampler):
        return sgd.CpuSteps(sampler, start, loss, batch, seed)
    from mstar.training.sgd_cuda import CudaSteps

    return CudaSteps(sampler, start, loss, batch, seed)


@dataclass
class _Run:
    """A run in progress: its steps, legs, record and checkpoints."""

    steps: sgd.Steps
    model: Population
    recorder: Recorder
    checkpoints: Checkpoints
    legs: list[Leg]

    def resume(self) -> None:
        """Restore the last saved state: that of the last recorded time, or a later checkpoint."""
        recorded = [leg for leg in self.legs if leg.time is not None]
        start = 0
        for index, leg in enumerate(recorded):
            stored = self.checkpoints.load(f"record{index:04d}", "row", "w")
            if stored is None:
                following = leg.stop
                break
            row, w = stored
            self.recorder.rows.append([float(value) for value in row])
            self.recorder.states.append(w)
            start = leg.stop
        else:
            following = start
        if self.recorder.states:
            self.steps.restart(torch.from_numpy(np.asarray(self.recorder.states[-1])), start)
        stored = self.checkpoints.load("latest", "step", "w")
        if stored is not None and start < int(stored[0]) <= following:
            self.steps.restart(torch.from_numpy(stored[1]), int(stored[0]))
        if self.steps.step:
            print(f"resumed after step {self.steps.step:,}", file=sys.stderr)

    def go(self) -> None:
        """Make the remaining steps and record states.

        Raises:
            FloatingPointError: weights are not finite; the message names the step.
        """
        began, first = clock.monotonic(), self.steps.step
        kept = reported = began
        done = len(self.recorder.rows)
        for leg in self._left(done):
            while self.steps.step < leg.stop:
                left, until_turn = leg.stop - self.steps.step, TURN - self.steps.step % TURN
                self._advance(min(LOOK, left, until_turn), leg.size)
                now = clock.monotonic()
                if now - kept > CHECKPOINT:
                    kept = now
                    self.checkpoints.save("latest", step=self.steps.step, w=self.steps.w.cpu())
                if now - reported > REPORT:
                    reported, rate = now, (self.steps.step - first) / (now - began)
                    self._report(rate)
            if leg.time is not None:
                self._record(leg.time)

    def _left(self, done: int) -> Iterator[Leg]:
        for leg in self.legs:
            if leg.time is not None and done:
                done -= 1
            elif not done:
                yield leg

    def _advance(self, count: int, size: float) -> None:
        step, before = self.steps.step, self.steps.w.clone()
        self.steps.advance(count, size)
        if not bool(torch.isfinite(self.steps.w).all()):
            self.steps.restart(before, step)
            while bool(torch.isfinite(self.steps.w).all()) and self.steps.step < step + count:
                self.steps.advance(1, size)
            raise FloatingPointError(f"step {self.steps.step:,}")
        # Steps are equivariant under rotations W Z. Nearly parallel columns are rotated apart,
        # since float32 would otherwise round off small modes beside learned ones.
        if self.steps.step % TURN == 0 and largest_cosine(self.steps.w) > ROTATE_ABOVE:
            turned = self.steps.w @ rotate_to_principal(self.steps.w)
            self.steps.restart(turned, self.steps.step)

    def _record(self, time: float) -> None:
        w = self.steps.w
        self.recorder.record(time, self.model.loss(w), singular_values(w), w.cpu().numpy())
        self.checkpoints.save(
            f"record{len(self.recorder.rows) - 1:04d}",
            row=self.recorder.rows[-1],
            w=self.recorder.states[-1],
        )

    def _report(self, rate: float) -> None:
        step, total = self.steps.step, self.legs[-1].stop
        loss = f"loss {self.recorder.rows[-1][2]:.4f}, " if self.recorder.rows else ""
        print(
            f"step {step:,} of {total:,}, {rate:,.0f} a second, {loss}"
            f"about {(total - step) / rate:,.0f} s left",
            file=sys.stderr,
            flush=True,
        )
