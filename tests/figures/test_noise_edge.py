"""The figure of the noise of counts: its curves, numbers, and a text that cannot be halved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mstar.figures import noise_edge
from mstar.prediction.count_noise import COLUMNS
from mstar.prediction.noise_models import (
    ALONG,
    BY_ENTRY,
    FREQUENCY,
    HALVES,
    INDEPENDENT,
    MEASURED,
    MODELS,
    PAIRS,
    SHUFFLED,
    SIGNS,
)  # fmt: skip
from tests.support.figures import assert_nothing_cut, assert_whole_and_the_same_twice


def measured() -> pd.DataFrame:
    rows = []
    for model, factor in ((INDEPENDENT, 1.0), (BY_ENTRY, 1.5)):
        rows += [
            {"panel": "dispersion", "model": model, "x": 2.0**k, "y": factor**k} for k in range(8)
        ]
    for k in range(1, 41):
        rows.append({"panel": "along", "model": ALONG, "x": k, "y": 1 + 9 / k})
        rows.append({"panel": "along", "model": SIGNS, "x": k, "y": 1.0})
        for model, scale in zip((*MODELS, MEASURED), (90, 60, 40, 38), strict=True):
            rows.append({"panel": "overlap", "model": model, "x": k, "y": np.exp(-k / scale)})
    for model, y in zip((*MODELS, MEASURED), (40, 35, 30, 29), strict=True):
        rows.append({"panel": "number", "model": model, "y": y})
    edges = {
        SHUFFLED: (BY_ENTRY, ALONG, MEASURED),
        FREQUENCY: (BY_ENTRY, MEASURED),
        PAIRS: (BY_ENTRY, MEASURED, SIGNS),
        HALVES: (BY_ENTRY, MEASURED, SIGNS),
    }
    for name, models in edges.items():
        rows += [
            {"panel": "edge", "name": name, "model": model, "y": 150.0 + 80 * place}
            for place, model in enumerate(models)
        ]
    return pd.DataFrame(rows).reindex(columns=COLUMNS)


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(noise_edge, {"measured": measured()}, tmp_path)


def test_curves_edges_and_numbers_are_those_of_the_table() -> None:
    table = noise_edge.table(measured=measured())
    figure = noise_edge.draw(table)
    drawn = {line.get_gid(): line for ax in figure.axes for line in ax.lines if line.get_gid()}
    for (panel, model), own in table[table["panel"] != "edge"].groupby(["panel", "model"]):
        if panel != "number":
            np.testing.assert_allclose(drawn[f"{panel} {model}"].get_ydata(), own["y"])
    for row in table[table["panel"] == "edge"].itertuples():
        assert drawn[f"edge {row.name} {row.model}"].get_xdata() == [row.y]
    labels = [text.get_text() for text in figure.axes[3].get_legend().get_texts()]
    assert labels[0] == "measured: 29" and f"{ALONG}: 30" in labels
    assert_nothing_cut(figure)


def test_a_text_of_one_document_says_so() -> None:
    given = pd.DataFrame([{"panel": "missing", "note": "one document: no halves"}])
    figure = noise_edge.draw(noise_edge.table(measured=given.reindex(columns=COLUMNS)))
    assert all("no halves" in ax.texts[0].get_text() for ax in figure.axes)
    assert_nothing_cut(figure)
