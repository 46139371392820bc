"""What gensim's word2vec learns in which epoch, from the text's counts and without training.

gensim's updates have a mean (`mstar.prediction.gensim_weights`), and their sum over many pairs is
near the gradient flow of word2vec's loss with untied weights (`mstar.dynamics.untied`), from
gensim's start and along its clock. The flow is followed here. Its cost does not depend on the
length of the text. What the mean leaves out is the noise of single updates, which gensim's rate
lets in and takes out again as it falls.

Let E be an embedding at the end, W or W + C, with left singular vectors u_k, and r_k the unit
vector along X^T u_k at the end, X = W C^T. The strength of mode k is

    u_k^T X(t) r_k = (u_k^T W(t)) (C(t)^T r_k)

relative to the end, and the mode is learned when this first reaches 1/2. It does not change if W
and C turn together, and noise of W and C that is independent adds nothing to it on average, while
it would add to |u_k^T E(t)|.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from mstar.dynamics import learning_times, losses
from mstar.dynamics.untied_drift import UntiedPopulation
from mstar.dynamics.weightings import Weights
from mstar.evaluation.analogies import Questions
from mstar.machine.arrays import Array
from mstar.prediction import features, gensim_weights, untied_embeddings
from mstar.prediction.curves import Grader, dims_tried
from mstar.spectra.directions import fix_signs
from mstar.spectra.spectrum import Spectrum
from mstar.training.population import nonlinear, with_progress

# Embeddings of gensim: its input vectors W, and the sum of input and output vectors W + C.
EMBEDDINGS = ("input", "sum")
# Which eigenvalues belong to each, as in `mstar.prediction.untied_embeddings`.
ORDER: dict[str, Literal["size", "value"]] = {"input": "size", "sum": "value"}
# epochs: passed when a mode of ``embedding`` is learned; the others: `mstar.prediction.features`.
COLUMNS = ["embedding", "rank", "epochs", *features.WORD2VEC[1:]]
# strength: of mode ``name`` after x epochs; accuracy: of category ``name``, after x epochs of the
# flow, or at d = x of the best embeddings for gensim's weights.
CURVES = ["axis", "x", "embedding", "quantity", "name", "value", "low", "high"]
# The flow is followed from where the fastest mode has grown by e^BEGIN.
BEGIN = 0.1


def embedding(state: NDArray[Any], kind: str) -> NDArray[Any]:
    """Return the embedding (V, d) of the stacked state (W; C): W (input) or W + C (sum)."""
    w, c = np.split(state, 2)
    return w if kind == "input" else w + c


def epochs_followed(weights: Weights, rate: float, epochs: int, points: int) -> Array:
    """Return ``points`` numbers of epochs, evenly spaced in their logarithm, up to the last.

    Args:
        weights: from `mstar.prediction.gensim_weights.weights`.
        rate: gensim's initial learning rate.
        epochs: number of all epochs.
        points: how many are returned.
    """
    start = np.random.default_rng(0).standard_normal(len(weights.difference))
    fastest = np.max(svds(weights.difference, k=1, v0=start)[1])
    end = float(gensim_weights.flow_time(epochs, weights.mean, rate, epochs))
    begin = min(BEGIN / float(fastest), end / 2)
    first = float(gensim_weights.epochs_passed(begin, weights.mean, rate, epochs))
    return np.geomspace(first, epochs, points)


def follow(
    weights: Weights,
    dim: int,
    passed: Array,
    rate: float,
    epochs: int,
    *,
    seed: int = 0,
    tolerance: float = 1e-3,
    device: str = "cpu",
) -> Iterator[NDArray[np.float32]]:
    """Yield the state (W; C), (2V, d), after each number of epochs, up to a rotation of columns.

    Args:
        weights: from `mstar.prediction.gensim_weights.weights`.
        dim: d.
        passed: ascending numbers of epochs > 0.
        rate: gensim's initial learning rate.
        epochs: number of all epochs, over which the rate falls.
        seed: of the start.
        tolerance: see `mstar.dynamics.chebyshev_flow.chebyshev_flow`.
        device: "cpu" or "cuda".

    Raises:
        FloatingPointError: the flow diverged.
    """
    model = UntiedPopulation(losses.Sgns(), weights, device, torch.float32)
    size = len(weights.difference)
    state = torch.as_tensor(
        gensim_weights.start(size, dim, seed), dtype=torch.float32, device=device
    )
    times = gensim_weights.flow_time(passed, weights.mean, rate, epochs).tolist()
    flow = nonlinear(model, state, 0.0, times, 1.0, tolerance, seed)
    after = ((number, found) for number, (_, found) in zip(passed.tolist(), flow, strict=True))
    for _, found in with_progress(after, passed, unit="epochs"):
        yield found.cpu().numpy()


def modes_of(state: NDArray[Any], kind: str) -> tuple[Spectrum, Array]:
    """Return the modes of an embedding, and with what each is paired in X.

    Args:
        state: (W; C) at the end.
        kind: of `EMBEDDINGS`.

    Returns:
        The eigenpairs of E E^T of the embedding E, and (V, d) r_k.
    """
    w, c = np.split(state.astype(np.float64), 2)
    left, values, _ = np.linalg.svd(embedding(np.vstack([w, c]), kind), full_matrices=False)
    vectors, squares = fix_signs(np.ascontiguousarray(left)), values**2
    paired = c @ (w.T @ vectors)
    spectrum = Spectrum(squares, vectors, np.zeros(squares.size), float(squares @ squares))
    return spectrum, paired / np.linalg.norm(paired, axis=0)


def strengths(states: Sequence[NDArray[Any]], modes: Array, paired: Array) -> Array:
    """Return u_k^T X r_k relative to the last state, (times, n).

    Args:
        states: (W; C), from `follow` or of gensim.
        modes: (V, n) u_k.
        paired: (V, n) r_k.
    """
    rows = []
    for state in states:
        w, c = np.split(state.astype(np.float64), 2)
        rows.append(np.einsum("kd,kd->k", modes.T @ w, paired.T @ c))
    return np.array(rows) / rows[-1]


def learned(passed: Array, strength: Array) -> Array:
    """Return the epochs (d,) after which each mode is learned, from `strengths` (times, d)."""
    return np.array(
        [learning_times.first_passed(passed, column, 0.5, "log") for column in strength.T]
    )


def predict(
    weights: Weights,
    settings: Mapping[str, Any],
    dim: int,
    words: Sequence[str],
    unigram: NDArray[np.int64],
    questions: Questions,
    *,
    points: int = 40,
    shown: int = 10,
    seed: int = 0,
    tolerance: float = 1e-3,
    device: str = "cpu",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the features that gensim learns, with `COLUMNS`, and `CURVES` over epochs and d.

    Args:
        weights: from `mstar.prediction.gensim_weights.weights`.
        settings: gensim's learning_rate and epochs.
        dim: d.
        words: (V,) words.
        unigram: (V,) occurrences of the words.
        questions: analogies over these words.
        points: numbers of epochs at which the flow is recorded.
        shown: words listed at each end of a feature.
        seed, tolerance, device: see `follow`.
    """
    rate, epochs = settings["learning_rate"], settings["epochs"]
    passed = epochs_followed(weights, rate, epochs, points)
    states = list(
        follow(weights, dim, passed, rate, epochs, seed=seed, tolerance=tolerance, device=device)
    )
    grader, tables = Grader(questions), []
    rows: list[tuple[Any, ...]] = []
    for kind in EMBEDDINGS:
        spectrum, paired = modes_of(states[-1], kind)
        strength = strengths(states, spectrum.eigenvectors, paired)
        table = features.components(spectrum, words, unigram, shown)
        table.insert(0, "embedding", kind)
        tables.append(table.assign(epochs=learned(passed, strength))[COLUMNS])
        for x, row, state in zip(passed, strength, states, strict=True):
            at = ("epochs", x, kind)
            rows += [(*at, "strength", f"mode {k}", s) for k, s in enumerate(row, start=1)]
            right = grader.right(embedding(state, kind))
            rows += [(*at, "accuracy", *score) for score in grader.rows(right)]
        rows += _over_dims(weights, kind, min(2 * dim, len(words) // 4), grader)
    padded = (row + (np.nan,) * (len(CURVES) - len(row)) for row in rows)
    return pd.concat(tables, ignore_index=True), pd.DataFrame(padded, columns=CURVES)


def _over_dims(weights: Weights, kind: str, most: int, grader: Grader) -> list[tuple[Any, ...]]:
    """Return the accuracy of Proposition 2's embedding for gensim's weights, at every d tried."""
    matrix, scale = gensim_weights.symmetric(weights)
    best = untied_embeddings.embedding(matrix, most, ORDER[kind], scale).astype(np.float32)
    return [
        ("dim", float(d), kind, "accuracy", *score)
        for d in dims_tried(most)
        for score in grader.rows(grader.right(best[:, :d]))
    ]
