"""Stiffness of a flow, and rows so stiff that they are integrated separately."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from mstar.dynamics.chebyshev import advance, scheme, stages_for

Drift = Callable[[torch.Tensor], torch.Tensor]


@dataclass
class FastRows:
    """Rows that are integrated separately between the stages of the others.

    Attributes:
        rows: (m,) indices of the rows.
        drift: gives the drift (m, d) of the rows at W (V, d).
        radius: largest |eigenvalue| of that drift's Jacobian with respect to the rows.
    """

    rows: torch.Tensor
    drift: Drift
    radius: float = 0.0

    def follow(
        self, start: torch.Tensor, slope: torch.Tensor, stop: torch.Tensor, duration: float
    ) -> torch.Tensor:
        """Return the fast rows (m, d) after ``duration``, with the others moving linearly.

        Args:
            start, stop: (V, d) W at the ends; the fast rows of ``stop`` are not used.
            slope: (m, d) drift of the fast rows at the start.
            duration: flow time from ``start`` to ``stop``.
        """
        between = torch.empty_like(start)

        def slope_at(rows: torch.Tensor, elapsed: float) -> torch.Tensor:
            torch.lerp(start, stop, elapsed / duration, out=between)
            between[self.rows] = rows
            return self.drift(between)

        table = scheme(stages_for(duration * self.radius))
        return advance(slope_at, start[self.rows], slope, duration, table)


def spectral_radius(
    image: Drift, direction: torch.Tensor, iterations: int = 30
) -> tuple[float, torch.Tensor, int]:
    """Estimate the largest |eigenvalue| of a symmetric linear map by power iteration.

    Returns:
        The estimate with a margin of 20 %, the direction for a warm start, and the evaluations
        used.
    """
    estimate = 0.0
    for used in range(1, iterations + 1):  # noqa: B007
        direction = image(direction / max(float(direction.norm()), 1e-30))
        previous, estimate = estimate, float(direction.norm())
        if abs(estimate - previous) <= 0.02 * estimate:
            break
    return 1.2 * estimate, direction, used


class Stiffness:
    """Estimates of spectral radii of the drift's Jacobian, by finite differences.

    Args:
        drift: of all rows.
        fast: rows integrated separately, if any; `measure` sets their radius.
        w: (V, d) for shape, dtype and device.
        seed: of the starting directions.
    """

    def __init__(self, drift: Drift, fast: FastRows | None, w: torch.Tensor, seed: int) -> None:
        self.drift, self.fast = drift, fast
        generator = torch.Generator().manual_seed(seed)
        self.direction = torch.randn(w.shape, generator=generator, dtype=torch.float64).to(w)
        if fast is not None:
            self.fast_direction = self.direction[fast.rows]

    def directions(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the directions (V, d) and (m, d) from which the next `measure` starts."""
        none = self.direction[:0]
        return self.direction, none if self.fast is None else self.fast_direction

    def restore(self, direction: torch.Tensor, fast_direction: torch.Tensor) -> None:
        """Let the next `measure` start from these `directions`."""
        self.direction = direction
        if self.fast is not None:
            self.fast_direction = fast_direction

    def measure(self, w: torch.Tensor, f: torch.Tensor) -> tuple[float, int]:
        """Return the spectral radius without fast rows, and the number of evaluations of the drift.

        Args:
            w: (V, d) state.
            f: (V, d) drift at ``w``.
        """
        size = 1e-3 * float(w.norm())

        def image(direction: torch.Tensor) -> torch.Tensor:
            change = (self.drift(w + size * direction) - f) / size
            if self.fast is not None:
                change[self.fast.rows] = 0.0
            return change

        if self.fast is not None:
            self._measure_fast(self.fast, w, f, size)
            self.direction[self.fast.rows] = 0.0
        radius, self.direction, used = spectral_radius(image, self.direction)
        return radius, used

    def _measure_fast(self, fast: FastRows, w: torch.Tensor, f: torch.Tensor, size: float) -> None:
        moved = w.clone()

        def image(direction: torch.Tensor) -> torch.Tensor:
            moved[fast.rows] = w[fast.rows] + size * direction
            return (fast.drift(moved) - f[fast.rows]) / size

        fast.radius, self.fast_direction, _ = spectral_radius(image, self.fast_direction)
