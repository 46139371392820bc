"""Measures of analogies as linear structure, from the tables behind Figures 4, 6 and 8."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from mstar.claims.evidence import Evidence, Measurement, NotTestable
from mstar.features.task_vectors import FEWEST_PAIRS
from mstar.statistics import marchenko_pastur, power_law
from mstar.statistics.marchenko_pastur import over_edge

# Columns of the curves of Figure 8 that claims may follow over d.
Column = Literal["snr", "spike_mean_ratio", "participation", "accuracy", "cosine", "cosine_ratio"]


def _curve(evidence: Evidence, family: str, column: Column) -> pd.Series:
    """Return a column of one family's curve, indexed by d."""
    table = evidence.table("curves")
    own = table[(table["family"] == family) & (table["pairs"] >= FEWEST_PAIRS)]
    curve = own.dropna(subset=["dim", column])
    if curve.empty:
        raise NotTestable(f"{family} has too few pairs in the vocabulary, or was not asked for")
    return curve.set_index(curve["dim"].astype(int))[column].sort_index()


def _fit(evidence: Evidence, family: str, dim: int) -> pd.Series:
    """Return the Marchenko–Pastur fit of one family at one d."""
    table = evidence.table("fits")
    found = table[(table["family"] == family) & (table["dim"] == dim)]
    if found.empty:
        raise NotTestable(f"no law was fitted to {family} at d = {dim}")
    return found.iloc[0]


def snr_peak_dim(evidence: Evidence, family: str) -> Measurement:
    """d at which a family's signal-to-noise ratio is highest."""
    curve = _curve(evidence, family, "snr")
    return Measurement(float(curve.idxmax()), note=f"ratio {curve.max():.2f} there")


def snr_peak(evidence: Evidence, family: str) -> Measurement:
    """Highest signal-to-noise ratio of a family."""
    curve = _curve(evidence, family, "snr")
    return Measurement(float(curve.max()), note=f"at d = {curve.idxmax()}")


def snr_rise(evidence: Evidence, family: str) -> Measurement:
    """Highest signal-to-noise ratio over that at the smallest d, where features add signal."""
    curve = _curve(evidence, family, "snr")
    note = f"{curve.iloc[0]:.2f} at d = {curve.index[0]}, {curve.max():.2f} at {curve.idxmax()}"
    return Measurement(float(curve.max() / curve.iloc[0]), note=note)


def snr_fall(evidence: Evidence, family: str) -> Measurement:
    """Highest signal-to-noise ratio over that at the largest d, where noise dominates."""
    curve = _curve(evidence, family, "snr")
    note = f"{curve.max():.2f} at d = {curve.idxmax()}, {curve.iloc[-1]:.2f} at {curve.index[-1]}"
    return Measurement(float(curve.max() / curve.iloc[-1]), note=note)


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
    return Measurement(float(own["spike_mean_ratio"].iloc[0]), note=note)


def localisation(evidence: Evidence, family: str, top: int) -> Measurement:
    """Share of the mean task vector's squared projections that its largest ``top`` modes hold."""
    table = evidence.table("modes")
    shares = np.sort(table.loc[table["family"] == family, "share"].dropna().to_numpy())[::-1]
    if len(shares) <= top:
        raise NotTestable(f"{family} has no mean task vector over more than {top} modes")
    return Measurement(float(shares[:top].sum()), note=f"of {len(shares)} modes")


def outlier(evidence: Evidence, family: str, dim: int) -> Measurement:
    """Largest eigenvalue of the Gram matrix over the upper edge of the law fitted to the rest."""
    fit, gram = _fit(evidence, family, dim), evidence.table("gram")
    own = gram[(gram["family"] == family) & (gram["dim"] == dim)]
    law = float(fit["sigma2"]), float(fit["gamma"])
    edge = marchenko_pastur.edges(*law)[1]
    return Measurement(over_edge(float(own["eigenvalue"].max()), *law), note=f"edge {edge:.3g}")


def d_eff(evidence: Evidence, family: str, dim: int) -> Measurement:
    """Effective dimension of the Marchenko–Pastur fit, with its bootstrap interval."""
    fit = _fit(evidence, family, dim)
    note = f"moments {fit['d_eff_moments']:.1f}, from M* alone {fit['d_eff_mstar']:.1f}"
    return Measurement(float(fit["d_eff"]), float(fit["low"]), float(fit["high"]), note)


def best_accuracy(evidence: Evidence, family: str) -> Measurement:
    """Highest accuracy of a family over d."""
    curve = _curve(evidence, family, "accuracy")
    return Measurement(float(curve.max()), note=f"at d = {curve.idxmax()}")


def accuracy_kept(evidence: Evidence, family: str) -> Measurement:
    """Accuracy at the largest d over the highest accuracy."""
    curve = _curve(evidence, family, "accuracy")
    if not curve.max() > 0:
        raise NotTestable(f"no analogy of {family} is ever answered")
    note = f"{curve.max():.2f} at d = {curve.idxmax()}, {curve.iloc[-1]:.2f} at {curve.index[-1]}"
    return Measurement(float(curve.iloc[-1] / curve.max()), note=note)


def kept_from(evidence: Evidence, family: str, column: Column, dim: int) -> Measurement:
    """Value of a curve of Figure 8 at the largest d over its value at ``dim``."""
    curve = _curve(evidence, family, column)
    if dim not in curve.index:
        raise NotTestable(f"d = {dim} is not among figures.fig4.dims")
    note = f"{curve[dim]:.2f} at d = {dim}, {curve.iloc[-1]:.2f} at {curve.index[-1]}"
    return Measurement(float(curve.iloc[-1] / curve[dim]), note=note)


def participation_exponent(evidence: Evidence, family: str) -> Measurement:
    """Exponent of the inverse participation ratio of a family's mean task vector against d."""
    curve = _curve(evidence, family, "participation")
    if len(curve) < power_law.FEWEST_POINTS:
        raise NotTestable(f"{len(curve)} values of d are too few for a power law")
    law = power_law.fit(curve.index.to_numpy(), curve.to_numpy())
    note = f"d from {curve.index[0]} to {curve.index[-1]}"
    return Measurement(law.exponent, law.low, law.high, note)
