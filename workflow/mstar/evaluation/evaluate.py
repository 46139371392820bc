"""All benchmarks of one embedding in one table, and the benchmark files it is made from."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.evaluation.analogies import (
    VARIANTS,
    Quadruple,
    Questions,
    accuracy_table,
    answered,
    build_questions,
    parse_questions,
)
from mstar.evaluation.similarity import (
    VARIANT,
    Judgements,
    cosines,
    parse_judgements,
    similarity_table,
)
from mstar.files.writing import UserError

# model: name of the embedding; benchmark, variant, category: what was asked ('total': all of it);
# questions: how many of them the vocabulary covers; score: share correct (0..1) or Spearman's rho;
# low, high: its 95 % interval. NaN where nothing could be asked.
# rank: columns of the embedding that are not zero, below d where a factorised matrix has fewer
# positive eigenvalues.
COLUMNS = ("model", "rank", "benchmark", "variant", "category", "questions", "score", "low", "high")

# One row per question. first, second: for analogies the two word pairs, each a V + b from the row
# numbers of its words; for similarities the pair's place in the benchmark's file, twice. value: 1
# or 0 for right or wrong, or the cosine. human: people's score of the pair, NaN for analogies.
ANSWERS = ("benchmark", "variant", "category", "first", "second", "value", "human")

# File name of each benchmark, and sha256 of the file as published.
FILES = {
    "google": "questions-words.txt",
    "wordsim353": "wordsim353.tsv",
    "simlex999": "simlex999.txt",
    "men": "MEN_dataset_natural_form_full",
}
SHA256 = {
    "google": "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
    "wordsim353": "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
    "simlex999": "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
    "men": "87a5b7229e6cf32426063da921e83031b9efeab3101d4413eaa3f44fcbce3a45",
}


@dataclass(frozen=True)
class Benchmarks:
    """Parsed benchmark files: Google ``sections`` and similarity ``judgements`` by name."""

    sections: dict[str, list[Quadruple]]
    judgements: dict[str, Judgements]


def packaged_benchmark(name: str) -> Path:
    """Path of ``google``, ``wordsim353`` or ``simlex999`` as installed with gensim.

    gensim itself is not imported. Raises `UserError` if gensim, or the file, is not there.
    """
    if name not in FILES or name == "men":
        raise UserError(f"benchmark {name!r}: gensim has google, wordsim353, simlex999")
    found = importlib.util.find_spec("gensim")
    if found is None or not found.submodule_search_locations:
        raise UserError(f"benchmark {name}: needs the package gensim, which is not installed")
    path = Path(found.submodule_search_locations[0]) / "test" / "test_data" / FILES[name]
    if not path.is_file():
        raise UserError(f"benchmark {name}: gensim is installed without {path}; expected 4.4.0's")
    return path


def read_benchmark(name: str, path: str | Path, verify: bool = True) -> str:
    """Text of the benchmark file ``name`` (a key of `FILES`) at ``path``.

    Raises `UserError` if it cannot be read or, with ``verify``, is not the file as published
    (`SHA256`): scores on an edited file would compare with nothing.
    """
    if name not in FILES:
        raise UserError(f"benchmark {name!r}: expected one of {', '.join(FILES)}")
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise UserError(f"benchmark {name}: {path}: {reason}; expected {FILES[name]}") from None
    digest = hashlib.sha256(content).hexdigest()
    if verify and digest != SHA256[name]:
        expected = f"sha256 {digest}, expected {SHA256[name]}"
        raise UserError(f"benchmark {name}: {path} is not {FILES[name]} as published ({expected})")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise UserError(f"benchmark {name}: {path} is not UTF-8 text") from None


def read_benchmarks(
    google: str | Path,
    wordsim353: str | Path | None = None,
    simlex999: str | Path | None = None,
    men: str | Path | None = None,
    verify: bool = True,
) -> Benchmarks:
    """Read and verify benchmark files by path; those that are None are left out of the table.

    Raises `UserError` as `read_benchmark` and the parsers do.
    """
    sections = parse_questions(read_benchmark("google", google, verify), str(google))
    given = {"wordsim353": wordsim353, "simlex999": simlex999, "men": men}
    judgements = {
        name: parse_judgements(read_benchmark(name, path, verify), str(path))
        for name, path in given.items()
        if path is not None
    }
    return Benchmarks(sections, judgements)


def evaluate(
    embedding: NDArray[Any], words: Sequence[str], benchmarks: Benchmarks, model: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores and answers of ``embedding`` (V, d), whose row i belongs to ``words[i]``.

    The scores have `COLUMNS`: analogies of every variant, per category and in total, then one row
    per similarity benchmark. The answers have `ANSWERS`, one row per question asked, so that models
    can be compared question by question. Raises ``ValueError`` if rows and words differ in number.
    """
    if np.ndim(embedding) != 2 or len(embedding) != len(words):
        raise ValueError(f"an embedding of shape {np.shape(embedding)} for {len(words)} words")
    sets = [build_questions(benchmarks.sections, words, variant) for variant in VARIANTS]
    correct = answered(embedding, sets)
    parts = [accuracy_table(sets, correct)]
    if benchmarks.judgements:
        parts.append(similarity_table(embedding, words, benchmarks.judgements))
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(model=model, rank=int(np.any(embedding != 0, axis=0).sum()))
    answers = [_analogies(one, hits, len(words)) for one, hits in zip(sets, correct, strict=True)]
    answers += [
        _similarities(name, judgements, *cosines(embedding, words, judgements))
        for name, judgements in benchmarks.judgements.items()
    ]
    asked = pd.concat(answers, ignore_index=True).reindex(columns=list(ANSWERS))
    return table[list(COLUMNS)], asked


def _analogies(asked: Questions, correct: NDArray[np.bool_], size: int) -> pd.DataFrame:
    pairs = asked.words[:, [0, 2]] * size + asked.words[:, [1, 3]]
    columns = {
        "benchmark": "google",
        "variant": asked.variant,
        "category": np.array(asked.categories, dtype=object)[asked.category],
        "first": pairs[:, 0],
        "second": pairs[:, 1],
        "value": correct.astype(np.float64),
    }
    return pd.DataFrame(columns)


def _similarities(
    name: str, judgements: Judgements, kept: NDArray[np.int64], cosine: NDArray[np.float64]
) -> pd.DataFrame:
    asked = {"benchmark": name, "variant": VARIANT, "category": "total"}
    places = {"first": kept, "second": kept}
    return pd.DataFrame({**asked, **places, "value": cosine, "human": judgements.scores[kept]})
