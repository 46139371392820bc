"""Curves over training time: the first seed's line, and the range of all seeds as a light band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, StrMethodFormatter

from mstar.files.writing import UserError
from mstar.training.record import singular_value_columns

BAND = 0.25  # opacity of a band relative to its line's
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def spread(traces: Sequence[pd.DataFrame], what: str) -> pd.DataFrame:
    """Return the first of ``traces`` (one for each seed) with the range of all traces.

    If there are several, the loss and every singular value have columns ``…_low`` and ``…_high``.
    ``what`` names the run in an error.

    Raises:
        UserError: the traces do not record the same times.
    """
    first = traces[0]
    if len(traces) == 1:
        return first
    times = [trace["time_tau1"].to_numpy() for trace in traces]
    if any(len(t) != len(times[0]) or not np.allclose(t, times[0]) for t in times):
        raise UserError(f"{what}: the seeds do not record the same times; run them again")
    names = [name for name in ("loss", *singular_value_columns(first)) if name in first.columns]
    values = np.stack([trace[names].to_numpy(dtype=np.float64) for trace in traces])
    low = pd.DataFrame(values.min(axis=0), first.index, [f"{name}_low" for name in names])
    high = pd.DataFrame(values.max(axis=0), first.index, [f"{name}_high" for name in names])
    return pd.concat([first, low, high], axis=1)


def curve(trace: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return columns time (τ₁), y, low, high of one quantity of a `spread`; NaN without a range."""
    ends = {
        end: trace[column] if (column := f"{name}_{end}") in trace.columns else np.nan
        for end in ("low", "high")
    }
    columns = {"time": trace["time_tau1"], "y": trace[name], **ends}
    return pd.DataFrame(columns, trace.index, dtype=np.float64)


def draw_curve(ax: Axes, rows: pd.DataFrame, **look: Any) -> None:
    """Draw a line through time and y, over a light band from low to high if known."""
    (line,) = ax.plot(rows["time"], rows["y"], **look)
    band = rows.reindex(columns=["time", "low", "high"]).dropna().to_dict("list")
    if band["time"]:
        ax.fill_between(
            band["time"],
            band["low"],
            band["high"],
            color=line.get_color(),
            alpha=BAND * (line.get_alpha() or 1.0),
            linewidth=0,
            zorder=line.get_zorder() - 0.5,
            gid=f"band {line.get_gid()}",
        )


def time_axis(ax: Axes, span: tuple[float, float], labelled: bool = True) -> None:
    """Make the x axis logarithmic over ``span`` (τ₁), with round ticks and one at a far end."""
    ax.set_xscale("log")
    ax.set_xlim(*span)
    ticks = [tick for tick in TICKS if span[0] <= tick <= span[1]]
    if ticks and span[1] / ticks[-1] >= 1.5 - 1e-9:
        ticks.append(span[1])
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}") if labelled else NullFormatter())
