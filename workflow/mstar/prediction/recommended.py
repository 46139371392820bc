"""The recommended d of a text, with its interval, and whether the text is large enough for a d.

The recommended d is the number of reproducible features (`mstar.prediction.reproducibility`): a
larger d adds features that half of the text would not reproduce. A text of unrelated words has
none, but that of word frequency, which its M* has if rare pairs are never seen. Analogies, if any
has its words in the vocabulary, give a second opinion: the d, of those tried, that answers most,
and every d around it that is not worse in a paired test. It can be larger, since features that
halves do not share one by one can still carry signal together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from mstar.evaluation.question_files import TOTAL
from mstar.prediction import reproducibility
from mstar.prediction.reproducibility import Extent

# by: halves (of the text) or the analogies; d, low, high: best d, and its 95 % interval; most: the
# largest d considered, so that an equal d or high is a lower bound; asked: questions, or the number
# of features compared; enough: whether the text is large enough for the d of the configuration, and
# needed: tokens that would be, both by the halves only.
COLUMNS = ["by", "d", "low", "high", "most", "asked", "enough", "needed"]
HALVES = "halves"
NAN = math.nan


class Verdict(NamedTuple):
    """Whether a text is large enough for a d: yes, no, or undecided; and the tokens needed."""

    enough: str
    needed: float


def verdict(extent: Extent, dim: int) -> Verdict:
    """Return whether ``dim`` features of a text are reproducible.

    Yes if its interval lies at or above ``dim``, no if below it, undecided if it holds ``dim``, and
    unknown if halves could not be compared or too few features were.
    """
    if extent.rank is None:
        return Verdict("unknown", NAN)
    needed = extent.tokens_for(dim)
    if dim <= extent.low:
        return Verdict("yes", needed)
    if extent.high >= extent.compared:
        return Verdict("undecided" if dim <= extent.compared else "unknown", needed)
    return Verdict("no" if dim > extent.high else "undecided", needed)


def by_questions(curves: pd.DataFrame) -> tuple[float, float, float, float]:
    """Return the best d for the analogies, the ends of its interval, and the largest d tried.

    The interval holds the d around the best whose accuracy is not worse in a paired test. All but
    the last are NaN if no question is answered.

    Args:
        curves: columns of `mstar.prediction.curves.COLUMNS`.
    """
    own = curves[(curves["quantity"] == "accuracy") & (curves["name"] == TOTAL)]
    own = own[own["axis"] == "dim"]
    dims, score, behind = (own[name].to_numpy(dtype=float) for name in ("x", "value", "behind"))
    if not dims.size:
        return NAN, NAN, NAN, NAN
    if score.max() <= 0:
        return NAN, NAN, NAN, float(dims.max())
    best = int(np.argmax(score))
    worse = np.flatnonzero(behind < 0)
    low = worse[worse < best].max(initial=-1) + 1
    high = worse[worse > best].min(initial=dims.size) - 1
    return float(dims[best]), float(dims[low]), float(dims[high]), float(dims.max())


def recommend(
    halves: pd.DataFrame, curves: pd.DataFrame, categories: pd.DataFrame, dim: int, followed: str
) -> pd.DataFrame:
    """Return the recommended d, and the second opinion of the analogies, in rows with `COLUMNS`.

    Args:
        halves: columns of `mstar.prediction.reproducibility.COLUMNS`.
        curves: columns of `mstar.prediction.curves.COLUMNS`.
        categories: columns of `mstar.prediction.curves.CATEGORIES`.
        dim: d of the configuration.
        followed: name of the analogies.
    """
    extent = reproducibility.extent(halves)
    known = extent.rank is not None
    ends = (extent.rank, extent.low, extent.high) if known else (NAN, NAN, NAN)
    rows: list[tuple[object, ...]] = [
        (HALVES, *ends, extent.compared, extent.compared, *verdict(extent, dim))
    ]
    total = categories[categories["category"] == TOTAL]
    if len(total):
        rows.append((followed, *by_questions(curves), int(total["questions"].iloc[0]), "", NAN))
    return pd.DataFrame(rows, columns=COLUMNS)
