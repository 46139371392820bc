"""The figure of two texts draws the available data and says what is missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mstar.figures import comparison
from mstar.prediction.verdicts import NOISE, OWN, SHARED, UNDECIDED
from tests.support.figures import assert_whole_and_the_same_twice


def features() -> pd.DataFrame:
    """Return features of A with every verdict, and of B with none that is reproducible."""
    rows = []
    for text, verdicts in (("A", (SHARED, OWN, UNDECIDED, NOISE)), ("B", (NOISE, NOISE))):
        for rank, verdict in enumerate(verdicts, start=1):
            rows.append(
                {
                    "text": text, "rank": rank, "name": f"{text}{rank}, <b>, b / c",
                    "verdict": verdict, "held_own": 0.9, "held_own_low": 0.8, "held_own_high": 1.0,
                    "held_other": 0.5, "held_other_low": 0.4, "held_other_high": 0.6,
                    "p_own": 0.02 if verdict == OWN else 0.5, "counterpart": 1,
                    "counterpart_name": "other", "cosine2": 0.3, "strength_own": 9.0,
                    "strength_other": 5.0, "later": 1.8, "later_low": 1.5, "later_high": 2.2,
                    "p_strength": 0.5,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def words(p: float = 0.02) -> pd.DataFrame:
    """Return two words, of which the first moved if ``p`` is small."""
    first = {"word": "plain", "count_a": 200, "count_b": 88, "distance": 1.2, "expected": 0.4}
    first |= {"excess": 0.8, "low": 0.5, "high": 1.1, "p": p}
    first |= {"near_a": "rivers land coast valley", "near_b": "exact liberty theory no"}
    second = {**first, "word": "the", "excess": 0.0, "low": -0.1, "high": 0.1, "p": 1.0}
    return pd.DataFrame([first, second | {"near_a": "", "near_b": ""}])


def texts() -> pd.DataFrame:
    rows = {"text": ["A", "B"], "name": ["mine", "theirs"], "title": ["My text", "Their <text>"]}
    rows |= {"documents": [300, 200], "tokens": [9_000, 6_000], "covered": [0.7, 0.8]}
    return pd.DataFrame(rows | {"compared": [3_000, 3_001], "common": [500, 500]})


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    given = {"features": features(), "words": words(), "texts": texts()}
    assert_whole_and_the_same_twice(comparison, given, tmp_path)


def test_the_figure_draws_what_there_is() -> None:
    table = comparison.table(features=features(), words=words(), texts=texts())
    assert table[table["panel"] == "words"]["name"].tolist() == ["plain"]
    times = table[table["panel"] == "times A"].set_index("verdict")
    assert times.loc[SHARED, "x"] == 1.8 and times.drop(SHARED)["x"].isna().all()
    figure = comparison.draw(table)
    drawn = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert {"its own", UNDECIDED, "no reproducible feature", "plain"} <= set(drawn)
    assert "rivers, land, coast" in drawn and "exact, liberty, theory" in drawn
    still = comparison.table(features=features(), words=words(0.5), texts=texts())
    drawn = [text.get_text() for ax in comparison.draw(still).axes for text in ax.texts]
    assert "none moved more than by chance" in drawn
