"""How well training agrees with the closed form, in a few numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mstar.features.components import principal_components, subspace_overlap
from mstar.files.writing import UserError
from mstar.spectra.spectrum import Spectrum
from mstar.training.record import Training

COLUMNS = ("run", "seed", "quantity", "value", "expected", "note")


def compare(
    name: str, seed: int, trained: Training, exact: Training, spectrum: Spectrum
) -> pd.DataFrame:
    """Rows with `COLUMNS` for one run at one seed and the exact flow from the same start.

    ``singular values``: largest |s_trained - s_exact| over all times and modes, over the largest
    s_1. ``loss``: largest difference of the normalised losses. ``top-k overlap``:
    ||U_k^T V_k||_F^2 / k of the final left singular vectors with the eigenvectors of M*, for k = 5
    (the paper reports 0.998).

    Raises:
        UserError: the two runs do not record the same times.
    """
    columns = [c for c in exact.trace.columns if c.startswith("singular_value_")]
    ours, theirs = (run.trace[columns].to_numpy() for run in (trained, exact))
    times, expected = (run.trace["time_tau1"].to_numpy() for run in (trained, exact))
    if ours.shape != theirs.shape or not np.allclose(times, expected):
        raise UserError(
            f"{name}, seed {seed}: {len(ours)} times recorded, its exact flow has {len(theirs)}"
        )
    top = min(5, trained.embedding.shape[1])
    left = principal_components(trained.embedding).left[:, :top]
    loss = (trained.trace["loss"] - exact.trace["loss"]).abs().max()
    overlap = subspace_overlap(left, spectrum.eigenvectors[:, :top])
    rows = [
        (
            "singular values",
            np.abs(ours - theirs).max() / theirs.max(),
            0.0,
            "largest difference / s_1",
        ),
        ("loss", loss, 0.0, "largest difference, normalised loss"),
        (f"top-{top} overlap with M*", overlap, 1.0, "at the last time recorded"),
    ]
    return pd.DataFrame([(name, seed, *row) for row in rows], columns=list(COLUMNS))


def first_step(name: str, seed: int, trace: pd.DataFrame) -> pd.DataFrame:
    """One row with `COLUMNS`: when s_1^2 reaches half of its final value, in the run's own tau_1.

    Lemma 3.1 says 1 for an aligned start, where tau_1 is the time at which the sigmoid is half way.
    """
    square = trace["singular_value_1"].to_numpy() ** 2
    after = int(np.argmax(square >= square[-1] / 2))
    at = slice(max(after - 1, 0), after + 1)
    time = float(np.interp(square[-1] / 2, square[at], trace["time_tau1"].to_numpy()[at]))
    row = (name, seed, "first mode half learned", time, 1.0, "time in the run's own tau_1")
    return pd.DataFrame([row], columns=list(COLUMNS))
