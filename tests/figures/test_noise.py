"""Gradient noise: its covariance by pairs, its effect at rest, and the figure's numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.text import Text

from mstar.counts import targets
from mstar.dynamics import gradient_noise, losses, weightings
from mstar.dynamics.drift import Population
from mstar.figures import noise
from mstar.files.writing import UserError
from mstar.training import sgd
from mstar.training.pairs import Pairs, Sampler
from tests.counts.test_targets import random_probabilities
from tests.support.figures import assert_nothing_cut, assert_whole_and_the_same_twice

P = random_probabilities(7, size=12, tokens=300)
SETTINGS: dict[str, Any] = {
    "loss": "quartic", "weighting": "setting31", "negative": 1.0, "sgd": {"loss_scale": None},
}  # fmt: skip


def single_pulls(
    w: np.ndarray, loss: losses.Loss, weights: weightings.Weights
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the probability (n,) and pull (n, V, d) of every positive and every negative pair."""
    joint, independent = P.symmetric(P.joint), np.outer(P.unigram, P.unigram)
    found = []
    for law, share, sign in ((joint, weights.positive, 1), (independent, weights.negative, -1)):
        cells = np.argwhere(law > 0).astype(np.int32)
        psi = (share[law > 0] / law[law > 0]).astype(np.float32)
        pulls = []
        for (i, j), q in zip(cells, psi, strict=True):
            # each pair is listed twice; `sgd.drift` averages over half as many
            pair = Pairs(np.array([i, i]), np.array([j, j]), np.array([sign * q, 0.0], np.float32))
            pulls.append(sgd.drift(loss, torch.as_tensor(w), pair).numpy())
        found.append((law[law > 0], np.array(pulls)))
    return found


@pytest.mark.parametrize("name", losses.LOSSES)
@pytest.mark.parametrize("weighting", ["setting31", "unigram"])
def test_covariances_are_those_of_single_pairs(weighting: str, name: str) -> None:
    w = np.random.default_rng(3).normal(size=(12, 3))
    weights, loss = weightings.named(weighting).weigh(P, 2.0), losses.named(name)
    along, trace = gradient_noise.covariances(P, loss, weights, w, 2)
    left, _, right = np.linalg.svd(w, full_matrices=False)
    expected, total, drift = np.zeros(2), 0.0, np.zeros_like(w)
    for law, pulls in single_pulls(w, loss, weights):
        mean = np.tensordot(law, pulls, 1)
        drift += mean
        total += float(law @ (pulls**2).sum((1, 2))) - float((mean**2).sum())
        for k in range(2):
            on_k = np.einsum("i,nij,j->n", left[:, k], pulls, right[k])
            expected[k] += law @ on_k**2 - (law @ on_k) ** 2
    model = Population(loss, weights, "cpu", torch.float64)
    np.testing.assert_allclose(drift, model.drift(torch.as_tensor(w)).numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(along, expected, rtol=1e-5)
    assert trace == pytest.approx(total, rel=1e-5)


def test_minibatch_runs_fluctuate_at_rest_as_predicted() -> None:
    """A run that starts at the minimum, over many relaxation times of s_1 and the loss."""
    values, vectors = np.linalg.eigh(targets.dense("mstar", P))
    rest = vectors[:, ::-1][:, :3] * np.sqrt(values[::-1][:3])
    weights, loss = weightings.setting31(P, 1.0), losses.Quartic()
    along, trace = gradient_noise.covariances(P, loss, weights, rest, 1)
    batch, size = 1000, 0.05 / values[-1]
    steps = sgd.CpuSteps(Sampler(P, weights), torch.as_tensor(rest), loss, batch, 4)
    model = Population(loss, weights, "cpu", torch.float64)
    sgd.use_threads(1)
    lowest, seen, excess = model.loss(torch.as_tensor(rest)), [], []
    for _ in range(250):
        steps.advance(10, size)
        seen.append(float(torch.linalg.svdvals(steps.w.double())[0]))
        excess.append(model.loss(steps.w.double()) - lowest)
    variance = size / batch * along[0] / (2 * values[-1])
    assert np.std(seen[20:]) == pytest.approx(variance**0.5, rel=0.2)
    predicted = size / batch * trace / 2 / loss.drop(weights)
    assert np.mean(excess[20:]) == pytest.approx(predicted, rel=0.25)


@pytest.mark.parametrize("other", [{"loss": "sgns"}, {"weighting": "unigram"}])
def test_the_rest_of_other_losses_and_weightings_is_not_known(other: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="quartic loss under Setting"):
        gradient_noise.at_rest(P, {**SETTINGS, **other}, np.ones((12, 2)))


# --- the figure ---

SETTINGS_OF = {
    "noise_lr4_batch100": {"learning_rate": 4.0, "batch": 100, "drop": []},
    "noise_lr4_batch400": {"learning_rate": 4.0, "batch": 400, "drop": []},
    "noise_lr8_batch200": {"learning_rate": 8.0, "batch": 200, "drop": []},
    "noise_dropped": {"learning_rate": 4.0, "batch": 100, "drop": [70, 0.1]},
}
TIMES = np.geomspace(0.3, 6.0, 30)


def trace(change: float = 0.0, excess: float = 0.0) -> pd.DataFrame:
    """Return a trace of twelve sigmoids, alternately larger and smaller by the share ``change``."""
    size = 1 + change * np.where(np.arange(30) % 2, 1.0, -1.0)
    columns = {f"singular_value_{k}": size * 12 / k / (1 + np.exp(-6 * (TIMES - 1 - k / 10)))
               for k in range(1, 13)}  # fmt: skip
    loss = 0.5 + 0.5 / (1 + TIMES**3) + excess
    return pd.DataFrame({"time": TIMES, "time_tau1": TIMES, "loss": loss, **columns})


def given() -> dict[str, Any]:
    """Return the inputs of the figure."""
    sampled = [
        trace(0.1 * one["learning_rate"] / one["batch"], 3 * one["learning_rate"] / one["batch"])
        for one in SETTINGS_OF.values()
    ]
    predicted = pd.DataFrame(
        {"quantity": ["singular value"] * 2 + ["loss"], "mode": [1, 2, 0], "slope": [0.1, 0.3, 2.0]}
    )
    traces = {"exact": trace(), "population": trace(1e-4), "sampled": sampled}
    return {**traces, "predicted": predicted, "runs": SETTINGS_OF, "modes": (1, 3, 10, 30)}


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(noise, given(), tmp_path)


def test_noise_figure_holds_what_it_draws() -> None:
    table = noise.table(**given())
    found = table.pivot_table(index="run", columns="quantity", values="y")
    for name, one in SETTINGS_OF.items():
        scale = one["learning_rate"] / one["batch"]
        assert found.loc[name, "difference"] == pytest.approx(0.1 * scale, rel=1e-4)
        assert found.loc[name, "excess"] == pytest.approx(3 * scale, rel=1e-4)
        assert found.loc[name, "within"] == 12
    assert found.loc["exact", "within"] == 12 and np.isnan(found.loc["exact", "difference"])
    assert found.loc["population", "difference"] == pytest.approx(1e-4, rel=1e-3)
    assert found.loc["predicted", "squared difference"] == pytest.approx(0.2)
    assert set(table.loc[table["quantity"] == "singular value", "mode"]) == {1, 3, 10}
    figure = noise.draw(table)
    values, loss, difference, within, excess = figure.axes
    assert [point.get_ydata()[0] for point in within.lines[:3]] == [12, 12, 12]
    drawn = {line.get_gid(): line for line in (*values.lines, *loss.lines)}
    assert "noise_dropped 1" not in drawn and "noise_dropped 0" in drawn
    exact = drawn["exact 3"].get_ydata()
    np.testing.assert_allclose(exact, trace()["singular_value_3"], rtol=1e-5)
    for ax, name, law in ((difference, "difference", (0.2, 0.5)), (excess, "excess", (2.0, 1.0))):
        line = next(line for line in ax.lines if line.get_gid() == f"predicted {name}")
        x, y = line.get_data()
        np.testing.assert_allclose(y, (law[0] * np.asarray(x)) ** law[1])
    colours = {name: drawn[f"{name} 1"].get_color() for name in SETTINGS_OF if "lr" in name}
    assert colours["noise_lr4_batch100"] == colours["noise_lr8_batch200"]  # equal noise scales
    assert len(set(colours.values())) == 2
    said = [text.get_text() for text in figure.findobj(Text)]
    assert any("after 70 steps" in text for text in said) and "all 12" in said
    assert sum("the paper's" in text for text in said) == 3  # the grey line in each panel
    markers = {one.get_label(): one.get_marker() for one in figure.legends[0].legend_handles}
    assert list(markers.values()) == ["None", "None", "o", "o", "s", "*"]
    assert_nothing_cut(figure)


def test_noise_figure_wants_the_same_times() -> None:
    sampled = [trace().iloc[1:], *given()["sampled"][1:]]
    with pytest.raises(UserError, match="noise_lr4_batch100: not the times of the exact flow"):
        noise.table(**{**given(), "sampled": sampled})
