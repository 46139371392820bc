"""The table of benchmark scores, Figure 3b: its columns, cells, marks and footnotes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from mstar.evaluation import benchmarks as word_benchmarks


@dataclass(frozen=True)
class Benchmark:
    """A column: its rows of the evaluation, its head, and whether it is a percentage."""

    name: str
    variant: str
    title: str
    percent: bool = False


BENCHMARKS = (
    Benchmark("google", "original", "Google analogies\noriginal questions", True),
    Benchmark("google", "regenerated", "Google analogies\npairs of pairs", True),
    Benchmark("men", "spearman", "MEN\n"),
    Benchmark("wordsim353", "spearman", "WordSim-353\n"),
    Benchmark("simlex999", "spearman", "SimLex-999\n"),
)
# Scored only if the configuration asks for them; like the user's own in the table, but not drawn.
FURTHER = tuple(
    Benchmark(name, "spearman", word_benchmarks.BENCHMARKS[name].title)
    for name in word_benchmarks.SIMILARITY
    if name not in [benchmark.name for benchmark in BENCHMARKS]
)

# Figure 3b of the paper (Wikipedia, 2 billion tokens, d = 200); its analogies are regenerated from
# pairs. Another V has other questions, so these values are shown at the paper's V only. MEN of
# svd(PPMI) is printed as .740, a misprint of .744.
PAPER_VOCABULARY = 10_000
PAPER = {
    "word2vec": {"google regenerated": 0.680, "men spearman": 0.744, "wordsim353 spearman": 0.698},
    "QWEM": {"google regenerated": 0.651, "men spearman": 0.755, "wordsim353 spearman": 0.682},
    "svd(M*)": {"google regenerated": 0.663, "men spearman": 0.755, "wordsim353 spearman": 0.683},
    "svd(PPMI)": {"google regenerated": 0.506, "men spearman": 0.744, "wordsim353 spearman": 0.690},
    "svd(PMI)": {"google regenerated": 0.084, "men spearman": 0.448, "wordsim353 spearman": 0.221},
}
MISPRINT = ("svd(PPMI)", "men spearman")
ABSENT, EMPTY = "†", "‡"
DIFFERS, SEEDS, DEFICIENT, UNTIED = "↑ ↓", "seeds", "§", "gensim"
SHRUNK, WEIGHTED = "svd(M*_κ)", "Prop. 2"
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Cell:
    """What is printed of one score.

    Attributes:
        score: the score, or a dash and the mark that explains it.
        arrow: ↑ or ↓ if it differs from svd(M*) of its block in the paired test, else empty.
        interval: the 95 % interval, and the range over several seeds; empty without a score.
        paper: the paper's value; empty if there is none.
        notes: keys of the footnotes that it calls for.
    """

    score: str
    arrow: str
    interval: str
    paper: str
    notes: frozenset[str]


def cell(line: pd.Series, benchmark: Benchmark) -> Cell:
    """Return what is printed of a line of Figure 3b's table."""
    percent, notes = benchmark.percent, set[str]()
    paper, arrow, interval = "", "", ""
    if not math.isnan(line["paper"]):
        star = "*" * ((line["label"], f"{benchmark.name} {benchmark.variant}") == MISPRINT)
        notes |= {star} - {""}
        paper = formatted(float(line["paper"]), percent) + star
    if math.isnan(line["score"]):
        mark = ABSENT if line["questions"] < 0 else EMPTY
        return Cell(f"–{mark}", "", "", paper, frozenset(notes | {mark}))
    if float(line["p_holm"]) < SIGNIFICANT:
        arrow = "↑" if float(line["difference"]) > 0 else "↓"
        notes.add(DIFFERS)
    ends = [formatted(float(line[k]), percent) for k in ("low", "high", "seed_low", "seed_high")]
    interval = f"{ends[0]} – {ends[1]}"
    if line["seeds"] > 1:
        interval += f"; seeds {ends[2]} – {ends[3]}"
        notes.add(SEEDS)
    score = formatted(float(line["score"]), percent)
    return Cell(score, arrow, interval, paper, frozenset(notes))


def notes_of_model(rows: pd.DataFrame) -> set[str]:
    """Return the keys of the footnotes that the rows of one model in one block call for."""
    label, first = str(rows["label"].iloc[0]), rows.iloc[0]
    notes = {label} & {SHRUNK, WEIGHTED}
    notes |= {UNTIED} if label.startswith(UNTIED) else set()
    return notes | ({DEFICIENT} if first["rank"] < first["dim"] else set())


def formatted(value: float, percent: bool) -> str:
    """Return a score as printed in the paper: 66.3 (share), .755 (correlation), – for nan."""
    if math.isnan(value):
        return "–"
    if percent:
        return f"{100 * value:.1f}"
    text = f"{value:.3f}".replace("-", "−")
    return text.replace("0.", ".", 1) if abs(value) < 0.9995 else text


def footnotes(notes: Iterable[str], table: pd.DataFrame) -> list[str]:
    """Return the footnotes that explain a table, in order.

    Args:
        notes: keys of those called for.
        table: Figure 3b's.
    """
    lines = [
        "small print: 95 % interval over word pairs (analogies) or words (similarities)."
        "  n: questions whose words are all in the vocabulary."
    ]
    if table["paper"].notna().any():
        paper = "light grey: the paper's values, from 2 billion tokens of Wikipedia, V = 10,000,"
        paper += " d = 200 (its analogies are pairs of pairs)"
        others = (table["vocabulary"] != PAPER_VOCABULARY).any()
        lines.append(paper + ("; not comparable at another V." if others else "."))
    explained = {
        "*": "*  .740 in print, a misprint: the authors' own output is .744.",
        ABSENT: f"{ABSENT}  the model was not scored on the benchmark (benchmarks.similarity).",
        DIFFERS: "↑ ↓  better or worse than svd(M*) of its block: paired test, p < .05 (Holm).",
        SEEDS: "seeds: lowest and highest score over the seeds; the score printed is the first's.",
        DEFICIENT: "§  its matrix has fewer positive eigenvalues than d: other columns are zero.",
        SHRUNK: "M*_κ: M* nearer to 0 where counts say little; no benchmark sets κ.",
        WEIGHTED: "Prop. 2: word2vec's own target and pair weights, these taken as of rank one.",
        UNTIED: "gensim: its word2vec (skip-gram), input vectors; sum: input plus output vectors.",
        EMPTY: f"{EMPTY}  too few of its questions have all their words in the vocabulary.",
    }
    called = set(notes)
    lines += [text for mark, text in explained.items() if mark in called]
    scored = set(table["benchmark"])
    further = [benchmark.title for benchmark in FURTHER if benchmark.name in scored]
    if own := len(scored - word_benchmarks.BENCHMARKS.keys()):
        further.append(f"{own} of your own")  # whose names may have letters that the font lacks
    if further:
        lines.append(f"Not drawn, but in the table of this figure: {', '.join(further)}.")
    return lines
