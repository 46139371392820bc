"""The tables of a comparison of two texts, and the verdict on each feature."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.machine.arrays import Array

# Error of features and of words; together at most 5 %.
LEVEL = 0.025
# Least share of a feature in the other part of its own text, and in the other text of that.
LEAST_HELD = 0.5
SHARED, OWN, UNDECIDED, NOISE = "shared", "own", "undecided", "not reproducible"

# text: whose feature, A or B; rank: k; name; verdict: `SHARED`, `OWN`, `UNDECIDED` or `NOISE`;
# held_own, held_other: shares in the other part of the same text, and in the other text, with 95 %
# interval; p_own: that the other text holds less of it; counterpart, counterpart_name: most similar
# feature of the other text, cosine2: their squared cosine; strength_own, strength_other: of the
# feature in its text, and of the other text's version of it there; later: tau there over tau here,
# with 95 % interval, nan if it is never learned there; p_strength: that the strengths differ.
FEATURES = ["text", "rank", "name", "verdict"]
FEATURES += ["held_own", "held_own_low", "held_own_high"]
FEATURES += ["held_other", "held_other_low", "held_other_high", "p_own"]
FEATURES += ["counterpart", "counterpart_name", "cosine2"]
FEATURES += ["strength_own", "strength_other", "later", "later_low", "later_high", "p_strength"]
# word; count_a, count_b: occurrences; distance: 1 - cosine; expected: mean of relabellings;
# excess: distance - expected, with 95 % interval; p: that the distance is larger than by chance;
# near_a, near_b: nearest words in each text, of the words listed first.
WORDS = ["word", "count_a", "count_b", "distance", "expected", "excess", "low", "high", "p"]
WORDS += ["near_a", "near_b"]
# text: A or B; name, title; documents, tokens; covered: share of its words that are in the
# vocabulary; compared: number of those in the part compared; common: words that both texts have.
TEXTS = ["text", "name", "title", "documents", "tokens", "covered", "compared", "common"]


def verdicts(own: Array, other: Array, p_own: Array) -> NDArray[np.str_]:
    """Return the verdict (R,) on each feature.

    A feature of which the other part of its own text holds less than `LEAST_HELD` is not
    reproducible. Otherwise it is shared if the other text holds at least `LEAST_HELD` of that, and
    its text's own if it does not and holds less than chance allows.

    Args:
        own, other: (R,) shares held.
        p_own: (R,) p-values that the other text holds less.
    """
    absent = other < LEAST_HELD * own
    found = np.where(absent, np.where(p_own <= LEVEL, OWN, UNDECIDED), SHARED)
    return np.where(own < LEAST_HELD, NOISE, found)


def differing(features: pd.DataFrame, words: pd.DataFrame) -> bool:
    """Return whether the texts differ anywhere by more than chance allows in 5 % of halves."""
    p = [features["p_own"], features["p_strength"], words["p"]]
    return bool(min(float(each.min()) for each in p) <= LEVEL)
