"""The size figure: its rows, stars and omissions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from mstar.claims.outcomes import PAIRS_SEEN, PAPER_TOKENS
from mstar.claims.trends import AGREES
from mstar.figures import size
from tests.support.figures import assert_whole_and_the_same_twice

CLAIM = "fig3b.svd-mstar.google"


def given() -> dict[str, Any]:
    """Return the inputs of the figure for one claim, measured at four sizes."""
    tokens = [1e5, 2e5, 4e5, 8e5]
    grid = np.geomspace(1e5, PAPER_TOKENS, 5)
    return {
        "sizes": pd.DataFrame(
            {"id": CLAIM, "parts": [8, 4, 2, 1], "draw": 1, "tokens": tokens,
             "value": [0.1, 0.2, 0.25, 0.3]}
        ),
        "lines": pd.DataFrame(
            {"id": CLAIM, "tokens": grid, "value": 0.4, "low": 0.3, "high": 0.5}
        ),
        "trends": pd.DataFrame({"id": [CLAIM], "paper": [0.663], "trend": [AGREES]}),
    }  # fmt: skip


def test_files_are_whole_and_the_same_twice(tmp_path: Path) -> None:
    assert_whole_and_the_same_twice(size, given(), tmp_path)


def test_rows_and_picture() -> None:
    numbers = size.table(**given())
    own = numbers[numbers["id"] == CLAIM].set_index("kind")
    assert own.loc["measured", "y"].tolist() == [0.1, 0.2, 0.25, 0.3]
    star = own.loc["paper"]
    assert (star["tokens"], star["y"], star["text"]) == (PAPER_TOKENS, 0.663, AGREES)
    assert own.loc["line", "low"].tolist() == [0.3] * 5
    missing = numbers[numbers["kind"] == "missing"]
    assert CLAIM not in set(missing["id"]) and (missing["text"] == "not measured").all()
    figure = size.draw(numbers)
    first, second = figure.axes[:2]
    assert [text.get_text() for text in second.texts] == ["not measured on this text"]
    dots = [line for line in first.lines if line.get_gid() == "measured svd(M*)"]
    assert dots[0].get_ydata().tolist() == [0.1, 0.2, 0.25, 0.3]


def test_every_claim_of_a_panel_exists() -> None:
    known = {entry["id"] for entry in yaml.safe_load(Path("config/claims.yaml").read_text())}
    drawn = {name for panel in size.PANELS for name in panel.series.values()}
    assert drawn - known == set(PAIRS_SEEN.values())
