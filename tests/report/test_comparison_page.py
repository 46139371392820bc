"""The page of two texts says whether they differ, and escapes what it shows."""

from __future__ import annotations

import pandas as pd

from mstar.prediction.verdicts import OWN, SHARED
from mstar.report import comparison_page
from tests.figures.test_comparison import features, texts, words

SETTINGS = {
    "vocabulary": 500,
    "features": 4,
    "moved": 50,
    "window": 5,
    "negative": 1,
    "init": 1e-12,
}


def page(of_features: pd.DataFrame, of_words: pd.DataFrame) -> str:
    tables = {"features": of_features, "words": of_words, "texts": texts()}
    given = "data:image/png;base64,"
    made = comparison_page.render(
        comparison_page.template(), tables, SETTINGS, given, {"words.tsv.gz": "data:,"}
    )
    return " ".join(made.split())


def test_the_page_tells_what_differs() -> None:
    found = page(features(), words())
    assert "The texts differ." in found
    assert "3 are reproducible" in found
    assert "theirs shares 1; mine’s own: 1; undecided: 1." in found
    assert "1 of 2 words moved further than chance allows" in found
    assert "rivers land coast valley" in found and 'download="words.tsv.gz"' in found
    assert "Their &lt;text&gt;" in found and "&lt;b&gt;" in found and "<b>, b" not in found
    assert "1.80" in found  # of the shared feature


def test_the_page_tells_that_nothing_differs() -> None:
    alike = features().replace({"verdict": {OWN: SHARED}}).assign(p_own=0.5)
    found = page(alike, words(0.3))
    assert "The texts do not differ" in found and "No word moved further" in found
