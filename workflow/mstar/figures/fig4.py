"""Figure 4: task vectors of analogies, a spike on few modes over a Marchenko–Pastur bulk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mstar.figures import style
from mstar.figures.fig4_panels import draw_curves, draw_modes, draw_spectra
from mstar.files import UserError
from mstar.marchenko_pastur import density, edges
from mstar.task_vectors import FEWEST_PAIRS

BINS = 45
CURVE_POINTS = 400
COLUMNS = ["panel", "family", "dim", "x", "y", "width", "low", "high", "text"]


def _histograms(gram: pd.DataFrame, bins: int) -> list[dict[str, Any]]:
    """Bars of the Gram eigenvalues of each d over one range; the largest is the outlier."""
    top = 1.04 * float(gram["eigenvalue"].max())
    lines: list[dict[str, Any]] = []
    for dim, rows in gram.groupby("dim"):
        counts, places = np.histogram(rows["eigenvalue"], bins=bins, range=(0, top))
        for left, count in zip(places[:-1], counts, strict=True):
            lines.append(
                {"panel": "histogram", "dim": dim, "x": left, "y": count, "width": top / bins}
            )
        lines.append({"panel": "outlier", "dim": dim, "x": float(rows["eigenvalue"].max())})
    return lines


def _laws(gram: pd.DataFrame, fits: pd.DataFrame, width: float, top: float) -> list[dict[str, Any]]:
    """Marchenko–Pastur curves in counts per bin: density × bulk eigenvalues × bin width."""
    lines: list[dict[str, Any]] = []
    for fit in fits.to_dict("records"):
        dim, sigma2, gamma = int(fit["dim"]), float(fit["sigma2"]), float(fit["gamma"])
        number = fit.get("n", math.nan)
        count = float(number) if not pd.isna(number) else float((gram["dim"] == dim).sum())
        low, high = edges(sigma2, gamma)
        # Denser towards both edges, where the density is a square root (at gamma = 1 a pole).
        x = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, CURVE_POINTS))) / 2
        x = x[(x > 0) & (x <= top)]
        y = density(x, sigma2, gamma) * count * width
        lines += [{"panel": "law", "dim": dim, "x": a, "y": b} for a, b in zip(x, y, strict=True)]
        interval = {k: float(fit[k]) for k in ("low", "high") if not pd.isna(fit.get(k, math.nan))}
        lines.append({"panel": "d_eff", "dim": dim, "y": float(fit["d_eff"]), **interval})
    return lines


def table(
    gram: pd.DataFrame,
    fits: pd.DataFrame,
    shares: Sequence[float] | NDArray[np.floating[Any]],
    annotations: Sequence[tuple[int, Sequence[str]]],
    curves: pd.DataFrame,
    *,
    family: str,
    families: Sequence[str],
    dims: Sequence[int] = (),
    histogram_dims: Sequence[int] = (),
    bins: int = BINS,
) -> pd.DataFrame:
    """The numbers of Figure 4, in long form.

    Args:
        gram: columns dim, eigenvalue: eigenvalues of R_d R_dᵀ / d for ``family``.
        fits: columns dim, sigma2, gamma, d_eff and, if known, n (bulk eigenvalues; else all are
            counted), low and high (interval of d_eff).
        shares: (modes,) squared projections of the mean task vector on modes 0, 1, …, sum 1.
        annotations: (mode from 0, words) of the bars to name, at most four.
        curves: columns family, dim, pairs, snr, accuracy (0..1).
        family: the family of the left half. families: those of the curves, in order of colour.
        dims, histogram_dims: the d asked for; those without data are said to be missing.

    Columns returned: panel (histogram, outlier, law, d_eff, mode, annotation, snr, accuracy,
    missing), family, dim, x, y, width, low, high, text. Families with fewer than `FEWEST_PAIRS`
    pairs, and d without data, become rows ``missing`` whose text the figure shows.
    """
    if gram.empty and curves.empty:
        raise UserError(
            f"Figure 4: no pair of {family} or of any other family is in the vocabulary"
        )
    lines: list[dict[str, Any]] = []
    if gram.empty:
        lines.append(
            {"panel": "missing", "family": "histogram", "text": "too few pairs in the vocabulary"}
        )
    else:
        lines += _histograms(gram, bins)
        width = float(lines[0]["width"])
        lines += _laws(gram, fits, width, bins * width)
    for dim in histogram_dims:
        if not gram.empty and dim not in set(gram["dim"]):
            lines.append(
                {
                    "panel": "missing",
                    "family": "histogram",
                    "dim": dim,
                    "text": "beyond the modes computed",
                }
            )
    finite = np.asarray(shares, dtype=np.float64)
    lines += [
        {"panel": "mode", "x": k, "y": y, "width": 1.0}
        for k, y in enumerate(finite)
        if np.isfinite(y)
    ]
    lines += [
        {"panel": "annotation", "x": mode, "y": float(finite[mode]), "text": ", ".join(words)}
        for mode, words in annotations
        if mode < len(finite)
    ]
    for line in lines:
        line.setdefault("family", family)
    lines += _curves(curves, families, dims)
    whole = style.rounded(pd.DataFrame(lines).reindex(columns=COLUMNS))
    whole["dim"] = whole["dim"].astype("Int64")
    whole[["family", "text"]] = whole[["family", "text"]].fillna("")
    return whole


def _curves(
    curves: pd.DataFrame, families: Sequence[str], dims: Sequence[int]
) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for family in families:
        rows = curves[curves["family"] == family].sort_values("dim")
        pairs = int(rows["pairs"].max()) if len(rows) else 0
        if pairs < FEWEST_PAIRS:
            plural = "pair" if pairs == 1 else "pairs"
            lines.append(
                {"panel": "missing", "family": family, "text": f"{pairs} {plural}: too few"}
            )
            continue
        for panel in ("snr", "accuracy"):
            for dim, y in zip(rows["dim"], rows[panel], strict=True):
                if np.isfinite(y):
                    lines.append(
                        {"panel": panel, "family": family, "dim": int(dim), "x": dim, "y": float(y)}
                    )
    known = set(curves["dim"].dropna())
    beyond = sorted(set(dims) - known) if known else []
    lines += [
        {"panel": "missing", "family": "curves", "dim": d, "text": "beyond the modes computed"}
        for d in beyond
    ]
    return lines


def annotation_modes(
    shares: Sequence[float] | NDArray[np.floating[Any]], count: int = 4, apart: int = 2
) -> list[int]:
    """Modes (from 0) of the ``count`` tallest bars at least ``apart`` from taller ones chosen."""
    values: Mapping[int, float] = {k: float(y) for k, y in enumerate(shares) if np.isfinite(y)}
    chosen: list[int] = []
    for mode in sorted(values, key=lambda k: (-values[k], k)):
        if len(chosen) < count and all(abs(mode - other) >= apart for other in chosen):
            chosen.append(mode)
    return sorted(chosen)


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the `table`: spectra on the left, modes at the top right, curves at the bottom right."""
    figure = style.new_figure(11, 6)
    outer = figure.add_gridspec(
        1, 2, width_ratios=(1, 1.28), left=0.07, right=0.988, top=0.935, bottom=0.085, wspace=0.17
    )
    draw_spectra(figure, outer[0], table)
    right = outer[1].subgridspec(2, 1, height_ratios=(1.2, 1), hspace=0.42)
    draw_modes(figure.add_subplot(right[0]), table)
    pair = right[1].subgridspec(1, 2, wspace=0.16)
    draw_curves(figure.add_subplot(pair[0]), figure.add_subplot(pair[1]), table)
    return figure
