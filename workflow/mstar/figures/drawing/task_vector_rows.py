"""Rows of the tables of Figures 4 and 6: spectra of task vectors, their laws, and their modes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.features.null_families import RANDOM, null_over_edge
from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import LEVEL
from mstar.machine.arrays import Array
from mstar.statistics.marchenko_pastur import CLEAR, cdf, density, edges, over_edge

CURVE_POINTS = 400
COLUMNS = ["panel", "family", "dim", "x", "y", "width", "low", "high", "text"]
CALLOUT_WORDS = 4
# Tallest bars of a mean task vector, whose sum is stated.
TOP = 5
OUTER = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
SHARE_POINTS = 200


def spectrum_rows(
    gram: pd.DataFrame,
    fits: pd.DataFrame,
    null_gram: pd.DataFrame,
    null_fits: pd.DataFrame,
    bins: int = 0,
) -> list[dict[str, Any]]:
    """Return the rows of each spectrum, all over one range.

    Args:
        gram: columns family, dim, eigenvalue: eigenvalues of R_d R_dᵀ / d.
        fits: columns family, dim, sigma2, gamma, d_eff and, if known, n (number of bulk
            eigenvalues; by default all), low and high (interval of d_eff), d_eff_moments,
            d_eff_mstar.
        null_gram, null_fits: of `mstar.features.null_statistics`.
        bins: of histograms; without bins, spectra are shares of eigenvalues up to x.

    Returns:
        Rows of the panels

        - histogram (x: left edge, y: number), or share (x: each eigenvalue, y: share up to it) with
          "share, <null>" (x, low, high: the middle `LEVEL` of the draws).
        - law: in counts per bin (density × bulk eigenvalues × bin width), or as a share (cdf × bulk
          eigenvalues / all).
        - outlier (x: the largest eigenvalue, if at least `CLEAR` × the upper edge of the law).
        - over edge (y: the largest eigenvalue over that edge), and "over edge, <null>" (low, high:
          of the draws, each over the edge of its own law; x: this spectrum's edge).
        - d_eff (y, low, high), d_eff_moments, d_eff_mstar.
    """
    if gram.empty:
        return []
    top = 1.04 * float(gram["eigenvalue"].max())
    lines: list[dict[str, Any]] = []
    for family, dim in dict.fromkeys(zip(gram["family"], gram["dim"], strict=True)):
        own, laws, nulls, null_laws = (
            each[(each["family"] == family) & (each["dim"] == dim)]
            for each in (gram, fits, null_gram, null_fits)
        )
        values = own["eigenvalue"].to_numpy(dtype=np.float64)
        found = _shape(values, nulls, bins, top)
        for one in laws.to_dict("records"):
            law = {str(k): v for k, v in one.items()}
            edge, largest = edges(float(law["sigma2"]), float(law["gamma"]))[1], values.max()
            if over_edge(largest, float(law["sigma2"]), float(law["gamma"])) >= CLEAR:
                found.append({"panel": "outlier", "x": largest})
            found.append({"panel": "over edge", "x": edge, "y": largest / edge})
            for null, ratios in null_over_edge(nulls, null_laws).items():
                low, high = np.quantile(ratios, OUTER)
                found.append({"panel": f"over edge, {null}", "x": edge, "low": low, "high": high})
            found += _law(law, len(values), top, bins)
        lines += [{"family": family, "dim": dim, **line} for line in found]
    return lines


def _shape(values: Array, nulls: pd.DataFrame, bins: int, top: float) -> list[dict[str, Any]]:
    if bins:
        counts, places = np.histogram(values, bins=bins, range=(0, top))
        return [
            {"panel": "histogram", "x": left, "y": count, "width": top / bins}
            for left, count in zip(places[:-1], counts, strict=True)
        ]
    share = np.arange(1, len(values) + 1) / len(values)
    lines = [
        {"panel": "share", "x": x, "y": y} for x, y in zip(np.sort(values), share, strict=True)
    ]
    grid = np.linspace(0, top, SHARE_POINTS)
    for null, own in nulls.groupby("null"):
        wide = own.groupby("draw")["eigenvalue"].apply(
            lambda one: np.searchsorted(np.sort(one), grid, side="right") / len(one)
        )
        low, high = np.quantile(np.stack(wide.to_list()), OUTER, axis=0)
        lines += [
            {"panel": f"share, {null}", "x": x, "low": a, "high": b}
            for x, a, b in zip(grid, low, high, strict=True)
        ]
    return lines


def _law(fit: Mapping[str, Any], number: int, top: float, bins: int) -> list[dict[str, Any]]:
    def known(name: str) -> bool:
        return not pd.isna(fit.get(name, math.nan))

    sigma2, gamma = float(fit["sigma2"]), float(fit["gamma"])
    count = float(fit["n"]) if known("n") else float(number)
    low, high = edges(sigma2, gamma)
    # Denser towards both edges, where the density is a square root (at gamma = 1 a pole).
    x = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, CURVE_POINTS))) / 2
    x = x[(x > 0) & (x <= top)]
    if bins:
        y = density(x, sigma2, gamma) * count * top / bins
    else:
        x = np.concatenate([[0.0], x, [top]])
        y = cdf(x, sigma2, gamma) * count / number
    lines = [{"panel": "law", "x": a, "y": b} for a, b in zip(x, y, strict=True)]
    interval = {name: float(fit[name]) for name in ("low", "high") if known(name)}
    lines.append({"panel": "d_eff", "y": float(fit["d_eff"]), **interval})
    others = [name for name in ("d_eff_moments", "d_eff_mstar") if known(name)]
    return lines + [{"panel": name, "y": float(fit[name])} for name in others]


def mode_rows(
    shares: pd.DataFrame, null_modes: pd.DataFrame, family: str, modes: int
) -> list[dict[str, Any]]:
    """Return bars of the first ``modes`` squared projections of a mean task vector, summing to 1.

    Args:
        shares: columns family, mode (from 0), share, words (text).
        null_modes: of `mstar.features.null_statistics`.
        family: family drawn.
        modes: number of bars.

    Returns:
        Rows mode (x: the mode, y), annotation (text: words of the tallest bars), top (x: `TOP`, y:
        sum of the tallest bars), "mode, random words" and "top, random words" (low, high: the
        middle `LEVEL` of the draws), and missing modes if there are fewer.
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
    lines.append({"panel": "top", "x": TOP, "y": float(np.sort(heights)[-TOP:].sum())})
    drawn = null_modes[(null_modes["family"] == family) & (null_modes["mode"] < len(heights))]
    if len(drawn):
        null = drawn.pivot(index="draw", columns="mode", values="share").to_numpy()
        null = null / null.sum(axis=1, keepdims=True)
        low, high = np.quantile(null, OUTER, axis=0)
        lines += [
            {"panel": f"mode, {RANDOM}", "x": k, "low": a, "high": b}
            for k, (a, b) in enumerate(zip(low, high, strict=True))
        ]
        low, high = np.quantile(np.sort(null, axis=1)[:, -TOP:].sum(axis=1), OUTER)
        lines.append({"panel": f"top, {RANDOM}", "x": TOP, "low": low, "high": high})
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
