"""Figure 3a: the words at the end of each principal component, for each model."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from mstar.features.components import component_words
from mstar.figures.drawing import style
from mstar.figures.drawing.tables import LINE, PRINTED, Sheet, wrap
from mstar.machine.arrays import Array

MODELS = ("word2vec", "QWEM", "svd(PPMI)")
WIDTH, FIRST, MARGIN, FONT = style.WIDTH, 0.72, 0.15, 10.0


def table(
    *,
    word2vec: Array,
    qwem: Array,
    ppmi: Array,
    vocabulary: Sequence[str],
    components: Sequence[int],
    words: int,
    candidates: int,
) -> pd.DataFrame:
    """Return the words of Figure 3a: a column ``component`` and one for each of `MODELS`.

    Args:
        word2vec, qwem, ppmi: embeddings (V, d).
        vocabulary: words, most frequent first; the first V are those of the embeddings.
        components: principal components, from 1, a line each.
        words: number of words listed.
        candidates: number of most frequent words that may be listed.

    Returns:
        Words separated by commas; empty if a component is beyond the rank of a model.
    """
    shown = sorted(set(components))
    result = pd.DataFrame({"component": shown})
    for model, embedding in zip(MODELS, (word2vec, qwem, ppmi), strict=True):
        own = vocabulary[: len(embedding)]
        found = component_words(embedding, own, shown, words, candidates)
        result[model] = [", ".join(ends.words) if (ends := found[k]) else "" for k in shown]
    return result


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 3a from its `table`; cells without words show a dash, explained below."""
    models = [str(name) for name in table.columns if name != "component"]
    column = (WIDTH - 2 * MARGIN - FIRST) / len(models)
    measure = style.new_figure(1)
    cells = [
        [
            wrap(measure, str(row[model]).split(", "), FONT, column - 0.2) if row[model] else []
            for model in models
        ]
        for _, row in table.iterrows()
    ]
    line, pad = FONT * LINE / 72, 0.11
    depths = [max(1, *(len(cell) for cell in row)) * line + 2 * pad for row in cells]
    empty = any(not cell for row in cells for cell in row)
    figure = style.new_figure(0.52 + sum(depths) + (0.38 if empty else 0.12))
    sheet = Sheet(figure, 0.1)
    sheet.rule(MARGIN, WIDTH - MARGIN, 1.2)
    for j, model in enumerate(models):
        sheet.text(MARGIN + FIRST + j * column, 0.3, PRINTED.get(model, model), fontsize=13)
    sheet.y = 0.5
    sheet.rule(MARGIN, WIDTH - MARGIN)
    for i, (component, row, depth) in enumerate(
        zip(table["component"], cells, depths, strict=True)
    ):
        if i:
            sheet.rule(MARGIN, WIDTH - MARGIN, 0.5, style.LIGHT_GREY)
        sheet.text(MARGIN + 0.04, sheet.y + depth / 2, f"PC{component}", fontsize=11)
        for j, cell in enumerate(row):
            for k, text in enumerate(cell or ["–"]):
                y = sheet.y + depth / 2 + (k - (max(1, len(cell)) - 1) / 2) * line
                sheet.text(
                    MARGIN + FIRST + j * column,
                    y,
                    text,
                    fontsize=FONT,
                    color="black" if cell else style.GREY,
                )
        sheet.y += depth
    sheet.rule(MARGIN, WIDTH - MARGIN, 1.2)
    if empty:
        note = "–  the model has fewer components of non-zero singular value, or was not run"
        sheet.text(MARGIN + 0.04, sheet.y + 0.18, note, fontsize=9, color=style.GREY)
    return figure
