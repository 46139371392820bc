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

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from mstar.dynamics.chebyshev import advance, reach, scheme, stages_for
from mstar.dynamics.stiffness import Drift, FastRows, Stiffness

MAX_STAGES = 24
# Columns are rotated if the cosine of two of them exceeds this.
ROTATE_ABOVE = 0.5
STEPS_PER_RADIUS = 20


@dataclass(frozen=True)
class Step:
    """One accepted step, in the variable Y of W(start + u) = Y(u) diag(e^{rates u}).

    Attributes:
        start, stop: times of its ends.
        rates: (d,) growth rates of the columns.
        before, after, slope_before, slope_after: (V, d) Y and dY/du at both ends.
        evaluations: number of evaluations of the drift so far.
    """

    start: float
    stop: float
    rates: torch.Tensor
    before: torch.Tensor
    after: torch.Tensor
    slope_before: torch.Tensor
    slope_after: torch.Tensor
    evaluations: int

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

    Raises:
        FloatingPointError: the flow diverged.
    """
    now, f = start, drift(w)
    stiffness = Stiffness(drift, fast, w, seed)
    evaluations, steps_since_radius, radius = 1, STEPS_PER_RADIUS, 0.0
    tiny, h = torch.finfo(w.dtype).tiny, 0.0
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
        yield Step(now, now + h, rates, y, after, slope, slope_after, evaluations)
        grown = torch.exp(rates * h)
        w, f = after * grown, (slope_after + after * rates) * grown
        now += h
        steps_since_radius += 1
        h *= factor


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
