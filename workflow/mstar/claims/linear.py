"""Measures of analogies as linear structure, from the tables behind Figures 4, 6 and 8.

Each measure but those of accuracy also gives its value for every draw of the two nulls, families of
random words and with shuffled partners (`mstar.features.null_families`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd

from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.claims.quantities import QUESTIONS, RATIO, SHARE, gives
from mstar.features.null_families import RANDOM, null_over_edge
from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.machine.arrays import Array
from mstar.statistics import marchenko_pastur, power_law
from mstar.statistics.marchenko_pastur import over_edge

# Columns of the curves that claims may follow over d.
Column = Literal[
    "snr",
    "spike_over_edge",
    "spike_mean_ratio",
    "participation",
    "accuracy",
    "cosine",
    "cosine_ratio",
]
# The part of the draws of random words below which a curve is within them.
WITHIN = 0.975


def _curve(evidence: Evidence, family: str, column: Column) -> pd.Series:
    """Return a column of one family's curve, indexed by d."""
    table = evidence.table("curves")
    own = table[(table["family"] == family) & (table["pairs"] >= FEWEST_PAIRS)]
    curve = own.dropna(subset=["dim", column])
    if curve.empty:
        raise NotTestable(f"{family} has too few pairs in the vocabulary, or was not asked for")
    return curve.set_index(curve["dim"].astype(int))[column].sort_index()


def _drawn(
    evidence: Evidence, table: str, family: str, index: str, value: str
) -> dict[str, pd.DataFrame]:
    """Return the values of one family's draws (index, draws) by null, where there are any."""
    drawn = evidence.nulls[table]
    if value not in drawn:
        return {}
    own = drawn[drawn["family"] == family].dropna(subset=[value])
    return {
        str(null): part.pivot(index=index, columns="draw", values=value).sort_index()
        for null, part in own.groupby("null")
    }


def _of_curve(
    evidence: Evidence,
    family: str,
    column: Column,
    statistic: Callable[[Any], Any],
    note: Callable[[pd.Series], str],
) -> Measurement:
    """Return a statistic of a curve, and of the curve of each draw.

    ``statistic`` takes a curve (d,), or the curves (d, draws) of a null in a frame.
    """
    curve = _curve(evidence, family, column)
    drawn = _drawn(evidence, "curves", family, "dim", column)
    nulls = {null: np.asarray(statistic(curves), float) for null, curves in drawn.items()}
    return Measurement(float(statistic(curve)), note=note(curve), nulls=nulls)


def _fit(evidence: Evidence, family: str, dim: int) -> pd.Series:
    """Return the Marchenko–Pastur fit of one family at one d."""
    table = evidence.table("fits")
    found = table[(table["family"] == family) & (table["dim"] == dim)]
    if found.empty:
        raise NotTestable(f"no law was fitted to {family} at d = {dim}")
    return found.iloc[0]


def _null_fits(evidence: Evidence, family: str, dim: int) -> pd.DataFrame:
    """Return the fits of one family's draws at one d: null, draw, sigma2, gamma, d_eff."""
    drawn = evidence.nulls["fits"]
    return drawn[(drawn["family"] == family) & (drawn["dim"] == dim)]


@gives("d at which the {column} of {family} is highest", "dimensions")
def snr_peak_dim(evidence: Evidence, family: str, column: Column = "snr") -> Measurement:
    """d at which a family's signal-to-noise ratio, or another column, is highest."""

    def note(curve: pd.Series) -> str:
        return f"ratio {curve.max():.2f} there"

    return _of_curve(evidence, family, column, lambda curve: curve.idxmax(), note)


@gives("highest {column} of {family}", RATIO)
def snr_peak(evidence: Evidence, family: str, column: Column = "snr") -> Measurement:
    """Highest signal-to-noise ratio of a family, or another column."""

    def note(curve: pd.Series) -> str:
        return f"at d = {curve.idxmax()}"

    return _of_curve(evidence, family, column, lambda curve: curve.max(), note)


@gives("highest {column} of {family} over that at the smallest d", RATIO)
def snr_rise(evidence: Evidence, family: str, column: Column = "snr") -> Measurement:
    """Highest signal-to-noise ratio over that at the smallest d, where features add signal."""

    def note(curve: pd.Series) -> str:
        first = f"{curve.iloc[0]:.2f} at d = {curve.index[0]}"
        return f"{first}, {curve.max():.2f} at {curve.idxmax()}"

    return _of_curve(evidence, family, column, lambda curve: curve.max() / curve.iloc[0], note)


@gives("highest {column} of {family} over that at the largest d", RATIO)
def snr_fall(evidence: Evidence, family: str, column: Column = "snr") -> Measurement:
    """Highest signal-to-noise ratio over that at the largest d, where noise dominates."""
    return _of_curve(
        evidence, family, column, lambda curve: curve.max() / curve.iloc[-1], _peak_to_last
    )


def _peak_to_last(curve: pd.Series) -> str:
    last = f"{curve.iloc[-1]:.2f} at {curve.index[-1]}"
    return f"{curve.max():.2f} at d = {curve.idxmax()}, {last}"


@gives("largest rise of the {column} of {family} with d", "share of its range")
def largest_rise(evidence: Evidence, family: str, column: Column) -> Measurement:
    """Largest rise of a curve from one d to a later one, as a share of its range: 0 if it falls."""

    def statistic(curve: Any) -> Any:
        return (curve - curve.cummin()).max() / (curve.max() - curve.min())

    def note(curve: pd.Series) -> str:
        first = f"{curve.iloc[0]:.3f} at d = {curve.index[0]}"
        return f"{first}, {curve.iloc[-1]:.3f} at {curve.index[-1]}"

    return _of_curve(evidence, family, column, statistic, note)


@gives("lowest over highest {column} of {family}", RATIO)
def flatness(evidence: Evidence, family: str, column: Column) -> Measurement:
    """Lowest value of a positive curve over its highest: 1 if it does not depend on d.

    For curves of any sign, 1 - (max - min) / max |.|, which is the same for a positive one.
    """

    def statistic(curve: Any) -> Any:
        return 1 - (curve.max() - curve.min()) / curve.abs().max()

    def note(curve: pd.Series) -> str:
        low = f"{curve.min():.2f} at d = {curve.idxmin()}"
        return f"{low}, {curve.max():.2f} at {curve.idxmax()}"

    return _of_curve(evidence, family, column, statistic, note)


@gives("least {column} of {family} over the 97.5 % point of random words", RATIO)
def above_random(evidence: Evidence, family: str, column: Column) -> Measurement:
    """Least ratio, over d, of a curve to the 97.5 % point of random words: above 1, at every d."""
    drawn = _drawn(evidence, "curves", family, "dim", column)
    if RANDOM not in drawn:
        raise NotTestable(f"{family} has no null of random words")
    limit = drawn[RANDOM].quantile(WITHIN, axis=1)

    def note(curve: pd.Series) -> str:
        ratio = curve / limit
        return f"{ratio.min():.2f} at d = {ratio.idxmin()}, {ratio.max():.2f} at {ratio.idxmax()}"

    return _of_curve(evidence, family, column, lambda curve: curve.div(limit, axis=0).min(), note)


@gives("least spike-to-mean ratio of all categories at d = {dim}", RATIO)
def spike_mean(evidence: Evidence, dim: int) -> Measurement:
    """Smallest, over categories with enough pairs, of the spike-equals-mean ratio at one d."""
    table = evidence.table("curves")
    own = table[(table["dim"] == dim) & (table["pairs"] >= FEWEST_PAIRS)]
    own = own.dropna(subset=["spike_mean_ratio"]).sort_values("spike_mean_ratio")
    if own.empty:
        raise NotTestable(f"no category has enough pairs at d = {dim}")
    lowest = own.head(4)
    note = f"{len(own)} categories; lowest: " + ", ".join(
        f"{family} {ratio:.2f}"
        for family, ratio in zip(lowest["family"], lowest["spike_mean_ratio"], strict=True)
    )
    drawn = evidence.nulls["curves"]
    least = drawn[drawn["dim"] == dim].groupby(["null", "draw"])["spike_mean_ratio"].min()
    nulls = {str(null): part.to_numpy(float) for null, part in least.groupby("null")}
    return Measurement(float(own["spike_mean_ratio"].iloc[0]), note=note, nulls=nulls)


@gives("part of the mean task vector of {family} on its {top} largest modes", SHARE)
def localisation(evidence: Evidence, family: str, top: int) -> Measurement:
    """Share of the mean task vector's squared projections that its largest ``top`` modes hold."""
    table = evidence.table("modes")
    shares = np.sort(table.loc[table["family"] == family, "share"].dropna().to_numpy())[::-1]
    if len(shares) <= top:
        raise NotTestable(f"{family} has no mean task vector over more than {top} modes")
    drawn = _drawn(evidence, "modes", family, "mode", "share")
    nulls = {
        null: np.sort(part.to_numpy(), axis=0)[-top:].sum(axis=0) for null, part in drawn.items()
    }
    return Measurement(float(shares[:top].sum()), note=f"of {len(shares)} modes", nulls=nulls)


@gives("largest eigenvalue of {family} over the bulk's edge at d = {dim}", RATIO)
def outlier(evidence: Evidence, family: str, dim: int) -> Measurement:
    """Largest eigenvalue of the Gram matrix over the upper edge of the law fitted to the rest."""
    fit, gram = _fit(evidence, family, dim), evidence.table("gram")
    own = gram[(gram["family"] == family) & (gram["dim"] == dim)]
    law = float(fit["sigma2"]), float(fit["gamma"])
    edge = marchenko_pastur.edges(*law)[1]
    drawn = evidence.nulls["gram"]
    drawn = drawn[(drawn["family"] == family) & (drawn["dim"] == dim)]
    nulls = null_over_edge(drawn, _null_fits(evidence, family, dim))
    value = over_edge(float(own["eigenvalue"].max()), *law)
    return Measurement(value, note=f"edge {edge:.3g}", nulls=nulls)


@gives("effective dimension of the bulk of {family} at d = {dim}", "dimensions")
def d_eff(evidence: Evidence, family: str, dim: int) -> Measurement:
    """Effective dimension of the Marchenko–Pastur fit, with its bootstrap interval."""
    fit = _fit(evidence, family, dim)
    note = f"moments {fit['d_eff_moments']:.1f}, from M* alone {fit['d_eff_mstar']:.1f}"
    drawn = _null_fits(evidence, family, dim).groupby("null")["d_eff"]
    nulls: dict[str, Array] = {str(null): part.to_numpy(float) for null, part in drawn}
    return Measurement(float(fit["d_eff"]), float(fit["low"]), float(fit["high"]), note, nulls)


@gives("highest accuracy of {family} over d", QUESTIONS)
def best_accuracy(evidence: Evidence, family: str) -> Measurement:
    """Highest accuracy of a family over d."""
    curve = _curve(evidence, family, "accuracy")
    return Measurement(float(curve.max()), note=f"at d = {curve.idxmax()}")


@gives("accuracy of {family} at the largest d over its highest", RATIO)
def accuracy_kept(evidence: Evidence, family: str) -> Measurement:
    """Accuracy at the largest d over the highest accuracy."""
    curve = _curve(evidence, family, "accuracy")
    if not curve.max() > 0:
        raise NotTestable(f"no analogy of {family} is ever answered")
    return Measurement(float(curve.iloc[-1] / curve.max()), note=_peak_to_last(curve))


@gives("exponent of the inverse participation ratio of {family}", "power of d")
def participation_exponent(evidence: Evidence, family: str) -> Measurement:
    """Exponent of the inverse participation ratio of a family's mean task vector against d."""
    curve = _curve(evidence, family, "participation")
    if len(curve) < power_law.FEWEST_POINTS:
        raise NotTestable(f"{len(curve)} values of d are too few for a power law")
    law = power_law.fit(curve.index.to_numpy(), curve.to_numpy())
    drawn = _drawn(evidence, "curves", family, "dim", "participation")
    nulls = {
        null: np.array(
            [power_law.fit(part.index.to_numpy(), own).exponent for own in part.T.values]
        )
        for null, part in drawn.items()
    }
    note = f"d from {curve.index[0]} to {curve.index[-1]}"
    return Measurement(law.exponent, law.low, law.high, note, nulls)
