"""What the explorer page knows: the features of M*, and when Lemma 3.1 has each of them learned.

The page holds the leading eigenpairs (lambda_k, v_k) of M* and works out the rest in the browser:
at time t the words stand at the rows of V S(t), where s_k(t)^2 follows Lemma 3.1 from s_k(0) = s.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from numpy.typing import NDArray

from mstar.dynamics import learning_times
from mstar.dynamics.schedule import Drops
from mstar.features.components import ends
from mstar.features.names import names
from mstar.machine.arrays import Array
from mstar.prediction.features import step_time
from mstar.spectra.spectrum import Spectrum

STEPS = 32767  # of int16 from 0 to a column's largest absolute value
ENDS = 12  # words listed on each side of a feature
SPAN = 0.5, 1.3  # time axis: from this share of tau_1 to this share of the last tau_k


def quantise(vectors: Array) -> tuple[NDArray[np.int16], Array]:
    """Columns of ``vectors`` (V, K) as integers and a scale each: entry = integer × scale.

    Returns:
        (K, V) int16, one feature a row, and (K,) scales. No entry is off by more than half a
        scale, which is 1/65,534 of the largest absolute value in its column.
    """
    scales = np.abs(vectors).max(axis=0) / STEPS
    safe = np.where(scales > 0, scales, 1.0)
    return np.rint(vectors / safe).T.astype(np.int16), scales


def pack(array: NDArray[Any]) -> str:
    """The array's numbers in base64: row by row, little-endian, in its own dtype."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little.tobytes(order="C")).decode("ascii")


def unpack(text: str, dtype: str) -> NDArray[Any]:
    """The numbers (n,) that `pack` wrote, given their dtype."""
    return np.frombuffer(base64.b64decode(text), dtype=np.dtype(dtype).newbyteorder("<"))


def page_data(
    spectrum: Spectrum,
    words: Sequence[str],
    *,
    init: float,
    dim: int,
    modes: int,
    drawn: int,
    known: int,
    learning_rate: float,
    drops: Drops,
    negative: float,
) -> dict[str, Any]:
    """Everything the page embeds, ready for JSON.

    Args:
        spectrum: leading eigenpairs of M*, at least ``dim`` of them where M* has so many.
        words: the V words, row i of the eigenvectors = ``words[i]``.
        init: s, the initial singular value along every mode.
        dim: d, the modes that are learned, over which the loss is taken.
        modes: features to show, of which there are at most d and at most those that grow.
        drawn: commonest words in the picture of the latent space.
        known: leading modes among which a word's distinctness is judged for names; as many as the
            prediction has, so that both call a feature the same.
        learning_rate, drops: eta of the minibatch steps that times are told in as well, and steps
            at which it is multiplied by a factor.
        negative: k.

    Returns:
        Packed float64: ``eigenvalues`` (d',) of the modes that grow, ``learningTimes`` (d',) in
        units of tau_1, ``scales`` (K,). Packed int16: ``vectors`` (K, V). Flow time of tau_1:
        ``unit``; of one minibatch step: ``step``. ``squaredNorm``: ||M*||_F^2. ``names`` and
        ``ends`` of each feature. ``span``: first and last time of the axis, in tau_1. The rest is
        as given.

    Raises:
        UserError: no mode grows from ``init``.
        ValueError: not one word for each row of the eigenvectors.
    """
    if len(words) != len(spectrum.eigenvectors):
        raise ValueError(f"{len(words)} words for {len(spectrum.eigenvectors)} rows")
    times = learning_times.time_constants(spectrum.eigenvalues[:dim], init)
    times = times[np.isfinite(times)]
    eigenvalues = spectrum.eigenvalues[: times.size]
    shown = min(modes, len(eigenvalues))
    vectors = spectrum.eigenvectors[:, :shown]
    integers, scales = quantise(vectors)
    unit = float(times[0])
    return {
        "init": init,
        "dim": dim,
        "asked": modes,
        "shown": shown,
        "drawn": min(drawn, len(words)),
        "unit": unit,
        "step": step_time(spectrum.squared_norm, learning_rate, negative),
        "learningRate": learning_rate,
        "drops": drops,
        "span": [SPAN[0], float(f"{max(3.0, SPAN[1] * float(times.max()) / unit):.2g}")],
        "squaredNorm": spectrum.squared_norm,
        "words": list(words),
        "eigenvalues": pack(eigenvalues),
        "learningTimes": pack(times / unit),
        "scales": pack(scales),
        "vectors": pack(integers),
        "names": names(spectrum.leading(max(known, shown)), words, shown),
        "ends": [ends(vectors[:, k], ENDS) for k in range(shown)],
    }


def script_json(data: Mapping[str, Any]) -> str:
    """JSON that may stand inside a <script> element: no character in it can end the element."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def render(
    template: str, *, data: Mapping[str, Any], scripts: Sequence[str], style: str, **about: Any
) -> str:
    """The page: one HTML file that needs no other.

    Args:
        template: Jinja source. It sees ``data`` (a mapping, and as JSON ``data_json``), ``style``,
            ``scripts`` and ``about``, and escapes what it does not mark as safe.
        scripts: JavaScript sources, in the order in which they run.
        style: CSS source.
        about: what else the page says.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template).render(
        data=data,
        data_json=script_json(data),
        scripts=scripts,
        style=style,
        **about,
    )
