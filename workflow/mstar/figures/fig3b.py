"""Figure 3b: benchmark scores of all models, with intervals, beside the paper's."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.figure import Figure

from mstar.figures.drawing import style
from mstar.figures.drawing.tables import PRINTED, Sheet
from mstar.figures.fig3b_table import BENCHMARKS, MISPRINT, PAPER_VOCABULARY, Benchmark

WIDTH, MARGIN, FIRST, ROW, HEAD = 9.0, 0.15, 1.15, 0.44, 0.78
ABSENT, EMPTY = "†", "‡"
DIFFERS, SEEDS, DEFICIENT, UNTIED = "↑ ↓", "seeds", "§", "gensim"
SIGNIFICANT = 0.05


def formatted(value: float, percent: bool) -> str:
    """``value`` as the paper prints it: 66.3 for a share, .755 for a correlation, – for NaN."""
    if math.isnan(value):
        return "–"
    if percent:
        return f"{100 * value:.1f}"
    text = f"{value:.3f}".replace("-", "−")
    return text.replace("0.", ".", 1) if abs(value) < 0.9995 else text


def _cell(sheet: Sheet, x: float, y: float, line: pd.Series, benchmark: Benchmark) -> set[str]:
    """One score with its interval and the paper's value; returns the footnotes it calls for."""
    score, paper = float(line["score"]), float(line["paper"])
    misprint = (line["label"], f"{benchmark.name} {benchmark.variant}") == MISPRINT
    notes: set[str] = set()
    if math.isnan(score):
        mark = ABSENT if line["questions"] < 0 else EMPTY
        notes.add(mark)
        sheet.text(x, y, f"–{mark}", ha="center", fontsize=12, color=style.GREY)
    else:
        text = formatted(score, benchmark.percent)
        sheet.text(x, y - 0.075, text, ha="center", fontsize=12.5)
        if float(line["p"]) < SIGNIFICANT:
            arrow = "↑" if float(line["difference"]) > 0 else "↓"
            notes.add(DIFFERS)
            sheet.text(x - 0.3, y - 0.075, arrow, ha="center", fontsize=10, color=style.GREY)
        low, high = (formatted(float(line[k]), benchmark.percent) for k in ("low", "high"))
        small = f"{low} – {high}"
        if line["seeds"] > 1:
            ends = (formatted(float(line[k]), benchmark.percent) for k in ("seed_low", "seed_high"))
            small += "; seeds " + " – ".join(ends)
            notes.add(SEEDS)
        sheet.text(x, y + 0.1, small, ha="center", fontsize=7.5, color=style.GREY)
    if not math.isnan(paper):
        star = "*" if misprint else ""
        notes |= {star} - {""}
        text = formatted(paper, benchmark.percent) + star
        sheet.text(x + 0.4, y - 0.06, text, ha="left", fontsize=9, color="#9a9a9a")
    return notes


@style.styled
def draw(table: pd.DataFrame, *, benchmarks: tuple[Benchmark, ...] = BENCHMARKS) -> Figure:
    """Draw the `table`: per block a head with numbers of questions, then one line per model."""
    blocks = [block for _, block in table.groupby("block")]
    lines = sum(block["label"].nunique() for block in blocks)
    figure = style.new_figure(WIDTH, 0.2 + len(blocks) * (HEAD + 0.2) + lines * ROW + 1.0)
    sheet = Sheet(figure, 0.12)
    column = (WIDTH - 2 * MARGIN - FIRST) / len(benchmarks)
    notes: set[str] = set()
    for block in blocks:
        first = block.iloc[0]
        sheet.rule(MARGIN, WIDTH - MARGIN, 1.2)
        sheet.text(
            MARGIN + 0.04,
            sheet.y + 0.22,
            f"$V = {first['vocabulary']:,}$".replace(",", "{,}"),
            fontsize=11.5,
        )
        sheet.text(MARGIN + 0.04, sheet.y + 0.44, f"$d = {first['dim']}$", fontsize=11.5)
        for j, benchmark in enumerate(benchmarks):
            x = MARGIN + FIRST + (j + 0.42) * column
            title, second = (*benchmark.title.split("\n"), "")[:2]
            sheet.text(x, sheet.y + (0.17 if second else 0.25), title, ha="center", fontsize=11.5)
            sheet.text(x, sheet.y + 0.37, second, ha="center", fontsize=10)
            asked = block[
                (block["benchmark"] == benchmark.name) & (block["variant"] == benchmark.variant)
            ]
            number = int(asked["questions"].max()) if len(asked) else -1
            count = f"n = {number:,}" if number >= 0 else "n = –"
            sheet.text(x, sheet.y + 0.58, count, ha="center", fontsize=9, color=style.GREY)
        sheet.y += HEAD - 0.05
        sheet.rule(MARGIN, WIDTH - MARGIN)
        sheet.y += 0.05
        for label, rows in block.groupby("label", sort=False):
            name = PRINTED.get(str(label), str(label))
            sheet.text(MARGIN + 0.04, sheet.y + ROW / 2, name, fontsize=12)
            if str(label).startswith(UNTIED):
                notes.add(UNTIED)
            rank = int(rows["rank"].iloc[0])
            if rank < first["dim"]:
                look = {"fontsize": 7.5, "color": style.GREY}
                sheet.text(MARGIN + 0.04, sheet.y + ROW / 2 + 0.16, f"rank {rank} §", **look)
                notes.add(DEFICIENT)
            for j, benchmark in enumerate(benchmarks):
                chosen = (rows["benchmark"] == benchmark.name) & (
                    rows["variant"] == benchmark.variant
                )
                for _, line in rows[chosen].iterrows():
                    x = MARGIN + FIRST + (j + 0.42) * column
                    notes |= _cell(sheet, x, sheet.y + ROW / 2, line, benchmark)
            sheet.y += ROW
        sheet.rule(MARGIN, WIDTH - MARGIN, 1.2)
        sheet.y += 0.2
    _footnotes(sheet, notes, table)
    return figure


def _footnotes(sheet: Sheet, notes: set[str], table: pd.DataFrame) -> None:
    """What the marks and the light grey mean, below the blocks."""
    lines = ["small print: 95 % interval.  n: questions whose words are all in the vocabulary."]
    if table["paper"].notna().any():
        paper = "light grey: the paper's values, from 2 billion tokens of Wikipedia, V = 10,000,"
        paper += " d = 200 (its analogies are pairs of pairs)"
        others = (table["vocabulary"] != PAPER_VOCABULARY).any()
        lines.append(paper + ("; not comparable at another V." if others else "."))
    explained = {
        "*": "*  .740 in print, a misprint: the authors' own output is .744.",
        ABSENT: f"{ABSENT}  the benchmark's file was not given, or the model not evaluated on it.",
        DIFFERS: "↑ ↓  better or worse than svd(M*) of its block, paired test, p < .05.",
        SEEDS: "seeds: lowest and highest score over the seeds; the score printed is the first's.",
        DEFICIENT: "§  its matrix has fewer positive eigenvalues than d: other columns are zero.",
        UNTIED: "gensim: its word2vec (skip-gram), input vectors; sum: input plus output vectors.",
        EMPTY: f"{EMPTY}  no question of the benchmark has all its words in the vocabulary.",
    }
    lines += [text for mark, text in explained.items() if mark in notes]
    for k, text in enumerate(lines):
        sheet.text(MARGIN + 0.04, sheet.y + 0.02 + 0.17 * k, text, fontsize=9, color=style.GREY)
