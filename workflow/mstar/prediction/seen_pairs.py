"""Why svd(PMI) fails: the pairs never seen, and the value that stands for the logarithm of 0."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from mstar.counts import targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.surrogates import thinned
from mstar.evaluation.analogies import Questions, answered
from mstar.spectra.decomposition import decompose

# kept: share of the pairs kept; draw: number of the draw; seen: share of the V x V pairs
# of words that are seen; floor: what is added to P_ij / (P_i P_j) before the logarithm; target: the
# matrix factorised; questions, score: analogies asked, and the share answered correctly.
COLUMNS = ["kept", "draw", "seen", "floor", "target", "questions", "score"]


def compare(
    counts: Cooccurrence,
    questions: Questions,
    dim: int,
    kept: Sequence[float],
    floors: Sequence[float],
    *,
    draws: int,
    pmi_floor: float,
    negative: float = 1.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Score factorisations of thinned counts, and of PMI with other floors.

    Args:
        counts: of the text.
        questions: analogies over the same words.
        dim: d.
        kept: shares of the pairs kept, see `mstar.counts.surrogates.thinned`.
        floors: of PMI, on all counts.
        draws: of each thinning; all counts are scored once.
        pmi_floor: floor of PMI on thinned counts.
        negative: k of M*.
        seed: of the first draw; the others have the following ones.

    Returns:
        `COLUMNS`, for M*, PMI and PPMI on thinned counts, then PMI with each of the ``floors``.
    """
    rows = []
    cases = [
        (share, draw, target, pmi_floor)
        for share in kept
        for draw in range(draws if share < 1 else 1)
        for target in ("mstar", "pmi", "ppmi")
    ]
    cases += [(1.0, 0, "pmi", floor) for floor in floors if floor != pmi_floor or 1.0 not in kept]
    for share, draw, target, floor in cases:
        part = thinned(counts, share, seed + draw)
        spectrum = decompose(target, targets.probabilities(part), dim, negative, pmi_floor=floor)
        score = math.nan
        if len(questions):
            score = float(answered(spectrum.embedding(dim), [questions])[0].mean())
        seen = part.share_seen
        rows.append([share, draw, seen, floor, target, len(questions), score])
    return pd.DataFrame(rows, columns=COLUMNS)
