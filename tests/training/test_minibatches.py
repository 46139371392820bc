"""Minibatch training: steps and flow time, the exact flow, resuming, divergence."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from mstar.counts import targets
from mstar.dynamics import losses, schedule, weightings
from mstar.dynamics.drift import Population
from mstar.files import checkpoints
from mstar.files.writing import UserError
from mstar.spectra import eigensolvers
from mstar.training import closed_form, minibatches, record
from tests.counts.test_targets import random_probabilities

P = random_probabilities(7, size=40, tokens=6000)
SGD = {"learning_rate": 0.5, "loss_scale": None, "batch": 3000, "drops": [], "steps": None}
SETTINGS = {
    "estimator": "sampled",
    "loss": "quartic",
    "weighting": "setting31",
    "negative": 1.0,
    "init": 1e-2,
    "start": 0.4,
    "horizon": 4.0,
    "points": 9,
    "snapshots": [0.5, 2.0],
    "sgd": SGD,
}


def no_questions(_: np.ndarray) -> float:
    return 0.25


def run(folder: Path, seed: int = 3, accuracy: Any = no_questions, **sgd: Any) -> record.Training:
    settings = {**SETTINGS, "sgd": {**SGD, **sgd}}
    return minibatches.train(P, settings, "cpu", 6, seed, accuracy, folder)


def values_of(result: record.Training) -> np.ndarray:
    return result.trace.filter(like="singular_value_").to_numpy()


# --- steps and time ---


def authors_loss(loss: str, weighting: str, k: float, w: torch.Tensor) -> torch.Tensor:
    """Return E+[q+ l+] + k E-[q- l-] as the authors define it, for all pairs at once."""
    joint, unigram = torch.tensor(P.symmetric(P.joint)), torch.tensor(P.unigram)
    independent = torch.outer(unigram, unigram)
    if weighting == "setting31":
        total = joint + k * independent
        plus = minus = total.mean() / total
    elif weighting == "unigram":
        inverse = unigram.mean() / unigram
        plus = minus = torch.outer(inverse, inverse)
    else:
        ratio = 1e-3 / unigram
        keep = torch.clamp(ratio + ratio.sqrt(), max=1.0)
        keep, noise = keep / keep.mean(), unigram**-0.25 / (unigram**-0.25).mean()
        plus = torch.outer(keep, keep)
        minus = 0.5 * (torch.outer(keep, noise) + torch.outer(noise, keep))
    x = w @ w.T
    if loss == "sgns":
        softplus = torch.nn.functional.softplus
        seen, drawn = softplus(-x), softplus(x)
    else:
        seen, drawn = x**2 / 4 - x, x**2 / 4 + x
    return (joint * plus * seen).sum() + k * (independent * minus * drawn).sum()


@pytest.mark.parametrize("loss", losses.LOSSES)
@pytest.mark.parametrize("weighting", weightings.WEIGHTINGS)
@pytest.mark.parametrize("k", [1.0, 2.0])
def test_a_step_of_the_authors_is_so_much_flow_time(loss: str, weighting: str, k: float) -> None:
    options = {"weighting": weighting, "negative": k, "subsample": 1e-3}
    weights, named = weightings.configured(P, options), losses.named(loss)
    w = torch.tensor(np.random.default_rng(0).normal(size=(40, 3)), requires_grad=True)
    (gradient,) = torch.autograd.grad(authors_loss(loss, weighting, k, w) / 0.12, w)
    settings = {"negative": k, "sgd": {"learning_rate": 5.0, "loss_scale": 0.12}}
    size = schedule.step_size(named, weights, P, settings)
    drift = Population(named, weights, "cpu", torch.float64).drift(w.detach())
    torch.testing.assert_close(-5.0 * gradient, size * drift, rtol=1e-9, atol=0)


@pytest.mark.parametrize("k", [1.0, 2.0, 5.0])
def test_step_size_of_qwem(k: float) -> None:
    """2 (1 + k) eta / (m V^2) is 4 eta / (m V^2) for k = 1, as in the authors' notebooks."""
    m = (targets.dense("mstar", P, k) ** 2).mean()
    settings = {"negative": k, "sgd": {"learning_rate": 5.0, "loss_scale": None}}
    size = schedule.step_size(losses.Quartic(), weightings.setting31(P, k), P, settings)
    assert size == pytest.approx(2 * (1 + k) * 5.0 / (m * 40**2))


DROPS = st.lists(st.tuples(st.integers(1, 3000), st.floats(0.1, 2.0)), max_size=3).map(
    lambda drops: sorted(dict(drops).items())
)


@budget(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0.01, 5.0), min_size=1, max_size=6, unique=True).map(sorted),
    st.floats(1e-3, 1.0),
    DROPS,
)
def test_plans_meet_their_times(times: list[float], size: float, drops: list[Any]) -> None:
    legs = schedule.plan(times, 2.0, size, drops)
    assert legs[0].start == 0 and all(leg.stop > leg.start for leg in legs)
    assert all(a.stop == b.start for a, b in pairwise(legs))
    assert [leg.time for leg in legs if leg.time is not None] == times
    now = 0.0
    for leg in legs:
        now += (leg.stop - leg.start) * leg.size
        if leg.time is not None:
            assert now == pytest.approx(2.0 * leg.time)
        factor = np.prod([f for step, f in drops if step <= leg.start])
        assert leg.size <= size * factor * (1 + 1e-6)
        assert not any(leg.start < step < leg.stop for step, _ in drops)


@given(st.integers(0, 4000), DROPS)
def test_flow_time_adds_up_steps(steps: int, drops: list[Any]) -> None:
    total, size, factors = 0.0, 0.5, dict(drops)
    for step in range(steps):
        size *= factors.get(step, 1.0)
        total += size
    assert schedule.flow_time(steps, 0.5, drops) == pytest.approx(total)
    assert schedule.steps_until(total, 0.5, drops) == pytest.approx(steps)


# --- training ---


def test_sampled_qwem_follows_the_exact_flow(tmp_path: Path) -> None:
    full = eigensolvers.all_eigenpairs(targets.dense("mstar", P))
    exact = values_of(
        closed_form.follow(full, {**SETTINGS, "estimator": "exact"}, 6, 3, no_questions)
    )
    errors = {}
    for batch in (100, 20_000):
        found = run(tmp_path / str(batch), batch=batch)
        errors[batch] = np.abs(values_of(found) - exact).max() / exact.max()
    assert errors[20_000] < 0.06
    assert errors[20_000] < errors[100] / 3  # 200 times the pairs give 1 / 14 of the noise


def test_drops_change_the_steps_but_not_the_times(tmp_path: Path) -> None:
    plain = run(tmp_path / "plain", batch=4000)
    dropped = run(tmp_path / "dropped", batch=4000, drops=[[60, 0.5]])
    assert np.array_equal(plain.times, dropped.times)
    assert np.abs(values_of(plain) - values_of(dropped)).max() < 0.1 * values_of(plain).max()
    assert not np.array_equal(plain.embedding, dropped.embedding)
    assert plain.snapshots.shape == (2, 40, 6)


def test_steps_set_the_horizon(tmp_path: Path) -> None:
    size = schedule.step_size(losses.Quartic(), weightings.setting31(P, 1.0), P, SETTINGS)
    result = run(tmp_path, steps=700)
    assert result.times[-1] * result.tau_1 == pytest.approx(700 * size)
    with pytest.raises(UserError, match=r"sgd.steps: 3 steps cover .* which reach 2"):
        run(tmp_path, steps=3)


# --- recorded results and checkpoints ---

KILLED = """
import os, signal, sys
from pathlib import Path
from mstar.training import minibatches, sgd
from tests.training import test_minibatches

minibatches.LOOK, minibatches.CHECKPOINT = 7, 0.0
until, made = int(sys.argv[2]), sgd.CpuSteps.advance

def advance(self, steps, size):
    if self.step + steps > until:
        os.kill(os.getpid(), signal.SIGKILL)
    made(self, steps, size)

sgd.CpuSteps.advance = advance
test_minibatches.run(Path(sys.argv[1]))
"""


def test_a_killed_run_ends_with_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed before the first record, and later between two records."""
    for until in (30, 250):
        path = f"import sys; sys.path[:0] = {sys.path!r}\n"
        command = [sys.executable, "-c", path + KILLED, str(tmp_path / "kept"), str(until)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == -9, done.stderr
    capsys.readouterr()
    for name in ("kept", "whole"):
        record.save(run(tmp_path / name), tmp_path / f"{name}.npz", tmp_path / f"{name}.parquet")
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("resumed")]
    assert len(said) == 1 and 240 <= int(said[0].split()[-1]) <= 250
    for suffix in ("npz", "parquet"):
        one, other = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in ("kept", "whole"))
        assert one == other


def test_damaged_and_foreign_checkpoints_are_named_and_ignored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = run(tmp_path)
    damaged = tmp_path / "record0003.npz"
    damaged.write_bytes(damaged.read_bytes()[:200])
    capsys.readouterr()
    again = run(tmp_path)
    said = capsys.readouterr().err
    assert f"{damaged}: damaged, ignored" in said and "resumed after step" in said
    assert np.array_equal(whole.embedding, again.embedding)
    other = run(tmp_path, learning_rate=0.6)
    said = capsys.readouterr().err
    assert f"{tmp_path / 'record0000.npz'}: of other settings, counts or code, ignored" in said
    assert "resumed" not in said and not np.array_equal(whole.embedding, other.embedding)


def test_keys_tell_settings_and_data_apart() -> None:
    data, more = np.arange(4), np.arange(4) + 1.0
    keys = {
        checkpoints.key_of({"a": 1}, data),
        checkpoints.key_of({"a": 2}, data),
        checkpoints.key_of({"a": 1}, more),
    }
    assert len(keys) == 3
    assert checkpoints.key_of({"a": 1, "b": 2}, data) == checkpoints.key_of({"b": 2, "a": 1}, data)


def test_divergence_names_the_step_and_the_stable_rate(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"diverged at step [\d,]+; .* stable below (\S+) = 2") as e:
        run(tmp_path, learning_rate=500.0, batch=500)
    bound = float(str(e.value).split("stable below ")[1].split()[0])
    largest = eigensolvers.all_eigenpairs(targets.dense("mstar", P)).eigenvalues[0]
    settings = {"negative": 1.0, "sgd": {"learning_rate": bound, "loss_scale": None}}
    size = schedule.step_size(losses.Quartic(), weightings.setting31(P, 1.0), P, settings)
    assert size == pytest.approx(2 / largest, rel=5e-3)
    assert "2 tau" not in str(e.value)
