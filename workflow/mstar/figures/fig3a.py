"""Figure 3a: the words at the tip of each principal component, for each model."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from mstar.figures.drawing import style
from mstar.figures.drawing.tables import LINE, PRINTED, Sheet, wrap
from mstar.files.writing import UserError

MODELS = ("word2vec", "QWEM", "svd(PPMI)")
WIDTH, FIRST, MARGIN, FONT = 9.0, 0.72, 0.15, 10.0


def table(features: pd.DataFrame, *, models: Sequence[str] = MODELS) -> pd.DataFrame:
    """The words of Figure 3a: one line per component, a column ``component`` and one per model.

    ``features`` has columns model, component (from 1), words (a list, or text separated by blanks
    or commas). A component that a model lacks (beyond its rank) is an empty string. Raises
    UserError when no model of ``models`` is among the features.
    """
    components = sorted(int(k) for k in features["component"].unique())
    if not set(models) & set(features["model"]):
        raise UserError(f"Figure 3a: no words for any of {', '.join(models)}")
    result = pd.DataFrame({"component": components})
    for model in models:
        own = features[features["model"] == model]
        words = {int(k): _words(v) for k, v in zip(own["component"], own["words"], strict=True)}
        result[model] = [", ".join(words.get(k, [])) for k in components]
    return result


def _words(value: object) -> list[str]:
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return [str(word) for word in value] if isinstance(value, Sequence) else []


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw the `table`; cells without words show a dash, explained below the table."""
    models = [str(name) for name in table.columns if name != "component"]
    column = (WIDTH - 2 * MARGIN - FIRST) / len(models)
    measure = style.new_figure(WIDTH, 1)
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
    figure = style.new_figure(WIDTH, 0.52 + sum(depths) + (0.38 if empty else 0.12))
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
