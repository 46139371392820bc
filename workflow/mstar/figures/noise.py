"""The noise figure: minibatch runs of QWEM against the exact flow, over batch and learning rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from mstar.figures.drawing import curves, style
from mstar.files.writing import UserError
from mstar.training.record import singular_value_columns

COLUMNS = ["run", "learning_rate", "batch", "scale", "drop_step", "drop_factor"]
COLUMNS += ["quantity", "mode", "time", "y"]
# The difference is computed over the first modes, at times when their exact values are within this
# share of the last ones; the excess loss over times from this share of the last time on.
FIRST, LEARNED, LATE = 10, 0.01, 0.8
# The paper's learning rate over its batch, before its drop.
PAPER = 5 / 50_000
MARKERS = "os^Dv"


def _numbered(trace: pd.DataFrame, exact: pd.DataFrame) -> dict[str, float]:
    """Return how a run differs from the exact flow.

    The values are the root mean square and the mean of the relative difference of the first
    singular values, the excess loss, and the number of last singular values within 10 %.
    """
    names = singular_value_columns(exact)
    found, true = (frame[names].to_numpy(dtype=np.float64) for frame in (trace, exact))
    relative = found / true - 1.0
    learned = np.abs(true / true[-1] - 1.0)[:, :FIRST] < LEARNED
    late = exact["time_tau1"] >= LATE * exact["time_tau1"].iloc[-1]
    return {
        "difference": float(np.sqrt((relative[:, :FIRST][learned] ** 2).mean())),
        "bias": float(relative[:, :FIRST][learned].mean()),
        "excess": float((trace["loss"] - exact["loss"])[late].mean()),
        "within": float((np.abs(relative[-1]) < 0.1).sum()),
    }


def table(
    *,
    exact: pd.DataFrame,
    population: pd.DataFrame,
    sampled: Sequence[pd.DataFrame],
    predicted: pd.DataFrame,
    runs: Mapping[str, Mapping[str, Any]],
    modes: Sequence[int],
) -> pd.DataFrame:
    """Return the numbers of the noise figure, in long form.

    Args:
        exact, population, sampled: traces at the same times, from the same weights.
        predicted: from `mstar.dynamics.gradient_noise.at_rest`.
        runs: for each of ``sampled``, by name, its learning_rate, batch and drop ([step, factor]
            or []).
        modes: singular values drawn; those above d are omitted.

    Returns:
        Columns run, learning_rate, batch, scale (learning rate / batch), drop_step, drop_factor,
        quantity, mode, time (tau_1), y. Quantities: singular value and loss over time; difference,
        bias, excess and within of each run (see the caption), and within of the exact run, which is
        d; for run ``predicted`` squared difference and excess, per unit of scale.

    Raises:
        UserError: the traces do not record the same times.
    """
    traces = {"exact": exact, "population": population, **dict(zip(runs, sampled, strict=True))}
    parts = []
    for name, trace in traces.items():
        times = trace["time_tau1"]
        if len(times) != len(exact) or not np.allclose(times, exact["time_tau1"]):
            raise UserError(f"{name}: not the times of the exact flow; make both runs again")
        curve = {
            "singular value": [m for m in modes if f"singular_value_{m}" in trace],
            "loss": [0],
        }
        rows = [
            pd.DataFrame({"quantity": quantity, "mode": mode, "time": times, "y": trace[column]})
            for quantity, numbers in curve.items()
            for mode in numbers
            for column in ["loss" if quantity == "loss" else f"singular_value_{mode}"]
        ]
        found = _numbered(trace, exact)
        if name == "exact":
            found = {"within": found["within"]}  # all d of them
        rows.append(pd.DataFrame({"quantity": list(found), "y": list(found.values())}))
        one = runs.get(name, {})
        step, factor = one.get("drop") or (np.nan, np.nan)
        known = {key: one.get(key, np.nan) for key in ("learning_rate", "batch")}
        scale = known["learning_rate"] / known["batch"]
        given = {"run": name, **known, "scale": scale, "drop_step": step, "drop_factor": factor}
        parts.append(pd.concat(rows).assign(**given))
    values = predicted[predicted["quantity"] == "singular value"].head(FIRST)["slope"]
    loss = predicted.loc[predicted["quantity"] == "loss", "slope"].iloc[0]
    slopes = {"squared difference": float(values.mean()), "excess": float(loss)}
    lines = {"run": "predicted", "quantity": list(slopes), "y": list(slopes.values())}
    whole = pd.concat([*parts, pd.DataFrame(lines)], ignore_index=True).reindex(columns=COLUMNS)
    for column in ("mode", "batch", "drop_step"):
        whole[column] = whole[column].astype("Int64")
    return style.rounded(whole)


def _colours(scales: Sequence[float]) -> dict[float, str]:
    """Return violet for the least noise scale to yellow-orange for the most, by rank."""
    plasma = matplotlib.colormaps["plasma"]
    places = np.linspace(0.05, 0.82, len(scales)) if len(scales) > 1 else [0.4]
    return {scale: to_hex(plasma(place)) for scale, place in zip(scales, places, strict=True)}


def _look(row: pd.Series, colours: Mapping[float, str], rates: Sequence[float]) -> dict[str, Any]:
    """Return the look of a run: colour by noise scale, dashes by learning rate."""
    if row["run"] == "exact":
        return {"color": "black", "lw": 1.6, "zorder": 5}
    if row["run"] == "population":
        return {"color": "#888888", "lw": 3.2, "zorder": 1.5, "alpha": 0.6}
    if not pd.isna(row["drop_step"]):
        return {"color": style.AZURE, "lw": 1.3, "zorder": 4}
    dashes = ("-", (0, (4, 1.5)), (0, (1.5, 1.2)), (0, (6, 1, 1, 1)))
    line = dashes[rates.index(row["learning_rate"]) % len(dashes)]
    return {"color": colours[row["scale"]], "lw": 1.2, "ls": line, "zorder": 3}


def _marker(row: pd.Series, rates: Sequence[float]) -> dict[str, Any]:
    """Return a marker: its shape by learning rate, smaller for larger rates so that none hides."""
    if pd.isna(row["scale"]):
        return {}
    if not pd.isna(row["drop_step"]):
        return {"marker": "*", "ms": 9}
    place = rates.index(row["learning_rate"])
    shape = {"marker": MARKERS[place % len(MARKERS)], "ms": max(8.0 - 3.0 * place, 3.0)}
    return shape | {"mec": style.CREAM, "mew": 0.8}


def _name(row: pd.Series) -> str:
    if row["run"] == "exact":
        return "exact flow"
    if row["run"] == "population":
        return "expected gradient"
    batch = f"{int(row['batch']):,}".replace(",", "{,}")
    name = rf"$\eta = {row['learning_rate']:g}$, $B = {batch}$"
    if not pd.isna(row["drop_step"]):
        return (
            name + rf"; $\eta$ times {row['drop_factor']:g} after {int(row['drop_step']):,} steps"
        )
    return name


def _curves(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Mapping[str, Any]]) -> None:
    for (run, mode), part in rows.groupby(["run", "mode"], sort=False):
        ax.plot(part["time"], part["y"], gid=f"{run} {mode}", **looks[str(run)])
    curves.time_axis(ax, (float(rows["time"].min()), float(rows["time"].max())))
    ax.set_xlabel(r"$t/\tau_1$", labelpad=1)


def _against_scale(
    ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Any], rates: Sequence[float], height: float
) -> np.ndarray:
    """Draw points over the noise scale, both logarithmic; return the scales that the axis spans."""
    for _, row in rows.sort_values("learning_rate", kind="stable").iterrows():
        look = _marker(row, rates) | {"color": looks[row["run"]]["color"], "zorder": 4}
        ax.plot(row["scale"], row["y"], **look)
    span = np.array([min(rows["scale"].min(), PAPER) / 1.4, rows["scale"].max() * 1.4])
    ax.set(xscale="log", xlim=span)
    ax.axvline(PAPER, color=style.LIGHT_GREY, lw=1, zorder=1)
    ax.annotate("the paper's,\nbefore its drop", (PAPER, height), xytext=(4, 0), fontsize=9,
                xycoords=("data", "axes fraction"), textcoords="offset points", va="center",
                color=style.GREY, linespacing=1.1)  # fmt: skip
    ax.set_xlabel(r"noise scale $\eta/B$", labelpad=1)
    return span


def _percent_axis(ax: Axes) -> None:
    """Make the y axis logarithmic, with round percentages."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    subs = (1.0, 2.0, 5.0) if high / low < 100 else (1.0,)
    ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.3g} %"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _predicted(ax: Axes, span: np.ndarray, slope: float, power: float, name: str) -> None:
    line = (slope * span) ** power
    ax.plot(span, line, color="black", lw=1.1, gid=f"predicted {name}")
    law = r"$\sqrt{\eta/B}$" if power == 0.5 else r"$\eta/B$"
    ax.text(0.05, 0.9, rf"line: predicted, $\propto$ {law}", transform=ax.transAxes, fontsize=9,
            bbox={"fc": style.CREAM, "ec": "none", "pad": 1})  # fmt: skip


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the noise figure: over time above, against the noise scale below."""
    figure = style.new_figure(7.0)
    look = {"left": 0.07, "right": 0.985}
    upper = figure.add_gridspec(1, 2, top=0.955, bottom=0.575, wspace=0.16, **look)
    lower = figure.add_gridspec(1, 3, top=0.465, bottom=0.19, wspace=0.3, **look)
    values, loss = (figure.add_subplot(upper[0, i]) for i in range(2))
    difference, within, excess = (figure.add_subplot(lower[0, i]) for i in range(3))
    heads = table.drop_duplicates("run").query("run != 'predicted'")
    varied = heads[heads["drop_step"].isna() & heads["scale"].notna()]
    rates = sorted(varied["learning_rate"].unique())
    colours = _colours(sorted(varied["scale"].unique()))
    looks = {row["run"]: _look(row, colours, rates) for _, row in heads.iterrows()}
    steady = table[table["drop_step"].isna()]
    shown = steady[steady["quantity"] == "singular value"]
    _curves(values, shown, looks)
    values.set_ylim(bottom=0)
    modes = ", ".join(f"{mode}" for mode in sorted(shown["mode"].unique()))
    values.set_title(rf"singular values $s_k$, $k = {modes}$")
    _curves(loss, table[table["quantity"] == "loss"], looks)
    loss.set_title("loss")
    slopes = table[table["run"] == "predicted"].set_index("quantity")["y"]
    grid = steady[steady["scale"].notna()]
    span = _against_scale(difference, grid[grid["quantity"] == "difference"], looks, rates, 0.68)
    _predicted(difference, span, float(slopes["squared difference"]), 0.5, "difference")
    difference.set_title(r"difference of $s_1 \ldots s_{10}$, once learned", fontsize=11)
    _against_scale(within, grid[grid["quantity"] == "within"], looks, rates, 0.12)
    number = float(table[(table["run"] == "exact") & (table["quantity"] == "within")]["y"].iloc[0])
    within.set_ylim(0, 1.1 * number)
    within.axhline(number, color=style.GREY, lw=1, ls=":")
    within.annotate(f"all {number:g}", (0.97, number), xycoords=("axes fraction", "data"),
                    xytext=(0, -3), textcoords="offset points", ha="right", va="top",
                    fontsize=9, color=style.GREY)  # fmt: skip
    within.set_title(r"number of $s_k$ within 10 % at the end", fontsize=11)
    span = _against_scale(excess, grid[grid["quantity"] == "excess"], looks, rates, 0.68)
    _predicted(excess, span, float(slopes["excess"]), 1.0, "excess")
    excess.set_title("excess of the loss at the end", fontsize=11)
    for ax in (difference, excess):
        _percent_axis(ax)
    _dropped(excess, table)
    handles = [
        Line2D([], [], label=_name(row), **looks[row["run"]], **_marker(row, rates))
        for _, row in heads.iterrows()
    ]
    figure.legend(handles=handles, loc="lower center", ncol=3, handlelength=2.6)
    return figure


def _dropped(ax: Axes, table: pd.DataFrame) -> None:
    """Draw the excess of the run whose learning rate drops, at the noise scale it ends with."""
    for _, row in table[table["drop_step"].notna() & (table["quantity"] == "excess")].iterrows():
        scale = row["scale"] * row["drop_factor"]
        ax.plot(scale, row["y"], color=style.AZURE, zorder=4, **_marker(row, []))
        ax.annotate("dropped", (scale, row["y"]), xytext=(6, -4), textcoords="offset points",
                    fontsize=9, color=style.AZURE)  # fmt: skip
