"""Figure 7: the quartic loss and Setting 3.1, separately and together.

Each run has its own unit of time τ₁, from its k, loss and weighting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from mstar.dynamics.learning_times import first_passed
from mstar.figures.drawing import curves, style
from mstar.training.record import singular_value_columns

TITLES = {
    "sgns": "regular SGNS",
    "quartic": "Quartic loss only",
    "setting31": "Setting 3.1 only",
    "qwem": "Quartic loss + Setting 3.1 (QWEM)",
}
SPANS = {"sgns": (0.5, 30.0), "quartic": (0.5, 30.0), "setting31": (0.5, 10.0), "qwem": (0.5, 10.0)}
RECURSION = "predicted singular value"
PREDICTED = 10  # singular values drawn of the recursion
DIVERGING = "setting31"  # its values grow without bound, so the others set the axis
COLUMNS = ["run", "quantity", "mode", "time", "y", "low", "high", "questions", "seeds"]


def table(
    *,
    sgns_traces: Sequence[pd.DataFrame],
    sgns_scores: Sequence[pd.DataFrame],
    quartic_traces: Sequence[pd.DataFrame],
    quartic_scores: Sequence[pd.DataFrame],
    setting31_traces: Sequence[pd.DataFrame],
    setting31_scores: Sequence[pd.DataFrame],
    qwem_traces: Sequence[pd.DataFrame],
    qwem_scores: Sequence[pd.DataFrame],
    sgns_recursion: pd.DataFrame | None = None,
    quartic_recursion: pd.DataFrame | None = None,
    negative: Mapping[str, float],
) -> pd.DataFrame:
    """Return the numbers of Figure 7, in long form.

    Args:
        sgns_traces, quartic_traces, setting31_traces, qwem_traces: traces, one for each seed.
        sgns_scores, quartic_scores, setting31_scores, qwem_scores: evaluations, in the same order.
        sgns_recursion, quartic_recursion: traces drawn dashed in these panels, if any.
        negative: the weight k of negatives of each run, by the keys of `TITLES`.

    Returns:
        Columns run; quantity (k, tau_1 in flow time, final accuracy, best accuracy, singular value,
        predicted singular value (of the recursion),
        and with several seeds final accuracy, all seeds); mode (from 1); time (τ₁ of the run); y,
        of the first seed; low and high (95 % interval of a final accuracy, else the range over
        seeds); questions; seeds. Singular values are those recorded from 0.5 τ₁ to the first time
        beyond 30 τ₁ (upper row) or 10 τ₁ (lower row).

    Raises:
        UserError: the seeds of a run do not record the same times.
    """
    runs = {
        "sgns": (sgns_traces, sgns_scores),
        "quartic": (quartic_traces, quartic_scores),
        "setting31": (setting31_traces, setting31_scores),
        "qwem": (qwem_traces, qwem_scores),
    }
    parts: list[pd.DataFrame] = []
    for name, (traces, scores) in runs.items():
        first = traces[0]
        last = first.iloc[-1]
        lines: list[dict[str, Any]] = [
            {"quantity": "k", "y": float(negative[name])},
            {"quantity": "tau_1", "y": float(last["time"] / last["time_tau1"])},
            *_accuracy(first, scores),
        ]
        times = first["time_tau1"]
        low, high = SPANS[name]
        start = low if float(times.max()) > low else float(times.min())
        # Up to the first time beyond the axis, so that lines reach its edge.
        beyond = times[times >= high]
        stop = float(beyond.min()) if len(beyond) else float(times.max())
        spread = curves.spread(traces, TITLES[name])
        inside = style.within(spread, start, stop, TITLES[name])
        values = [
            curves.curve(inside, column).assign(mode=mode)
            for mode, column in enumerate(singular_value_columns(inside), start=1)
        ]
        drawn = pd.concat(values).assign(quantity="singular value", seeds=len(traces))
        parts.append(pd.concat([pd.DataFrame(lines), drawn]).assign(run=name))
        predicted = {"sgns": sgns_recursion, "quartic": quartic_recursion}.get(name)
        if predicted is not None:
            inside = style.within(predicted, start, stop, TITLES[name])
            dashed = [
                curves.curve(inside, column).assign(mode=mode)
                for mode, column in enumerate(singular_value_columns(inside, PREDICTED), start=1)
            ]
            parts.append(pd.concat(dashed).assign(run=name, quantity=RECURSION))
    whole = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    for column in ("mode", "questions", "seeds"):
        whole[column] = whole[column].astype("Int64")
    return style.rounded(whole)


def _accuracy(trace: pd.DataFrame, scores: Sequence[pd.DataFrame]) -> list[dict[str, Any]]:
    """Return rows of the final accuracy, of the best on the way, and of the range over seeds.

    Accuracy is that on the regenerated questions; ``trace`` is that of the first seed.
    """
    totals = [
        one[(one["variant"] == "regenerated") & (one["category"] == "total")].iloc[0]
        for one in scores
    ]
    first = totals[0]
    last = float(trace["time_tau1"].max())
    common = {"questions": int(first["questions"]), "seeds": 1}
    final = {"quantity": "final accuracy", "time": last, "y": float(first["score"])}
    lines = [{**common, **final, "low": float(first["low"]), "high": float(first["high"])}]
    way = trace["analogy_accuracy"].to_numpy(dtype=np.float64)
    if np.isfinite(way).any():
        best = int(np.nanargmax(way))
        time = float(trace["time_tau1"].to_numpy()[best])
        lines.append({**common, "quantity": "best accuracy", "time": time, "y": float(way[best])})
    if len(totals) > 1:
        every = [float(total["score"]) for total in totals]
        extremes = {"time": last, "low": min(every), "high": max(every), "seeds": len(every)}
        lines.append({**common, "quantity": "final accuracy, all seeds", **extremes})
    return lines


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _described(rows: pd.DataFrame, stop: float) -> str:
    """Return k, τ₁ and accuracies of one run whose axis ends at ``stop``, in two lines."""
    one = {str(row["quantity"]): row for row in rows[rows["mode"].isna()].to_dict("records")}
    final, best = one["final accuracy"], one.get("best accuracy")
    text = rf"$k = {one['k']['y']:g}$,  $\tau_1 = {one['tau_1']['y']:.3g}$ in flow time;  "
    if not final["questions"]:
        return text + "no analogy\nin this vocabulary"
    reported = [final, best] if best is not None and best["y"] > final["y"] else [final]
    beyond = [line["time"] > stop for line in reported]
    where = " (beyond the axis)" if all(beyond) else " (the first beyond the axis)"
    text += f"{final['questions']} analogies{where if any(beyond) else ''}:\n"
    text += rf"{_percent(final['y'])} % at ${final['time']:.3g}\,\tau_1$"
    text += f" (95 %: {_percent(final['low'])} – {_percent(final['high'])})"
    seeds = one.get("final accuracy, all seeds")
    if seeds is not None:
        text += f"; {seeds['seeds']} seeds: {_percent(seeds['low'])} – {_percent(seeds['high'])}"
    for best in reported[1:]:
        text += rf";  best {_percent(best['y'])} at ${best['time']:.2g}\,\tau_1$"
    return text


def _draw_panel(
    ax: Axes, values: pd.DataFrame, predicted: pd.DataFrame, stop: float, top: float
) -> None:
    """Draw singular values, and those ``predicted``, up to ``stop`` and below ``top``.

    Those that go beyond it are named.
    """
    stop = min(stop, float(values["time"].max()))
    exits: dict[int, float] = {}
    for key, rows in values.groupby("mode"):
        mode = int(str(key))
        look = style.mode_style(mode - 1, style.SCHEME1)
        curves.draw_curve(ax, rows, gid=f"singular_value_{mode}", **look)
        time = first_passed(rows["time"].to_numpy(), rows["y"].to_numpy(), top, "linear")
        if time < stop:
            exits[mode] = time
    for key, rows in predicted.groupby("mode"):
        look = {"color": "black", "ls": (0, (3, 2)), "lw": 0.8, "zorder": 4}
        curves.draw_curve(ax, rows, gid=f"recursion {key}", **look)
    if not predicted.empty:
        handle = Line2D([], [], color="black", ls=(0, (3, 2)), lw=0.8)
        ax.legend([handle], ["recursion"], loc="upper left", handlelength=2, borderaxespad=0.2)
    curves.time_axis(ax, (float(values["time"].min()), stop))
    ax.set_ylim(0, top)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=2))
    if not exits:
        return
    last = values[(values["mode"] == 1) & (values["time"] <= stop)].iloc[-1]
    most = max(exits)
    word = "and" if most == 2 else "to"
    names = "$s_1$ leaves" if most == 1 else rf"$s_1$ {word} $s_{{{most}}}$ leave"
    ax.annotate(
        rf"{names} the axis:  $s_1 = {last['y']:.3g}$ at ${last['time']:.2g}\,\tau_1$",
        (min(exits.values()), top),
        xytext=(0.03, 0.94),
        textcoords="axes fraction",
        va="center",
        fontsize=9,
        color=style.GREY,
        arrowprops={"arrowstyle": "-|>", "color": style.GREY, "lw": 1, "relpos": (1, 0.5)},
    )


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 7: above without Setting 3.1, below with it; the quartic loss on the right."""
    figure = style.new_figure(6)
    grid = figure.add_gridspec(
        2, 2, left=0.07, right=0.985, top=0.905, bottom=0.08, hspace=0.48, wspace=0.1
    )
    values = table[table["quantity"] == "singular value"]
    others = values.loc[values["run"] != DIVERGING, ["y", "high"]]
    top = 1.22 * float(others.max().max())
    for i, name in enumerate(TITLES):
        ax = figure.add_subplot(grid[i // 2, i % 2])
        predicted = table[(table["quantity"] == RECURSION) & (table["run"] == name)]
        _draw_panel(ax, values[values["run"] == name], predicted, SPANS[name][1], top)
        described = ax.annotate(
            _described(table[table["run"] == name], SPANS[name][1]),
            (0.5, 1.0),
            xytext=(0, 4),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8.5,
            linespacing=1.05,
            color=style.GREY,
        )
        height = described.get_window_extent(style.renderer(figure)).height * 72 / figure.dpi
        ax.set_title(TITLES[name], pad=height + 8)
        if i % 2 == 0:
            ax.set_ylabel("Singular values")
        else:
            ax.tick_params(labelleft=False)
        ax.set_xlabel(r"$t/\tau_1$", labelpad=1)
    return figure
