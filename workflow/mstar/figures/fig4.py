"""Figure 4: task vectors of analogies, with a spike on few modes and a Marchenko–Pastur bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.figures.drawing import style
from mstar.figures.drawing.family_curves import curve_rows, number_of_pairs
from mstar.figures.drawing.task_vector_panels import CURVES, draw_modes, draw_scores, draw_spectra
from mstar.figures.drawing.task_vector_rows import finished, mode_rows, spectrum_rows
from mstar.files.writing import UserError

BINS = 45


def table(
    *,
    gram: pd.DataFrame,
    fits: pd.DataFrame,
    shares: pd.DataFrame,
    curves: pd.DataFrame,
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
        curves: columns family, dim, pairs, snr, accuracy (0..1).
        family: family drawn in the left half and as bars.
        families: families drawn as curves, in order of colour.
        dims, histogram_dims: d of the curves and of the histograms.
        modes: number of bars.

    Returns:
        Columns panel (histogram, outlier, law, d_eff, d_eff_moments, d_eff_mstar, mode, annotation,
        snr, accuracy; missing, missing histogram, missing modes, missing curves), family, dim, x,
        y, width, low, high, text.

    Raises:
        UserError: no pair of any family is in the vocabulary.
    """
    own = gram[(gram["family"] == family) & gram["dim"].isin(list(histogram_dims))]
    if gram.empty and curves.empty:
        raise UserError(
            f"Figure 4: no pair of {family} or of any other family is in the vocabulary"
        )
    lines: list[dict[str, Any]] = spectrum_rows(own, fits, BINS)
    lacking: dict[str, Any] = {"panel": "missing histogram", "family": family}
    if number_of_pairs(curves, family) < FEWEST_PAIRS:
        lines.append({**lacking, "text": "too few pairs in the vocabulary"})
    else:
        beyond = sorted(set(histogram_dims) - set(own["dim"]))
        lines += [{**lacking, "dim": d, "text": "beyond the modes computed"} for d in beyond]
    lines += mode_rows(shares, family, modes)
    lines += curve_rows(curves, families, dims, CURVES)
    return finished(lines)


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 4 from its `table`: spectra left, modes top right, curves bottom right."""
    figure = style.new_figure(11, 6)
    outer = figure.add_gridspec(
        1, 2, width_ratios=(1, 1.28), left=0.07, right=0.988, top=0.935, bottom=0.085, wspace=0.17
    )
    draw_spectra(figure, outer[0], table)
    right = outer[1].subgridspec(2, 1, height_ratios=(1.2, 1), hspace=0.42)
    modes = figure.add_subplot(right[0])
    modes.set_title("mean task vector in the eigenbasis", pad=7)
    draw_modes(modes, table)
    pair = right[1].subgridspec(1, 2, wspace=0.16)
    draw_scores(figure.add_subplot(pair[0]), figure.add_subplot(pair[1]), table)
    return figure
