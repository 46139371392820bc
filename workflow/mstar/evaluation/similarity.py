"""Word similarity: rank correlation of cosines with human scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.evaluation.analogies import COLUMNS
from mstar.evaluation.question_files import Judgements
from mstar.spectra.directions import normalise_rows
from mstar.statistics.estimates import Estimate
from mstar.statistics.intervals import spearman_estimate, spearman_interval

VARIANT = "spearman"
# Pairs below which a rank correlation says nothing: at 10, its 95 % interval is about +-.6.
LEAST = 10


def cosines(
    embedding: NDArray[Any], words: Sequence[str], judgements: Judgements
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the judgements that ``words`` cover: indices (n,), rows of words (n, 2), cosines (n,).

    Row i of ``embedding`` (V, d) belongs to ``words[i]``; a zero or non-finite row has cosine 0
    with all. Cosines are rounded to 1e-12, so that those of (x, x) pairs and duplicates are equal.
    """
    index = {word: i for i, word in enumerate(words)}
    kept = [k for k, (x, y) in enumerate(judgements.pairs) if x in index and y in index]
    ids = np.array([[index[w] for w in judgements.pairs[k]] for k in kept], np.int64).reshape(-1, 2)
    unit = normalise_rows(embedding)
    cosine = np.einsum("nd,nd->n", unit[ids[:, 0]], unit[ids[:, 1]])
    return np.array(kept, dtype=np.int64), ids, np.round(cosine, 12)


def similarity(
    embedding: NDArray[Any], words: Sequence[str], judgements: Judgements
) -> tuple[Estimate, int]:
    """Return Spearman's rho between `cosines` and human scores, and the number of pairs.

    Only pairs with both words in ``words`` count. rho is NaN for fewer than two pairs or if all
    cosines are equal.
    """
    kept, rows, cosine = cosines(embedding, words, judgements)
    return spearman_estimate(cosine, judgements.scores[kept], rows[:, 0], rows[:, 1]), len(kept)


def similarity_table(
    embedding: NDArray[Any], words: Sequence[str], benchmarks: Mapping[str, Judgements]
) -> pd.DataFrame:
    """Tabulate ``benchmarks`` {name: judgements}, one row each, with the columns of analogies.

    ``variant`` is 'spearman', ``category`` 'total', ``questions`` the number of pairs in the
    vocabulary, ``score`` rho (-1..1), ``low`` and ``high`` its 95 % interval (`spearman_interval`,
    with words as units); ``correct`` has no meaning here and is NaN. All values are NaN for fewer
    than `LEAST` pairs.
    """
    rows = []
    for name, judgements in benchmarks.items():
        found, n = similarity(embedding, words, judgements)
        values = (found.value, *spearman_interval(found)) if n >= LEAST else (float("nan"),) * 3
        rows.append((name, VARIANT, "total", n, float("nan"), *values))
    return pd.DataFrame(rows, columns=list(COLUMNS))
