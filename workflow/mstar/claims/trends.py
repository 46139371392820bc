"""How the values of claims move with the size of the text, and where this leads.

The value of a claim on random subsets of a text is followed over the logarithm of the number of
tokens n. A straight line is fitted to the means at each size, of the logit of accuracies, artanh of
correlations, logarithm of positive ratios and dimensions, or else the value itself. No text shows
how the curve goes on beyond it, and most flatten. So what is extrapolated is a range: from the
value on the whole text to that of the line at the paper's text, each with its 95 % prediction
interval. It assumes only that the value keeps its direction and does not accelerate on its scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import t as student

from mstar.claims.judgement import bounds
from mstar.claims.outcomes import PAIRS_SEEN, PAPER_TOKENS
from mstar.machine.arrays import Array

if TYPE_CHECKING:
    from mstar.claims.claims import Claim

FEWEST_SIZES = 4
AGREES, DISAGREES, SILENT = "trend agrees", "trend disagrees", "trend says nothing"

# id: of the claim, or one of `PAIRS_SEEN`; parts, draw: the subset (1 and 0: the whole text);
# tokens: of it; value: of the claim on it, or the share.
SIZES = ("id", "parts", "draw", "tokens", "value")
# today: value on the whole text of ``tokens`` tokens; extrapolated: value of the line at
# `PAPER_TOKENS`; low, high: range of values from the whole text's to the line's, with their 95 %
# intervals; sizes: number of sizes of the fit; note: why there is no trend.
TRENDS = (
    "id", "statement", "expected", "tolerance", "paper", "tokens", "today", "extrapolated", "low",
    "high", "sizes", "trend", "note",
)  # fmt: skip

Scale = tuple[Callable[[Array], Array], Callable[[Array], Array]]
# A share of 0 or 1 is drawn in by this much, since its logit is infinite.
SHARE = 0.002
SHARES: Scale = (lambda y: np.asarray(logit(np.clip(y, SHARE, 1 - SHARE))), expit)
CORRELATIONS: Scale = (np.arctanh, np.tanh)
RATIOS: Scale = (np.log, np.exp)
PLAIN: Scale = (np.asarray, np.asarray)
SCALES: dict[str, Scale] = {
    "best_accuracy": SHARES,
    "nonnegative_share": SHARES,
    **dict.fromkeys(
        ("snr_peak", "snr_peak_dim", "d_eff", "outlier", "score_ratio", "half_accuracy_time"),
        RATIOS,
    ),
}


class Expected(NamedTuple):
    """A value expected at one size of text, with a 95 % prediction interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """A straight line in the logarithm of the number of tokens, fitted to scaled values.

    Attributes:
        slope, intercept: of the scaled values in ln n.
        sizes: number of sizes of the fit.
        centre, squares: mean of ln n, and sum of its squared deviations.
        spread: standard deviation of the scaled values about the line.
        scale: function that scaled the values, and its inverse.
    """

    slope: float
    intercept: float
    sizes: int
    centre: float
    squares: float
    spread: float
    scale: Scale

    def at(self, tokens: float, level: float = 0.95) -> Expected:
        """Return the value on a text of ``tokens`` tokens, with its prediction interval.

        The interval is that of one further size, by Student's t with two degrees of freedom fewer
        than there are sizes.
        """
        place, back = math.log(tokens), self.scale[1]
        reach = 1 + 1 / self.sizes + (place - self.centre) ** 2 / self.squares
        quantile = float(student.ppf(0.5 + level / 2, self.sizes - 2))
        half, middle = (
            quantile * self.spread * math.sqrt(reach),
            self.intercept + self.slope * place,
        )
        low, value, high = (float(back(np.asarray(middle + h))) for h in (-half, 0.0, half))
        return Expected(value, low, high)


def scale_of(claim: Claim) -> Scale:
    """Return the function that makes the values of a claim linear in log tokens, and its inverse.

    Values for which the function is undefined, such as a ratio of 0, must be left out.
    """
    if claim.measure == "score":
        return CORRELATIONS if claim.arguments.get("variant") == "spearman" else SHARES
    return SCALES.get(claim.measure, PLAIN)


def fit(parts: NDArray[Any], tokens: Array, values: Array, scale: Scale = PLAIN) -> Line | None:
    """Fit a line to ``values`` (n,) measured on 1/``parts`` (n,) of a text, ``tokens`` (n,) long.

    The least-squares line is that of the means over the subsets of each size, so that subsets that
    share documents do not count several times. Values that the scale does not
    know, such as the logarithm of 0, are left out. None for fewer than `FEWEST_SIZES` sizes.
    """
    with np.errstate(all="ignore"):
        scaled = np.asarray(scale[0](np.asarray(values, dtype=np.float64)))
    frame = pd.DataFrame({"parts": parts, "x": np.log(tokens), "y": scaled})
    means = frame[np.isfinite(frame["y"])].groupby("parts").mean()
    x, y = means["x"].to_numpy(), means["y"].to_numpy()
    if len(x) < FEWEST_SIZES:
        return None
    slope, intercept = (float(v) for v in np.polyfit(x, y, 1))
    left, centred = y - intercept - slope * x, x - x.mean()
    spread = math.sqrt(float(left @ left) / (len(x) - 2))
    squares = float(centred @ centred)
    return Line(slope, intercept, len(x), float(x.mean()), squares, spread, scale)


def trend(claim: Claim, here: Expected, there: Expected) -> str:
    """Return what is to be expected of a claim: `AGREES`, `DISAGREES` or `SILENT`.

    It agrees if all values from ``here`` to ``there`` satisfy the claim, or if the value leads from
    one that does not towards values that do, and lies outside the interval of ``there``. It
    disagrees if none of them satisfies the claim: the value would have to turn back or accelerate.

    Args:
        claim: what is stated of the paper's text.
        here: value of the line on the whole text.
        there: its value at the paper's size.
    """
    least, largest = bounds(claim)
    low, high = span(here, there)
    if high < least or low > largest:
        return DISAGREES
    if least <= low and high <= largest:
        return AGREES
    moves = not there.low <= here.value <= there.high
    outside = not least <= here.value <= largest
    towards = (there.value > here.value) == (here.value < least)
    return AGREES if moves and outside and towards else SILENT


def span(here: Expected, there: Expected) -> tuple[float, float]:
    """Return the lowest and the highest value of two intervals."""
    return min(here.low, there.low), max(here.high, there.high)


def collect(plan: pd.DataFrame, texts: Sequence[pd.DataFrame], tokens: int) -> pd.DataFrame:
    """Return the values on a text and on its subsets, with the columns `SIZES`.

    Args:
        plan: of the subsets (`mstar.corpus.subsets.plan`).
        texts: ids and values on each subset that is not omitted, in order, then on the whole text.
        tokens: of the whole text.
    """
    kept = plan[plan["omitted"].isna()]
    places = [*zip(kept["parts"], kept["draw"], kept["tokens"], strict=True), (1, 0, tokens)]
    tables = [
        table[["id", "value"]].assign(parts=parts, draw=draw, tokens=size)
        for (parts, draw, size), table in zip(places, texts, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)[list(SIZES)]


def trends(
    claims: Sequence[Claim], sizes: pd.DataFrame, dims: Mapping[str, tuple[int, int]]
) -> pd.DataFrame:
    """Tabulate the trend of each claim whose scope names a number of tokens, with `TRENDS`.

    Args:
        claims: all claims.
        sizes: their values, with the columns `SIZES`.
        dims: (V, d) of the ``static`` and of the ``dynamic`` models. A claim stated at another size
            has no trend.
    """
    return pd.DataFrame(
        [_trend(claim, sizes[sizes["id"] == claim.id], dims) for claim in claims if _scoped(claim)],
        columns=list(TRENDS),
    )


def line_of(sizes: pd.DataFrame, scale: Scale) -> Line | None:
    """Return the line of some values, from their rows of `SIZES`; None if there are too few."""
    parts, tokens, values = (sizes[name].to_numpy() for name in ("parts", "tokens", "value"))
    return fit(parts, tokens, values, scale)


def lines(claims: Sequence[Claim], sizes: pd.DataFrame, points: int = 40) -> pd.DataFrame:
    """Return the fitted lines of claims and of `PAIRS_SEEN`, from the smallest size to
    `PAPER_TOKENS`.

    Columns are id, tokens, value, low and high: the 95 % interval of the line on texts as long as
    those measured, and beyond them the range of `span` from the whole text.
    """
    rows: list[tuple[Any, ...]] = []
    scales = {claim.id: scale_of(claim) for claim in claims}
    for name, scale in {**scales, **dict.fromkeys(PAIRS_SEEN.values(), SHARES)}.items():
        own = sizes[sizes["id"] == name]
        line = line_of(own, scale)
        if line:
            whole = float(own["tokens"].max())
            for tokens in np.geomspace(own["tokens"].min(), max(whole, PAPER_TOKENS), points):
                found = line.at(tokens)
                ends = span(line.at(whole), found) if tokens > whole else found[1:]
                rows.append((name, tokens, found.value, *ends))
    return pd.DataFrame(rows, columns=["id", "tokens", "value", "low", "high"])


def _scoped(claim: Claim) -> bool:
    return claim.scope.tokens > 0 and claim.scope.corpus is None


def _trend(claim: Claim, rows: pd.DataFrame, dims: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    largest = rows.nlargest(1, "tokens").to_dict("records")[0]
    today, line = float(largest["value"]), line_of(rows, scale_of(claim))
    vocabulary, dim = dims[claim.scope.of]
    note = ""
    if claim.scope.vocabulary not in (None, vocabulary):
        note = f"stated at V = {claim.scope.vocabulary:,}, this is V = {vocabulary:,}"
    elif claim.scope.dim not in (None, dim):
        note = f"stated at d = {claim.scope.dim}, this is d = {dim}"
    elif math.isnan(today):
        note = "not measured on the whole text"
    elif line is None:
        note = f"fewer than {FEWEST_SIZES} sizes"
    unknown = Expected(math.nan, math.nan, math.nan)
    tokens = int(largest["tokens"])
    here, there = (line.at(n) for n in (tokens, PAPER_TOKENS)) if line else (unknown, unknown)
    low, high = span(here, there)
    return {
        **{key: getattr(claim, key) for key in ("id", "statement", "expected", "tolerance")},
        "paper": claim.paper,
        "tokens": tokens,
        "today": today,
        "extrapolated": there.value,
        "low": low,
        "high": high,
        "sizes": line.sizes if line else 0,
        "trend": SILENT if note else trend(claim, here, there),
        "note": note,
    }
