"""Figure 6: the spectra and modes of Figure 4 for further analogy families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import missing_nulls, note, number_of_pairs, too_few
from mstar.figures.drawing.labels import family_name
from mstar.figures.drawing.task_vector_panels import (
    draw_modes,
    draw_shares,
    null_handles,
    top_text,
)
from mstar.figures.drawing.task_vector_rows import finished, mode_rows, spectrum_rows


def table(
    *,
    gram: pd.DataFrame,
    fits: pd.DataFrame,
    shares: pd.DataFrame,
    curves: pd.DataFrame,
    null_gram: pd.DataFrame,
    null_fits: pd.DataFrame,
    null_modes: pd.DataFrame,
    null_families: pd.DataFrame,
    families: Sequence[str],
    dim: int,
    modes: int = 100,
) -> pd.DataFrame:
    """Return the numbers of Figure 6, in long form, with Figure 4's columns.

    Args:
        gram, fits, shares: as for `mstar.figures.fig4.table`.
        curves: columns family and pairs.
        null_gram, null_fits, null_modes, null_families: of `mstar.features.null_statistics`.
        families: families, a row each.
        dim: d of the spectra.
        modes: number of bars.

    Returns:
        Panels pairs (y: their number), those of `mstar.figures.drawing.task_vector_rows` (share),
        and missing (the family has too few pairs), missing histogram (``dim`` is beyond the modes
        computed) and missing null, with texts that the figure shows.
    """
    enough = [f for f in families if number_of_pairs(curves, f) >= FEWEST_PAIRS]
    own = gram[gram["family"].isin(enough) & (gram["dim"] == dim)]
    lines: list[dict[str, Any]] = spectrum_rows(own, fits, null_gram, null_fits)
    for family in families:
        pairs = number_of_pairs(curves, family)
        lines.append({"panel": "pairs", "family": family, "dim": dim, "y": float(pairs)})
        if family not in enough:
            lines.append({"panel": "missing", "family": family, "text": too_few(pairs)})
            continue
        if not (own["family"] == family).any():
            text = rf"$d = {dim}$: beyond the modes computed"
            lines.append({"panel": "missing histogram", "family": family, "text": text})
        lines += missing_nulls(null_families, family)
        lines += mode_rows(shares, null_modes, family, modes)
    return finished(lines)


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 6 from its `table`: for each family its spectrum left, its modes right."""
    named = table[table["panel"] == "pairs"]
    families = named["family"].tolist()
    height = 1.05 + 2.15 * len(families)
    figure = style.new_figure(height)
    grid = figure.add_gridspec(
        len(families),
        2,
        width_ratios=(1, 1.1),
        left=0.088,
        right=0.988,
        top=1 - 0.36 / height,
        bottom=0.78 / height,
        hspace=0.22,
        wspace=0.23,
    )
    # Rows share their axes, so that a row without data has the scale of the others.
    lefts, rights = np.asarray(grid.subplots(sharex="col", squeeze=False)).T
    widest = table.loc[table["panel"] == "share", "x"].max()
    for left, right, family, pairs in zip(lefts, rights, families, named["y"], strict=True):
        rows = table[table["family"] == family]
        said = rows.loc[rows["panel"].isin(["missing", "missing histogram"]), "text"]
        if said.empty:
            lacking = [f"no {text}" for text in rows.loc[rows["panel"] == "missing null", "text"]]
            draw_shares(left, rows, "\n".join([*lacking, f"$N = {pairs:.0f}$"]), 1.04 * widest)
            left.set_ylabel("share of eigenvalues")
        else:
            left.set(yticks=[])
            note(left, said.iloc[0])
        if (rows["panel"] == "missing").any():
            right.set(yticks=[])
            note(right, said.iloc[0])
        else:
            draw_modes(right, rows)
            right.set_title(top_text(rows), fontsize=10.5, pad=4)
        box = left.get_position()
        middle = (box.y0 + box.y1) / 2
        name = family_name(family)
        figure.text(0.02, middle, name, rotation=90, ha="center", va="center", fontsize=13)
    d = int(named["dim"].iloc[0])
    lefts[0].set_title(rf"spectra of $\mathbf{{R}}_d \mathbf{{R}}_d^\top / d$  ($d = {d}$)")
    said = rights[0].get_title()
    rights[0].set_title("mean task vector" + (f";  {said}" if said else ""))
    labels = [ax.get_xlabel() for ax in rights if ax.get_xlabel()]
    lefts[-1].set_xlabel("eigenvalue", labelpad=3)
    rights[-1].set_xlabel(labels[0] if labels else "", labelpad=3)
    for column, panel in ((lefts, "share"), (rights, "mode")):
        if not (table["panel"] == panel).any():
            column[-1].set(xticks=[], xlabel="")
        for ax in column[:-1]:
            ax.set_xlabel("")
    handles, names = null_handles()
    curves = [Line2D([], [], color=c, lw=1.6) for c in (style.AZURE, style.TANGERINE)]
    figure.legend(
        [*curves, *handles],
        ["the family", "Marchenko–Pastur law of its bulk", *names],
        loc="lower center",
        ncols=4,
        fontsize=10,
        borderaxespad=0.2,
    )
    return figure
