"""Scores of thinned counts and of floors: what is scored, and how often."""

from __future__ import annotations

import numpy as np
import pytest

from mstar.counts import counting, targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.evaluation.analogies import Questions, answered
from mstar.prediction.seen_pairs import COLUMNS, compare
from mstar.spectra import eigensolvers

SIZE, DIM = 24, 6


def counts() -> Cooccurrence:
    weights = 1 / np.arange(1, SIZE + 1)
    rng = np.random.default_rng(0)
    text = rng.choice(SIZE, 4000, p=weights / weights.sum()).astype(np.uint16)
    text[:SIZE] = np.arange(SIZE)
    return counting.count(text, np.array([0, 4000]), SIZE, 2)


def questions(number: int = 200) -> Questions:
    rng = np.random.default_rng(1)
    words = np.array([rng.permutation(SIZE)[:4] for _ in range(number)], np.int64).reshape(-1, 4)
    return Questions("regenerated", ("all",), np.zeros(number, np.int64), words)


def test_each_target_on_each_draw_and_pmi_with_each_floor() -> None:
    text = counts()
    kept, floors = [0.1, 1.0], [1e-25, 1e-2]
    found = compare(text, questions(), DIM, kept, floors, draws=2, pmi_floor=1e-25)
    assert list(found.columns) == COLUMNS
    # Two draws of three targets, all counts once, and one floor that is not the usual one.
    assert len(found) == 2 * 3 + 3 + 1
    seen = found.groupby("kept")["seen"].mean()
    assert seen[0.1] < seen[1.0] == pytest.approx(text.nonzero / SIZE**2)
    assert found[found["kept"] == 0.1].groupby("draw")["seen"].nunique().tolist() == [1, 1]
    whole = found[found["kept"] == 1.0].set_index(["target", "floor"])["score"]
    for target, floor in (("mstar", 1e-25), ("pmi", 1e-25), ("pmi", 1e-2)):
        matrix = targets.dense(target, targets.probabilities(text), pmi_floor=floor)
        embedding = eigensolvers.all_eigenpairs(matrix, DIM).embedding(DIM)
        (right,) = answered(embedding, [questions()])
        assert whole[target, floor] == pytest.approx(right.mean())


def test_no_questions_have_no_score() -> None:
    found = compare(counts(), questions(0), DIM, [1.0], [], draws=1, pmi_floor=1e-25)
    assert found["score"].isna().all() and (found["questions"] == 0).all()
