"""The spectra figure: eigenvalues of M*, PMI and PPMI by rank, with fitted power laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
from numpy.typing import NDArray

from mstar.figures.drawing import style
from mstar.figures.drawing.labels import exponent_text
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.statistics import power_law

TARGETS = {"mstar": r"$\mathbf{M}^\ast$", "pmi": "PMI", "ppmi": "PPMI"}
COLOURS = {"mstar": style.AZURE, "pmi": style.TANGERINE, "ppmi": style.RASPBERRY}
COLUMNS = ["panel", "target", "mode", "eigenvalue", "y", "offset", "low", "high", "text"]
GAP = 1.7  # least ratio between curves drawn one below the other


def table(
    *, mstar: Array, pmi: Array, ppmi: Array, modes: int = 200, fit_from: int = 10
) -> pd.DataFrame:
    """Return the numbers of the spectra figure, in long form.

    Args:
        mstar, pmi, ppmi: eigenvalues (r,), descending.
        modes: number of leading positive eigenvalues drawn.
        fit_from: first mode, from 1, of the power law, which is fitted up to the last one drawn.

    Returns:
        Columns panel (eigenvalue, law, exponent, missing), target, mode, eigenvalue, y (the value
        drawn: eigenvalue / largest × offset), offset, low, high (interval of an exponent, whose
        value is y), text.

    Raises:
        UserError: no target has a positive eigenvalue.
    """
    targets = {"mstar": mstar, "pmi": pmi, "ppmi": ppmi}
    lines: list[dict[str, Any]] = []
    above = np.full(modes, np.inf)
    for target in TARGETS:
        values = np.asarray(targets[target], dtype=np.float64)[:modes]
        values = values[values > 0]
        if len(values) < modes:
            text = f"{len(values)} of {modes} modes"
            lines.append({"panel": "missing", "target": target, "text": text})
        if not len(values):
            continue
        share = values / values[0]
        offset = min(1.0, float((above[: len(share)] / share).min()) / GAP)
        above[: len(share)] = offset * share
        x = np.arange(1, len(share) + 1)
        lines += [
            {"panel": "eigenvalue", "mode": k, "eigenvalue": e, "y": y, "offset": offset}
            | {"target": target}
            for k, e, y in zip(x, values, offset * share, strict=True)
        ]
        lines += [
            line | {"target": target}
            for line in _law(x[fit_from - 1 :], offset * share[fit_from - 1 :])
        ]
    if not any(line["panel"] == "eigenvalue" for line in lines):
        raise UserError("spectra figure: no target has a positive eigenvalue")
    whole = style.rounded(pd.DataFrame(lines).reindex(columns=COLUMNS))
    whole["mode"] = whole["mode"].astype("Int64")
    whole["text"] = whole["text"].fillna("")
    return whole


def _law(x: NDArray[Any], y: Array) -> list[dict[str, Any]]:
    if len(x) < power_law.FEWEST_POINTS:
        return [{"panel": "missing", "text": f"no law fitted: {len(x)} modes"}]
    law = power_law.fit(x, y)
    ends = np.array([law.first, law.last])
    lines: list[dict[str, Any]] = [
        {"panel": "law", "mode": int(a), "y": b} for a, b in zip(ends, law(ends), strict=True)
    ]
    value = {"y": law.exponent, "low": law.low, "high": law.high}
    return [*lines, {"panel": "exponent", **value}]


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the spectra figure: spectra as dots, laws dashed, exponents in the legend."""
    figure = style.new_figure(5.6, 4)
    ax = figure.add_subplot()
    figure.subplots_adjust(left=0.125, right=0.98, top=0.975, bottom=0.125)
    handles, names = [], []
    for target, name in TARGETS.items():
        own = table[table["target"] == target].set_index("panel")
        if "eigenvalue" in own.index:
            dots = own.loc[["eigenvalue"]]
            ax.plot(
                dots["mode"].astype(int),
                dots["y"],
                "o",
                color=COLOURS[target],
                ms=2.2,
                mew=0,
                gid=f"eigenvalue {target}",
            )
            offset = float(dots["offset"].iloc[0])
            name += "" if offset == 1 else rf"  $\times {offset:.2g}$"
        if "law" in own.index:
            law = own.loc[["law"]]
            ax.plot(law["mode"].astype(int), law["y"], "k--", lw=1.0, gid=f"law {target}")
            power = own.loc[["exponent"], ["y", "low", "high"]].to_numpy(dtype=np.float64)[0]
            name += "   " + exponent_text("k", *power)
        lacking = own.loc[own.index == "missing", "text"]
        handles.append(Line2D([], [], color=COLOURS[target], marker="o", ms=4, mew=0, ls=""))
        names.append(name + "".join(f"  ({text})" for text in lacking))
    handles.append(Line2D([], [], color="black", lw=1, ls="--"))
    names.append("power law, fitted")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
    ax.set(xscale="log", yscale="log", xlabel=r"mode $k$", ylabel=r"$\lambda_k / \lambda_1$")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=10))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(NullFormatter())
    ax.legend(handles, names, loc="upper right", fontsize=9.5, handlelength=1.5)
    return figure
