"""Measures of this project's own claims: predictions from counts against trained runs."""

from __future__ import annotations

from mstar.claims.claims import Role
from mstar.claims.evidence import Evidence, Measurement, NotTestable


def prediction_score(evidence: Evidence, role: Role, quantity: str) -> Measurement:
    """Mean over seeds of a score of the prediction for the run of a role, at its last time.

    ``quantity`` is a quantity of `mstar.prediction.scores.compare`.
    """
    table = evidence.table("prediction_scores")
    run = evidence.files["runs"][role]
    rows = table[(table["run"] == run) & (table["quantity"] == quantity)]
    if rows.empty:
        raise NotTestable(f"{run} is not scored against the prediction")
    last = rows[rows["time"].isna() | (rows["time"] == rows["time"].max())]
    modes = int(last["modes"].iloc[0])
    parts = {run: True, f"{modes} modes": modes > 0, f"{len(last)} seeds": len(last) > 1}
    note = ", ".join(part for part, given in parts.items() if given)
    return Measurement(float(last["value"].mean()), note=note)
