"""Score one embedding on all benchmarks: a table of scores and a table of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.evaluation.analogies import (
    VARIANTS,
    Questions,
    accuracy_table,
    answered,
    build_questions,
)
from mstar.evaluation.question_files import Judgements, Parsed
from mstar.evaluation.similarity import VARIANT, cosines, similarity_table

# model: name of the embedding; benchmark, variant, category: the questions ('total': all of them);
# questions: how many of them the vocabulary covers; score: share correct (0..1) or Spearman's rho;
# low, high: its 95 % interval. NaN if no question is covered.
# rank: columns of the embedding that are not zero, fewer than d if a factorised matrix has fewer
# positive eigenvalues.
COLUMNS = ("model", "rank", "benchmark", "variant", "category", "questions", "score", "low", "high")

# One row per question. first, second: for analogies the two word pairs, each as a V + b of its
# words' row numbers; for similarities the row numbers of the two words. value: 1 or 0 for right or
# wrong, or the cosine. human: human score of the pair, NaN for analogies.
ANSWERS = ("benchmark", "variant", "category", "first", "second", "value", "human")


def evaluate(
    embedding: NDArray[Any], words: Sequence[str], benchmarks: Mapping[str, Parsed], model: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores and answers of ``embedding`` (V, d), whose row i belongs to ``words[i]``.

    Scores have `COLUMNS`: analogies of every variant, per category and in total, and one row per
    similarity benchmark, in the order of ``benchmarks``. Answers have the columns `ANSWERS` and one
    row per question asked, so that models can be compared question by question.

    Raises:
        ValueError: rows and words differ in number.
    """
    if np.ndim(embedding) != 2 or len(embedding) != len(words):
        raise ValueError(f"an embedding of shape {np.shape(embedding)} for {len(words)} words")
    scores: list[pd.DataFrame] = []
    answers: list[pd.DataFrame] = []
    for name, parsed in benchmarks.items():
        if isinstance(parsed, Judgements):
            scores.append(similarity_table(embedding, words, {name: parsed}))
            answers.append(_similarities(name, parsed, *cosines(embedding, words, parsed)))
            continue
        sets = [build_questions(parsed, words, variant) for variant in VARIANTS]
        correct = answered(embedding, sets)
        scores.append(accuracy_table(sets, correct, name))
        answers += [
            _analogies(name, one, hits, len(words)) for one, hits in zip(sets, correct, strict=True)
        ]
    table = pd.concat(scores, ignore_index=True)
    table = table.assign(model=model, rank=int(np.any(embedding != 0, axis=0).sum()))
    asked = pd.concat(answers, ignore_index=True)
    return table[list(COLUMNS)], asked.reindex(columns=list(ANSWERS))


def _analogies(name: str, asked: Questions, correct: NDArray[np.bool_], size: int) -> pd.DataFrame:
    pairs = asked.words[:, [0, 2]] * size + asked.words[:, [1, 3]]
    columns = {
        "benchmark": name,
        "variant": asked.variant,
        "category": np.array(asked.categories, dtype=object)[asked.category],
        "first": pairs[:, 0],
        "second": pairs[:, 1],
        "value": correct.astype(np.float64),
    }
    return pd.DataFrame(columns)


def _similarities(
    name: str,
    judgements: Judgements,
    kept: NDArray[np.int64],
    rows: NDArray[np.int64],
    cosine: NDArray[np.float64],
) -> pd.DataFrame:
    asked = {"benchmark": name, "variant": VARIANT, "category": "total"}
    words = {"first": rows[:, 0], "second": rows[:, 1]}
    return pd.DataFrame({**asked, **words, "value": cosine, "human": judgements.scores[kept]})
