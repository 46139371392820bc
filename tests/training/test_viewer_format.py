"""The formats of viewers: other libraries read back equal words and float32 numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mstar.files.writing import UserError
from mstar.training import viewer_format

WORDS = ["the", "été", '"quoted', "nan", "=1+1", "東京"]
EMBEDDING = np.random.default_rng(0).standard_normal((6, 3)) * [1, 1e-20, 1e20]


def test_parquet_comes_back(tmp_path: Path) -> None:
    viewer_format.write(tmp_path / "x.parquet", WORDS, EMBEDDING)
    found = pd.read_parquet(tmp_path / "x.parquet")
    assert found["word"].tolist() == WORDS and found["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert np.array_equal(np.stack(found["vector"].to_list()), EMBEDDING.astype(np.float32))


def test_the_projector_reads_numbers_and_words_line_by_line(tmp_path: Path) -> None:
    viewer_format.write(tmp_path / "x.tsv", WORDS, EMBEDDING)
    numbers = np.loadtxt(tmp_path / "x.tsv", delimiter="\t", dtype=np.float32)
    assert np.array_equal(numbers, EMBEDDING.astype(np.float32))
    # As the projector takes them: split at line feeds and tabs, with a header if there are columns.
    lines = (tmp_path / "x.metadata.tsv").read_text("utf-8").split("\n")
    rows = [f"{word}\t{rank}" for rank, word in enumerate(WORDS, 1)]
    assert lines == ["word\trank", *rows, ""]


@pytest.mark.parametrize("name", ["x.parquet", "x.tsv"])
@pytest.mark.parametrize(
    ("words", "value", "message"),
    [(["a", "b c"], 0.0, "white space"), (["a", "b"], np.inf, "not finite")],
)
def test_what_is_refused(
    tmp_path: Path, name: str, words: list[str], value: float, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        viewer_format.write(tmp_path / name, words, np.full((2, 1), value))
    with pytest.raises(ValueError, match="2 words for 3 rows"):
        viewer_format.write(tmp_path / name, ["a", "b"], np.zeros((3, 1)))
    with pytest.raises(UserError, match=r"expected a name that ends in \.parquet or \.tsv"):
        viewer_format.write(tmp_path / "x.csv", ["a"], np.zeros((1, 1)))
    assert not list(tmp_path.iterdir())
