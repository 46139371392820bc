"""The noise figure's part of the configuration, and the runs that follow from it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from mstar.settings import kinds
from mstar.settings.kinds import Expected, Section
from mstar.settings.mistakes import Problem
from mstar.settings.runs import Run


class Noise(Section):
    """What minibatch noise does to QWEM (one of the extras)."""

    base: kinds.NameOfRun = Field(
        "sampled_qwem", description="sampled run of QWEM whose rate and batch are varied"
    )
    learning_rates: Annotated[
        tuple[kinds.Positive, ...], kinds.List, kinds.Increasing, Expected("increasing numbers > 0")
    ] = Field((8.0, 16.0), description="learning rates, each with each of batches")
    batches: kinds.Counts = Field((8000, 16_000, 64_000), description="pairs of a step")
    drop: kinds.Drop = Field(
        (1200, 0.1),
        description="the noisiest of these runs is made once more, its learning rate multiplied by"
        " the second number after so many steps, fewer than it takes",
    )
    horizon: kinds.Positive = Field(
        6.0, description="time until which these runs are followed (τ₁), above dynamics.start"
    )
    points: kinds.Size = Field(60, description="recorded times, evenly spaced in log time")
    modes: kinds.Counts = Field(
        (1, 3, 10, 30, 50), description="singular values drawn against time, those up to d"
    )

    def settings(self) -> dict[str, tuple[float, int, tuple[tuple[int, float], ...]]]:
        """Learning rate, batch and drops of the sampled runs, by their names."""
        grid = itertools.product(self.learning_rates, self.batches)
        runs = {f"noise_lr{_spelt(rate)}_batch{batch}": (rate, batch, ()) for rate, batch in grid}
        noisiest = (self.learning_rates[-1], self.batches[0], (self.drop,))
        return {**runs, "noise_dropped": noisiest}

    def runs(self, base: Run) -> dict[str, Run]:
        """The runs of the figure, by name: exact, expected gradient, and the sampled ones."""
        assert base.sgd is not None
        noiseless: dict[str, kinds.Estimator] = {
            "noise_exact": "exact",
            "noise_population": "population",
        }
        runs = {
            name: base.model_copy(update={"estimator": estimator, "sgd": None})
            for name, estimator in noiseless.items()
        }
        for name, (rate, batch, drops) in self.settings().items():
            varied = {"learning_rate": rate, "batch": batch, "drops": drops, "steps": None}
            runs[name] = base.model_copy(update={"sgd": base.sgd.model_copy(update=varied)})
        return runs


def _spelt(number: float) -> str:
    """A number as a part of a run's name."""
    return f"{number:g}".replace(".", "p").replace("+", "").replace("-", "m")


def noise_checks(
    noise: Noise, runs: Mapping[str, Run], start: float, negative: float
) -> Iterator[Problem]:
    """Yield what is wrong with the figure, given ``dynamics.runs`` and ``start``, and k."""
    base = runs.get(noise.base)
    path = f"dynamics.runs.{noise.base}"
    if base is not None:
        wanted = {"estimator": "sampled", "loss": "quartic", "weighting": "setting31"}
        for key, value in wanted.items():
            if getattr(base, key) != value:
                words = f"a run with {key} {value}, which that one has not"
                yield Problem("figures.noise.base", noise.base, words, (path,))
        if base.negative not in (None, negative):
            words = f"a run with no other than negative ({negative:g}), as the spectrum of M* has"
            yield Problem("figures.noise.base", noise.base, words, (path, "negative"))
    if noise.horizon <= start:
        words = f"a number above dynamics.start ({start:g})"
        yield Problem("figures.noise.horizon", noise.horizon, words, ("dynamics.start",))
    for name in runs:
        if name.startswith("noise_"):
            words = "another name, since those of the noise figure's runs begin with noise_"
            yield Problem(f"dynamics.runs.{name}", name, words)
