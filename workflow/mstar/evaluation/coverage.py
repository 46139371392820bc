"""Questions of benchmarks in the words of a text, and how many of them its vocabulary covers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import overload

import pandas as pd

from mstar.corpus.lookup import word_in_text
from mstar.corpus.splitting import words_of
from mstar.corpus.wording import WordRules
from mstar.evaluation.question_files import Judgements, Parsed, Sections
from mstar.files.writing import UserError

# benchmark: its name; kind: analogies or similarity; vocabulary: V; questions: questions, or judged
# pairs, of the file; covered: those with all words among the V most frequent; share: covered over
# questions; words: distinct words of the file; known: those among the V; missing: some others.
SIZES = ("vocabulary", "questions", "covered", "share", "words", "known")
COLUMNS = ("benchmark", "kind", *SIZES, "missing")
SHOWN = 5
PLAIN = WordRules()


@overload
def as_in_text(
    parsed: Judgements, normaliser: str, rules: WordRules = ..., vocabulary: Collection[str] = ...
) -> Judgements: ...


@overload
def as_in_text(
    parsed: Sections, normaliser: str, rules: WordRules = ..., vocabulary: Collection[str] = ...
) -> Sections: ...


def as_in_text(
    parsed: Parsed,
    normaliser: str,
    rules: WordRules = PLAIN,
    vocabulary: Collection[str] = frozenset(),
) -> Parsed:
    """Return a benchmark with its words as they stand in a text.

    Args:
        parsed: the benchmark, words as written.
        normaliser, rules: by which the text was read.
        vocabulary: its words. One of them may be several words of the benchmark, such as new_york
            (`mstar.corpus.lookup.word_in_text`).

    Returns:
        The benchmark. What is no word of the vocabulary and no single word of such a text, as New
        York under text8, is "", which no vocabulary has.
    """
    known: dict[str, str] = {}
    split = words_of(normaliser, rules)

    def normalised(word: str) -> str:
        if word not in known:
            found, words = word_in_text(word, split, vocabulary), split(word)
            known[word] = found or (words[0] if len(words) == 1 else "")
        return known[word]

    if isinstance(parsed, Judgements):
        pairs = tuple((normalised(first), normalised(second)) for first, second in parsed.pairs)
        return Judgements(pairs, parsed.scores)
    return {
        category: [
            (normalised(a), normalised(b), normalised(c), normalised(d)) for a, b, c, d in questions
        ]
        for category, questions in parsed.items()
    }


def _questions(parsed: Parsed) -> list[tuple[str, ...]]:
    if isinstance(parsed, Judgements):
        return list(parsed.pairs)
    return [question for questions in parsed.values() for question in questions]


def coverage(
    written: Mapping[str, Parsed],
    asked: Mapping[str, Parsed],
    words: Sequence[str],
    vocabularies: Sequence[int],
) -> pd.DataFrame:
    """Tabulate how much of each benchmark vocabularies cover, with `COLUMNS`.

    Args:
        written: benchmarks as written, by name.
        asked: the same in words of the text (`as_in_text`).
        words: words of the text, most frequent first.
        vocabularies: V of the models, ascending.
    """
    rows = []
    rank = {word: i for i, word in enumerate(words)}
    never = len(words)
    for name, parsed in asked.items():
        kind = "similarity" if isinstance(parsed, Judgements) else "analogies"
        questions, originals = _questions(parsed), _questions(written[name])
        rarest = [max(rank.get(word, never) for word in question) for question in questions]
        distinct: dict[str, str] = {}
        for original, question in zip(originals, questions, strict=True):
            distinct |= dict(zip(original, question, strict=True))
        for size in vocabularies:
            limit = min(size, never)
            covered = sum(each < limit for each in rarest)
            missing = [w for w, found in distinct.items() if rank.get(found, never) >= limit]
            known = len(distinct) - len(missing)
            share = covered / len(questions)
            shown = " ".join("_".join(word.split()) for word in missing[:SHOWN])
            row = (name, kind, size, len(questions), covered, share, len(distinct), known, shown)
            rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def told(table: pd.DataFrame) -> Iterator[str]:
    """Yield the coverage of each benchmark as a line for the terminal."""
    for name, rows in table.groupby("benchmark", sort=False):
        things = "questions" if rows["kind"].iloc[0] == "analogies" else "pairs"
        numbers = zip(rows["covered"], rows["share"], rows["vocabulary"], strict=True)
        shares = [f"{n:,} ({100 * share:.1f} %) at V = {size:,}" for n, share, size in numbers]
        total = f"{rows['questions'].iloc[0]:,}"
        yield f"benchmark {name}: of {total} {things} the vocabulary covers {', '.join(shares)}"


def check_covered(table: pd.DataFrame, own: Mapping[str, str], normaliser: str) -> None:
    """Check that every benchmark of the user has questions in the largest vocabulary.

    Args:
        table: columns of `COLUMNS`.
        own: files of the user's benchmarks, by name.
        normaliser: of the text, for messages.

    Raises:
        UserError: one has none.
    """
    for name, file in own.items():
        rows = table[table["benchmark"] == name]
        last = rows.loc[rows["vocabulary"].idxmax()]
        if last["covered"] == 0:
            things = "question" if last["kind"] == "analogies" else "pair"
            missing = f", not {', '.join(last['missing'].split())}" if last["missing"] else ""
            raise UserError(
                f"benchmarks.own.{name}: {file}: no {things} has all its words among the"
                f" {last['vocabulary']:,} of the vocabulary ({last['known']:,} of"
                f" {last['words']:,} words are{missing}): expected questions in the language and"
                f" spelling of the text, whose normaliser is {normaliser}, or a larger vocabulary"
            )
