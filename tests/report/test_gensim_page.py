"""The page and the figure of what gensim's word2vec will learn."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from mstar.figures import gensim_epochs
from mstar.prediction import gensim_flow
from mstar.report import gensim_page
from tests.report.test_prediction_page import CORPUS, checked
from tests.support.workflow import ROOT

TEMPLATE = ROOT / "workflow/mstar/report/templates/gensim_epochs.html.j2"
SETTINGS = {"vocabulary": 1000, "dim": 40, "followed": "google", "window": 4, "negative": 1}
SETTINGS |= {"subsample": 1e-3, "epochs": 2, "learning_rate": 0.025}


def features() -> pd.DataFrame:
    rank = np.arange(1, 41)
    columns = {
        "rank": rank, "epochs": 0.0123 * rank, "singular_value": 9.0 / rank, "share": 0.01,
        "cumulative": 0.01 * rank, "name": [f"<b>word{k}</b>" for k in rank], "positive": "up",
        "negative": math.nan, "frequency": np.where(rank == 2, 0.9, 0.1),
    }  # fmt: skip
    kinds = [pd.DataFrame({"embedding": kind} | columns) for kind in gensim_flow.EMBEDDINGS]
    return pd.concat(kinds, ignore_index=True)[gensim_flow.COLUMNS]


def curves(asked: bool = True) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    for kind in gensim_flow.EMBEDDINGS:
        for x in (0.001, 0.01, 0.1, 1.0, 2.0):
            rows += [
                ("epochs", x, kind, "strength", f"mode {k}", x / 2, math.nan, math.nan)
                for k in (1, 4, 40)
            ]
            if asked:
                rows.append(("epochs", x, kind, "accuracy", "total", x / 3, x / 4, x / 2))
        if asked:
            rows += [
                ("dim", float(d), kind, "accuracy", "total", d / 64, d / 80, d / 50)
                for d in (2, 4, 32)
            ]
    return pd.DataFrame(rows, columns=gensim_flow.CURVES)


def page(asked: bool = True) -> str:
    return gensim_page.render(
        TEMPLATE.read_text(encoding="utf-8"), CORPUS, SETTINGS, features(), curves(asked),
        "data:,y", {"features.tsv.gz": "data:,x"},
    )  # fmt: skip


def test_the_page_lists_both_kinds_of_vectors_and_takes_names_as_text() -> None:
    html = page()
    checked(html)
    assert "&lt;b&gt;word1&lt;/b&gt;" in html and "<b>word1" not in html
    assert "A &lt;text&gt; &amp; more" in html and "1 negative sample," in html
    assert html.count("<summary>Features 31 to 40</summary>") == 2
    assert html.count("(mostly word frequency)") == 2
    assert html.count("after 0.49 epochs, and at the end answer 66.7 %") == 2
    assert html.count("of the d tried, 32 is best") == 2


def test_without_questions_the_page_and_the_figure_say_so() -> None:
    html = page(asked=False)
    checked(html)
    assert "No question of the Google analogies" in html and "at the end answer" not in html
    figure = gensim_epochs.draw(gensim_epochs.table(curves=curves(asked=False)))
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert said == ["no question has all its words here"] * 2


def test_the_figure_shows_some_modes_and_all_questions() -> None:
    table = gensim_epochs.table(curves=curves())
    assert set(table["name"]) == {"mode 1", "mode 40", "total"}
    assert set(table["panel"]) == {
        f"{quantity} {kind}"
        for quantity in ("strength epochs", "accuracy epochs", "accuracy dim")
        for kind in gensim_flow.EMBEDDINGS
    }
    axes = gensim_epochs.draw(table).axes
    assert [len(each.lines) for each in axes] == [3, 3, 2, 2]  # with the line at one half
