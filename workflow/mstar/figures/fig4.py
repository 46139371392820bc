"""Figure 4: task vectors of analogies, with a spike on few modes and a Marchenko–Pastur bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import (
    Panel,
    curve_rows,
    draw_families,
    grid_height,
    missing_nulls,
    number_of_pairs,
)
from mstar.figures.drawing.task_vector_panels import draw_modes, draw_spectra, top_text
from mstar.figures.drawing.task_vector_rows import finished, mode_rows, spectrum_rows
from mstar.files.writing import UserError

BINS = 45
PANELS = (
    Panel("snr", "signal-to-noise", log=True),
    Panel("spike_over_edge", "spike / edge", log=True),
    Panel("accuracy", "accuracy", against=False),
)
NAMES = tuple(panel.name for panel in PANELS)
# Height of spectra and modes, above the curves.
UPPER = 5.9


def table(
    *,
    gram: pd.DataFrame,
    fits: pd.DataFrame,
    shares: pd.DataFrame,
    curves: pd.DataFrame,
    null_gram: pd.DataFrame,
    null_fits: pd.DataFrame,
    null_modes: pd.DataFrame,
    null_curves: pd.DataFrame,
    null_families: pd.DataFrame,
    family: str,
    families: Sequence[str],
    dims: Sequence[int] = (),
    histogram_dims: Sequence[int] = (),
    modes: int = 100,
) -> pd.DataFrame:
    """Return the numbers of Figure 4, in long form.

    Anything that the figure must omit has its own row, with a text that the figure shows.

    Args:
        gram, fits: as for `mstar.figures.drawing.task_vector_rows.spectrum_rows`.
        shares: as for `mstar.figures.drawing.task_vector_rows.mode_rows`.
        curves: columns family, dim, pairs, snr, spike_over_edge, accuracy (0..1).
        null_gram, null_fits, null_modes, null_curves, null_families: of
            `mstar.features.null_statistics`.
        family: family drawn in the left half and as bars.
        families: families drawn as curves, in order of colour.
        dims, histogram_dims: d of the curves and of the histograms.
        modes: number of bars.

    Returns:
        Columns panel, family, dim, x, y, width, low, high, text. The panels are those of
        `spectrum_rows` (histogram), `mode_rows` and `curve_rows` (snr, spike_over_edge, accuracy),
        and missing histogram.

    Raises:
        UserError: no pair of any family is in the vocabulary.
    """
    own = gram[(gram["family"] == family) & gram["dim"].isin(list(histogram_dims))]
    if gram.empty and curves.empty:
        raise UserError(
            f"Figure 4: no pair of {family} or of any other family is in the vocabulary"
        )
    lines: list[dict[str, Any]] = spectrum_rows(own, fits, null_gram, null_fits, BINS)
    lacking: dict[str, Any] = {"panel": "missing histogram", "family": family}
    if number_of_pairs(curves, family) < FEWEST_PAIRS:
        lines.append({**lacking, "text": "too few pairs in the vocabulary"})
    else:
        beyond = sorted(set(histogram_dims) - set(own["dim"]))
        lines += [{**lacking, "dim": d, "text": "beyond the modes computed"} for d in beyond]
    lines += mode_rows(shares, null_modes, family, modes)
    if family not in families:
        lines += missing_nulls(null_families, family)
    lines += curve_rows(curves, null_curves, null_families, families, dims, NAMES)
    return finished(lines)


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 4 from its `table`: spectra top left, modes top right, curves below."""
    lower = grid_height(table, PANELS)
    height = UPPER + lower
    figure = style.new_figure(height)
    outer = figure.add_gridspec(
        1,
        2,
        width_ratios=(1, 1.1),
        left=0.07,
        right=0.988,
        top=1 - 0.36 / height,
        bottom=(lower + 0.55) / height,
        wspace=0.17,
    )
    draw_spectra(figure, outer[0], table)
    modes = figure.add_subplot(outer[1])
    said = top_text(table)
    modes.set_title("mean task vector" + (f";  {said}" if said else ""), pad=7)
    draw_modes(modes, table)
    axes = draw_families(figure, table, PANELS)
    for panel in PANELS[:2]:
        # The ratio to the mean is at least 1, that to the edge of noise about 1.
        drawn = table[table["panel"].str.startswith(panel.name)]
        values = drawn[["y", "low", "high"]].to_numpy(float)
        for ax in [own for (name, _), own in axes.items() if name == panel.name]:
            least = 0.9 if panel.name == "snr" else 0.85 * min(1.0, float(np.nanmin(values)))
            ax.axhline(1, color=style.LIGHT_GREY, lw=0.8, zorder=0)
            ax.set_ylim(least, 1.25 * float(np.nanmax(values)))
    for ax in [own for (name, _), own in axes.items() if name == "accuracy"]:
        ax.set_ylim(0, 1.03)
    return figure
