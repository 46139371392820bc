"""Fill the tables of one run in docs/word2vec.md, and copy its figure there.

python -m tools.word2vec_page RESULTS CORPUS V: RESULTS is the folder ``results`` of a run with
``extras: [word2vec]`` and ``dynamics.vocabulary: V`` of the text that its results call CORPUS.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mstar.files.tables import read_table
from mstar.statistics.digits import number
from tools import pages
from tools.results_page import markdown

PAGE = Path(__file__).resolve().parents[1] / "docs" / "word2vec.md"
DIRECTIONS = {
    "subspace": "subspace",
    "inside": "‖W‖² inside",
    "gram": "Gram",
    "first ten": "first ten",
}
TIMES = {"time ratio": "trained / predicted time", "within 15 %": "within 15 %"}
ANALOGIES = {"accuracy difference": "analogies, points"}
HEADER = ("trained", "predictor", *DIRECTIONS.values(), *TIMES.values(), *ANALOGIES.values())


def scores(table: pd.DataFrame) -> str:
    """Return a row for each model and predictor; see `mstar.prediction.word2vec_scores`."""
    rows = []
    for (model, predictor), own in table.groupby(["model", "predictor"], sort=False):
        cells = own.set_index("quantity")
        rows.append(
            (
                str(model).replace("_", " "),
                str(predictor),
                *(_rounded(cells, name) for name in DIRECTIONS),
                *(_ranged(cells, name) for name in TIMES),
                _ranged(cells, "accuracy difference", 100)
                if predictor != "trained"
                else f"{100 * cells.at['accuracy', 'value']:.1f} % right",
            )
        )
    return markdown(HEADER, rows)


def _rounded(cells: pd.DataFrame, name: str) -> str:
    return f"{cells.at[name, 'value']:.3f}" if name in cells.index else ""


def _ranged(cells: pd.DataFrame, name: str, factor: float = 1.0) -> str:
    if name not in cells.index:
        return ""
    value, low, high = (factor * float(cells.at[name, key]) for key in ("value", "low", "high"))
    digits = 1 if factor > 1 else 2
    if np.isnan(low):
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def costs(folder: Path) -> str:
    """Return CPU seconds and memory of each job whose costs are in ``folder``."""
    rows: list[tuple[Any, ...]] = []
    kept = ("sparse", "saddles", "gensim_k", "predict_untied")
    paths = (p for p in folder.rglob("*.tsv") if p.relative_to(folder).parts[0].startswith(kept))
    for path in sorted(path for path in paths if path.parent.name != "evaluate"):
        job = path.relative_to(folder).with_suffix("").as_posix().replace("/", ", ")
        cost = pd.read_csv(path, sep="\t").iloc[0]
        memory = number(float(cost["max_rss"]) / 1024)
        rows.append((job, f"{cost['cpu_time']:.1f}", memory))
    return markdown(("job", "CPU seconds", "memory, GB"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("corpus")
    parser.add_argument("vocabulary", type=int)
    given = parser.parse_args()
    found = given.results / "tables" / given.corpus / "word2vec_scores.tsv"
    if not found.is_file():
        sys.exit(f"{found}: no such file: run make EXTRAS='[word2vec]' first")
    name = f"{given.corpus}-v{given.vocabulary}"
    (folder,) = (given.results / "costs" / given.corpus).glob(f"v{given.vocabulary}-l*/d[0-9]*")
    tables = {f"scores-{name}": scores(read_table(found)), f"costs-{name}": costs(folder)}
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(pages.filled(page, tables, partly=True), encoding="utf-8")
    picture = given.results / "figures" / given.corpus / "word2vec.png"
    shown = "word2vec.png" if name == "encyclopedia-v1000" else f"word2vec-{name}.png"
    pages.copy_picture(picture, PAGE.with_name(shown))


if __name__ == "__main__":
    main()
