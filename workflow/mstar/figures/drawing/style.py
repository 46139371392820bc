"""The look all figures share, and how a figure and its table are written."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from mstar.files.writing import UserError, atomic

CREAM = (1.0, 0.99, 0.95)
AZURE = "xkcd:azure"
TANGERINE = "xkcd:tangerine"
RASPBERRY = "xkcd:raspberry"
GREY = "#555555"
LIGHT_GREY = "#c8c8c8"

SCHEME0 = ("#002676", "#76641C", "#D68C1D", "#F0B811", "#FFCD50")  # gold and navy: large init
SCHEME1 = ("#190933", "#19647E", "#6BB46D", "#A1CDF4", "#EDDEA4")  # teal: small init

RC: dict[str, Any] = {
    "font.family": "STIXGeneral",
    "font.size": 12,
    "mathtext.fontset": "cm",
    "axes.facecolor": CREAM,
    "axes.formatter.use_mathtext": True,
    "axes.titlesize": 12,
    "axes.labelsize": 12,
    "axes.linewidth": 0.8,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.facecolor": "white",
    "figure.dpi": 200,
    "savefig.facecolor": "white",
    "savefig.dpi": 200,
    "lines.linewidth": 1.3,
    "svg.hashsalt": "mstar",
}

P = ParamSpec("P")


def context() -> AbstractContextManager[None]:
    """matplotlib's defaults plus `RC`, whatever the user's matplotlibrc says."""
    return matplotlib.style.context(["default", RC])


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run ``draw`` within `context`."""

    @functools.wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with context():
            return draw(*args, **kwargs)

    return inside


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of ``width`` × ``height`` inches on the Agg canvas, apart from pyplot."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def renderer(figure: Figure) -> RendererAgg:
    """The renderer that measures text of a figure made by `new_figure` (pixels at its dpi)."""
    canvas = figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        raise TypeError("the figure was not made by new_figure")
    measure: RendererAgg = canvas.get_renderer()  # type: ignore[no-untyped-call]
    return measure


def mode_style(mode: int, scheme: Sequence[str]) -> dict[str, Any]:
    """Line style of singular value ``mode`` (from 0): five colours in turn, high modes faint."""
    prominent = mode < 10 or mode % 20 == 0
    return {
        "color": scheme[mode % len(scheme)],
        "alpha": 1.0 if prominent else 0.3,
        "linewidth": 1.3,
        "zorder": 2.5 if prominent else 2.0,
    }


def lighten(colour: str, amount: float = 0.4) -> str:
    """``colour`` mixed with white; ``amount`` 0 leaves it, 1 gives white."""
    rgb = np.asarray(to_rgb(colour))
    return to_hex(tuple(rgb + amount * (1 - rgb)))


def within(trace: pd.DataFrame, start: float, stop: float, what: str) -> pd.DataFrame:
    """Rows of ``trace`` with start ≤ time_tau1 ≤ stop, in order of time.

    Raises UserError when none is left: a panel without a curve is never drawn silently.
    """
    missing = [name for name in ("time_tau1", "singular_value_1") if name not in trace.columns]
    if missing:
        raise UserError(f"{what}: the trace has no column {missing[0]}; is it a trace.parquet?")
    slack = 1e-9 * stop
    time = trace["time_tau1"]
    inside = trace[(time >= start - slack) & (time <= stop + slack)].sort_values("time_tau1")
    if inside.empty:
        raise UserError(
            f"{what}: no time recorded between {start:g} and {stop:g} tau_1;"
            " widen dynamics.start and dynamics.horizon"
        )
    return inside


def rounded(table: pd.DataFrame, digits: int = 6) -> pd.DataFrame:
    """A copy with floats at ``digits`` significant digits: what is drawn is what is written."""
    result = table.copy()
    for name in result.columns:
        if pd.api.types.is_float_dtype(result[name]):
            result[name] = [
                float(f"{x:.{digits}g}") for x in result[name].to_numpy(dtype=np.float64)
            ]
    return result


def save(
    figure: Figure, table: pd.DataFrame, pdf: str | Path, png: str | Path, csv: str | Path
) -> None:
    """Write a figure as PDF and PNG, its table as CSV (TSV if so named), each whole or not at all.

    The bytes depend on figure, table and library versions alone: no dates, no program name.
    """
    with context():
        with atomic(pdf) as path:
            figure.savefig(path, format="pdf", metadata={"CreationDate": None})
        with atomic(png) as path:
            figure.savefig(path, format="png", metadata={"Software": None})
    separator = "\t" if Path(csv).suffix == ".tsv" else ","
    with atomic(csv) as path:
        table.to_csv(path, index=False, sep=separator, lineterminator="\n")
