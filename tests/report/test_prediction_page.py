"""The prediction page."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mstar.prediction import curves as prediction_curves
from mstar.prediction import features as prediction
from mstar.prediction import reproducibility
from mstar.report import prediction_page
from mstar.spectra import spectrum
from tests.report.test_page import Checker
from tests.support.workflow import ROOT, SMOKE, planned, run_snakemake

TEMPLATE = (ROOT / "workflow/mstar/report/templates/prediction.html.j2").read_text(encoding="utf-8")
SETTINGS = {"vocabulary": 1000, "window": 4, "dim": 8, "negative": 1.0, "rank": 12}
SETTINGS |= {"followed": "google", "init": 1e-12, "learning_rate": 5.0, "drops": [[300_000, 0.1]]}
SETTINGS |= {"setting": None}
CORPUS = {"title": "A <text> & more", "tokens": 1234, "documents": 3}


def features() -> pd.DataFrame:
    rank = np.arange(1, 13)
    columns: dict[str, Any] = dict.fromkeys(prediction.COLUMNS, 0.01 * rank)
    columns |= {"rank": rank, "eigenvalue": 20.0 / rank, "time_tau1": 1.0 * rank}
    columns |= {"steps": 1000.0 * rank, "name": [f"<b>word{k}</b>" for k in rank]}
    columns |= {"positive": "up over", "negative": [math.nan] * 12}
    columns["frequency"] = np.where(rank == 2, 0.9, 0.1)
    return pd.DataFrame(columns)


def halves(last: int) -> pd.DataFrame:
    rank = np.arange(1, 11)
    held = np.where(rank <= last, 0.8, 0.1)
    held[min(1, last) :][:1] = 0.2  # one weak feature among strong ones
    columns = {"parts": 2, "tokens": 600.0, "rank": rank, "subspace": 0.5, "feature": held}
    return pd.DataFrame(columns | {"subspace_chance": rank / 1000, "threshold": 0.25})


def curves(asked: bool = True) -> pd.DataFrame:
    rows = []
    for x in (0.5, 1.0, 9.0):
        for model in ("exact", "lemma"):
            rows.append(("time", x, 100 * x, "loss", "", model, 1 / (1 + x)))
            for k in (1, 2, 3, 11):
                rows.append(("time", x, 100 * x, "singular value", f"mode {k}", model, x / k))
        if asked:
            score = (x / 10, x / 20, x / 5)
            rows += [("time", x, 100 * x, "accuracy", c, "exact", *score) for c in ("a", "total")]
    for d in (2, 4, 8, 12):
        rows.append(("dim", d, math.nan, "loss", "", "rank", 1 / d))
        if asked:
            score = (d / 20, d / 30, d / 15)
            rows += [("dim", d, math.nan, "accuracy", c, "rank", *score) for c in ("a", "total")]
    rows = [(*row, *[math.nan] * 3)[:10] for row in rows]
    return pd.DataFrame(rows, columns=prediction_curves.COLUMNS)


def page(halves: pd.DataFrame, categories: pd.DataFrame | None = None) -> str:
    if categories is None:
        rows = [("family", 12, 0.5, 0.3, 0.7, 2.0, 2000.0, 4.0, 0.5, 0.3, 0.7, math.nan)]
        categories = pd.DataFrame(rows, columns=prediction_curves.CATEGORIES)
    tables = {"features": features(), "curves": curves(), "categories": categories}
    tables["word2vec"] = features().assign(singular_value=3.0)[prediction.WORD2VEC]
    tables["reproducibility"] = halves
    downloads = {"features.tsv.gz": "data:,x"}
    advice = prediction_page.recommended(tables, SETTINGS)
    return prediction_page.render(TEMPLATE, CORPUS, SETTINGS, tables, advice, "data:,y", downloads)


def many() -> pd.DataFrame:
    """Return 40 features."""
    one = features()
    return pd.concat([one] * 4, ignore_index=True).head(40).assign(rank=np.arange(1, 41))


def checked(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    assert not checker.open and len(set(checker.ids)) == len(checker.ids)
    beside = {"report.html", "explorer.html"}
    assert all(link in beside or link.startswith(("data:", "#")) for link in checker.links)
    return checker


def test_the_page_marks_what_is_not_reproducible() -> None:
    html = page(halves(6))
    checked(html)
    assert "&lt;b&gt;word1&lt;/b&gt;" in html and "<b>word1" not in html
    assert "A &lt;text&gt; &amp; more" in html
    assert "The first 6 features are reproducible" in html
    assert html.count('<tr class="beyond') == 12 - 6 and html.count(' cut">') == 1
    rows = prediction_page.marked(features(), halves(6))
    assert [row["beyond"] for row in rows] == [k > 6 for k in range(1, 13)]
    assert [row["rank"] for row in rows if row["weak"]] == [2, 7, 8, 9, 10]
    assert math.isnan(rows[-1]["held"])
    assert html.count("(mostly word frequency)") == 2  # of QWEM and of word2vec


def test_thirty_features_are_shown_and_the_others_folded() -> None:
    tables = {"features": many(), "curves": curves(), "reproducibility": halves(6)}
    tables["word2vec"] = features().assign(singular_value=3.0)[prediction.WORD2VEC]
    tables["categories"] = pd.DataFrame(columns=prediction_curves.CATEGORIES)
    advice = prediction_page.recommended(tables, {**SETTINGS, "followed": "none"})
    links = {"The report": ("report.html", "make")}
    html = prediction_page.render(TEMPLATE, CORPUS, SETTINGS, tables, advice, "data:,y", {}, links)
    checker = checked(html)
    assert "report.html" in checker.links and "<code>make</code>" in html
    open_part, folded = html.split("<summary>Features 31 to 40</summary>")
    assert open_part.count('<td class="name">') == 30
    assert folded[: folded.index("</details>")].count('<td class="name">') == 10
    head = open_part[open_part.rindex("<thead>") :]
    names = ("Name", "Learned", "Held", "Step")  # what a narrow page shows stands first
    assert [head.index(name) for name in names] == sorted(head.index(name) for name in names)


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (10, "All 10 features compared are"),
        (1, "The first feature alone is"),
        (0, "No feature is"),
    ],
)
def test_the_page_says_how_far_features_repeat(last: int, words: str) -> None:
    known = halves(last).assign(feature=np.where(np.arange(1, 11) <= last, 0.8, 0.1))
    assert words in page(known)


def test_one_document_and_no_questions_are_said_in_words() -> None:
    nothing = pd.DataFrame(columns=reproducibility.COLUMNS)
    html = page(nothing, pd.DataFrame(columns=prediction_curves.CATEGORIES))
    checked(html)
    assert reproducibility.TOO_FEW in html
    assert "No question of the Google analogies" in html
    assert 'class="beyond' not in html


def test_the_tokens_needed_are_told() -> None:
    rank = np.arange(1, 11)
    quarter = halves(4).assign(feature=np.where(rank <= 2, 0.9, 0.0), parts=4, tokens=300.0)
    both = pd.concat([halves(4).assign(feature=np.where(rank <= 4, 0.9, 0.0)), quarter])
    assert "about\n2,400 tokens of the same kind" in page(both)


def test_a_text_is_predicted_from_end_to_end(smoke_copy: Path) -> None:
    done = run_snakemake(smoke_copy, "predict", configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    assert "rule train" not in done.stdout
    results = smoke_copy / "results"
    tables = {
        name: pd.read_csv(results / "smoke" / "v800-l16" / "prediction" / f"{name}.tsv", sep="\t")
        for name in prediction_page.TABLES
    }
    known = spectrum.load(results / "smoke" / "v800-l16" / "mstar" / "spectrum.npz")
    values = tables["features"]["eigenvalue"].to_numpy()
    assert len(values) == 60
    assert values == pytest.approx(known.eigenvalues[:60], rel=1e-5)
    own = spectrum.load(results / "smoke" / "v800-l16" / "prop2" / "spectrum.npz").embedding(16)
    singular = np.linalg.svd(own, compute_uv=False)
    assert tables["word2vec"]["singular_value"].to_numpy() == pytest.approx(singular, rel=1e-4)
    assert tables["word2vec"]["share"].sum() == pytest.approx(1)
    assert sorted(tables["reproducibility"]["parts"].unique()) == [2, 4]
    html = (results / "report" / "smoke" / "prediction.html").read_text(encoding="utf-8")
    checked(html)
    assert all(str(tables[model]["name"][0]) in html for model in ("features", "word2vec"))
    assert planned(run_snakemake(smoke_copy, "-n", "predict", configfiles=(SMOKE,))) == {}
