"""Synthetic inputs of figures, and helpers that inspect drawn figures."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.text import Text

from mstar.features.null_families import NULLS
from mstar.figures.drawing import style
from mstar.spectra import directions
from mstar.training.record import Training

V, D = 120, 12
LAMBDA = 400.0 * np.arange(1, D + 1) ** -0.6
TIMES = np.geomspace(0.3, 30, 40)
WORDS = ["".join(letters) for letters in itertools.product("abcdefg", "eiou", "lmnrst")][:V]
CURVE_DIMS = [4, 8, 16, 32, 64, 128]
FAMILIES = ["gram6-nationality-adjective", "family", "gram7-past-tense"]


def sigmoids(times: np.ndarray, init: float) -> np.ndarray:
    """Return singular values (times, D) of Lemma 3.1 at ``times`` in τ₁."""
    tau = np.log(LAMBDA[0] / init**2) / LAMBDA[0]
    decay = np.exp(-LAMBDA * tau * times[:, None])
    return np.sqrt(init**2 * LAMBDA / (LAMBDA * decay + init**2 * (1 - decay)))


def trace(init: float = 1e-12) -> pd.DataFrame:
    """Return a trace of Lemma 3.1 at `TIMES`."""
    values = sigmoids(TIMES, init)
    table = pd.DataFrame(values, columns=[f"singular_value_{k + 1}" for k in range(D)])
    residual = 1 - (2 * LAMBDA * values**2 - values**4).sum(axis=1) / (1.5 * (LAMBDA**2).sum())
    return table.assign(time=TIMES, time_tau1=TIMES, loss=residual)


def training(seed: int = 0, mix: float = 0.0, slow: float = 1.0) -> Training:
    """Return a run whose left vectors are shared up to ``mix`` and signs, rotated at each time.

    Singular values follow Lemma 3.1 from 1e-12; its time constants beyond the first are ``slow``
    times those of the lemma. Snapshots are at 0.5, 1.1 and 3 τ₁.
    """
    shared = np.random.default_rng(7).standard_normal((V, D))
    rng = np.random.default_rng(seed)
    left, _ = np.linalg.qr(shared + mix * rng.standard_normal((V, D)))
    left *= rng.choice([-1.0, 1.0], D)

    def states(times: np.ndarray) -> list[np.ndarray]:
        return [
            (left * values) @ np.linalg.qr(rng.standard_normal((D, D)))[0]
            for values in sigmoids(times, 1e-12)
        ]

    whole, moments = states(TIMES), np.array([0.5, 1.1, 3.0])
    taus = np.log(LAMBDA / 1e-24) / LAMBDA * np.array([1.0, *[slow] * (D - 1)])
    return Training(
        embedding=whole[-1],
        snapshots=np.stack(states(moments)),
        snapshot_times=moments,
        paths=directions.paths(whole, whole[-1], 5),
        times=TIMES,
        taus=taus,
        trace=trace().assign(time=TIMES * taus[0]),
    )


def curves(few: str = "") -> pd.DataFrame:
    """Return curves of analogy families over d; the family ``few`` has one pair."""
    return pd.DataFrame(
        {
            "family": family,
            "dim": dim,
            "pairs": 1 if family == few else 20,
            "cosine": 0.9 - 0.1 * np.log(dim),
            "cosine_ratio": 0.8 + 0.05 * i,
            "participation": dim ** (-0.5 - 0.1 * i),
        }
        for i, family in enumerate(FAMILIES)
        for dim in CURVE_DIMS
    )


def null_curves(columns: Sequence[str]) -> pd.DataFrame:
    """Return twenty draws of each null of each family over d, around .1."""
    rng = np.random.default_rng(5)
    index = itertools.product(FAMILIES, NULLS, range(20), CURVE_DIMS)
    table = pd.DataFrame(index, columns=["family", "null", "draw", "dim"])
    return table.assign(**{name: rng.uniform(0.05, 0.15, len(table)) for name in columns})


def null_families(omitted: str = "") -> pd.DataFrame:
    """Return the table of null families; the family ``omitted`` has no random words."""
    rows = [
        (family, null, "no match" if family == omitted and null == NULLS[0] else "")
        for family in FAMILIES
        for null in NULLS
    ]
    return pd.DataFrame(rows, columns=["family", "null", "omitted"])


def null_spectra(gram: pd.DataFrame, fits: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return twenty draws of each null whose eigenvalues are those of ``gram`` by random shares."""
    rng = np.random.default_rng(6)
    drawn = [
        (gram.assign(null=null, draw=i, eigenvalue=gram["eigenvalue"] * share), fits, null, i)
        for null in NULLS
        for i, share in enumerate(rng.uniform(0.4, 0.6, 20))
    ]
    return {
        "null_gram": pd.concat(table for table, *_ in drawn),
        "null_fits": pd.concat(fit.assign(null=null, draw=i) for _, fit, null, i in drawn),
    }


def null_modes(shares: pd.DataFrame) -> pd.DataFrame:
    """Return twenty draws of random words whose modes all have about the same share."""
    rng = np.random.default_rng(7)
    own = shares.drop(columns=["words", "share"])
    return pd.concat(
        own.assign(null=NULLS[0], draw=draw, share=rng.uniform(0.5, 1.5, len(own)))
        for draw in range(20)
    )


def lines(figure: Figure) -> dict[tuple[int, str], np.ndarray]:
    """Return the data (points, 2) of every line that has a gid, by (axes number, gid)."""
    return {
        (i, str(line.get_gid())): np.asarray(line.get_xydata())
        for i, ax in enumerate(figure.axes)
        for line in ax.get_lines()
        if line.get_gid()
    }


def texts(figure: Figure) -> list[str]:
    """Return all texts in a figure."""
    return [text.get_text() for text in figure.findobj(Text)]


def assert_texts_apart(figure: Figure, texts: list[Any]) -> None:
    """Assert that no text overlaps another."""
    measure = style.renderer(figure)
    boxes = [text.get_window_extent(measure) for text in texts]
    for (i, a), (j, b) in itertools.combinations(enumerate(boxes), 2):
        assert not a.overlaps(b), (texts[i].get_text(), texts[j].get_text())


def assert_nothing_cut(figure: Figure) -> None:
    """Assert that the outermost pixels are blank: no text or line leaves the picture."""
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    for edge in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]):
        assert (edge == 255).all()


def assert_whole_and_the_same_twice(
    module: ModuleType, given: dict[str, Any], folder: Path
) -> None:
    """Assert that files contain no date or program, and that the table reads back unchanged."""
    written: list[list[bytes]] = []
    for attempt in ("a", "b"):
        figure, table = style.make(module, given, {})
        paths = {kind: folder / attempt / f"figure.{kind}" for kind in ("pdf", "png", "csv")}
        style.save(figure, table, **paths)
        written.append([path.read_bytes() for path in paths.values()])
        assert {path.name for path in (folder / attempt).iterdir()} == {
            path.name for path in paths.values()
        }
    assert written[0] == written[1]
    pdf, png, csv = written[0]
    assert pdf.startswith(b"%PDF") and png.startswith(b"\x89PNG") and len(csv) > 100
    assert b"CreationDate" not in pdf and b"Software" not in png
    look: dict[str, Any] = {"keep_default_na": False, "na_values": [""]}
    read = pd.read_csv(folder / "a" / "figure.csv", float_precision="round_trip", **look)
    assert len(read) == len(table) and list(read.columns) == list(table.columns)
    for column in table.columns:
        if pd.api.types.is_float_dtype(table[column]):
            np.testing.assert_array_equal(
                read[column].to_numpy(float), table[column].to_numpy(float)
            )
