"""Fill a text's tables in docs/size.md, and copy its figure there.

python -m tools.size_page RESULTS CORPUS: RESULTS is the folder ``results`` of a run with
``EXTRAS='[size]'`` of the text that its results call CORPUS.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from mstar.claims.trends import AGREES, DISAGREES, SILENT
from mstar.files.tables import read_table
from mstar.statistics.digits import number
from tools import pages
from tools.results_page import markdown

PAGE = Path(__file__).resolve().parents[1] / "docs" / "size.md"


def tally(trends: pd.DataFrame) -> str:
    """Return the number of claims with each trend, and of those without one, by the reason."""
    counts = trends.loc[trends["note"].isna(), "trend"].value_counts()
    rows = [(trend, int(counts.get(trend, 0))) for trend in (AGREES, DISAGREES, SILENT)]
    reasons = trends["note"].dropna().value_counts()
    return markdown(
        ("trend", "claims"), [*rows, *((f"none: {r}", int(n)) for r, n in reasons.items())]
    )


def table(trends: pd.DataFrame) -> str:
    """Return a row for each claim with a trend: value today, extrapolated, and the paper's."""
    rows = (
        (
            f"`{row.id}`",
            row.statement,
            row.today,
            row.extrapolated,
            f"{number(row.low)} to {number(row.high)}",
            row.paper,
            row.trend,
        )
        for row in trends[trends["note"].isna()].itertuples()
    )
    header = ("claim", "statement", "on the whole text", "line at 2 · 10⁹ tokens", "range")
    return markdown((*header, "the paper's", "trend"), rows)


def filled(page: str, corpus: str, trends: pd.DataFrame) -> str:
    """Return the page with the tables of one text in their places."""
    tables = {f"tally-{corpus}": tally(trends), f"trends-{corpus}": table(trends)}
    return pages.filled(page, tables, partly=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("corpus")
    given = parser.parse_args()
    found = given.results / "tables" / given.corpus / "trends.tsv"
    if not found.is_file():
        sys.exit(f"{found}: no such file: run make EXTRAS='[size]' first")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(filled(page, given.corpus, read_table(found)), encoding="utf-8")
    picture = given.results / "figures" / given.corpus / "size.png"
    name = "size.png" if given.corpus == "encyclopedia" else f"size-{given.corpus}.png"
    pages.copy_picture(picture, PAGE.with_name(name))


if __name__ == "__main__":
    main()
