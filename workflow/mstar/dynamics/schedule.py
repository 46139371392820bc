"""Step sizes of the authors' training, and the steps between the times recorded.

The learning rate eta is theirs. Their loss is E+[q+ l+] + E-[q- l-], divided by a constant m
(``loss_scale``; mean(M*^2) for QWEM), with q scaled so that E+[q+] + E-[q-] = V^2 mean(G). One step
-eta grad of it therefore covers the flow time

    h = 2 eta mean(G) / (m c),    c = `mstar.dynamics.losses.Loss.multiple`,

and under Setting 3.1, where mean(G) = (1 + k) / V^2, h = 2 (1 + k) eta / (m V^2) for every k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from mstar.counts import targets
from mstar.counts.targets import Probabilities
from mstar.dynamics.losses import Loss
from mstar.dynamics.weightings import Weights

Drops = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Leg:
    """Steps ``start`` (exclusive) to ``stop``, each of flow time ``size``.

    ``time`` is the time recorded at its end, in tau_1, or None.
    """

    start: int
    stop: int
    size: float
    time: float | None


def step_size(loss: Loss, weights: Weights, p: Probabilities, settings: Mapping[str, Any]) -> float:
    """Return the flow time h that one step covers before the learning rate drops (see the module).

    Args:
        settings: a run's, with ``negative`` and ``sgd``.
    """
    m = settings["sgd"]["loss_scale"]
    if m is None:
        m = p.mean_square(*targets.mstar_cells(p, settings["negative"]))
    return float(2.0 * settings["sgd"]["learning_rate"] * weights.mean / (m * loss.multiple))


def flow_time(steps: int, size: float, drops: Drops) -> float:
    """Return the flow time of ``steps`` steps of ``size``, which is multiplied at each drop."""
    total, done = 0.0, 0
    for drop, factor in [*drops, (steps, 1.0)]:
        until = min(max(drop, done), steps)
        total, done = total + (until - done) * size, until
        size *= factor
    return total


def steps_until(time: float, size: float, drops: Drops) -> float:
    """Return the steps that cover a flow time, not rounded: the inverse of `flow_time`."""
    done, now = 0, 0.0
    for drop, factor in drops:
        if now + (drop - done) * size >= time:
            break
        now, done, size = now + (drop - done) * size, drop, size * factor
    return done + (time - now) / size


def plan(times: Sequence[float], tau_1: float, size: float, drops: Drops) -> list[Leg]:
    """Return legs that end exactly at the times recorded (tau_1) and at the drops.

    Each leg but those cut short by a drop is divided into whole steps of at most the size in force,
    so that times do not depend on it.
    """
    legs: list[Leg] = []
    step, now, waiting = 0, 0.0, list(drops)
    for time in times:
        while waiting and step + _whole(time * tau_1 - now, size) > waiting[0][0]:
            drop, factor = waiting.pop(0)
            if drop > step:
                legs.append(Leg(step, drop, size, None))
            step, now, size = drop, now + (drop - step) * size, size * factor
        left = time * tau_1 - now
        count = _whole(left, size)
        legs.append(Leg(step, step + count, left / count, time))
        step, now = step + count, time * tau_1
    return legs


def _whole(time: float, size: float) -> int:
    """Return the fewest steps of at most ``size`` (but for rounding) that cover ``time``, >= 1."""
    return max(1, ceil(time / size - 1e-9))
