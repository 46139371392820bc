"""Word similarity: rank correlation of cosines with human scores (WordSim-353, SimLex-999, MEN)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.evaluation.analogies import COLUMNS
from mstar.files.writing import UserError
from mstar.spectra.directions import normalise_rows
from mstar.statistics.intervals import spearman, spearman_interval

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


def cosines(
    embedding: NDArray[Any], words: Sequence[str], judgements: Judgements
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which pairs of ``judgements`` lie in ``words`` (n,), and the cosines (n,) of their rows.

    ``embedding`` (V, d), row i for ``words[i]``; a zero or non-finite row has cosine 0 with all.
    Rounded to 1e-12, so that equal cosines, of (x, x) pairs and of duplicates, share a rank.
    """
    index = {word: i for i, word in enumerate(words)}
    kept = [k for k, (x, y) in enumerate(judgements.pairs) if x in index and y in index]
    ids = np.array([[index[w] for w in judgements.pairs[k]] for k in kept], np.int64).reshape(-1, 2)
    unit = normalise_rows(embedding)
    cosine = np.einsum("nd,nd->n", unit[ids[:, 0]], unit[ids[:, 1]])
    return np.array(kept, dtype=np.int64), np.round(cosine, 12)


def similarity(
    embedding: NDArray[Any], words: Sequence[str], judgements: Judgements
) -> tuple[float, int]:
    """Spearman's rho between `cosines` and human score over the pairs in ``words``; their number.

    NaN for fewer than two pairs or where all cosines are equal.
    """
    kept, cosine = cosines(embedding, words, judgements)
    return spearman(cosine, judgements.scores[kept]), len(kept)


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
