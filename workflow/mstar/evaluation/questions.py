"""The analogy questions of a file, and accuracy on them as a function of an embedding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from mstar.evaluation.analogies import Sections, accuracy, build_questions, parse_questions


def read_sections(path: str | Path) -> Sections:
    """The analogy questions at ``path``, by section (see `analogies.parse_questions`)."""
    return parse_questions(Path(path).read_text(encoding="utf-8"), str(path))


def accuracy_of(
    path: str | Path, words: Sequence[str], variant: str = "regenerated"
) -> Callable[[NDArray[Any]], float]:
    """A function from an embedding of ``words`` to its share of right answers (nan without any)."""
    questions = build_questions(read_sections(path), words, variant)
    return lambda embedding: accuracy(embedding, questions)
