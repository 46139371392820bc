"""Fill a text's tables in docs/beyond.md, and copy its figures there.

python -m tools.beyond_page RESULTS CORPUS: RESULTS is the folder ``results`` of a run with
``EXTRAS='[geometry, noise_edge]'``, or one of them, of the text that its results call CORPUS.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from mstar.features.ordered_words import PERMUTED, WINDING
from mstar.files.tables import read_table
from mstar.prediction.noise_models import ALONG, MEASURED, MODELS, SIGNS
from tools import pages
from tools.results_page import markdown

PAGE = Path(__file__).resolve().parents[1] / "docs" / "beyond.md"
DEFAULT = "encyclopedia"
NUMBER, BEST = "reproducible features", "features with c² ≥ ½ in the whole text"
HEADER = ("sequence", "text", "statistic", "value", "permuted labels", "p", "p, Holm")


def statistics(table: pd.DataFrame) -> str:
    """Return a row for each statistic of each sequence; see `mstar.features.sequences`."""
    rows: list[tuple[str, ...]] = []
    for row in table[(table["panel"] == "statistic") & (table["null"] == PERMUTED)].itertuples():
        adjusted = "" if row.name == WINDING else f"{row.holm:.2g}"
        numbers = (f"{row.y:.2f}", f"{row.low:.2f} to {row.high:.2f}", f"{row.null_pass:.2g}")
        rows.append((str(row.sequence), str(row.text), str(row.name), *numbers, adjusted))
    return markdown(HEADER, rows)


def noise(table: pd.DataFrame) -> str:
    """Return a row for each edge and number that noise predicts; see `count_noise`."""
    rows: list[tuple[str, ...]] = []
    for panel, what in (("edge", "largest eigenvalue"), ("number", NUMBER), ("best", BEST)):
        own = table[table["panel"] == panel].fillna({"name": ""})
        for name, each in own.groupby("name", sort=False):
            known = each.set_index("model")["y"]
            values = (f"{known[m]:.0f}" if m in known else "" for m in (*MODELS, MEASURED, SIGNS))
            rows.append((f"{what} {name}".strip(), *values))
    category = table[table["panel"] == "category"]
    for name, each in category.groupby("name", sort=False):
        known = each.set_index("model")["y"]
        rows.append(
            (f"best d, {name}", "", "", f"{known[ALONG]:.0f}", f"{known[MEASURED]:.0f}", "")
        )
    return markdown(("quantity", *MODELS, MEASURED, f"{MEASURED}, {SIGNS}"), rows)


# Table of results, its generated block, its figure, and the function that writes the block.
KINDS = (
    ("geometry.tsv", "geometry", "geometry", statistics),
    ("count_noise.tsv", "noise", "noise_edge", noise),
)


def main() -> int:
    """Fill the page; return an exit code."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("corpus")
    given = parser.parse_args()
    folder = given.results / given.corpus
    if not any(list(folder.glob(f"v*-l*/{file}")) for file, *_ in KINDS):
        sys.exit(
            f"{folder}: no table of these extras: run make EXTRAS='[geometry, noise_edge]' first"
        )
    for file, block, figure, rows in KINDS:
        for path in folder.glob(f"v*-l*/{file}"):
            tables = {f"{block}-{given.corpus}": rows(read_table(path))}
            PAGE.write_text(pages.filled(PAGE.read_text("utf-8"), tables, partly=True), "utf-8")
            picture = given.results / "figures" / given.corpus / f"{figure}.png"
            name = f"{figure}.png" if given.corpus == DEFAULT else f"{figure}-{given.corpus}.png"
            pages.copy_picture(picture, PAGE.with_name(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
