"""The numbers of Figure 3b: benchmark scores of all models, beside the paper's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mstar.figures.drawing import style
from mstar.files.writing import UserError

# What the others are compared with, by paired tests.
REFERENCE = "svd_mstar"


@dataclass(frozen=True)
class Benchmark:
    """A column: which rows of the evaluation it shows, its head, and whether it is a percentage."""

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

MODELS = {  # name in the evaluation → name in the table, in the paper's order
    "word2vec": "word2vec",
    "qwem": "QWEM",
    "svd_mstar": "svd(M*)",
    "svd_ppmi": "svd(PPMI)",
    "svd_pmi": "svd(PMI)",
    "gensim": "gensim",
    "gensim_sum": "gensim sum",
}

# Figure 3b of the paper (Wikipedia, 2 billion tokens, d = 200); its analogies are regenerated from
# pairs. At another V other questions are asked, so that its values stand at its own alone. MEN of
# svd(PPMI) is .740 in print, a misprint of .744.
PAPER_VOCABULARY = 10_000
PAPER = {
    "word2vec": {"google regenerated": 0.680, "men spearman": 0.744, "wordsim353 spearman": 0.698},
    "QWEM": {"google regenerated": 0.651, "men spearman": 0.755, "wordsim353 spearman": 0.682},
    "svd(M*)": {"google regenerated": 0.663, "men spearman": 0.755, "wordsim353 spearman": 0.683},
    "svd(PPMI)": {"google regenerated": 0.506, "men spearman": 0.744, "wordsim353 spearman": 0.690},
    "svd(PMI)": {"google regenerated": 0.084, "men spearman": 0.448, "wordsim353 spearman": 0.221},
}
MISPRINT = ("svd(PPMI)", "men spearman")
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
    "paper",
]


def table(
    evaluation: pd.DataFrame,
    comparisons: pd.DataFrame | None = None,
    *,
    models: Mapping[str, str] = MODELS,
    benchmarks: tuple[Benchmark, ...] = BENCHMARKS,
) -> pd.DataFrame:
    """The numbers of Figure 3b: one line per block, model and benchmark.

    ``evaluation`` has columns model, vocabulary, dim, benchmark, variant, category, questions,
    score, low, high and, where known, rank (of the embedding) and seed; rows of category ``total``
    are used.
    ``models`` maps its model names to the names printed and gives the order. Each (vocabulary, dim)
    makes a block, smallest first, with the models evaluated there. Scores are shares or Spearman's
    ρ of the first seed; ``questions`` is -1 and the score NaN where the benchmark was not run.
    ``seeds`` is the number of seeds, ``seed_low`` and ``seed_high`` their lowest and highest score.
    ``difference`` and ``p`` are against `REFERENCE`, from ``comparisons`` (columns of
    `mstar.evaluation.comparisons`, vocabulary, dim). ``paper`` is the paper's value, at its own V.
    Raises UserError if nothing is left.
    """
    totals = evaluation[
        (evaluation["category"] == "total") & evaluation["model"].isin(list(models))
    ]
    if totals.empty:
        raise UserError(f"Figure 3b: no evaluation of any of {', '.join(models)}")
    if "seed" not in totals:
        totals = totals.assign(seed=0)
    if "rank" not in totals:
        totals = totals.assign(rank=totals["dim"])
    lines = []
    blocks = totals.groupby(["vocabulary", "dim"], sort=True)
    for block, (key, rows) in enumerate(blocks, start=1):
        vocabulary, dim = (int(str(k)) for k in key)
        where = {"block": block, "vocabulary": vocabulary, "dim": dim}
        for model, label in models.items():
            own = rows[rows["model"] == model]
            for benchmark in benchmarks if len(own) else ():
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


def _paper(label: str, benchmark: Benchmark) -> float:
    """What the paper reports, NaN where it reports nothing."""
    return PAPER.get(label, {}).get(f"{benchmark.name} {benchmark.variant}", math.nan)


def _scores(asked: pd.DataFrame) -> dict[str, Any]:
    """Score and interval of the first seed, and the range of scores over the seeds."""
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
    """Score of ``model`` minus that of `REFERENCE` on one benchmark, and p of the paired test."""
    if comparisons is None or comparisons.empty:
        return {}
    chosen = comparisons
    for key in ("vocabulary", "dim", "benchmark", "variant"):
        chosen = chosen[chosen[key] == where[key]]
    for first, second, sign in ((model, REFERENCE, 1.0), (REFERENCE, model, -1.0)):
        found = chosen[(chosen["model"] == first) & (chosen["other"] == second)]
        if len(found):
            row = found.iloc[0]
            return {"difference": sign * float(row["difference"]), "p": float(row["p"])}
    return {}
