"""Measures of learning over time, from the traces of the training runs.

Lemma 3.1 with s_k(0) = init gives tau_k = ln(lambda_k / init^2) / lambda_k, the time at which
s_k^2 is half way to lambda_k; times are in units of tau_1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mstar.claims.claims import Role
from mstar.claims.evaluation import Null
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.dynamics import learning_times
from mstar.dynamics.learning_times import first_passed
from mstar.features.components import subspace_overlap
from mstar.machine.arrays import Array
from mstar.statistics.estimates import exchanged_ratios, ratio

# Least ratio of the times of consecutive steps with a plateau between them.
APART = 1.15


def _predicted(evidence: Evidence, modes: int) -> tuple[Array, Array]:
    """Return lambda_k and tau_k / tau_1 of the first ``modes`` modes of M*."""
    lam = evidence.mstar_dynamic.eigenvalues[:modes]
    if learning_times.growing(lam, evidence.init) < modes:
        raise NotTestable(f"M* has no {modes} growing modes")
    taus = learning_times.time_constants(lam, evidence.init)
    return lam, taus / taus[0]


def step_times(evidence: Evidence, modes: int = 10) -> Measurement:
    """Largest |t_k / tau_k - 1| of trained QWEM's first modes, t_k when s_k^2 = lambda_k/2."""
    lam, expected = _predicted(evidence, modes)
    times, values = evidence.singular_values("qwem")
    found = np.array(
        [
            first_passed(times, values[:, k] ** 2, lam[k] / 2, "linear")
            for k in range(min(modes, values.shape[1]))
        ]
    )
    if len(found) < modes or np.isnan(found).any():
        raise NotTestable(f"fewer than {modes} modes were learned within dynamics.horizon")
    ratios = found / expected
    note = "t_k/tau_k: " + ", ".join(f"{ratio:.3f}" for ratio in ratios)
    return Measurement(float(np.abs(ratios - 1).max()), note=note)


def plateaus(evidence: Evidence, modes: int = 10) -> Measurement:
    """Largest distance of the loss of trained QWEM from its predicted plateaus, in step heights.

    Half way (in log time) between steps k and k + 1, the plateau is
    1 - sum_{j<=k} lambda_j^2 / ||M*||_F^2. Steps less than `APART` apart have no plateau.
    """
    lam, taus = _predicted(evidence, modes + 1)
    trace = evidence.trace("qwem")
    share = lam**2 / evidence.mstar_dynamic.squared_norm
    worst, notes = float("nan"), []
    for k in range(modes):
        if taus[k + 1] / taus[k] < APART:
            continue
        at = float(np.sqrt(taus[k] * taus[k + 1]))
        loss = float(np.interp(np.log(at), np.log(trace["time_tau1"]), trace["loss"]))
        predicted = 1.0 - float(share[: k + 1].sum())
        worst = float(np.nanmax([worst, abs(loss - predicted) / share[k]]))
        notes.append(f"after step {k + 1}: {loss:.4f} (predicted {predicted:.4f})")
    if not notes:
        raise NotTestable(f"no two of the first {modes + 1} steps are {APART:g} apart in time")
    return Measurement(worst, note="; ".join(notes))


def one_at_a_time(evidence: Evidence, role: Role) -> Measurement:
    """Ratio s_2^2 / s_1^2 of a run at the time when s_1^2 reaches half of its final value.

    The final s_1^2 replaces the first plateau, which has no closed form for word2vec.
    """
    times, values = evidence.singular_values(role)
    squares = values**2
    half = first_passed(times, squares[:, 0], squares[-1, 0] / 2, "linear")
    first, second = (np.interp(half, times, squares[:, k]) for k in (0, 1))
    return Measurement(float(second / first), note=f"at {half:.2f} of its own tau_1")


def theory_distance(evidence: Evidence, role: Role = "qwem", other: Role = "theory") -> Measurement:
    """Largest difference between the singular values of two runs, over the largest s_1."""
    times, ours = evidence.singular_values(role)
    reference, theirs = evidence.singular_values(other)
    if ours.shape != theirs.shape or not np.allclose(times, reference):
        raise NotTestable(f"{role} and {other} record other times")
    apart = np.abs(ours - theirs) / theirs.max()
    row, mode = np.unravel_index(int(apart.argmax()), apart.shape)
    first = min(10, apart.shape[1])
    leading = f"the first {first} modes {apart[:, :first].max():.3f}"
    note = f"mode {mode + 1} at {times[row]:.2f} tau_1; {leading}"
    return Measurement(float(apart.max()), note=note)


def final_values(evidence: Evidence, modes: int = 20) -> Measurement:
    """Largest |s_k / sqrt(lambda_k) - 1| of trained QWEM at the last time recorded."""
    lam, _ = _predicted(evidence, modes)
    _, values = evidence.singular_values("qwem")
    if values.shape[1] < modes:
        raise NotTestable(f"the run has {values.shape[1]} modes")
    return Measurement(float(np.abs(values[-1, :modes] / np.sqrt(lam) - 1).max()))


def top_overlap(evidence: Evidence, role: Role = "qwem", modes: int = 5) -> Measurement:
    """Overlap ||U_k^T V_k||_F^2 / k of an embedding's left singular vectors with those of M*."""
    left = evidence.components(role).left
    if left.shape[1] < modes:
        raise NotTestable(f"the embedding has rank {left.shape[1]}")
    return Measurement(
        subspace_overlap(left[:, :modes], evidence.mstar_dynamic.eigenvectors[:, :modes])
    )


def ablation_values(evidence: Evidence, role: Role, other: Role, modes: int = 20) -> Measurement:
    """Median over the first modes of |s_k / s'_k - 1|, for two runs at their last times."""
    ours, theirs = (evidence.singular_values(r)[1][-1] for r in (role, other))
    modes = min(modes, len(ours), len(theirs))
    ratios = ours[:modes] / theirs[:modes]
    note = f"{role}/{other} of s_1: {ratios[0]:.3f}; over the first {modes}"
    return Measurement(float(np.median(np.abs(ratios - 1))), note=note)


def final_accuracy_ratio(
    evidence: Evidence, role: Role, other: Role, null: Null = "exchanged"
) -> Measurement:
    """Ratio of the analogy accuracies of two runs at their last times (regenerated questions).

    With its interval over word pairs, and the null of `mstar.claims.evaluation.score_ratio`.
    """
    ours, theirs = (evidence.answered_in(r, "google", "regenerated") for r in (role, other))
    if not theirs.value > 0:
        raise NotTestable("no analogy within the vocabulary is answered")
    nulls = {"models exchanged": exchanged_ratios(ours, theirs)} if null == "exchanged" else {}
    note = f"{role} {ours.value:.3f}, {other} {theirs.value:.3f}"
    return Measurement(*ratio(ours, theirs), note, nulls)


def late_growth(evidence: Evidence, role: Role, after: float = 5.0) -> Measurement:
    """Ratio of s_1 at the last time to s_1 at ``after`` tau_1; above 1 if it still grows."""
    times, values = evidence.singular_values(role)
    if times[-1] <= after:
        raise NotTestable(f"the run ends at {times[-1]:g} tau_1")
    early = float(np.interp(after, times, values[:, 0]))
    return Measurement(float(values[-1, 0]) / early, note=f"at {times[-1]:g} tau_1")


def authors_loss(evidence: Evidence, run: str, learning_rate: float) -> Measurement:
    """Largest difference between our normalised loss and the authors' loss l, at equal flow time.

    Theirs is l = 1 + (L - L(0)) / (2 |L_min|) for k = 1, so ours is 2 l - 1. Their steps cover the
    flow time 4 eta / (m V^2), m = mean(M*^2), as in their notebooks.
    """
    curves = pd.read_csv(evidence.files["authors"], sep="\t", comment="#")
    curve = curves[curves["run"] == run]
    if curve.empty:
        raise NotTestable(f"the authors have no run {run}")
    size = evidence.dynamic[0]
    mean = evidence.mstar_dynamic.squared_norm / size**2
    # The learning rate falls to a tenth at 3M steps; the flow time of later steps is not used.
    steps = curve["step"].to_numpy()
    kept = steps <= 3_000_000
    flow = steps[kept] * 4 * learning_rate / (mean * size**2)
    theirs = 2 * curve["loss"].to_numpy()[kept] - 1
    trace = evidence.trace("qwem")
    inside = (flow >= trace["time"].iloc[0]) & (flow <= trace["time"].iloc[-1])
    if not inside.any():
        raise NotTestable("no time in common")
    ours = np.interp(flow[inside], trace["time"], trace["loss"])
    return Measurement(float(np.abs(ours - theirs[inside]).max()))
