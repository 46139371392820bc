"""The figure of PMI's collapse: scores against the share of pairs seen, and against PMI's floor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, PercentFormatter

from mstar.figures.drawing import style

TARGETS = {
    "mstar": (r"svd($\mathbf{M}^\ast$)", style.AZURE),
    "ppmi": ("svd(PPMI)", style.RASPBERRY),
    "pmi": ("svd(PMI)", style.TANGERINE),
}
COLUMNS = ["panel", "target", "x", "y", "low", "high", "draws", "questions", "text"]


def table(*, scores: pd.DataFrame, pmi_floor: float) -> pd.DataFrame:
    """Return the numbers of the figure, in long form.

    Args:
        scores: with the columns `mstar.prediction.seen_pairs.COLUMNS`.
        pmi_floor: the floor of PMI on thinned counts.

    Returns:
        Panels seen (x: share of pairs seen, y: mean score over ``draws`` draws, low and high: least
        and greatest of them), floor (x: floor of PMI, y: its score on all counts) and missing (if
        no question has its words in the vocabulary).
    """
    rows: list[dict[str, Any]] = []
    if not scores["questions"].max() > 0:
        rows.append({"panel": "missing", "text": "no question has all its words in the vocabulary"})
        scores = scores.iloc[:0]
    whole = scores[scores["kept"] == scores["kept"].max()]
    by_share = scores[scores["floor"] == pmi_floor].groupby(["target", "kept"], sort=False)
    for (target, _), own in by_share:
        y = own["score"]
        ends = {"low": y.min(), "high": y.max(), "draws": len(y)}
        at: dict[str, Any] = {
            "panel": "seen",
            "target": target,
            "x": own["seen"].mean(),
            "y": y.mean(),
        }
        rows.append({**at, **ends, "questions": own["questions"].max()})
    for _, own in whole[whole["target"] == "pmi"].sort_values("floor").iterrows():
        at = {"panel": "floor", "target": "pmi", "x": own["floor"], "y": own["score"]}
        rows.append({**at, "draws": 1, "questions": own["questions"]})
    found = style.rounded(pd.DataFrame(rows).reindex(columns=COLUMNS))
    for name in ("draws", "questions"):
        found[name] = found[name].astype("Int64")
    return found.fillna({"target": "", "text": ""})


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the figure: one panel against the share of pairs seen, one against the floor."""
    figure = style.new_figure(3.7)
    seen, floor = figure.subplots(1, 2, sharey=True)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.91, bottom=0.15, wspace=0.08)
    for text in table.loc[table["panel"] == "missing", "text"]:
        for ax in (seen, floor):
            ax.text(0.5, 0.5, text, ha="center", transform=ax.transAxes, fontsize=9)
    for target, (name, colour) in TARGETS.items():
        own = table[(table["panel"] == "seen") & (table["target"] == target)].sort_values("x")
        x, y, low, high = (own[c].to_numpy(dtype=float) for c in ("x", "y", "low", "high"))
        seen.plot(x, y, "-o", color=colour, ms=4.5, label=name, gid=f"seen {target}")
        seen.fill_between(x, low, high, color=colour, alpha=0.18, lw=0)
        if target != "pmi" and len(own):
            floor.axhline(y[-1], color=colour, lw=1.2, ls="--", label=f"{name}, which has none")
    own = table[table["panel"] == "floor"]
    name, colour = TARGETS["pmi"]
    x, y = (own[c].to_numpy(dtype=float) for c in ("x", "y"))
    floor.plot(x, y, "-o", color=colour, ms=4.5, label=name, gid="floor pmi")
    seen.set_title("counts thinned: fewer pairs are seen")
    seen.set_xlabel("share of pairs of words that are seen")
    seen.set_ylabel("analogies right")
    seen.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    seen.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    floor.set_title("all counts: another value for pairs never seen")
    floor.set_xlabel("floor of PMI, added before the logarithm")
    if len(own):
        floor.set_xscale("log")
        floor.xaxis.set_major_locator(LogLocator(numticks=8))
        floor.xaxis.set_minor_formatter(NullFormatter())
        seen.legend(loc="best", fontsize=9)
        floor.legend(loc="best", fontsize=9)
    seen.set_ylim(bottom=min(0.0, *np.r_[0.0, table["low"].dropna()]))
    return figure
