"""Figure 6: the spectra and modes of Figure 4 for further analogy families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import note, number_of_pairs, too_few
from mstar.figures.drawing.labels import family_name
from mstar.figures.drawing.task_vector_panels import (
    SPECTRUM,
    draw_histogram,
    draw_modes,
    histogram_top,
    spectrum_legend,
)
from mstar.figures.drawing.task_vector_rows import finished, mode_rows, spectrum_rows

BINS = 60


def table(
    *,
    gram: pd.DataFrame,
    fits: pd.DataFrame,
    shares: pd.DataFrame,
    curves: pd.DataFrame,
    families: Sequence[str],
    dim: int,
    modes: int = 100,
) -> pd.DataFrame:
    """Return the numbers of Figure 6, in long form, with Figure 4's columns.

    Args:
        gram, fits, shares: as for `mstar.figures.fig4.table`.
        curves: columns family and pairs.
        families: families, a row each.
        dim: d of the histograms.
        modes: number of bars.

    Returns:
        Panels pairs (y: their number), those of `mstar.figures.drawing.task_vector_rows`, and
        missing (the family has too few pairs) and missing histogram (``dim`` is beyond the modes
        computed), with texts that the figure shows.
    """
    enough = [f for f in families if number_of_pairs(curves, f) >= FEWEST_PAIRS]
    own = gram[gram["family"].isin(enough) & (gram["dim"] == dim)]
    lines: list[dict[str, Any]] = spectrum_rows(own, fits, BINS)
    for family in families:
        pairs = number_of_pairs(curves, family)
        lines.append({"panel": "pairs", "family": family, "dim": dim, "y": float(pairs)})
        if family not in enough:
            lines.append({"panel": "missing", "family": family, "text": too_few(pairs)})
            continue
        if not (own["family"] == family).any():
            text = rf"$d = {dim}$: beyond the modes computed"
            lines.append({"panel": "missing histogram", "family": family, "text": text})
        lines += mode_rows(shares, family, modes)
    return finished(lines)


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 6 from its `table`: for each family its spectrum left, its modes right."""
    named = table[table["panel"] == "pairs"]
    families = named["family"].tolist()
    height = 0.75 + 1.8 * len(families)
    figure = style.new_figure(10, height)
    grid = figure.add_gridspec(
        len(families),
        2,
        width_ratios=(1, 1.28),
        left=0.088,
        right=0.988,
        top=1 - 0.33 / height,
        bottom=0.48 / height,
        hspace=0.13,
        wspace=0.17,
    )
    # Rows share their axes, so that a row without data has the scale of the others.
    lefts, rights = np.asarray(grid.subplots(sharex="col", squeeze=False)).T
    spectra = table[table["panel"].isin(SPECTRUM)]
    top = histogram_top(spectra)
    heights = spectra[spectra["panel"] == "histogram"].groupby("family")["y"].max()
    lowest = str(heights.idxmin()) if len(heights) else ""
    for left, right, family, pairs in zip(lefts, rights, families, named["y"], strict=True):
        rows = table[table["family"] == family]
        said = rows.loc[rows["panel"].isin(["missing", "missing histogram"]), "text"]
        if said.empty:
            draw_histogram(left, rows, f"{pairs:.0f} pairs", top)
            left.set_ylabel("number")
            if family == lowest:
                spectrum_legend(left, loc="upper left", bbox_to_anchor=(0.0, 1.0))
        else:
            left.set(yticks=[])
            note(left, said.iloc[0])
        if (rows["panel"] == "missing").any():
            right.set(yticks=[])
            note(right, said.iloc[0])
        else:
            draw_modes(right, rows)
        box = left.get_position()
        middle = (box.y0 + box.y1) / 2
        name = family_name(family)
        figure.text(0.02, middle, name, rotation=90, ha="center", va="center", fontsize=13)
    d = int(named["dim"].iloc[0])
    lefts[0].set_title(rf"spectra of $\mathbf{{R}}_d \mathbf{{R}}_d^\top / d$  ($d = {d}$)")
    rights[0].set_title("mean task vector in the eigenbasis")
    labels = [ax.get_xlabel() for ax in rights if ax.get_xlabel()]
    lefts[-1].set_xlabel("eigenvalue", labelpad=3)
    rights[-1].set_xlabel(labels[0] if labels else "", labelpad=3)
    for column, panel in ((lefts, "histogram"), (rights, "mode")):
        if not (table["panel"] == panel).any():
            column[-1].set(xticks=[], xlabel="")
        for ax in column[:-1]:
            ax.set_xlabel("")
    return figure
