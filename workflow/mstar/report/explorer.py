"""The explorer page: features of QWEM, with their learning times, and of word2vec.

The page holds the leading eigenpairs (lambda_k, v_k) of M* and computes the rest in the browser:
at time t the words lie at the rows of V S(t), where s_k(t)^2 follows Lemma 3.1 from s_k(0) = s.
For word2vec it holds the principal components of the embedding of Proposition 2, without times.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
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
from mstar.report.mathematics import maths
from mstar.report.stylesheet import stylesheet
from mstar.spectra.spectrum import Spectrum

STEPS = 32767  # of int16 from 0 to a column's largest absolute value
ENDS = 12  # words listed on each side of a feature
# The word that the page begins with: the first of these nouns that the text has.
NOUNS = ("water", "music", "river", "city", "king", "house", "mother", "world")
SPAN = 0.5, 1.3  # the time axis runs from 0.5 tau_1 to 1.3 times the last tau_k


def quantise(vectors: Array) -> tuple[NDArray[np.int16], Array]:
    """Quantise each column of ``vectors`` (V, K) to integers and a scale: entry = integer × scale.

    Returns:
        (K, V) int16, one feature per row, and (K,) scales. Errors are at most half a scale, which
        is 1/65,534 of the largest absolute value in the column.
    """
    scales = np.abs(vectors).max(axis=0) / STEPS
    safe = np.where(scales > 0, scales, 1.0)
    return np.rint(vectors / safe).T.astype(np.int16), scales


def pack(array: NDArray[Any]) -> str:
    """Return the array in base64: row by row, little-endian, in its own dtype."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little.tobytes(order="C")).decode("ascii")


def unpack(text: str, dtype: str) -> NDArray[Any]:
    """Return the numbers (n,) that `pack` wrote, given their dtype."""
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
    prop2: Spectrum | None = None,
) -> dict[str, Any]:
    """Return everything that the page embeds, ready for JSON.

    Args:
        spectrum: leading eigenpairs of M*, at least ``dim`` if M* has as many.
        words: (V,) words of the rows of the eigenvectors.
        init: s, the initial singular value along every mode.
        dim: d, number of modes learned, over which the loss is computed.
        modes: number of features to show; at most d, and at most the modes that grow.
        drawn: number of most frequent words drawn in the latent space.
        known: number of leading modes by which a word's distinctness is measured for names; equal
            to that of the prediction, so that both give a feature the same name.
        learning_rate: eta, by which times are converted to minibatch steps.
        drops: steps at which the learning rate is multiplied by a factor.
        negative: k.
        prop2: at least ``dim`` leading eigenpairs of Proposition 2's matrix, for the features of
            word2vec; by default the page has none.

    Returns:
        Packed float64: ``eigenvalues`` (d',) of the modes that grow, ``learningTimes`` (d',) in
        units of tau_1, ``scales`` (K,). Packed int16: ``vectors`` (K, V). Flow time of tau_1:
        ``unit``; of one minibatch step: ``step``. ``squaredNorm``: ||M*||_F^2. ``names`` and
        ``ends`` of each feature. ``span``: first and last time of the axis, in tau_1.
        ``first``: the word that the page begins with, a noun if it knows one.
        ``word2vec``: what differs for word2vec, with squared singular values for eigenvalues and
        ||W||_F^2 for ``total``; None without ``prop2``. The other values are as given.

    Raises:
        UserError: no mode grows from ``init``.
        ValueError: words and rows of the eigenvectors differ in number.
    """
    if len(words) != len(spectrum.eigenvectors):
        raise ValueError(f"{len(words)} words for {len(spectrum.eigenvectors)} rows")
    times = learning_times.time_constants(spectrum.eigenvalues[:dim], init)
    times = times[np.isfinite(times)]
    eigenvalues = spectrum.eigenvalues[: times.size]
    shown = min(modes, len(eigenvalues))
    unit = float(times[0])
    leading = _features(spectrum.leading(max(known, shown)), words, shown)
    nouns = sorted(set(NOUNS).intersection(words), key=NOUNS.index)
    return {
        "init": init,
        "dim": dim,
        "asked": modes,
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
        **leading,
        "first": nouns[0] if nouns else words[leading["ends"][0][0][0]],
        "word2vec": None if prop2 is None else _word2vec(prop2.solution(dim), words, modes),
    }


def _features(spectrum: Spectrum, words: Sequence[str], shown: int) -> dict[str, Any]:
    """Return vectors, names and ends of the first ``shown`` features, and their number."""
    vectors = spectrum.eigenvectors[:, :shown]
    integers, scales = quantise(vectors)
    return {
        "shown": shown,
        "scales": pack(scales),
        "vectors": pack(integers),
        "names": names(spectrum, words, shown),
        "ends": [ends(vectors[:, k], ENDS) for k in range(shown)],
    }


def _word2vec(components: Spectrum, words: Sequence[str], modes: int) -> dict[str, Any]:
    """Return what the page says of word2vec, from the eigenpairs of its W W^T."""
    values = components.eigenvalues
    return {
        "eigenvalues": pack(values),
        "total": float(values.sum()),
        **_features(components, words, min(modes, values.size)),
    }


def script_json(data: Mapping[str, Any]) -> str:
    """Return ``data`` as JSON that is safe inside a <script> element."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def sources() -> tuple[str, str, list[str]]:
    """Return template, style and own scripts of the page, for `render`."""
    folder = files("mstar.report").joinpath("templates")
    parts = (".html.j2", ".css", "_model.js", ".js")
    page, style, *scripts = (
        folder.joinpath(f"explorer{part}").read_text("utf-8") for part in parts
    )
    return page, stylesheet() + style, scripts


def render(
    template: str,
    *,
    data: Mapping[str, Any],
    scripts: Sequence[str],
    style: str,
    links: Mapping[str, str] | None = None,
    **about: Any,
) -> str:
    """Return the page as one self-contained HTML file.

    Args:
        template: Jinja source. It sees ``data``, ``data_json`` (``data`` as JSON), ``scripts``,
            ``style`` and each keyword of ``about``, and escapes what it does not mark as safe.
        data: from `page_data`.
        scripts: JavaScript sources, in the order in which they run.
        style: CSS source.
        links: other pages in the folder, {title: file name}.
        about: other values for the template.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["maths"] = maths
    return environment.from_string(template).render(
        data=data,
        data_json=script_json(data),
        scripts=scripts,
        style=style,
        links=links or {},
        **about,
    )
