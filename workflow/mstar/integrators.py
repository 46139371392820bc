"""A stabilised explicit integrator for gradient flows of matrices.

Second-order Runge-Kutta-Chebyshev (Sommeijer, Shampine and Verwer, J. Comput. Appl. Math. 88,
1998): a gradient flow has a real Jacobian spectrum, and s stages cover about 0.65 s^2 of it, so
the few strongly damped directions do not dictate the step.

Errors are controlled column by column, relative to each column's norm. With columns along the
singular directions (see `rotate_to_principal`) that keeps modes of size 1e-12 as accurate as the
largest: an absolute norm would step over their growth. The exponential growth of each column along
itself is taken out first (an integrating factor, W = Y diag(e^{rate u}) within a step): modes that
wait to be learned would otherwise set the step, and their small errors would add up to a delay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

Drift = Callable[[torch.Tensor], torch.Tensor]

MAX_STAGES = 24
# Columns are rotated when two of them are closer than this cosine.
ROTATE_ABOVE = 0.5
STEPS_PER_RADIUS = 20


@dataclass(frozen=True)
class Step:
    """One accepted step, in the variable Y of W(start + u) = Y(u) diag(e^{rates u}).

    Attributes:
        start, stop: times of its ends.
        rates: (d,) growth rates of the columns.
        before, after, slope_before, slope_after: (V, d) Y and dY/du at both ends.
        evaluations: of the drift, so far.
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
        """W (V, d) inside the step: cubic Hermite interpolation of Y."""
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


def coefficients(stages: int) -> tuple[np.ndarray, ...]:
    """The arrays mu, nu, mu~, gamma~ and the scalar mu~_1 of the s-stage scheme (damping 2/13)."""
    w0 = 1.0 + (2.0 / 13.0) / stages**2
    t, dt, ddt = (np.zeros(stages + 1) for _ in range(3))
    t[0], t[1], dt[1] = 1.0, w0, 1.0
    for j in range(2, stages + 1):
        t[j] = 2 * w0 * t[j - 1] - t[j - 2]
        dt[j] = 2 * t[j - 1] + 2 * w0 * dt[j - 1] - dt[j - 2]
        ddt[j] = 4 * dt[j - 1] + 2 * w0 * ddt[j - 1] - ddt[j - 2]
    w1 = dt[stages] / ddt[stages]
    b = np.zeros(stages + 1)
    b[2:] = ddt[2:] / dt[2:] ** 2
    b[0] = b[1] = b[2]
    a = 1.0 - b * t
    mu, nu, mu_tilde, gamma_tilde = (np.zeros(stages + 1) for _ in range(4))
    mu[2:] = 2 * b[2:] * w0 / b[1:-1]
    nu[2:] = -b[2:] / b[:-2]
    mu_tilde[2:] = 2 * b[2:] * w1 / b[1:-1]
    gamma_tilde[2:] = -a[1:-1] * mu_tilde[2:]
    return mu, nu, mu_tilde, gamma_tilde, np.asarray(b[1] * w1)


def rotate_to_principal(w: torch.Tensor) -> torch.Tensor:
    """The orthogonal (d, d) matrix Z such that the columns of W Z are orthogonal, largest first."""
    order = torch.argsort(w.norm(dim=0), descending=True)
    r = torch.linalg.qr(w[:, order].double(), mode="r").R.cpu()
    z = torch.linalg.svd(r).Vh.T
    rotation = torch.empty_like(z)
    rotation[order.cpu()] = z
    return rotation.to(device=w.device, dtype=w.dtype)


def largest_cosine(w: torch.Tensor) -> float:
    """Largest |cosine| between two columns of W."""
    unit = w / w.norm(dim=0).clamp_min(torch.finfo(w.dtype).tiny)
    gram = unit.T @ unit
    gram.fill_diagonal_(0.0)
    return float(gram.abs().max())


def spectral_radius(
    drift: Drift, w: torch.Tensor, f: torch.Tensor, direction: torch.Tensor
) -> tuple[float, torch.Tensor, int]:
    """Largest |eigenvalue| of the drift's Jacobian at W, by power iteration on finite differences.

    Returns it (with a margin of 20 %), the direction for a warm start, and the evaluations used.
    """
    size = 1e-3 * float(w.norm())
    estimate, evaluations = 0.0, 0
    direction = direction / direction.norm()
    for _ in range(30):
        image = (drift(w + size * direction) - f) / size
        evaluations += 1
        previous, estimate = estimate, float(image.norm())
        direction = image / max(estimate, 1e-30)
        if abs(estimate - previous) <= 0.02 * estimate:
            break
    return 1.2 * estimate, direction, evaluations


def chebyshev_flow(
    drift: Drift, w: torch.Tensor, start: float, stop: float, tolerance: float, seed: int = 0
) -> Iterator[Step]:
    """Integrate dW/dt = drift(W) from ``start`` to ``stop``, yielding every accepted step.

    The drift must be equivariant under rotations on the right, drift(W Z) = drift(W) Z: between
    steps W may be rotated, so consecutive steps agree only in W W^T, singular values and left
    vectors.

    Args:
        w: (V, d) state at ``start``.
        tolerance: local error of each column per step, relative to the column's norm.
    """
    now, f = start, drift(w)
    evaluations, steps_since_radius, radius = 1, STEPS_PER_RADIUS, 0.0
    generator = torch.Generator().manual_seed(seed)
    direction = torch.randn(w.shape, generator=generator, dtype=torch.float64).to(w)
    tiny = torch.finfo(w.dtype).tiny
    h, table = 0.0, {}
    while now < stop * (1 - 1e-12):
        if largest_cosine(w) > ROTATE_ABOVE:
            z = rotate_to_principal(w)
            w, f = w @ z, f @ z
        if steps_since_radius >= STEPS_PER_RADIUS:
            radius, direction, used = spectral_radius(drift, w, f, direction)
            evaluations, steps_since_radius = evaluations + used, 0
        rates = growth_rates(w, f)
        y, slope = w, f - w * rates
        h = min(h or 0.5 / radius, stop - now, 0.65 * (MAX_STAGES**2 - 1) / radius)
        stages = max(2, 1 + int(np.sqrt(1.0 + 1.54 * h * radius)))
        if stages not in table:
            table[stages] = coefficients(stages)

        def slope_at(y: torch.Tensor, elapsed: float, rates: torch.Tensor = rates) -> torch.Tensor:
            grown = torch.exp(rates * elapsed)
            return drift(y * grown) / grown - y * rates

        after = _advance(slope_at, y, slope, h, table[stages])
        slope_after = slope_at(after, h)
        evaluations += stages
        error = 0.8 * (y - after) + 0.4 * h * (slope + slope_after)
        scale = torch.maximum(y.norm(dim=0), after.norm(dim=0))
        worst = float((error.norm(dim=0) / (tolerance * scale.clamp_min(tiny))).max())
        if not np.isfinite(worst):
            h, radius, steps_since_radius = h / 8, 2 * radius, STEPS_PER_RADIUS
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


def growth_rates(w: torch.Tensor, f: torch.Tensor) -> torch.Tensor:
    """(d,) rate at which each column of W grows along itself, w.f / w.w, and 0 where it shrinks."""
    return ((w * f).sum(0) / (w * w).sum(0).clamp_min(torch.finfo(w.dtype).tiny)).clamp_min(0.0)


def _advance(
    slope_at: Callable[[torch.Tensor, float], torch.Tensor],
    y: torch.Tensor,
    slope: torch.Tensor,
    h: float,
    table: tuple[np.ndarray, ...],
) -> torch.Tensor:
    """One step of dY/du = slope_at(Y, u) from u = 0 to h; ``slope`` is that at the start."""
    mu, nu, mu_tilde, gamma_tilde, first = table
    older, newer = y, y + float(first) * h * slope
    # Stage j stands at u = h moments[j].
    moments = [0.0, float(first)]
    for j in range(2, len(mu)):
        rest = float(1.0 - mu[j] - nu[j])
        newest = rest * y + float(mu[j]) * newer + float(nu[j]) * older
        newest.add_(slope_at(newer, h * moments[1]), alpha=float(mu_tilde[j]) * h)
        newest.add_(slope, alpha=float(gamma_tilde[j]) * h)
        moment = mu[j] * moments[1] + nu[j] * moments[0] + mu_tilde[j] + gamma_tilde[j]
        older, newer, moments = newer, newest, [moments[1], float(moment)]
    return newer
