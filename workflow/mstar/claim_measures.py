"""The measures that claims name: functions of the evidence, each returning a `Measurement`."""

from __future__ import annotations

from collections.abc import Callable

from mstar import (
    claim_benchmarks,
    claim_dynamics,
    claim_features,
    claim_linear,
    claim_prediction,
)
from mstar.claim_evidence import Measurement

MEASURES: dict[str, Callable[..., Measurement]] = {
    function.__name__: function
    for module in (
        claim_benchmarks,
        claim_dynamics,
        claim_features,
        claim_linear,
        claim_prediction,
    )
    for function in module.MEASURES
}
