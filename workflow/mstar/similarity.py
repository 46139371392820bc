"""Word similarity: rank correlation of cosines with human scores (WordSim-353, SimLex-999, MEN)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.analogies import COLUMNS, normalise_rows
from mstar.files import UserError
from mstar.statistics import spearman, spearman_interval

VARIANT = "spearman"


@dataclass(frozen=True)
class Judgements:
    """Human similarity of word pairs: ``pairs`` [(word, word)] and ``scores`` (n,), file order."""

    pairs: tuple[tuple[str, str], ...]
    scores: NDArray[np.float64]


def _number(field: str) -> float | None:
    try:
        value = float(field)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def parse_judgements(text: str, name: str) -> Judgements:
    """Lower-cased pairs and scores from three whitespace-separated columns: word, word, score.

    Lines starting with # are comments; the first other line may be a header (a third column that is
    no number). Repeated pairs are kept, as in common use of these files. Raises `UserError` naming
    ``name`` and the line for anything else, and for a file without any pair.
    """
    pairs: list[tuple[str, str]] = []
    scores: list[float] = []
    header_allowed = True
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.lower().split()
        if not fields or fields[0].startswith("#"):
            continue
        value = _number(fields[2]) if len(fields) == 3 else None
        if value is None:
            if header_allowed and len(fields) == 3:
                header_allowed = False
                continue
            found = f"expected 'word word score', found {line.strip()[:60]!r}"
            raise UserError(f"{name}, line {number}: {found}")
        header_allowed = False
        pairs.append((fields[0], fields[1]))
        scores.append(value)
    if not pairs:
        raise UserError(f"{name}: no line of 'word word score'")
    return Judgements(tuple(pairs), np.array(scores))


def similarity(
    embedding: NDArray[Any], words: Sequence[str], judgements: Judgements
) -> tuple[float, int]:
    """Spearman's rho between cosine and human score over the pairs in ``words``, and their number.

    ``embedding`` (V, d), row i for ``words[i]``; a zero or non-finite row has cosine 0 with all.
    NaN for fewer than two pairs or where all cosines are equal.
    """
    index = {word: i for i, word in enumerate(words)}
    kept = [k for k, (x, y) in enumerate(judgements.pairs) if x in index and y in index]
    first = np.array([index[judgements.pairs[k][0]] for k in kept], dtype=np.int64)
    second = np.array([index[judgements.pairs[k][1]] for k in kept], dtype=np.int64)
    unit = normalise_rows(embedding)
    cosine = np.einsum("nd,nd->n", unit[first], unit[second])
    # Equal cosines must share a rank: rounding to 1e-12 makes (x, x) pairs and duplicates tie.
    return spearman(np.round(cosine, 12), judgements.scores[kept]), len(kept)


def similarity_table(
    embedding: NDArray[Any], words: Sequence[str], benchmarks: Mapping[str, Judgements]
) -> pd.DataFrame:
    """A row for each of ``benchmarks`` {name: judgements}, columns as in the analogies' table.

    ``variant`` is 'spearman', ``category`` 'total', ``questions`` the pairs in the vocabulary,
    ``score`` rho (-1..1), ``low`` and ``high`` its 95 % interval (`spearman_interval`);
    ``correct`` has no meaning here and is missing. No pair in the vocabulary: 0 questions and NaN.
    """
    rows = []
    for name, judgements in benchmarks.items():
        rho, n = similarity(embedding, words, judgements)
        low, high = spearman_interval(rho, n)
        rows.append((name, VARIANT, "total", n, float("nan"), rho, low, high))
    return pd.DataFrame(rows, columns=list(COLUMNS))
