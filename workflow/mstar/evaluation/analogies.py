"""Google analogies "a is to b as c is to ?": three sets of questions, answered by 3CosAdd.

The *original* set is the file's own questions. The other two take each category's distinct pairs
and ask every ordered pair of them, as the paper does: *regenerated* leaves out the questions that
cannot be answered; *authors* follows the authors' code, which keeps those and, testing a token id
for truth, loses every pair that contains token 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.evaluation.three_cos_add import predict
from mstar.files.writing import UserError
from mstar.statistics.intervals import wilson_interval

VARIANTS = ("original", "regenerated", "authors")
COLUMNS = ("benchmark", "variant", "category", "questions", "correct", "score", "low", "high")

Quadruple = tuple[str, str, str, str]
Sections = Mapping[str, Sequence[Quadruple]]


@dataclass(frozen=True)
class Questions:
    """Questions of one variant over one vocabulary.

    ``words`` (n, 4) int64: row indices a, b, c and the answer; ``category`` (n,) int64 indexes
    ``categories``, which lists every section of the file, also those with no question left.
    """

    variant: str
    categories: tuple[str, ...]
    category: NDArray[np.int64]
    words: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of questions."""
        return len(self.words)

    def select(self, category: str) -> Questions:
        """The questions of one category; raises `UserError` naming the choices if there is none."""
        if category not in self.categories:
            known = ", ".join(self.categories)
            raise UserError(f"no analogy category {category!r}; the file has: {known}")
        chosen = self.words[self.category == self.categories.index(category)]
        return Questions(self.variant, (category,), np.zeros(len(chosen), np.int64), chosen)


def parse_questions(text: str, name: str = "questions-words.txt") -> dict[str, list[Quadruple]]:
    """Sections of a Google analogy file in file order, lower-cased: {category: [(a, b, c, d)]}.

    A line ": name" opens a section, every other line holds four words. Raises `UserError` naming
    ``name`` and the line otherwise.
    """
    sections: dict[str, list[Quadruple]] = {}
    current: list[Quadruple] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.lower().split()
        if not fields:
            continue
        if fields[0].startswith(":"):
            title = line.strip()[1:].strip()
            if not title:
                raise UserError(f"{name}, line {number}: a section ':' without a name")
            current = sections.setdefault(title, [])
            continue
        if current is None:
            raise UserError(f"{name}, line {number}: a question before the first ': section' line")
        if len(fields) != 4:
            found = f"expected four words, found {len(fields)}"
            raise UserError(f"{name}, line {number}: {found}: {line.strip()[:60]!r}")
        current.append((fields[0], fields[1], fields[2], fields[3]))
    if not sections:
        raise UserError(f"{name}: no ': section' line, so not a file of analogy questions")
    return sections


def read_sections(path: str | Path) -> Sections:
    """Return the analogy questions of the file at ``path``, as `parse_questions` does."""
    return parse_questions(Path(path).read_text(encoding="utf-8"), str(path))


def pairs_in_vocabulary(sections: Sections, words: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Per category the distinct pairs in file order whose two words are in ``words``: (N, 2) ids.

    Token 0 counts like any other; a category with no pair left has shape (0, 2).
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
    """(N, 2) pairs -> (N (N - 1), 4): every pair, then every other pair, in order."""
    first, second = np.nonzero(~np.eye(len(pairs), dtype=bool))
    return np.hstack([pairs[first], pairs[second]])


def impossible(words: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which questions (n, 4) cannot be answered by 3CosAdd: (n,) true where words coincide.

    Either the answer is one of the inputs, which are excluded from the candidates (two cities of
    one state), or two inputs are one word, so that no relation is posed.
    """
    a, b, c, d = words.T
    answer = (d == a) | (d == b) | (d == c)
    inputs = (a == b) | (a == c) | (b == c)
    result: NDArray[np.bool_] = answer | inputs
    return result


def build_questions(sections: Sections, words: Sequence[str], variant: str) -> Questions:
    """The questions of one of `VARIANTS` over the vocabulary ``words`` (row order = row of W).

    original:    the file's questions with all four words in the vocabulary.
    regenerated: all ordered pairs of distinct pairs of a category, impossible ones left out.
    authors:     the same with impossible ones kept and every pair with token 0 left out.
    Raises `UserError` on another variant.
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
    """Share (0..1) of ``questions`` that ``embedding`` (V, d) answers; NaN without questions.

    In float32, for use during training.
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
    """Which questions of each set ``embedding`` (V, d) answers: (n,) a set."""
    stacked = np.vstack([np.empty((0, 4), np.int64), *(s.words for s in sets)])
    distinct, where = np.unique(stacked[:, :3], axis=0, return_inverse=True)
    correct = predict(embedding, distinct)[where.reshape(-1)] == stacked[:, 3]
    return np.split(correct, np.cumsum([len(s) for s in sets])[:-1])


def accuracy_table(
    sets: Sequence[Questions], correct: Sequence[NDArray[np.bool_]], benchmark: str = "google"
) -> pd.DataFrame:
    """Scores of `answered` questions: `COLUMNS`, a row per set and category, then a 'total'.

    ``score`` is correct/questions (0..1), ``low`` and ``high`` its 95 % Wilson interval, all NaN
    where a category has no question.
    """
    rows = []
    for one, hits in zip(sets, correct, strict=True):
        groups = [(name, one.category == i) for i, name in enumerate(one.categories)]
        for name, mask in [*groups, ("total", np.ones(len(one), dtype=bool))]:
            n, right = int(mask.sum()), int(hits[mask].sum())
            low, high = wilson_interval(right, n)
            score = right / n if n else np.nan
            rows.append((benchmark, one.variant, name, n, right, score, low, high))
    return pd.DataFrame(rows, columns=list(COLUMNS))
