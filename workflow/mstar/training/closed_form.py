"""QWEM in closed form, recorded as training runs are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mstar.dynamics import theory
from mstar.dynamics.initial import initial_weights
from mstar.files.writing import UserError
from mstar.machine.arrays import Array, like, place, to_numpy
from mstar.machine.memory import Demand
from mstar.spectra.spectrum import Spectrum
from mstar.training.record import Accuracy, Recorder, Training, recorded_times

# Float64 matrices of V x V on a GPU: the eigenvectors, and room for the states.
CARD_COPIES = 1.5


def demand(settings: Mapping[str, Any], vocabulary: int) -> Demand | None:
    """What `follow` needs of a GPU, with the complete spectrum; None for Lemma 3.1."""
    exact = settings["estimator"] == "exact"
    return Demand("the exact flow", vocabulary, CARD_COPIES) if exact else None


def follow(
    values: Spectrum,
    settings: Mapping[str, Any],
    dim: int,
    seed: int,
    accuracy: Accuracy,
    device: str = "cpu",
) -> Training:
    """Follow a configured run (``dynamics`` and ``dynamics.runs.<run>`` merged) in closed form.

    ``device`` is where the exact flow is computed: "cpu" or "cuda".

    Raises:
        UserError: an estimator that is not closed, or fewer positive eigenvalues than needed.
    """
    snapshots = list(settings["snapshots"])
    times = recorded_times(settings["start"], settings["horizon"], settings["points"], snapshots)
    if settings["estimator"] == "exact":
        return exact(values, dim, settings["init"], seed, times, snapshots, accuracy, device)
    if settings["estimator"] == "sigmoid":
        return sigmoid(values, dim, settings["init"], times, snapshots, accuracy)
    raise UserError(f"estimator {settings['estimator']!r}: expected one of exact, sigmoid")


def exact(
    values: Spectrum,
    dim: int,
    init: float,
    seed: int,
    times: Array,
    snapshot_times: list[float],
    accuracy: Accuracy,
    device: str = "cpu",
) -> Training:
    """The same record for quartic loss under Setting 3.1, from the closed form
    (`mstar.dynamics.theory.exact_flow`).

    Args:
        values: the complete spectrum of M*.
    """
    taus = _time_constants(values, dim, init)
    recorder = Recorder(taus, snapshot_times, accuracy)
    vectors = place(values.eigenvectors, device)
    eigenvalues = like(values.eigenvalues, vectors)
    start = vectors.T @ like(initial_weights(vectors.shape[0], dim, init, seed), vectors)
    for time, w in zip(times, theory.exact_flow(start, eigenvalues, times * taus[0]), strict=True):
        embedding, squares = to_numpy(vectors @ w), w.T @ w
        loss = theory.normalised_loss(w, eigenvalues, squares)
        recorder.record(float(time), loss, theory.singular_values(w, squares), embedding)
    return recorder.finish(embedding)


def sigmoid(
    values: Spectrum,
    dim: int,
    init: float,
    times: Array,
    snapshot_times: list[float],
    accuracy: Accuracy,
) -> Training:
    """The same record from Lemma 3.1: aligned start, s_k(0) = init, W(t) = V_d S(t)."""
    taus = _time_constants(values, dim, init)
    recorder = Recorder(taus, snapshot_times, accuracy)
    lam, vectors = values.eigenvalues[:dim], values.eigenvectors[:, :dim]
    squares = theory.sigmoid_squares(lam, np.full(dim, init**2), times * taus[0])
    for time, square in zip(times, squares, strict=True):
        embedding = vectors * np.sqrt(square)
        loss = 1.0 + float((square**2 - 2.0 * lam * square).sum()) / values.squared_norm
        recorder.record(float(time), loss, np.sort(np.sqrt(square))[::-1], embedding)
    return recorder.finish(embedding)


def _time_constants(values: Spectrum, dim: int, init: float) -> Array:
    """tau_k = ln(lambda_k / init^2) / lambda_k of each mode (d,); tau_1 is the unit of time.

    nan for a mode whose final size is not beyond ``init``; an error if that is the first.
    """
    eigenvalues = values.eigenvalues[:dim]
    largest = float(eigenvalues[0])
    if largest <= init**2:
        raise UserError(
            f"init: {init:g} is beyond the first mode's final size {max(largest, 0.0) ** 0.5:.3g}; "
            "choose a smaller initial scale"
        )
    known = np.where(eigenvalues > init**2, eigenvalues, np.nan)
    return np.asarray(theory.time_constant(known, init**2))
