"""Claims of our own: what counts alone predict, measured on runs that were trained."""

from __future__ import annotations

from mstar.claims.evidence import Evidence, Measurement, NotTestable


def prediction_score(evidence: Evidence, role: str, quantity: str) -> Measurement:
    """A score of `mstar.prediction.scores.compare` for the run of a role: its mean over seeds, at
    the last time of those at which it is taken."""
    table = evidence.table("prediction_scores")
    run = evidence.files["runs"][role]
    rows = table[(table["run"] == run) & (table["quantity"] == quantity)]
    if rows.empty:
        raise NotTestable(f"{run} is not scored against the prediction")
    last = rows[rows["time"].isna() | (rows["time"] == rows["time"].max())]
    modes = int(last["modes"].iloc[0])
    told = {run: True, f"{modes} modes": modes > 0, f"{len(last)} seeds": len(last) > 1}
    note = ", ".join(part for part, said in told.items() if said)
    return Measurement(float(last["value"].mean()), note=note)


MEASURES = (prediction_score,)
