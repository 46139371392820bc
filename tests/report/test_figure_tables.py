"""The figures that are tables, as HTML."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from mstar.report import figure_tables
from tests.figures.test_fig3b import shared


def test_words_of_components_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "fig3a.csv"
    path.write_text('component,word2vec,svd(PPMI)\n1,"a, <b>",\n12,nan,"c"\n', encoding="utf-8")
    page = figure_tables.TABLES["fig3a"](path)
    assert '<th scope="row">PC1</th><td>a, &lt;b&gt;</td><td>–</td>' in page
    assert '<th scope="row">PC12</th><td>nan</td><td>c</td>' in page  # nan is a word


def test_scores_have_what_the_picture_shows() -> None:
    figure, table = shared()
    page = figure_tables.scores(table)
    cells = re.sub(r"<[^>]+>", "\n", page).split("\n")
    drawn = [text.get_text() for text in figure.texts]
    scores = [text for text in drawn if re.fullmatch(r"−?[\d.]+|–[†‡]", text)]
    assert len(scores) > 20 and set(scores) <= {part for cell in cells for part in cell.split()}
    assert pd.Series(scores).isin(["–†"]).any() and "the model was not scored" in page
