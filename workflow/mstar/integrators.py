"""A stabilised explicit integrator for gradient flows of matrices.

Second-order Runge-Kutta-Chebyshev (Sommeijer, Shampine and Verwer, J. Comput. Appl. Math. 88,
1998): a gradient flow has a real Jacobian spectrum, and s stages cover about 0.65 s^2 of it, so
the few strongly damped directions do not dictate the step.

Errors are controlled column by column, relative to each column's norm. With columns along the
singular directions (see `rotate_to_principal`) that keeps modes of size 1e-12 as accurate as the
largest: an absolute norm would step over their growth.
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
    """One accepted step: states and drifts (V, d) at both ends, and the number of drift
    evaluations.
    """

    start: float
    stop: float
    before: torch.Tensor
    after: torch.Tensor
    drift_before: torch.Tensor
    drift_after: torch.Tensor
    evaluations: int

    def at(self, time: float) -> torch.Tensor:
        """Cubic Hermite interpolation inside the step."""
        h = self.stop - self.start
        u = (time - self.start) / h
        blend = (
            (1 + 2 * u) * (1 - u) ** 2,
            u * (1 - u) ** 2 * h,
            u**2 * (3 - 2 * u),
            u**2 * (u - 1) * h,
        )
        parts = (self.before, self.drift_before, self.after, self.drift_after)
        return sum((c * p for c, p in zip(blend[1:], parts[1:], strict=True)), blend[0] * parts[0])


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
    h, table = 0.0, {}
    while now < stop * (1 - 1e-12):
        if largest_cosine(w) > ROTATE_ABOVE:
            z = rotate_to_principal(w)
            w, f = w @ z, f @ z
        if steps_since_radius >= STEPS_PER_RADIUS:
            radius, direction, used = spectral_radius(drift, w, f, direction)
            evaluations, steps_since_radius = evaluations + used, 0
        h = min(h or 0.5 / radius, stop - now, 0.65 * (MAX_STAGES**2 - 1) / radius)
        stages = max(2, 1 + int(np.sqrt(1.0 + 1.54 * h * radius)))
        if stages not in table:
            table[stages] = coefficients(stages)
        after = _advance(drift, w, f, h, table[stages])
        f_after = drift(after)
        evaluations += stages
        error = 0.8 * (w - after) + 0.4 * h * (f + f_after)
        scale = torch.maximum(w.norm(dim=0), after.norm(dim=0))
        ratio = error.norm(dim=0) / (tolerance * scale.clamp_min(torch.finfo(w.dtype).tiny))
        worst = float(ratio.max())
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
        yield Step(now, now + h, w, after, f, f_after, evaluations)
        now, w, f = now + h, after, f_after
        steps_since_radius += 1
        h *= factor


def _advance(
    drift: Drift, w: torch.Tensor, f: torch.Tensor, h: float, table: tuple[np.ndarray, ...]
) -> torch.Tensor:
    mu, nu, mu_tilde, gamma_tilde, first = table
    older, newer = w, w + float(first) * h * f
    for j in range(2, len(mu)):
        rest = float(1.0 - mu[j] - nu[j])
        newest = rest * w + float(mu[j]) * newer + float(nu[j]) * older
        newest.add_(drift(newer), alpha=float(mu_tilde[j]) * h)
        newest.add_(f, alpha=float(gamma_tilde[j]) * h)
        older, newer = newer, newest
    return newer
