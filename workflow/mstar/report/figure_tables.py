"""The figures that are tables, 3a and 3b, as HTML, from the numbers that they print."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from mstar.evaluation import score_table
from mstar.files.tables import read_table
from mstar.report.mathematics import maths


def components(table: pd.DataFrame) -> str:
    """Return Figure 3a: a row for each principal component, a column for each model."""
    models = [str(name) for name in table.columns if name != "component"]
    head = "".join(f'<th scope="col">{maths(model)}</th>' for model in models)
    rows = "".join(
        f'<tr><th scope="row">PC{row["component"]}</th>'
        + "".join(f"<td>{html.escape(str(row[model]) or '–')}</td>" for model in models)
        + "</tr>"
        for row in table.to_dict("records")
    )
    return _scroll(
        "Words of principal components",
        f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>",
    )


def scores(table: pd.DataFrame) -> str:
    """Return Figure 3b: a table for each V and d, with a row for each model, and footnotes."""
    notes, blocks = set[str](), []
    for _, block in table.groupby("block"):
        first = block.iloc[0]
        size = f"V = {first['vocabulary']:,}, d = {first['dim']}"
        head = "".join(_head(block, benchmark) for benchmark in score_table.BENCHMARKS)
        body = []
        for label, rows in block.groupby("label", sort=False):
            notes |= score_table.notes_of_model(rows)
            line, called = _row(str(label), rows)
            body.append(line)
            notes |= called
        blocks.append(
            _scroll(
                f"Benchmark scores at {size}",
                f"<table><caption>{size}</caption><thead><tr><td></td>{head}</tr></thead>"
                f"<tbody>{''.join(body)}</tbody></table>",
            )
        )
    lines = "<br>".join(maths(line) for line in score_table.footnotes(notes, table))
    return f'{"".join(blocks)}<p class="small notes">{lines}</p>'


def _head(block: pd.DataFrame, benchmark: score_table.Benchmark) -> str:
    asked = _of(block, benchmark)
    number = int(asked["questions"].max()) if len(asked) else -1
    title = ", ".join(filter(None, benchmark.title.split("\n")))
    count = f"n = {number:,}" if number >= 0 else "n = –"
    unit = ", %" if benchmark.percent else ", ρ"
    return f'<th scope="col" class="score">{title}{unit}<small>{count}</small></th>'


def _row(label: str, rows: pd.DataFrame) -> tuple[str, set[str]]:
    """Return the row of one model, and the keys of the footnotes that it calls for."""
    first, cells, notes = rows.iloc[0], [], set[str]()
    for benchmark in score_table.BENCHMARKS:
        cells.append("<td></td>")
        for _, line in _of(rows, benchmark).iterrows():
            shown = score_table.cell(line, benchmark)
            notes |= shown.notes
            paper = f' <span class="paper">{shown.paper}</span>' if shown.paper else ""
            arrow = f"{shown.arrow} " if shown.arrow else ""
            cells[-1] = (
                f'<td class="score">{arrow}{shown.score}{paper}<small>{shown.interval}</small></td>'
            )
    deficient = f"<small>rank {first['rank']} §</small>" if first["rank"] < first["dim"] else ""
    return f'<tr><th scope="row">{maths(label)}{deficient}</th>{"".join(cells)}</tr>', notes


def _of(rows: pd.DataFrame, benchmark: score_table.Benchmark) -> pd.DataFrame:
    return rows[(rows["benchmark"] == benchmark.name) & (rows["variant"] == benchmark.variant)]


def _scroll(label: str, table: str) -> str:
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{table}</div>'


# Each reads the numbers of the figure of that name.
TABLES: dict[str, Callable[[Path], str]] = {
    "fig3a": lambda path: components(pd.read_csv(path, dtype=str, keep_default_na=False)),
    "fig3b": lambda path: scores(read_table(path)),
}
