"""Measures of learning over time, from the traces of the training runs.

Lemma 3.1 with s_k(0) = init gives tau_k = ln(lambda_k / init^2) / lambda_k, the time at which
s_k^2 is half way to lambda_k; times are in units of tau_1.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import minimize
from scipy.sparse.linalg import eigsh
from scipy.special import expit, xlogy

from mstar.claims.claims import Role
from mstar.claims.evaluation import Null, held_against, nulls_of_ratio
from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.quantities import QUESTIONS, RATIO, SHARE, gives
from mstar.dynamics import learning_times, theory, weightings
from mstar.dynamics.learning_times import first_passed
from mstar.features.components import subspace_overlap
from mstar.machine.arrays import Array
from mstar.statistics.estimates import ratio

# Least ratio of the times of consecutive steps with a plateau between them.
APART = 1.15
# A loss has dropped for the first time when it has lost this share of its whole fall.
DROP = 0.05
DRAWS = 1000
NOISE = "spectra of pure noise"
IN_SETTING31: tuple[Role, ...] = ("setting31", "ablation_qwem")  # runs of Figure 7
# Runs whose singular values settle, by the paper's figures.
SETTLING: tuple[Role, ...] = (
    "qwem", "word2vec", "qwem_large", "word2vec_large", "sgns", "quartic", "ablation_qwem",
)  # fmt: skip


def _predicted(evidence: Evidence, modes: int) -> tuple[Array, Array]:
    """Return lambda_k and tau_k / tau_1 of the first ``modes`` modes of M*."""
    lam = evidence.mstar_dynamic.eigenvalues[:modes]
    if learning_times.growing(lam, evidence.init) < modes:
        raise NotTestable(f"M* has no {modes} growing modes")
    taus = learning_times.time_constants(lam, evidence.init)
    return lam, taus / taus[0]


@gives("largest |t_k/tau_k - 1| of the first {modes} modes of QWEM", "share of tau_k")
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


@gives("largest distance of QWEM's loss from its predicted plateaus", "heights of a step")
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


@gives("s_2^2/s_1^2 of {role} when s_1^2 is half of its last", RATIO)
def one_at_a_time(evidence: Evidence, role: Role) -> Measurement:
    """Ratio s_2^2 / s_1^2 of a run at the time when s_1^2 reaches half of its final value.

    The final s_1^2 replaces the first plateau, which has no closed form for word2vec. Under the
    null a small start follows Lemma 3.1 with the leading eigenvalues of random symmetric matrices,
    which are so close together that modes are learned at once.
    """
    times, values = evidence.singular_values(role)
    squares = values**2
    half = first_passed(times, squares[:, 0], squares[-1, 0] / 2, "linear")
    first, second = (np.interp(half, times, squares[:, k]) for k in (0, 1))
    nulls = {NOISE: _one_at_a_time_in_noise(evidence.dynamic[0], evidence.init)}
    return Measurement(float(second / first), note=f"at {half:.2f} of its own tau_1", nulls=nulls)


def _one_at_a_time_in_noise(size: int, init: float, draws: int = 200) -> Array:
    """Return s_2^2 / s_1^2 (draws,) at the time when s_1^2 is half learned, for noise alone.

    Eigenvalues are those of the Gaussian orthogonal ensemble of ``size``, from its tridiagonal form
    (Dumitriu and Edelman 2002), whose largest have the scale of M*'s: 2 sqrt(size).
    """
    generator = np.random.default_rng(0)
    ratios = np.empty(draws)
    for draw in range(draws):
        diagonal = generator.standard_normal(size) * np.sqrt(2)
        off = np.sqrt(generator.chisquare(np.arange(size - 1, 0, -1)))
        two = size - 2, size - 1
        largest = eigh_tridiagonal(diagonal, off, True, select="i", select_range=two)
        top = np.asarray(largest[::-1], dtype=np.float64)
        half = float(theory.time_constant(top[0], init**2))
        first, second = theory.sigmoid_squares(top, np.full(2, init**2), np.array([half]))[0]
        ratios[draw] = second / first
    return ratios


@gives("largest distance of the singular values of {role} from {other}", "share of the largest s_1")
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


@gives("largest distance of QWEM's singular values from Lemma 3.1", "share of the largest s_1")
def expected_flow_distance(evidence: Evidence) -> Measurement:
    """Largest difference of QWEM's singular values from Lemma 3.1 from a random start, over s_1.

    A random start has s_k(0)^2 = init^2 (d - k + 1) / d in expectation along mode k, once the modes
    before it are learned; Lemma 3.1's own start has init^2 for every mode.
    """
    trace = evidence.trace("qwem")
    times, ours = evidence.singular_values("qwem")
    dim = ours.shape[1]
    lam = evidence.mstar_dynamic.eigenvalues[:dim]
    starts = evidence.init**2 * np.arange(dim, 0, -1) / dim
    squares = theory.sigmoid_squares(lam, starts, trace["time"].to_numpy())
    theirs = np.sort(np.sqrt(squares), axis=1)[:, ::-1]
    apart = np.abs(ours - theirs) / theirs.max()
    row, mode = np.unravel_index(int(apart.argmax()), apart.shape)
    return Measurement(float(apart.max()), note=f"mode {mode + 1} at {times[row]:.2f} tau_1")


@gives("distance of word2vec's loss from its predicted first plateau", "share of 1 - the plateau")
def first_plateau(evidence: Evidence) -> Measurement:
    """Distance of word2vec's loss from its first plateau, the least loss of rank one, over 1 - it.

    The minimum over u of the loss at W W^T = u u^T is sought from the leading eigenvector of A - B
    (see `mstar.dynamics.weightings`). The loss of the run is read half way (in log time) between
    the times at which s_1^2 passes half of |u|^2, and s_2^2 a hundredth of it, if it does. Its
    null: the loss at any other time of the run, drawn evenly in log time.
    """
    times, values = evidence.singular_values("word2vec")
    weights = weightings.configured(evidence.probabilities_dynamic, evidence.word2vec)
    positive, negative = weights.positive, weights.negative
    nothing = float(weights.total.sum()) * np.log(2)

    def loss(u: Array) -> tuple[float, Array]:
        """Return the loss of u u^T over that of 0, and its gradient."""
        x = np.outer(u, u)
        value = (positive * np.logaddexp(0, -x)).sum() + (negative * np.logaddexp(0, x)).sum()
        slope = weights.total * expit(x) - positive
        return float(value) / nothing, 2.0 * (slope @ u) / nothing

    mode = eigsh(weights.difference, k=1, which="LA", v0=np.ones(len(positive)))[1][:, 0]
    best = minimize(loss, mode * values[:, 0].max(), jac=True, method="L-BFGS-B")
    entropy = xlogy(positive, positive / weights.total) + xlogy(negative, negative / weights.total)
    least = -float(entropy.sum()) / nothing
    predicted, square = (float(best.fun) - least) / (1.0 - least), float(best.x @ best.x)
    begins, ends = (
        first_passed(times, values[:, k] ** 2, share * square, "linear")
        for k, share in ((0, 0.5), (1, 0.01))
    )
    ends = float(times[-1]) if np.isnan(ends) else ends
    if not ends / begins >= APART:
        raise NotTestable("the first two modes leave no plateau between them")
    at = float(np.sqrt(begins * ends))
    first, last = np.log(times[0]), np.log(times[-1])
    drawn = np.random.default_rng(0).uniform(first, last, DRAWS)
    losses = np.interp([np.log(at), *drawn], np.log(times), evidence.trace("word2vec")["loss"])
    apart, found = np.abs(losses - predicted) / (1.0 - predicted), float(losses[0])
    note = f"loss {found:.4f} at {at:.2f} tau_1, predicted {predicted:.4f}"
    note += f"; overlap with the leading mode of A - B {(best.x @ mode) ** 2 / square:.2f}"
    return Measurement(float(apart[0]), note=note, nulls={"any time": apart[1:]})


@gives(
    "largest |s_k/sqrt(lambda_k) - 1| of the first {modes} modes of QWEM", "share of sqrt(lambda_k)"
)
def final_values(evidence: Evidence, modes: int = 20) -> Measurement:
    """Largest |s_k / sqrt(lambda_k) - 1| of trained QWEM at the last time recorded."""
    lam, _ = _predicted(evidence, modes)
    _, values = evidence.singular_values("qwem")
    if values.shape[1] < modes:
        raise NotTestable(f"the run has {values.shape[1]} modes")
    return Measurement(float(np.abs(values[-1, :modes] / np.sqrt(lam) - 1).max()))


@gives("overlap of the top {modes} directions of {role} with those of M*", SHARE)
def top_overlap(evidence: Evidence, role: Role = "qwem", modes: int = 5) -> Measurement:
    """Overlap ||U_k^T V_k||_F^2 / k of an embedding's left singular vectors with those of M*."""
    left = evidence.components(role).left
    if left.shape[1] < modes:
        raise NotTestable(f"the embedding has rank {left.shape[1]}")
    return Measurement(
        subspace_overlap(left[:, :modes], evidence.mstar_dynamic.eigenvectors[:, :modes])
    )


@gives("median |s_k - s'_k| of {role} and {other} over {modes} modes", "share of s'_k")
def ablation_values(evidence: Evidence, role: Role, other: Role, modes: int = 20) -> Measurement:
    """Median over the first modes of |s_k / s'_k - 1|, for two runs at their last times.

    The interval is a bootstrap over modes. Under the null the modes of one run are permuted.
    """
    ours, theirs = (evidence.singular_values(r)[1][-1] for r in (role, other))
    modes = min(modes, len(ours), len(theirs))
    ratios = ours[:modes] / theirs[:modes]
    note = f"{role}/{other} of s_1: {ratios[0]:.3f}; over the first {modes}"
    apart = np.abs(ratios - 1)
    generator = np.random.default_rng(0)
    chosen = generator.integers(0, modes, (DRAWS, modes))
    low, high = np.quantile(np.median(apart[chosen], axis=1), [0.025, 0.975])
    turned = generator.permuted(np.tile(ours[:modes], (DRAWS, 1)), axis=1)
    nulls = {"permuted modes": np.median(np.abs(turned / theirs[:modes] - 1), axis=1)}
    return Measurement(float(np.median(apart)), float(low), float(high), note, nulls)


@gives("largest s_1 of {role} over its last", RATIO)
def overshoot(evidence: Evidence, role: Role) -> Measurement:
    """Ratio of the largest s_1 of a run to its last; above 1 if it grows too far, then shrinks.

    Its null: the same of all s_k of the runs of Figure 7 under Setting 3.1, where the paper shows
    no overshoot.
    """
    times, values = evidence.singular_values(role)
    top = int(values[:, 0].argmax())
    others = [evidence.singular_values(run)[1] for run in IN_SETTING31]
    ratios = np.concatenate([s.max(axis=0) / s[-1] for s in others])
    note = f"at {times[top]:.3g} tau_1"
    nulls = {"Setting 3.1": ratios}
    return Measurement(float(values[top, 0] / values[-1, 0]), note=note, nulls=nulls)


@gives("analogy accuracy of {role} over that of {other}", RATIO)
def final_accuracy_ratio(
    evidence: Evidence, role: Role, other: Role, against: Null = "exchanged"
) -> Measurement:
    """Ratio of the analogy accuracies of two runs at their last times (regenerated questions).

    With its interval over word pairs, and the null of `mstar.claims.evaluation.score_difference`.
    """
    asked = "google", "regenerated"
    ours, theirs = (evidence.answered_in(r, *asked) for r in (role, other))
    if not theirs.value > 0:
        raise NotTestable("no analogy within the vocabulary is answered")
    rest = held_against(evidence, against, *asked, of="dynamic")
    nulls = nulls_of_ratio({role: ours, other: theirs} | rest)
    note = f"{role} {ours.value:.3f}, {other} {theirs.value:.3f}"
    return Measurement(*ratio(ours, theirs), note, nulls)


@gives("last s_1 of {role} over that at {after} tau_1", RATIO)
def late_growth(evidence: Evidence, role: Role, after: float = 5.0) -> Measurement:
    """Ratio of s_1 at the last time to s_1 at ``after`` tau_1; above 1 if it still grows.

    Its null: the same of all s_k of the runs in `SETTLING`, each at ``after`` times its own half
    time, as far as they reach it.
    """
    times, values = evidence.singular_values(role)
    if times[-1] <= after:
        raise NotTestable(f"the run ends at {times[-1]:g} tau_1")
    early = float(np.interp(after, times, values[:, 0]))
    settled: list[float] = []
    for run in SETTLING:
        with suppress(NotTestable):  # a run that these results do not have
            t, s = evidence.singular_values(run)
            halves = after * np.array([first_passed(t, x, x[-1] / 2, "linear") for x in s.T])
            reached = np.flatnonzero(halves < t[-1])
            settled += [s[-1, k] / np.interp(halves[k], t, s[:, k]) for k in reached]
    nulls = {"settled modes": np.array(settled)}
    return Measurement(float(values[-1, 0]) / early, note=f"at {times[-1]:g} tau_1", nulls=nulls)


@gives("largest difference of QWEM's loss from the authors' run {run}", "loss, 1 at the start")
def authors_loss(evidence: Evidence, run: str, learning_rate: float) -> Measurement:
    """Largest difference between our normalised loss and the authors' loss l, at equal flow time.

    Theirs is l = 1 + (L - L(0)) / (2 |L_min|) for k = 1, so ours is 2 l - 1. Their steps cover the
    flow time 4 eta / (m V^2), m = mean(M*^2), as in their notebooks.
    """
    curve = _authors_curve(evidence, run)
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


@gives("largest difference of the accuracy of {role} from the authors' run {run}", QUESTIONS)
def authors_accuracy(evidence: Evidence, role: Role, run: str) -> Measurement:
    """Largest difference of the analogy accuracy over time from that of one of the authors' runs.

    Each run's time is in units of its own first loss drop (`_first_drop`), so that no learning rate
    enters.
    """
    curve, trace = _authors_curve(evidence, run), evidence.trace(role)
    theirs = curve["step"].to_numpy() / _first_drop(curve["step"], curve["loss"])
    ours = trace["time_tau1"].to_numpy() / _first_drop(trace["time_tau1"], trace["loss"])
    inside = (theirs >= ours[0]) & (theirs <= ours[-1])
    if not inside.any() or not trace["analogy_accuracy"].notna().all():
        raise NotTestable("no time in common, or no analogy within the vocabulary")
    expected = curve["analogy_accuracy_percent"].to_numpy()[inside] / 100
    found = np.interp(theirs[inside], ours, trace["analogy_accuracy"])
    worst = int(np.abs(found - expected).argmax())
    note = f"{found[worst]:.3f} against {expected[worst]:.3f} at {theirs[inside][worst]:.1f} drops"
    return Measurement(float(np.abs(found - expected).max()), note=note)


@gives("time to half of the last accuracy, {role} over {other}", RATIO)
def half_accuracy_time(
    evidence: Evidence, role: Role, other: Role, run: str, other_run: str
) -> Measurement:
    """Ratio of two runs' times of half of their last accuracy, each over its first loss drop.

    The note gives the ratio of the authors' runs ``run`` and ``other_run``, from their logs.
    """
    ours = [
        _half_accuracy(trace["time_tau1"], trace["loss"], trace["analogy_accuracy"])
        for trace in (evidence.trace(r) for r in (role, other))
    ]
    theirs = [
        _half_accuracy(curve["step"], curve["loss"], curve["analogy_accuracy_percent"])
        for curve in (_authors_curve(evidence, r) for r in (run, other_run))
    ]
    if np.isnan(ours).any():
        raise NotTestable("no analogy within the vocabulary is answered")
    note = (
        f"{role} {ours[0]:.2f}, {other} {ours[1]:.2f} drops; authors' {theirs[0] / theirs[1]:.2f}"
    )
    return Measurement(ours[0] / ours[1], note=note)


def _authors_curve(evidence: Evidence, run: str) -> pd.DataFrame:
    """Return step, loss and accuracy of one of the authors' runs."""
    curves = pd.read_csv(evidence.files["authors"], sep="\t", comment="#")
    curve = curves[curves["run"] == run]
    if curve.empty:
        raise NotTestable(f"the authors have no run {run}")
    return curve.reset_index(drop=True)


def _first_drop(time: pd.Series, loss: pd.Series) -> float:
    """Return the time at which a loss that starts at 1 has lost `DROP` of its whole fall."""
    fall = 1.0 - loss.to_numpy()
    return first_passed(time.to_numpy(dtype=np.float64), fall, DROP * float(fall[-1]), "log")


def _half_accuracy(time: pd.Series, loss: pd.Series, accuracy: pd.Series) -> float:
    """Return when half of the last accuracy is reached, in first loss drops; nan if it is 0."""
    found = accuracy.to_numpy(dtype=np.float64)
    if not found[-1] > 0:
        return float("nan")
    half = first_passed(time.to_numpy(dtype=np.float64), found, found[-1] / 2, "log")
    return half / _first_drop(time, loss)
