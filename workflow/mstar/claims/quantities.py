"""The name and the unit of the value that each measure gives, stated above the measure."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Measure = TypeVar("Measure", bound=Callable[..., Any])
# What readers call the values of arguments: models, benchmarks, families, and columns of curves.
TERMS = {
    "qwem": "QWEM",
    "qwem_large": "QWEM from a large start",
    "word2vec_large": "word2vec from a large start",
    "ablation_qwem": "QWEM",
    "sgns": "SGNS",
    "quartic": "the quartic loss",
    "setting31": "Setting 3.1",
    "svd_mstar": "svd(M*)",
    "svd_ppmi": "svd(PPMI)",
    "svd_pmi": "svd(PMI)",
    "svd_prop2": "Proposition 2",
    "google": "the Google analogies",
    "men": "MEN",
    "wordsim353": "WordSim-353",
    "simlex999": "SimLex-999",
    "family": "male-female",
    "snr": "signal-to-noise ratio",
    "spike_over_edge": "spike over the bulk's edge",
    "spike_mean_ratio": "spike-to-mean ratio",
    "participation": "inverse participation ratio",
    "cosine": "cosine to the right answer",
    "cosine_ratio": "cosine relative to the best rival",
}
RATIO, SHARE, QUESTIONS, RHO = "ratio", "share", "share of questions", "Spearman's rho"


@dataclass(frozen=True)
class Quantity:
    """What a measure measures.

    Attributes:
        measure: the function.
        name: of the value, with the measure's arguments in braces.
        unit: of the value; a function takes it from the arguments.
    """

    measure: Callable[..., Any]
    name: str
    unit: str | Callable[[Mapping[str, Any]], str]

    def of(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        """Return ``quantity``, ``unit``, ``measure`` and ``source`` for these arguments.

        ``measure`` is the call without the evidence, and ``source`` the file of the function.
        """
        function = self.measure
        given = {
            key: key if one.default is one.empty else one.default
            for key, one in inspect.signature(function).parameters.items()
        } | dict(arguments)
        call = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        return {
            "quantity": self.name.format_map({k: _term(k, v) for k, v in given.items()}),
            "unit": self.unit if isinstance(self.unit, str) else self.unit(given),
            "measure": f"{function.__name__}({call})",
            "source": f"workflow/{function.__module__.replace('.', '/')}.py",
        }


def _term(argument: str, value: Any) -> Any:
    """Return what readers call the value of an argument."""
    if argument == "family":
        value = re.sub(r"^gram\d+-", "", value)
    return value if argument == "run" else TERMS.get(str(value), value)


QUANTITIES: dict[str, Quantity] = {}


def gives(
    name: str, unit: str | Callable[[Mapping[str, Any]], str]
) -> Callable[[Measure], Measure]:
    """Return a decorator that states what a measure gives; see `Quantity`."""

    def state(measure: Measure) -> Measure:
        QUANTITIES[measure.__name__] = Quantity(measure, name, unit)
        return measure

    return state


def unit_of_score(arguments: Mapping[str, Any]) -> str:
    """Return the unit of a benchmark's score: a correlation, or a share of questions."""
    return RHO if arguments["variant"] == "spearman" else QUESTIONS
