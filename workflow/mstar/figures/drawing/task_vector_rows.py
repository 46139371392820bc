"""Rows of the tables of Figures 4 and 6: spectra of task vectors, their laws, and their modes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.figures.drawing import style
from mstar.statistics.marchenko_pastur import CLEAR, density, edges, over_edge

CURVE_POINTS = 400
COLUMNS = ["panel", "family", "dim", "x", "y", "width", "low", "high", "text"]
CALLOUT_WORDS = 4


def spectrum_rows(gram: pd.DataFrame, fits: pd.DataFrame, bins: int) -> list[dict[str, Any]]:
    """Return bars, outlier, law and d_eff of each spectrum, all over one range of ``bins``.

    Args:
        gram: columns family, dim, eigenvalue: eigenvalues of R_d R_dᵀ / d.
        fits: columns family, dim, sigma2, gamma, d_eff and, if known, n (number of bulk
            eigenvalues; by default all), low and high (interval of d_eff), d_eff_moments,
            d_eff_mstar.

    Returns:
        Rows of the panels histogram (x: left edge, y: number), outlier (x: the largest eigenvalue,
        if it is at least `CLEAR` × the upper edge of the law), law (counts per bin: density × bulk
        eigenvalues × bin width) and d_eff (y, low, high), d_eff_moments, d_eff_mstar.
    """
    if gram.empty:
        return []
    top = 1.04 * float(gram["eigenvalue"].max())
    lines: list[dict[str, Any]] = []
    for family, dim in dict.fromkeys(zip(gram["family"], gram["dim"], strict=True)):
        rows = gram[(gram["family"] == family) & (gram["dim"] == dim)]
        common = {"family": family, "dim": dim}
        counts, places = np.histogram(rows["eigenvalue"], bins=bins, range=(0, top))
        lines += [
            {**common, "panel": "histogram", "x": left, "y": count, "width": top / bins}
            for left, count in zip(places[:-1], counts, strict=True)
        ]
        largest = float(rows["eigenvalue"].max())
        fit = fits[(fits["family"] == family) & (fits["dim"] == dim)]
        for one in fit.to_dict("records"):
            if over_edge(largest, float(one["sigma2"]), float(one["gamma"])) >= CLEAR:
                lines.append({**common, "panel": "outlier", "x": largest})
            of_law = _law({str(k): v for k, v in one.items()}, len(rows), top / bins, top)
            lines += [{**common, **line} for line in of_law]
    return lines


def _law(fit: Mapping[str, Any], number: int, width: float, top: float) -> list[dict[str, Any]]:
    def known(name: str) -> bool:
        return not pd.isna(fit.get(name, math.nan))

    sigma2, gamma = float(fit["sigma2"]), float(fit["gamma"])
    count = float(fit["n"]) if known("n") else float(number)
    low, high = edges(sigma2, gamma)
    # Denser towards both edges, where the density is a square root (at gamma = 1 a pole).
    x = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, CURVE_POINTS))) / 2
    x = x[(x > 0) & (x <= top)]
    y = density(x, sigma2, gamma) * count * width
    lines = [{"panel": "law", "x": a, "y": b} for a, b in zip(x, y, strict=True)]
    interval = {name: float(fit[name]) for name in ("low", "high") if known(name)}
    lines.append({"panel": "d_eff", "y": float(fit["d_eff"]), **interval})
    others = [name for name in ("d_eff_moments", "d_eff_mstar") if known(name)]
    return lines + [{"panel": name, "y": float(fit[name])} for name in others]


def mode_rows(shares: pd.DataFrame, family: str, modes: int) -> list[dict[str, Any]]:
    """Return bars of the first ``modes`` squared projections of a mean task vector, summing to 1.

    Args:
        shares: columns family, mode (from 0), share, words (text).

    Returns:
        Rows mode (x: the mode, y), annotation (text: words of the tallest bars), and missing modes
        if there are fewer.
    """
    own = shares[shares["family"] == family].sort_values("mode")
    own = own[own["mode"] < modes]
    heights = own["share"].to_numpy(dtype=np.float64)
    if not np.isfinite(heights).all() or not heights.sum() > 0:
        return []
    heights, words = heights / heights.sum(), own["words"].fillna("").astype(str).tolist()
    lines: list[dict[str, Any]] = [
        {"panel": "mode", "x": k, "y": y, "width": 1.0} for k, y in enumerate(heights)
    ]
    lines += [
        {
            "panel": "annotation",
            "x": k,
            "y": float(heights[k]),
            "text": ", ".join(words[k].split()[:CALLOUT_WORDS]),
        }
        for k in annotation_modes(heights)
    ]
    if len(heights) < modes:
        lines.append({"panel": "missing modes", "text": f"{len(heights)} of {modes} computed"})
    return [{**line, "family": family} for line in lines]


def annotation_modes(
    shares: Sequence[float] | NDArray[np.floating[Any]], count: int = 4, apart: int = 2
) -> list[int]:
    """Return modes (from 0) of the ``count`` tallest bars at least ``apart`` from each other."""
    values: Mapping[int, float] = {k: float(y) for k, y in enumerate(shares) if np.isfinite(y)}
    chosen: list[int] = []
    for mode in sorted(values, key=lambda k: (-values[k], k)):
        if len(chosen) < count and all(abs(mode - other) >= apart for other in chosen):
            chosen.append(mode)
    return sorted(chosen)


def finished(lines: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of a figure, with `COLUMNS` and rounded numbers as drawn."""
    whole = style.rounded(pd.DataFrame(list(lines)).reindex(columns=COLUMNS))
    whole["dim"] = whole["dim"].astype("Int64")
    whole[["family", "text"]] = whole[["family", "text"]].fillna("")
    return whole
