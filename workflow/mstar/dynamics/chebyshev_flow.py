"""The Runge-Kutta-Chebyshev integrator of a gradient flow of matrices, with error control.

A gradient flow has a real Jacobian spectrum, and s stages of the scheme in
`mstar.dynamics.chebyshev` cover about 0.65 s^2 of it, so the few strongly damped directions do not
dictate the step.

Rows much stiffer than the others (frequent words, under word2vec's weighting) take their own steps:
between two stages they are integrated with the other rows on the straight line between those stages
(`FastRows`). The stages of a step then need only cover the spectrum of the other rows.

Errors are controlled column by column, relative to each column's norm. With columns along the
singular directions (see `rotate_to_principal`) this keeps modes of size 1e-12 as accurate as the
largest; an absolute norm would step over their growth. An integrating factor first removes the
exponential growth of each column along itself, W = Y diag(e^{rate u}) within a step; otherwise
modes not yet learned would limit the step, and their small errors would add up to a delay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch

from mstar.dynamics.chebyshev import advance, reach, scheme, stages_for
from mstar.dynamics.stiffness import Drift, FastRows, Stiffness

MAX_STAGES = 24
# Columns are rotated if the cosine of two of them exceeds this.
ROTATE_ABOVE = 0.5
STEPS_PER_RADIUS = 20


@dataclass
class State:
    """Where an integration stands between two steps; from there it continues exactly.

    Attributes:
        now: time.
        w, f: (V, d) W and its drift.
        h: length of the next step, 0 before the first.
        radius, radius_of_fast: spectral radii, as last measured.
        age: steps since they were measured.
        direction, direction_of_fast: see `Stiffness.directions`.
        evaluations: number of evaluations of the drift so far.
    """

    now: float
    w: torch.Tensor
    f: torch.Tensor
    direction: torch.Tensor
    direction_of_fast: torch.Tensor
    h: float = 0.0
    radius: float = 0.0
    radius_of_fast: float = 0.0
    age: int = STEPS_PER_RADIUS
    evaluations: int = 1

    def arrays(self) -> dict[str, Any]:
        """Return the attributes as numpy arrays and numbers."""
        return {
            field.name: value.cpu().numpy() if isinstance(value, torch.Tensor) else value
            for field in fields(self)
            for value in [getattr(self, field.name)]
        }

    @classmethod
    def of(cls, arrays: Mapping[str, Any], like: torch.Tensor) -> State:
        """Return the state whose `arrays` are given, on the device of ``like``."""
        values: dict[str, Any] = {
            name: torch.as_tensor(value, device=like.device) if value.ndim else value.item()
            for name, value in arrays.items()
        }
        return cls(**values)


@dataclass(frozen=True)
class Step:
    """One accepted step, in the variable Y of W(start + u) = Y(u) diag(e^{rates u}).

    Attributes:
        start, stop: times of its ends.
        rates: (d,) growth rates of the columns.
        before, after, slope_before, slope_after: (V, d) Y and dY/du at both ends.
        state: at ``stop``.
    """

    start: float
    stop: float
    rates: torch.Tensor
    before: torch.Tensor
    after: torch.Tensor
    slope_before: torch.Tensor
    slope_after: torch.Tensor
    state: State

    @property
    def evaluations(self) -> int:
        """Number of evaluations of the drift so far."""
        return self.state.evaluations

    def at(self, time: float) -> torch.Tensor:
        """Return W (V, d) inside the step: cubic Hermite interpolation of Y."""
        h = self.stop - self.start
        u = (time - self.start) / h
        blend = (
            (1 + 2 * u) * (1 - u) ** 2,
            u * (1 - u) ** 2 * h,
            u**2 * (3 - 2 * u),
            u**2 * (u - 1) * h,
        )
        parts = (self.before, self.slope_before, self.after, self.slope_after)
        y = sum((c * p for c, p in zip(blend[1:], parts[1:], strict=True)), blend[0] * parts[0])
        return y * torch.exp(self.rates * (time - self.start))


def rotate_to_principal(w: torch.Tensor) -> torch.Tensor:
    """Return an orthogonal Z (d, d) such that the columns of W Z are orthogonal, largest first."""
    order = torch.argsort(w.norm(dim=0), descending=True)
    r = torch.linalg.qr(w[:, order].double(), mode="r").R.cpu()
    z = torch.linalg.svd(r).Vh.T
    rotation = torch.empty_like(z)
    rotation[order.cpu()] = z
    return rotation.to(device=w.device, dtype=w.dtype)


def largest_cosine(w: torch.Tensor) -> float:
    """Return the largest |cosine| between two columns of W."""
    unit = w / w.norm(dim=0).clamp_min(torch.finfo(w.dtype).tiny)
    gram = unit.T @ unit
    gram.fill_diagonal_(0.0)
    return float(gram.abs().max())


def chebyshev_flow(
    drift: Drift,
    w: torch.Tensor,
    start: float,
    stop: float,
    tolerance: float,
    seed: int = 0,
    fast: FastRows | None = None,
    state: State | None = None,
) -> Iterator[Step]:
    """Integrate dW/dt = drift(W) from ``start`` to ``stop``, yielding every accepted step.

    The drift must be equivariant under rotations on the right, drift(W Z) = drift(W) Z: between
    steps W may be rotated, so consecutive steps agree only in W W^T, singular values and left
    vectors.

    Args:
        drift: gives dW/dt (V, d).
        w: (V, d) state at ``start``.
        start, stop: flow times.
        tolerance: local error of each column per step, relative to the column's norm.
        seed: of the estimate of the spectral radius.
        fast: rows much stiffer than the others, if any.
        state: of an interrupted integration with the same other arguments, which continues from
            there rather than from ``w`` at ``start``.

    Raises:
        FloatingPointError: the flow diverged.
    """
    stiffness = Stiffness(drift, fast, w, seed)
    if state is None:
        state = State(start, w, drift(w), *stiffness.directions())
    stiffness.restore(state.direction, state.direction_of_fast)
    now, w, f, h, radius = state.now, state.w, state.f, state.h, state.radius
    evaluations, steps_since_radius = state.evaluations, state.age
    if fast is not None:
        fast.radius = state.radius_of_fast
    tiny = torch.finfo(w.dtype).tiny
    while now < stop * (1 - 1e-12):
        if largest_cosine(w) > ROTATE_ABOVE:
            z = rotate_to_principal(w)
            w, f = w @ z, f @ z
        if steps_since_radius >= STEPS_PER_RADIUS:
            radius, used = stiffness.measure(w, f)
            evaluations, steps_since_radius = evaluations + used, 0
        rates = growth_rates(w, f)
        y, slope = w, f - w * rates
        h = min(h or 0.5 / radius, stop - now, reach(MAX_STAGES) / radius)
        frame = _Frame(drift, rates, fast)
        table = scheme(stages_for(h * radius))
        after = advance(frame.slope, y, slope, h, table, frame.settle if fast else None)
        slope_after = frame.slope(after, h)
        evaluations += len(table.mu) - 1
        error = 0.8 * (y - after) + 0.4 * h * (slope + slope_after)
        scale = torch.maximum(y.norm(dim=0), after.norm(dim=0))
        worst = float((error.norm(dim=0) / (tolerance * scale.clamp_min(tiny))).max())
        if not np.isfinite(worst):
            h, steps_since_radius = h / 8, STEPS_PER_RADIUS
            if h < 1e-12 * (stop - start):
                raise FloatingPointError(f"the flow diverged at time {now:.4g}")
            continue
        factor = min(3.0, max(0.2, 0.8 * (1.0 / max(worst, 1e-9)) ** (1.0 / 3.0)))
        if worst > 1.0:
            h *= factor
            steps_since_radius = STEPS_PER_RADIUS
            continue
        grown = torch.exp(rates * h)
        w, f = after * grown, (slope_after + after * rates) * grown
        before, now = now, now + h
        steps_since_radius += 1
        h *= factor
        state = State(
            now, w, f, *stiffness.directions(), h, radius, fast.radius if fast else 0.0,
            steps_since_radius, evaluations,
        )  # fmt: skip
        yield Step(before, now, rates, y, after, slope, slope_after, state)


@dataclass(frozen=True)
class _Frame:
    """The flow in the variable Y of one step, W = Y diag(e^{rates u})."""

    drift: Drift
    rates: torch.Tensor
    fast: FastRows | None

    def slope(self, y: torch.Tensor, elapsed: float) -> torch.Tensor:
        """Return dY/du at Y = ``y`` and time ``elapsed`` since the start of the step."""
        grown = torch.exp(self.rates * elapsed)
        return self.drift(y * grown) / grown - y * self.rates

    def settle(
        self, older: torch.Tensor, slope: torch.Tensor, newer: torch.Tensor, u0: float, u1: float
    ) -> None:
        """Set the fast rows of the stage ``newer``, whose other rows are known, by integration."""
        assert self.fast is not None
        before, after = torch.exp(self.rates * u0), torch.exp(self.rates * u1)
        rows = self.fast.rows
        drift = (slope[rows] + older[rows] * self.rates) * before
        newer[rows] = self.fast.follow(older * before, drift, newer * after, u1 - u0) / after


def growth_rates(w: torch.Tensor, f: torch.Tensor) -> torch.Tensor:
    """Return the rate (d,) at which each column of W grows along itself, w.f / w.w, at least 0."""
    return ((w * f).sum(0) / (w * w).sum(0).clamp_min(torch.finfo(w.dtype).tiny)).clamp_min(0.0)
