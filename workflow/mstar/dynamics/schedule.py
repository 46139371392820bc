"""Step sizes of the authors' training, and the steps between recorded times.

The authors' loss is E+[q+ l+] + E-[q- l-], divided by a constant m (``loss_scale``; mean(M*^2) for
QWEM), with q scaled so that E+[q+] + E-[q-] = V^2 mean(G). One of their steps, -eta times the
gradient of that loss, therefore covers the flow time

    h = 2 eta mean(G) / (m c),    c = `mstar.dynamics.losses.Loss.multiple`.

Under Setting 3.1, where mean(G) = (1 + k) / V^2, h = 2 (1 + k) eta / (m V^2) for every k.
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
    """Consecutive steps of equal size.

    Attributes:
        start, stop: numbers of steps made before the leg and at its end.
        size: flow time of each step.
        time: the time recorded at its end, in tau_1; None if none is recorded.
    """

    start: int
    stop: int
    size: float
    time: float | None


def step_size(loss: Loss, weights: Weights, p: Probabilities, settings: Mapping[str, Any]) -> float:
    """Return the flow time h of one step at the initial learning rate.

    Args:
        loss: loss of the run.
        weights: pair weights of the run.
        p: pair and word probabilities.
        settings: settings of the run, with ``negative`` and ``sgd``.
    """
    m = settings["sgd"]["loss_scale"]
    if m is None:
        m = p.mean_square(*targets.mstar_cells(p, settings["negative"]))
    return float(2.0 * settings["sgd"]["learning_rate"] * weights.mean / (m * loss.multiple))


def flow_time(steps: int, size: float, drops: Drops) -> float:
    """Return the flow time of ``steps`` steps.

    The flow time of one step is ``size`` at first and multiplied by the factor of each drop.
    """
    total, done = 0.0, 0
    for drop, factor in [*drops, (steps, 1.0)]:
        until = min(max(drop, done), steps)
        total, done = total + (until - done) * size, until
        size *= factor
    return total


def steps_until(time: float, size: float, drops: Drops) -> float:
    """Return the number of steps, not rounded, that cover a flow time (inverts `flow_time`)."""
    done, now = 0, 0.0
    for drop, factor in drops:
        if now + (drop - done) * size >= time:
            break
        now, done, size = now + (drop - done) * size, drop, size * factor
    return done + (time - now) / size


def plan(times: Sequence[float], tau_1: float, size: float, drops: Drops) -> list[Leg]:
    """Return legs that end exactly at recorded times and at drops.

    Except for legs that end at a drop, each consists of equal steps of at most the current size, so
    that recorded times are exact for any size.

    Args:
        times: recorded times, in tau_1.
        tau_1: in flow time.
        size: flow time of one step before any drop.
        drops: steps at which the size is multiplied by a factor.
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
    """Return the smallest number >= 1 of steps of at most ``size``, up to rounding, in ``time``."""
    return max(1, ceil(time / size - 1e-9))
