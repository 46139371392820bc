"""Plain factorisations, recorded as training runs are."""

from __future__ import annotations

import numpy as np

from mstar.spectra.spectrum import Spectrum
from mstar.training.record import Accuracy, Recorder, Training


def factorisation(values: Spectrum, dim: int, accuracy: Accuracy) -> Training:
    """svd(M): V_d Lambda_d^{1/2}, recorded as one row at infinite time.

    Raises:
        UserError: see `mstar.spectra.spectrum.Spectrum.embedding`.
    """
    embedding = values.embedding(dim)
    if values.positive < dim:
        print(f"{values.positive} eigenvalues are positive: the other columns of {dim} are zero")
    kept = np.maximum(values.eigenvalues[:dim], 0.0)
    loss = 1.0 - float((kept**2).sum()) / values.squared_norm
    recorder = Recorder(np.full(dim, np.nan), [], accuracy)
    recorder.record(np.inf, loss, np.sqrt(kept), embedding)
    return recorder.finish(embedding)
