"""Analogies "a is to b as c is to ?": three sets of questions, answered by 3CosAdd.

The *original* set has the questions of the file. The other two take the distinct pairs of each
category and ask every ordered pair of them, as the paper does: *regenerated* omits questions that
cannot be answered; *authors* follows the authors' code, which keeps those questions and, because it
tests a token id for truth, loses every pair that contains token 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.evaluation.question_files import TOTAL, Sections, read_sections
from mstar.evaluation.three_cos_add import predict
from mstar.files.writing import UserError
from mstar.statistics.dyads import Dyads
from mstar.statistics.intervals import share_interval

VARIANTS = ("original", "regenerated", "authors")
COLUMNS = ("benchmark", "variant", "category", "questions", "correct", "score", "low", "high")


@dataclass(frozen=True)
class Questions:
    """Questions of one variant over one vocabulary.

    Attributes:
        variant: one of `VARIANTS`.
        categories: every section of the file, including those with no question left.
        category: (n,) int64, index into ``categories`` of each question.
        words: (n, 4) int64, row indices of a, b, c and the answer.
    """

    variant: str
    categories: tuple[str, ...]
    category: NDArray[np.int64]
    words: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of questions."""
        return len(self.words)

    def dyads(self) -> Dyads:
        """Return which questions share word pairs, with categories as strata."""
        size = int(self.words.max(initial=0)) + 1
        pairs = self.words[:, [0, 2]] * size + self.words[:, [1, 3]]
        return Dyads(pairs[:, 0], pairs[:, 1], self.category)

    def among(self, chosen: NDArray[np.bool_]) -> Questions:
        """Return the questions of a mask (n,), with the same categories."""
        return Questions(self.variant, self.categories, self.category[chosen], self.words[chosen])

    def select(self, category: str) -> Questions:
        """Return the questions of one category; raise `UserError` if the file has no such one."""
        if category not in self.categories:
            known = ", ".join(self.categories)
            raise UserError(f"no analogy category {category!r}; the file has: {known}")
        chosen = self.words[self.category == self.categories.index(category)]
        return Questions(self.variant, (category,), np.zeros(len(chosen), np.int64), chosen)


def pairs_in_vocabulary(sections: Sections, words: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Return the distinct pairs of each category with both words in ``words``, as ids (N, 2).

    Pairs keep the order of the file. Token 0 counts like any other; a category with no pair left
    has shape (0, 2).
    """
    index = {word: i for i, word in enumerate(words)}
    pairs = {}
    for category, questions in sections.items():
        distinct = dict.fromkeys(p for a, b, c, d in questions for p in ((a, b), (c, d)))
        kept = [(index[a], index[b]) for a, b in distinct if a in index and b in index]
        pairs[category] = np.array(kept, dtype=np.int64).reshape(-1, 2)
    return pairs


def _original(sections: Sections, words: Sequence[str]) -> list[NDArray[np.int64]]:
    index = {word: i for i, word in enumerate(words)}
    kept = [
        [
            [index[w] for w in question]
            for question in questions
            if all(w in index for w in question)
        ]
        for questions in sections.values()
    ]
    return [np.array(block, dtype=np.int64).reshape(-1, 4) for block in kept]


def _all_ordered_pairs(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all ordered pairs (N (N - 1), 4) of different ``pairs`` (N, 2)."""
    first, second = np.nonzero(~np.eye(len(pairs), dtype=bool))
    return np.hstack([pairs[first], pairs[second]])


def impossible(words: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which questions ``words`` (n, 4) 3CosAdd cannot answer, as a mask (n,).

    Either the answer is one of the inputs, which are not candidates (two cities of one state), or
    two inputs are the same word, so that there is no relation to complete.
    """
    a, b, c, d = words.T
    answer = (d == a) | (d == b) | (d == c)
    inputs = (a == b) | (a == c) | (b == c)
    result: NDArray[np.bool_] = answer | inputs
    return result


def build_questions(sections: Sections, words: Sequence[str], variant: str) -> Questions:
    """Return the questions of one of `VARIANTS` over the vocabulary ``words``, in row order of W.

    - original: the file's questions with all four words in the vocabulary.
    - regenerated: all ordered pairs of distinct pairs of a category, without `impossible` ones.
    - authors: all ordered pairs of distinct pairs without token 0, including impossible ones.

    Raises:
        UserError: ``variant`` is unknown.
    """
    if variant not in VARIANTS:
        raise UserError(f"analogy variant {variant!r}: expected one of {', '.join(VARIANTS)}")
    if variant == "original":
        blocks = _original(sections, words)
    else:
        blocks = []
        for pairs in pairs_in_vocabulary(sections, words).values():
            if variant == "authors":
                blocks.append(_all_ordered_pairs(pairs[(pairs != 0).all(axis=1)]))
            else:
                block = _all_ordered_pairs(pairs)
                blocks.append(block[~impossible(block)])
    category = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
    stacked = np.vstack([np.empty((0, 4), np.int64), *blocks])
    return Questions(variant, tuple(sections), category.astype(np.int64), stacked)


def accuracy(embedding: NDArray[Any], questions: Questions) -> float:
    """Return the share (0..1) of ``questions`` that ``embedding`` (V, d) answers correctly.

    It is computed in float32, for use during training, and NaN without questions.
    """
    if len(questions) == 0:
        return float("nan")
    predicted = predict(embedding, questions.words, np.float32)
    return float(np.mean(predicted == questions.words[:, 3]))


def accuracy_of(
    path: str | Path, words: Sequence[str], variant: str = "regenerated"
) -> Callable[[NDArray[Any]], float]:
    """Return the `accuracy` on a file's questions as a function of an embedding of ``words``."""
    questions = build_questions(read_sections(path), words, variant)
    return lambda embedding: accuracy(embedding, questions)


def answered(embedding: NDArray[Any], sets: Sequence[Questions]) -> list[NDArray[np.bool_]]:
    """Return which questions of each set ``embedding`` (V, d) answers correctly: masks (n,)."""
    stacked = np.vstack([np.empty((0, 4), np.int64), *(s.words for s in sets)])
    distinct, where = np.unique(stacked[:, :3], axis=0, return_inverse=True)
    correct = predict(embedding, distinct)[where.reshape(-1)] == stacked[:, 3]
    return np.split(correct, np.cumsum([len(s) for s in sets])[:-1])


def accuracy_table(
    sets: Sequence[Questions], correct: Sequence[NDArray[np.bool_]], benchmark: str = "google"
) -> pd.DataFrame:
    """Tabulate `answered` questions with `COLUMNS`: a row per set and category, and a 'total'.

    ``score`` is correct/questions (0..1), ``low`` and ``high`` its 95 % interval (`share_interval`,
    with word pairs as units); all three are NaN for a category without questions.
    """
    rows = []
    for one, hits in zip(sets, correct, strict=True):
        groups = [(name, one.category == i) for i, name in enumerate(one.categories)]
        for name, mask in [*groups, (TOTAL, np.ones(len(one), dtype=bool))]:
            own, right = one.among(mask), hits[mask]
            ends = share_interval(right, own.dyads())
            score = float(right.mean()) if len(own) else np.nan
            rows.append((benchmark, one.variant, name, len(own), int(right.sum()), score, *ends))
    return pd.DataFrame(rows, columns=list(COLUMNS))
