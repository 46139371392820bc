"""The scaling figure: accuracy, spectrum and leading modes of M* against the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    NullFormatter,
    NullLocator,
    PercentFormatter,
    StrMethodFormatter,
)
from numpy.typing import NDArray

from mstar.figures.drawing import style
from mstar.prediction import vocabulary_size
from mstar.spectra.spectrum import Spectrum

COLUMNS = ["panel", "vocabulary", "mode", "y", "low", "high", "questions", "text"]
MODE_COLOURS = (style.RASPBERRY, style.TANGERINE, style.AZURE, style.SCHEME1[1])


def table(
    *,
    spectra: Sequence[Spectrum],
    answers: Sequence[pd.DataFrame],
    vocabulary: tuple[Sequence[str], NDArray[np.int64]],
    sizes: Sequence[int],
    among: int,
    window: int,
    negative: float,
    fit_from: int,
    modes: int,
) -> pd.DataFrame:
    """Return the numbers of the scaling figure, in long form, by vocabulary.

    Args:
        spectra: spectra of M*, one for each size.
        answers: answers of svd(M*), one table with the columns `mstar.evaluation.evaluate.ANSWERS`
            for each size.
        vocabulary: the words, most frequent first, and their counts (types,).
        sizes: numbers of words V.
        among: the fixed questions have all words among this many most frequent words.
        window, negative: L and k.
        fit_from, modes: first and last mode, from 1, of the fitted power law.

    Returns:
        Panels accuracy fixed, accuracy all (shares, with 95 % intervals and numbers of questions),
        exponent (with its interval), eigenvalue, frequency (share of a mode explained by
        frequency), correlation (of |v_k| with log frequency) and words, by mode; chance (the
        eigenvalue due to word frequencies).
    """
    words, counts = vocabulary
    rows: list[dict[str, Any]] = []
    for size, spectrum, asked in zip(sizes, spectra, answers, strict=True):
        rows += vocabulary_size.at_size(
            words[:size],
            counts[:size],
            spectrum,
            asked,
            among=among,
            window=window,
            negative=negative,
            fit_from=fit_from,
            modes=modes,
        )
    whole = style.rounded(pd.DataFrame(rows).reindex(columns=COLUMNS))
    for name in ("mode", "questions"):
        whole[name] = whole[name].astype("Int64")
    whole["text"] = whole["text"].fillna("")
    return whole.sort_values(["vocabulary"], kind="stable", ignore_index=True)


def _of(table: pd.DataFrame, panel: str, mode: int | None = None) -> pd.DataFrame:
    rows = table[table["panel"] == panel]
    return rows if mode is None else rows[rows["mode"] == mode]


def _band(ax: Axes, rows: pd.DataFrame, colour: str, label: str, **look: Any) -> None:
    x = rows["vocabulary"].to_numpy()
    ax.plot(x, rows["y"], marker="o", color=colour, ms=4.5, label=label, **look)
    low, high = (rows[end].to_numpy(dtype=float) for end in ("low", "high"))
    ax.fill_between(x, low, high, color=colour, alpha=0.18, lw=0)


def _shading() -> Patch:
    """Return the legend handle of a band."""
    return Patch(color=style.GREY, alpha=0.18, lw=0, label="95 % interval")


@style.styled
def draw(table: pd.DataFrame, *, fit_from: int, modes: int) -> Figure:
    """Draw the scaling figure: four panels against V, and the words of the first mode below.

    A text states ``fit_from`` and ``modes``, the first and last mode of the power law.
    """
    sizes = sorted(table["vocabulary"].unique())
    height = 5.9 + 0.24 * len(sizes)
    figure = style.new_figure(height)
    grid = figure.add_gridspec(
        2, 2, left=0.085, right=0.97, top=1 - 0.32 / height,
        bottom=(0.95 + 0.24 * len(sizes)) / height, hspace=0.36, wspace=0.24,
    )  # fmt: skip
    accuracy, exponent, values, share = (
        figure.add_subplot(grid[i, j]) for i in (0, 1) for j in (0, 1)
    )
    fixed = _of(table, "accuracy fixed")
    if fixed["questions"].sum():
        asked = int(fixed["questions"].iloc[0])
        _band(accuracy, fixed, style.AZURE, f"the same {asked:,} questions")
    _band(accuracy, _of(table, "accuracy all"), style.TANGERINE, "all in the vocabulary")
    accuracy.set_title(r"analogies right, svd($\mathbf{M}^\ast$)")
    accuracy.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    accuracy.set_ylim(bottom=0)
    accuracy.legend(handles=[*accuracy.get_legend_handles_labels()[0], _shading()], loc="best")
    _band(exponent, _of(table, "exponent"), style.SCHEME1[1], "")
    exponent.set_title(rf"fitted exponent of $\lambda_k$, $k = {fit_from} \ldots {modes}$")
    exponent.legend(handles=[_shading()], loc="best")
    for mode, colour in enumerate(MODE_COLOURS, start=1):
        rows = _of(table, "eigenvalue", mode)
        values.plot(rows["vocabulary"], rows["y"], "-o", color=colour, ms=4.5, label=f"mode {mode}")
        rows = _of(table, "frequency", mode)
        share.plot(rows["vocabulary"], rows["y"], "-o", color=colour, ms=4.5)
    chance = _of(table, "chance")
    shown = chance[chance["y"] > 0.2 * _of(table, "eigenvalue")["y"].min()]
    if len(shown):
        look: dict[str, Any] = {"color": "black", "lw": 1.1, "label": "chance alone, mode 1"}
        values.plot(shown["vocabulary"], shown["y"], "--", **look)
    values.set_yscale("log")
    values.yaxis.set_major_locator(LogLocator(numticks=10))
    values.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    values.yaxis.set_minor_formatter(NullFormatter())
    values.set_title(r"leading eigenvalues $\lambda_k$")
    values.set_ylim(bottom=0.25 * _of(table, "eigenvalue")["y"].min())  # room for the legend
    values.legend(loc="lower right", fontsize=9, labelspacing=0.3)
    share.set_title("share of a mode that word frequency explains")
    share.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    share.set_ylim(-0.02, 1.02)
    for ax in (accuracy, exponent, values, share):
        _size_axis(ax, sizes, labelled=ax in (values, share))
    _words(figure, table, height)
    return figure


def _short(size: int) -> str:
    """Format a number of words for axes and lines, in thousands if round or large."""
    return f"{round(size / 1000):,}k" if size % 1000 == 0 or size >= 100_000 else f"{size:,}"


def _size_axis(ax: Axes, sizes: Sequence[int], labelled: bool) -> None:
    ax.set_xscale("log")
    margin = (sizes[-1] / sizes[0]) ** 0.05
    ax.set_xlim(sizes[0] / margin, sizes[-1] * margin)  # the same for all panels
    ax.xaxis.set_major_locator(FixedLocator([float(size) for size in sizes]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _short(round(x))))
    if labelled:
        ax.set_xlabel(r"vocabulary $V$")


def _words(figure: Figure, table: pd.DataFrame, height: float) -> None:
    """Write for each vocabulary the words at the end of its first mode."""
    rows = _of(table, "words", 1)
    top = (0.24 * len(rows) + 0.16) / height
    figure.text(0.085, top + 0.1 / height, "words at the tip of mode 1", fontsize=11, va="bottom")
    for line, (_, row) in enumerate(rows.iterrows()):
        y = top - 0.24 * (line + 0.15) / height
        figure.text(0.17, y, _short(int(row["vocabulary"])), fontsize=10, ha="right", va="center")
        text = row["text"].replace(" ", ", ")
        figure.text(0.185, y, text, fontsize=10, va="center", color=style.GREY)
