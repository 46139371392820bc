"""Figure 3b: benchmark scores of all models, with intervals and the paper's values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from mstar.evaluation.score_table import (
    BENCHMARKS,
    FURTHER,
    PAPER,
    PAPER_VOCABULARY,
    Benchmark,
    cell,
    footnotes,
    notes_of_model,
)
from mstar.figures.drawing import style
from mstar.figures.drawing.tables import PRINTED, Sheet
from mstar.files.writing import UserError

# The model with which paired tests compare all others.
REFERENCE = "svd_mstar"


MODELS = {  # name in the evaluation → name in the table, in the paper's order
    "word2vec": "word2vec",
    "qwem": "QWEM",
    "svd_mstar": "svd(M*)",
    "svd_mstar_kappa": "svd(M*_κ)",  # `SHRUNK`
    "svd_prop2": "Prop. 2",  # `WEIGHTED`
    "svd_ppmi": "svd(PPMI)",
    "svd_pmi": "svd(PMI)",
    "gensim": "gensim",
    "gensim_sum": "gensim sum",
}

COLUMNS = [
    "block",
    "vocabulary",
    "dim",
    "label",
    "model",
    "rank",
    "benchmark",
    "variant",
    "questions",
    "score",
    "low",
    "high",
    "seeds",
    "seed_low",
    "seed_high",
    "difference",
    "p",
    "p_holm",
    "paper",
]
WIDTH, MARGIN, FIRST, ROW, HEAD = style.WIDTH, 0.15, 1.15, 0.44, 0.78


def table(
    *, evaluations: Mapping[str, pd.DataFrame], comparisons: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the numbers of Figure 3b: one line per block, model and benchmark.

    Args:
        evaluations: scores of each model, labelled "model V d seed", with columns benchmark,
            variant, category, questions, score, low, high and, if known, rank (of the embedding).
            Only rows of category total and models of `MODELS` are used.
        comparisons: paired tests between models, with columns as in
            `mstar.evaluation.comparisons`, vocabulary and dim.

    Returns:
        Each (vocabulary, dim) is a block, smallest first, with the models evaluated there. Scores
        are shares or Spearman's ρ of the first seed; ``questions`` is -1 and the score NaN if the
        benchmark was not run. ``seeds`` is the number of seeds, ``seed_low`` and ``seed_high``
        their lowest and highest score. ``difference``, ``p`` and ``p_holm`` are against
        `REFERENCE`. ``paper`` is the paper's value, at its V only.

    Raises:
        UserError: no model was evaluated, or one twice at one seed.
    """
    totals = _totals(evaluations)
    if totals.empty:
        raise UserError(f"Figure 3b: no evaluation of any of {', '.join(MODELS)}")
    lines = []
    blocks = totals.groupby(["vocabulary", "dim"], sort=True)
    for block, (key, rows) in enumerate(blocks, start=1):
        vocabulary, dim = (int(str(k)) for k in key)
        where = {"block": block, "vocabulary": vocabulary, "dim": dim}
        for model, label in MODELS.items():
            own = rows[rows["model"] == model]
            scored = (*BENCHMARKS, *_further(own))
            for benchmark in scored if len(own) else ():
                asked = own[
                    (own["benchmark"] == benchmark.name) & (own["variant"] == benchmark.variant)
                ]
                if asked["seed"].duplicated().any():
                    raise UserError(
                        f"Figure 3b: {len(asked)} rows for {model}, {benchmark.name},"
                        f" {benchmark.variant}, V = {vocabulary}; expected one a seed"
                    )
                named = {"label": label, "model": model, "rank": int(own["rank"].iloc[0])}
                asks = {"benchmark": benchmark.name, "variant": benchmark.variant}
                against = _against(comparisons, {**where, **asks}, model)
                paper = _paper(label, benchmark) if vocabulary == PAPER_VOCABULARY else math.nan
                lines.append(
                    {**where, **named, **asks, **_scores(asked), **against, "paper": paper}
                )
    return style.rounded(pd.DataFrame(lines, columns=COLUMNS))


def _totals(evaluations: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of category total, with model, seed, vocabulary and dim from their labels."""
    parts = []
    for label, scores in evaluations.items():
        model, vocabulary, dim, seed = label.split()
        size = {"vocabulary": int(vocabulary), "dim": int(dim)}
        own = scores[scores["category"] == "total"].assign(model=model, seed=int(seed), **size)
        if model in MODELS:
            parts.append(own if "rank" in own else own.assign(rank=int(dim)))
    return pd.concat(parts) if parts else pd.DataFrame()


def _further(scores: pd.DataFrame) -> list[Benchmark]:
    """Return the benchmarks of ``scores`` that are in the table but not drawn, in their order."""
    drawn = {(benchmark.name, benchmark.variant) for benchmark in BENCHMARKS}
    known = {benchmark.name: benchmark for benchmark in FURTHER}
    pairs = scores[["benchmark", "variant"]].drop_duplicates().itertuples(index=False, name=None)
    return [
        known.get(name, Benchmark(name, variant, name, variant != "spearman"))
        for name, variant in pairs
        if (name, variant) not in drawn and variant != "authors"
    ]


def _paper(label: str, benchmark: Benchmark) -> float:
    """Return the value that the paper reports, NaN if there is none."""
    return PAPER.get(label, {}).get(f"{benchmark.name} {benchmark.variant}", math.nan)


def _scores(asked: pd.DataFrame) -> dict[str, Any]:
    """Return score and interval of the first seed, and the range of scores over the seeds."""
    if asked.empty:
        return {"questions": -1, "seeds": 0}
    first = asked.iloc[0]
    return {
        "questions": int(first["questions"]),
        **{k: float(first[k]) for k in ("score", "low", "high")},
        "seeds": len(asked),
        "seed_low": float(asked["score"].min()),
        "seed_high": float(asked["score"].max()),
    }


def _against(
    comparisons: pd.DataFrame | None, where: Mapping[str, Any], model: str
) -> dict[str, float]:
    """Return the score of ``model`` minus that of `REFERENCE`, with p, and p adjusted."""
    if comparisons is None or comparisons.empty:
        return {}
    chosen = comparisons
    for key in ("vocabulary", "dim", "benchmark", "variant"):
        chosen = chosen[chosen[key] == where[key]]
    for first, second, sign in ((model, REFERENCE, 1.0), (REFERENCE, model, -1.0)):
        rows = chosen[(chosen["model"] == first) & (chosen["other"] == second)]
        if len(rows):
            row = rows.iloc[0]
            found = {name: float(row[name]) for name in ("p", "p_holm")}
            return {"difference": sign * float(row["difference"]), **found}
    return {}


def _cell(sheet: Sheet, x: float, y: float, line: pd.Series, benchmark: Benchmark) -> set[str]:
    """Write one score, its interval and the paper's value; return the footnotes it calls for."""
    shown = cell(line, benchmark)
    if not shown.interval:
        sheet.text(x, y, shown.score, ha="center", fontsize=12, color=style.GREY)
    else:
        sheet.text(x, y - 0.075, shown.score, ha="center", fontsize=12.5)
        if shown.arrow:
            look = {"fontsize": 10, "color": style.GREY}
            sheet.text(x - 0.3, y - 0.075, shown.arrow, ha="center", **look)
        sheet.text(x, y + 0.1, shown.interval, ha="center", fontsize=7.5, color=style.GREY)
    if shown.paper:
        sheet.text(x + 0.4, y - 0.06, shown.paper, ha="left", fontsize=9, color="#9a9a9a")
    return set(shown.notes)


@style.styled
def draw(table: pd.DataFrame) -> Figure:
    """Draw Figure 3b from its `table`: in each block a line for each model."""
    blocks = [block for _, block in table.groupby("block")]
    lines = sum(block["label"].nunique() for block in blocks)
    figure = style.new_figure(0.2 + len(blocks) * (HEAD + 0.2) + lines * ROW + 1.4)
    sheet = Sheet(figure, 0.12)
    column = (WIDTH - 2 * MARGIN - FIRST) / len(BENCHMARKS)
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
        for j, benchmark in enumerate(BENCHMARKS):
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
            notes |= notes_of_model(rows)
            rank = int(rows["rank"].iloc[0])
            if rank < first["dim"]:
                look = {"fontsize": 7.5, "color": style.GREY}
                sheet.text(MARGIN + 0.04, sheet.y + ROW / 2 + 0.16, f"rank {rank} §", **look)
            for j, benchmark in enumerate(BENCHMARKS):
                chosen = (rows["benchmark"] == benchmark.name) & (
                    rows["variant"] == benchmark.variant
                )
                for _, line in rows[chosen].iterrows():
                    x = MARGIN + FIRST + (j + 0.42) * column
                    notes |= _cell(sheet, x, sheet.y + ROW / 2, line, benchmark)
            sheet.y += ROW
        sheet.rule(MARGIN, WIDTH - MARGIN, 1.2)
        sheet.y += 0.2
    for k, text in enumerate(footnotes(notes, table)):
        text = text.replace("M*_κ", r"$M^{*}_{\kappa}$")
        sheet.text(MARGIN + 0.04, sheet.y + 0.02 + 0.17 * k, text, fontsize=9, color=style.GREY)
    return figure
