"""The results of one run of the workflow, each loaded when a measure first needs it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mstar.claims.claims import Role, Size
from mstar.counts import cooccurrence, targets
from mstar.evaluation import comparisons
from mstar.evaluation.analogies import Questions, build_questions
from mstar.evaluation.question_files import read_sections
from mstar.features.components import Components, principal_components
from mstar.files.tables import read_parquet, read_table
from mstar.machine.arrays import Array
from mstar.spectra import spectrum
from mstar.statistics import estimates
from mstar.training.record import load_embedding, read_trace, singular_value_columns


class NotTestable(Exception):
    """A claim that these results cannot decide; the message says what is missing."""


@dataclass(frozen=True)
class Measurement:
    """A measured value.

    Attributes:
        value: of the measure.
        low, high: its 95 % interval; NaN if there is none.
        note: details of the value.
        nulls: values (draws,) of the same measure where the claim is false by construction, such as
            for families of random words, by the name of this null.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    note: str = ""
    nulls: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """The results of one run.

    Attributes:
        corpus: name of the corpus.
        static, dynamic: (V, d) of the factorisations, and of the training runs.
        init: initial scale of the small-start runs of Figure 1.
        negative: k, the weight of the negative samples.
        files: paths by name: ``corpus`` (its description), ``google`` (analogy questions),
            ``counts`` and ``counts_dynamic``, ``mstar`` and ``mstar_dynamic`` (spectra), ``scores``
            and ``answers`` by "model V d", ``comparisons``, ``gram``, ``fits``, ``modes``,
            ``curves``, each of the last four with ``null_`` before its name, ``authors``,
            ``prediction_scores``, ``learning_times``, and ``traces``, ``embeddings`` and
            ``role_answers`` by role; also the names of the ``runs`` by role.
        words: the vocabulary, most frequent first.
        word2vec: settings of the run of that role.
    """

    corpus: str
    static: tuple[int, int]
    dynamic: tuple[int, int]
    init: float
    negative: float
    files: Mapping[str, Any]
    words: list[str] = field(repr=False, default_factory=list)
    word2vec: Mapping[str, Any] = field(default_factory=dict)

    def size(self, which: Size) -> tuple[int, int]:
        """Return (V, d) of the ``static`` or the ``dynamic`` models."""
        return self.static if which == "static" else self.dynamic

    @cached_property
    def counts(self) -> cooccurrence.Cooccurrence:
        """Counts at the static vocabulary."""
        return cooccurrence.load(self.files["counts"])

    @property
    def tokens(self) -> float:
        """Tokens of the text that lie within the static vocabulary."""
        return float(self.counts.unigram.sum())

    @cached_property
    def probabilities(self) -> targets.Probabilities:
        """P_ij and P_i at the static vocabulary."""
        return targets.probabilities(self.counts)

    @cached_property
    def probabilities_dynamic(self) -> targets.Probabilities:
        """P_ij and P_i at the vocabulary of the training runs."""
        return targets.probabilities(cooccurrence.load(self.files["counts_dynamic"]))

    @cached_property
    def mstar(self) -> spectrum.Spectrum:
        """Leading eigenpairs of M* at the static vocabulary."""
        return spectrum.load(self.files["mstar"])

    @cached_property
    def mstar_dynamic(self) -> spectrum.Spectrum:
        """All eigenpairs of M* at the vocabulary of the training runs."""
        return spectrum.load(self.files["mstar_dynamic"])

    @cached_property
    def asked(self) -> Questions:
        """Regenerated analogy questions over the words of the training runs."""
        sections = read_sections(self.files["google"])
        return build_questions(sections, self.words[: self.dynamic[0]], "regenerated")

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Benchmark scores of all models at their first seed, with columns vocabulary and dim."""
        parts = []
        for name, path in self.files["scores"].items():
            model, vocabulary, dim, _ = name.split()
            part = read_table(path)
            parts.append(part.assign(model=model, vocabulary=int(vocabulary), dim=int(dim)))
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def nulls(self) -> dict[str, pd.DataFrame]:
        """Tables of `mstar.features.null_statistics`: ``gram``, ``fits``, ``modes``, ``curves``."""
        return {
            name: read_parquet(self.files[f"null_{name}"], "table of null families")
            for name in ("gram", "fits", "modes", "curves")
        }

    def answered(
        self, model: str, size: tuple[int, int], benchmark: str, variant: str
    ) -> estimates.Estimate:
        """Return the score of a model at (V, d), with the contributions of its units."""
        labels = {tuple(name.split()[:3]): path for name, path in self.files["answers"].items()}
        path = labels[model, str(size[0]), str(size[1])]
        return _estimate(path, benchmark, variant)

    def answered_in(self, role: Role, benchmark: str, variant: str) -> estimates.Estimate:
        """Return the score of the model of a role, with the contributions of its units."""
        return _estimate(self._of_role("role_answers", role), benchmark, variant)

    def table(self, name: str) -> pd.DataFrame:
        """Return one of the tab-separated tables.

        Raises:
            NotTestable: these results do not have it.
        """
        if name not in self.files:
            raise NotTestable(f"these results have no {name.replace('_', ' ')}")
        return read_table(self.files[name])

    def trace(self, role: Role) -> pd.DataFrame:
        """Return the trace of the training run of a role.

        Raises:
            NotTestable: these results have no such run.
        """
        return read_trace(self._of_role("traces", role))

    def singular_values(self, role: Role) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times (T,) in tau_1 of the run, and singular values (T, d), descending."""
        trace = self.trace(role)
        return trace["time_tau1"].to_numpy(), trace[singular_value_columns(trace)].to_numpy()

    def components(self, role: Role) -> Components:
        """Return the principal components of the embedding of a role, at the dynamic V."""
        return principal_components(self.embedding(role))

    def embedding(self, role: Role) -> Array:
        """Return the embedding (V, d) of a role, at the dynamic V.

        Raises:
            NotTestable: these results have no such run.
        """
        return load_embedding(self._of_role("embeddings", role))

    def _of_role(self, kind: str, role: Role) -> str:
        if role not in self.files[kind]:
            raise NotTestable(f"these results have no run {role}")
        return str(self.files[kind][role])


def _estimate(path: str, benchmark: str, variant: str) -> estimates.Estimate:
    """Return the score of one model on a benchmark, from its table of answers."""
    answers = read_parquet(path, "table of answers")
    asked = answers[(answers["benchmark"] == benchmark) & (answers["variant"] == variant)]
    return comparisons.estimate(asked)
