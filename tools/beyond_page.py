"""Fill a text's table in docs/beyond.md, and copy its figure there.

python -m tools.beyond_page RESULTS CORPUS: RESULTS is the folder ``results`` of a run with
``EXTRAS='[geometry]'`` of the text that its results call CORPUS.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from mstar.features.ordered_words import PERMUTED, WINDING
from mstar.files.tables import read_table
from tools import pages
from tools.results_page import markdown

PAGE = Path(__file__).resolve().parents[1] / "docs" / "beyond.md"
DEFAULT = "encyclopedia"
HEADER = ("sequence", "text", "statistic", "value", "permuted labels", "p", "p, Holm")


def statistics(table: pd.DataFrame) -> str:
    """Return a row for each statistic of each sequence; see `mstar.features.sequences`."""
    rows: list[tuple[str, ...]] = []
    for row in table[(table["panel"] == "statistic") & (table["null"] == PERMUTED)].itertuples():
        adjusted = "" if row.name == WINDING else f"{row.holm:.2g}"
        numbers = (f"{row.y:.2f}", f"{row.low:.2f} to {row.high:.2f}", f"{row.null_pass:.2g}")
        rows.append((str(row.sequence), str(row.text), str(row.name), *numbers, adjusted))
    return markdown(HEADER, rows)


def main() -> int:
    """Fill the page; return an exit code."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("corpus")
    given = parser.parse_args()
    (path,) = (given.results / given.corpus).glob("v*-l*/geometry.tsv")
    tables = {f"geometry-{given.corpus}": statistics(read_table(path))}
    PAGE.write_text(pages.filled(PAGE.read_text("utf-8"), tables, partly=True), "utf-8")
    picture = given.results / "figures" / given.corpus / "geometry.png"
    name = "geometry.png" if given.corpus == DEFAULT else f"geometry-{given.corpus}.png"
    pages.copy_picture(picture, PAGE.with_name(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
