"""Training without sampling noise and without a V x V array, in a run that can be resumed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mstar.counts.targets import Probabilities
from mstar.dynamics import losses
from mstar.dynamics.separable import configured
from mstar.dynamics.separable_population import CHUNK, SeparablePopulation
from mstar.files.checkpoints import Checkpoints, key_of
from mstar.files.writing import UserError
from mstar.machine import memory
from mstar.machine.memory import Demand
from mstar.spectra import eigensolvers
from mstar.spectra.operators import PlusLowRank, matrix_free
from mstar.spectra.solver_choice import needs_dense
from mstar.spectra.spectrum import Spectrum
from mstar.training.population import follow, onset
from mstar.training.record import Accuracy, Training, recorded_times

SPECTRUM = ("eigenvalues", "eigenvectors", "residuals")


# GPU memory: bytes of a seen cell, in both triangles; arrays (V, d) held at once; and bytes of each
# number in a chunk of cells.
PER_CELL, ARRAYS, PER_NUMBER = 32, 24, 16


def demand(vocabulary: int, dim: int, stored: float) -> Demand:
    """Return the GPU memory that `train` needs with ``stored`` seen pairs."""
    needed = PER_CELL * stored + 4 * ARRAYS * vocabulary * dim + PER_NUMBER * CHUNK
    return Demand("sparse training", vocabulary, needed / (8 * vocabulary**2))


def train(
    p: Probabilities,
    settings: Mapping[str, Any],
    device: str,
    dim: int,
    seed: int,
    accuracy: Accuracy,
    folder: str | Path,
    code: str = "",
    threads: int = 1,
) -> Training:
    """Train a configured run by the estimator ``sparse``.

    Args:
        p: pair and word probabilities.
        settings: ``dynamics`` merged with ``dynamics.runs.<run>``.
        device: "cpu", or "cuda" (see `mstar.machine.devices.held`).
        dim: d.
        seed: of the random start.
        accuracy: function of an embedding.
        folder: folder of checkpoints. A killed run resumes from them, and on a CPU ends with the
            same bytes. Checkpoints of other settings, counts or code are ignored.
        code: fingerprint of the code.
        threads: of the CPU. Results do not depend on their number.

    Raises:
        UserError: the weighting is not word2vec, or no mode grows from the start.
    """
    require_separable(settings["weighting"])
    # Dense products take little of the time, and by one thread always have the same bytes.
    torch.set_num_threads(1)
    key = key_of(
        {**settings, "dim": dim, "seed": seed, "code": code, "device": device},
        p.rows, p.columns, p.joint, p.unigram,
    )  # fmt: skip
    checkpoints = Checkpoints(folder, key)
    weights = configured(p, settings)
    difference = weights.difference(threads)
    linear = _leading("linear", difference, dim, checkpoints)
    mstar = matrix_free("mstar", p, settings["negative"], threads=threads)
    modes = _leading("modes", mstar, dim, checkpoints).eigenvectors
    del mstar
    snapshots = list(settings["snapshots"])
    return follow(
        SeparablePopulation(losses.named(settings["loss"]), weights, device, threads),
        onset(difference, weights.total(threads), linear, settings["init"], seed, device),
        seed,
        recorded_times(settings["start"], settings["horizon"], settings["points"], snapshots),
        snapshots,
        accuracy,
        settings["tolerance"],
        device,
        modes,
        checkpoints,
    )


def require_separable(weighting: str) -> None:
    """Check that a weighting has a form without a V x V array.

    Raises:
        UserError: it is not word2vec's.
    """
    if weighting != "word2vec":
        other = "exact or population" if weighting == "setting31" else "population"
        raise UserError(
            f"weighting {weighting!r}: expected word2vec, since the estimator is sparse; the"
            f" estimator {other} takes {weighting}"
        )


def _leading(name: str, operator: PlusLowRank, rank: int, checkpoints: Checkpoints) -> Spectrum:
    """Return the ``rank`` leading eigenpairs, those of the checkpoint ``name`` if it exists."""
    stored = checkpoints.load(name, *SPECTRUM)
    if stored is not None:
        values, vectors, residuals = stored
        return Spectrum(values, vectors, residuals, operator.squared_norm)
    matrix: PlusLowRank | np.ndarray = operator
    if needs_dense(operator.size, rank):
        memory.require_dense(operator.size, 4, "sparse training", f"d far below {rank}")
        matrix = operator @ np.eye(operator.size)

    def progress(line: str) -> None:
        print(f"{name}: {line}", file=sys.stderr, flush=True)

    found = eigensolvers.top_eigenpairs(matrix, rank, progress=progress)
    checkpoints.save(name, **{each: getattr(found, each) for each in SPECTRUM})
    return found
