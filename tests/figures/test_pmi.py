"""The figure of PMI's collapse: means and ranges of draws, floors, and a text without questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mstar.figures import pmi
from mstar.prediction.seen_pairs import COLUMNS
from tests.support.figures import (
    assert_nothing_cut,
    assert_whole_and_the_same_twice,
    lines,
    texts,
)

FLOOR = 1e-25


def scores(questions: int = 50) -> pd.DataFrame:
    rows: list[Any] = []
    for kept, seen, draws in ((0.1, 0.4, 2), (1.0, 0.9, 1)):
        for target, score in (("mstar", 0.5), ("pmi", 0.1), ("ppmi", 0.4)):
            for draw in range(draws):
                rows.append([kept, draw, seen, FLOOR, target, questions, score * kept + draw / 10])
    rows += [[1.0, 0, 0.9, floor, "pmi", questions, 0.3] for floor in (1e-10, 1e-2)]
    return pd.DataFrame(rows, columns=COLUMNS)


def given(questions: int = 50) -> dict[str, Any]:
    return {"scores": scores(questions), "pmi_floor": FLOOR}


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(pmi, given(), tmp_path)


def test_what_is_drawn() -> None:
    table = pmi.table(**given())
    figure = pmi.draw(table)
    assert_nothing_cut(figure)
    thin = table[(table["panel"] == "seen") & (table["x"] == 0.4)].set_index("target").loc["mstar"]
    assert (thin["low"], thin["high"], thin["draws"]) == (0.05, 0.15, 2)
    assert thin["y"] == pytest.approx(0.1)
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    assert drawn["seen pmi"].tolist() == [[0.4, 0.06], [0.9, 0.1]]
    assert drawn["floor pmi"].tolist() == [[FLOOR, 0.1], [1e-10, 0.3], [1e-2, 0.3]]


def test_a_text_without_questions_is_said() -> None:
    none = given(0)
    none["scores"]["score"] = float("nan")
    table = pmi.table(**none)
    assert table["panel"].tolist() == ["missing"]
    figure = pmi.draw(table)
    assert any("no question has all its words" in text for text in texts(figure))
    assert_nothing_cut(figure)
