"""How large each rule's work is, by which it asks for memory, time and disk.

Each size is a function of a job's wildcards and inputs, as Snakemake hands them to a rule's
resources. If an input is still to be made, as when a run is planned, its size is an expectation;
Snakemake asks again before the job starts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from mstar.running.cost_model import LEAST_MINUTES, SPARE_TIME, CostModel, Size
from mstar.settings.inputs import Text
from mstar.settings.study import Study
from mstar.spectra.solver_choice import needs_dense

# Work, as the cost model names it, and its size.
Sized = tuple[str, Size]
SizeOf = Callable[[Any, Any], Sized]
# Megabytes a second at which downloads are planned.
DOWNLOAD = 10


def bytes_of(files: Iterable[str]) -> int | None:
    """Return the bytes of files together; None while one of them is not there."""
    try:
        return sum(os.path.getsize(file) for file in files)
    except FileNotFoundError:
        return None


@dataclass(frozen=True)
class Work:
    """Sizes of the work of a study's rules.

    Attributes:
        study: what is made.
        text: its text.
    """

    study: Study
    text: Text

    def encoding(self, wildcards: Any, files: Any) -> Sized:
        """Text to encode: compressed to a quarter at most, words of two letters and a space."""
        size = bytes_of(files)
        if size is None:
            share = min(1, len(files) / len(self.text.sizes))
            return "encode", Size(tokens=self.text.tokens * share)
        return "encode", Size(tokens=4 * size / 3)

    def merging(self, wildcards: Any, files: Any) -> Sized:
        """Words of all parts: in memory fifteen bytes for one in their files, or 2.5 tokens."""
        size = bytes_of(files.vocabulary)
        return "encode", Size(tokens=self.text.tokens if size is None else 2.5 * size)

    def tokens(self, files: Any, shards: int = 1) -> float:
        """Return tokens of one of ``shards`` parts: at most one for two bytes of the whole."""
        size = bytes_of([files.tokens])
        return (self.text.tokens if size is None else size / 2) / shards

    def counting(self, wildcards: Any, files: Any) -> Sized:
        """Pairs to count in the whole text, or in one of its shards."""
        shards = int(wildcards.get("shards", 1))
        return "count", Size(self.tokens(files, shards), int(wildcards.V), int(wildcards.L))

    def adding(self, wildcards: Any, files: Any) -> Sized:
        """Pairs in two files of counts, eight bytes each."""
        window = self.study.config.window
        stored = self._stored(files)
        return "add", Size(self.text.tokens, int(wildcards.V), window, stored=stored)

    def eigenpairs(self, vocabulary: int, rank: int, stored: float | None) -> Sized:
        """The matrix if (nearly) all eigenpairs are wanted, else the pairs seen.

        Until these are known (``stored`` is None) they are as many as the text can have.
        """
        if needs_dense(vocabulary, rank):
            return "complete", Size(vocabulary=vocabulary, dim=rank)
        window = self.study.config.window
        return "leading", Size(self.text.tokens, vocabulary, window, rank, stored=stored)

    def spectrum(self, wildcards: Any, files: Any) -> Sized:
        """Eigenpairs of a target at one V."""
        vocabulary = int(wildcards.V)
        rank = self.study.rank(vocabulary, wildcards.target)
        return self.eigenpairs(vocabulary, rank, self._stored(files))

    def prediction(self, wildcards: Any, files: Any) -> Sized:
        """Eigenpairs that the prediction is made from, of the whole text or of its halves."""
        vocabulary, window = int(wildcards.V), self.study.config.window
        stored = window * self.tokens(files) if files.get("tokens") else self._stored(files)
        if stored is not None:
            stored = min(stored, vocabulary**2 / 2)
        return self.eigenpairs(vocabulary, self.study.prediction_rank, stored)

    def training(self, wildcards: Any, files: Any) -> Sized:
        """A run: V, d, the times recorded and the embeddings kept."""
        dynamics = self.study.config.dynamics
        kept = len(dynamics.snapshots)
        return "population", Size(
            vocabulary=int(wildcards.V),
            dim=int(wildcards.dim),
            times=dynamics.points + kept,
            snapshots=kept,
        )

    def flow(self, wildcards: Any, files: Any) -> Sized:
        """A run in closed form."""
        return "exact", self.training(wildcards, files)[1]

    def gensim(self, wildcards: Any, files: Any) -> Sized:
        """Words that gensim trains on, and the vectors that each pair of them changes."""
        settings = self.study.config.gensim
        passes = settings.epochs * (1 + settings.negative)
        vocabulary, window, dim = int(wildcards.V), int(wildcards.L), int(wildcards.dim)
        return "gensim", Size(self.tokens(files), vocabulary, window, dim, passes)

    def reading(self, wildcards: Any, files: Any) -> Sized:
        """Work on results: none reads more than the eigenpairs at the largest V of the models."""
        return self.eigenpairs(self.study.static[0], self.study.reading_rank, stored=0)

    @staticmethod
    def _stored(files: Any) -> float | None:
        """Pairs in files of counts, eight bytes each; None while they are still to be counted."""
        size = bytes_of(files)
        return None if size is None else size / 8


@dataclass(frozen=True)
class Requests:
    """What rules ask a scheduler for, as the functions that Snakemake calls.

    Attributes:
        costs: the cost model, of config/costs.tsv.
        work: sizes of the work.
    """

    costs: CostModel
    work: Work

    def memory(self, size_of: SizeOf) -> Callable[..., int]:
        """Return a function for MB of memory; a job that failed asks for more."""

        def megabytes(wildcards: Any, input: Any, attempt: int) -> int:
            return attempt * self.costs.request(*size_of(wildcards, input))[0]

        return megabytes

    def runtime(self, size_of: SizeOf) -> Callable[..., int]:
        """Return a function for minutes; a job that failed asks for more."""

        def minutes(wildcards: Any, input: Any, attempt: int) -> int:
            return attempt * self.costs.request(*size_of(wildcards, input))[1]

        return minutes

    def disk(self, size_of: SizeOf) -> Callable[..., int]:
        """Return a function for MB that the work leaves among the results."""

        def megabytes(wildcards: Any, input: Any) -> int:
            work, size = size_of(wildcards, input)
            return ceil(size.written(work) / 1e6)

        return megabytes

    def sampled_memory(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return MB for a sampled run: a run's, and the text if its pairs are drawn from it."""
        expected = 4 * self.work.text.tokens
        text = (bytes_of(input.text) or expected) / 2**20 if input.text else 0
        return self.memory(self.work.training)(wildcards, input, attempt) + attempt * ceil(text)

    def download(self, wildcards: Any) -> int:
        """Return MB of a file to fetch."""
        return ceil(self.work.text.bytes_of(wildcards.file) / 1e6)

    def download_time(self, wildcards: Any, attempt: int) -> int:
        """Return minutes to fetch a file in, with as much to spare as for all work."""
        seconds = self.download(wildcards) / DOWNLOAD
        return attempt * (LEAST_MINUTES + ceil(SPARE_TIME * seconds / 60))
