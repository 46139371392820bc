"""QWEM in closed form and matrix factorisations, recorded like training runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mstar.dynamics import learning_times, theory, untied
from mstar.files.writing import UserError
from mstar.machine.arrays import Array, like, place, to_numpy
from mstar.machine.memory import Demand
from mstar.spectra.spectrum import Spectrum
from mstar.training.record import Accuracy, Recorder, Training, recorded_times

# GPU memory in units of a float64 matrix (V, V): the eigenvectors, and room for states.
GPU_COPIES = 1.5


def demand(settings: Mapping[str, Any], vocabulary: int) -> Demand | None:
    """Return the GPU memory that `follow` needs for the exact flow; None for Lemma 3.1."""
    exact = settings["estimator"] == "exact" and not settings.get("untied")
    return Demand("the exact flow", vocabulary, GPU_COPIES) if exact else None


def follow(
    spectrum: Spectrum,
    settings: Mapping[str, Any],
    dim: int,
    seed: int,
    accuracy: Accuracy,
    device: str = "cpu",
) -> Training:
    """Follow a configured run in closed form.

    Args:
        spectrum: of M*; complete for the exact flow, else ``dim`` leading eigenpairs or more.
        settings: ``dynamics`` merged with ``dynamics.runs.<run>``.
        dim: d.
        seed: of the random start of the exact flow.
        accuracy: function of an embedding.
        device: "cpu" or "cuda", on which the exact flow is computed.

    Raises:
        UserError: the estimator has no closed form, or no mode grows from the configured start.
    """
    snapshots = list(settings["snapshots"])
    times = recorded_times(settings["start"], settings["horizon"], settings["points"], snapshots)
    if settings["estimator"] == "exact":
        if settings.get("untied"):
            kind = settings["untied"]
            return untied_exact(
                spectrum, dim, settings["init"], seed, times, snapshots, accuracy, kind
            )
        return exact(spectrum, dim, settings["init"], seed, times, snapshots, accuracy, device)
    if settings["estimator"] == "sigmoid":
        return sigmoid(spectrum, dim, settings["init"], times, snapshots, accuracy)
    raise UserError(f"estimator {settings['estimator']!r}: expected one of exact, sigmoid")


def exact(
    spectrum: Spectrum,
    dim: int,
    init: float,
    seed: int,
    times: Array,
    snapshot_times: list[float],
    accuracy: Accuracy,
    device: str = "cpu",
) -> Training:
    """Follow the exact flow (`mstar.dynamics.theory.exact_flow`) from a random start.

    Args:
        spectrum: the complete spectrum of M*.
        times: (T,) in units of tau_1.

    Raises:
        UserError: no mode grows from ``init``.
    """
    taus = learning_times.time_constants(spectrum.eigenvalues[:dim], init)
    recorder = Recorder(taus, snapshot_times, accuracy, spectrum.eigenvectors[:, :dim])
    vectors = place(spectrum.eigenvectors, device)
    eigenvalues = like(spectrum.eigenvalues, vectors)
    start = vectors.T @ like(theory.initial_weights(vectors.shape[0], dim, init, seed), vectors)
    for time, w in zip(times, theory.exact_flow(start, eigenvalues, times * taus[0]), strict=True):
        embedding, squares = to_numpy(vectors @ w), w.T @ w
        loss = theory.normalised_loss(w, eigenvalues, squares)
        recorder.record(float(time), loss, theory.singular_values(w, squares), embedding)
    return recorder.finish(embedding)


def untied_exact(
    spectrum: Spectrum,
    dim: int,
    init: float,
    seed: int,
    times: Array,
    snapshot_times: list[float],
    accuracy: Accuracy,
    kind: str,
) -> Training:
    """Follow the exact flow of input and output vectors (`mstar.dynamics.untied.exact_flow`).

    Args:
        spectrum: the complete spectrum of M*.
        times: (T,) in units of tau_1, that of the mode of largest |lambda|.
        kind: see `mstar.dynamics.untied.embedding`.

    Raises:
        UserError: no mode grows from ``init``.
    """
    values, vectors = spectrum.eigenvalues, spectrum.eigenvectors
    order = np.argsort(-np.abs(values), kind="stable")[:dim]
    # Each mode grows in (W +- C)/2, which has half of the variance of W.
    taus = learning_times.time_constants(np.abs(values[order]), init / np.sqrt(2.0))
    recorder = Recorder(taus, snapshot_times, accuracy, vectors[:, :dim])
    start = untied.balanced_start(len(vectors), dim, init, seed)
    start = np.vstack([vectors.T @ part for part in untied.split(start)])
    states = untied.exact_flow(start, values, times * taus[0])
    for time, state in zip(times, states, strict=True):
        w, c = untied.split(state)
        x_m = float(np.einsum("k,kd,kd->", values, w, c))
        square = float(((w.T @ w) * (c.T @ c)).sum())
        loss = 1.0 + (square - 2.0 * x_m) / spectrum.squared_norm
        embedding = vectors @ untied.embedding(state, kind)
        recorder.record(float(time), loss, np.linalg.svd(embedding, compute_uv=False), embedding)
    return recorder.finish(embedding)


def sigmoid(
    spectrum: Spectrum,
    dim: int,
    init: float,
    times: Array,
    snapshot_times: list[float],
    accuracy: Accuracy,
) -> Training:
    """Follow Lemma 3.1, W(t) = V_d S(t), from an aligned start with s_k(0) = ``init``.

    Args:
        spectrum: ``dim`` leading eigenpairs of M*, or more.
        times: (T,) in units of tau_1.

    Raises:
        UserError: no mode grows from ``init``.
    """
    taus = learning_times.time_constants(spectrum.eigenvalues[:dim], init)
    lam, vectors = spectrum.eigenvalues[:dim], spectrum.eigenvectors[:, :dim]
    recorder = Recorder(taus, snapshot_times, accuracy, vectors)
    squares = theory.sigmoid_squares(lam, np.full(dim, init**2), times * taus[0])
    for time, square in zip(times, squares, strict=True):
        embedding = vectors * np.sqrt(square)
        loss = 1.0 + float((square**2 - 2.0 * lam * square).sum()) / spectrum.squared_norm
        recorder.record(float(time), loss, np.sort(np.sqrt(square))[::-1], embedding)
    return recorder.finish(embedding)


def factorisation(spectrum: Spectrum, dim: int, accuracy: Accuracy) -> Training:
    """Factorise M (`Spectrum.embedding`), recorded as one row at infinite time.

    The loss is the part that remains of ||M||_F^2, or, if the spectrum has a scale s, of
    ||diag(s) M diag(s)||_F^2.

    Raises:
        UserError: ``dim`` exceeds the number of eigenpairs known.
    """
    embedding = spectrum.embedding(dim)
    if spectrum.positive < dim:
        print(f"{spectrum.positive} eigenvalues are positive: the other columns of {dim} are zero")
    kept = np.maximum(spectrum.eigenvalues[:dim], 0.0)
    loss = 1.0 - float((kept**2).sum()) / spectrum.squared_norm
    recorder = Recorder(np.full(dim, np.nan), [], accuracy)
    singular = np.linalg.svd(embedding, compute_uv=False) if spectrum.scale.size else np.sqrt(kept)
    values = np.asarray(singular, dtype=np.float64)
    recorder.record(np.inf, loss, values, embedding)
    return recorder.finish(embedding)
