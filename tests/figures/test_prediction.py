"""The prediction figure draws the available data and says what is missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mstar.figures import prediction
from mstar.prediction import reproducibility
from tests.report.test_prediction_page import curves, halves
from tests.support.figures import assert_whole_and_the_same_twice


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    given = {"curves": curves(), "reproducibility": halves(6)}
    assert_whole_and_the_same_twice(prediction, given, tmp_path)


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("documents", [True, False])
def test_the_figure_draws_what_there_is(asked: bool, documents: bool) -> None:
    split = halves(6) if documents else pd.DataFrame(columns=reproducibility.COLUMNS)
    numbers = prediction.table(curves=curves(asked), reproducibility=split)
    panels = set(numbers["panel"])
    assert ("accuracy dim" in panels) == asked and ("feature" in panels) == documents
    modes = numbers[numbers["panel"] == "singular value exact"]["name"]
    assert set(modes) == {"mode 1", "mode 2", "mode 3"}  # mode 11 is not drawn
    figure = prediction.draw(numbers)
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert ("one document has no halves" in texts) != documents
    assert ("no question has all its words here" in texts) != asked
    assert ("6 reproducible" in texts) == documents
    assert figure.axes[0].get_title().endswith(r"$k = 1 \ldots 3$")
