"""The measures that claims name: functions of the evidence, each returning a `Measurement`."""

from __future__ import annotations

from collections.abc import Callable

from mstar.claims import dynamics, evaluation, features, linear, prediction
from mstar.claims.evidence import Measurement

MEASURES: dict[str, Callable[..., Measurement]] = {
    function.__name__: function
    for module in (
        evaluation,
        dynamics,
        features,
        linear,
        prediction,
    )
    for function in module.MEASURES
}
