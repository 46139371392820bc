"""Sizes of the work of each rule, which determine the memory, time and disk that it requests.

Each size is a function of a job's wildcards and inputs, as Snakemake passes them to a rule's
resources. The size of an input that does not exist yet is estimated; Snakemake evaluates the
function again before the job starts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from mstar.prediction.noise_models import FEATURES
from mstar.running.cost_model import (
    LEAST_MINUTES,
    SPARE_TIME,
    CostModel,
    Size,
    vocabulary_bytes,
)
from mstar.settings.inputs import Text
from mstar.settings.study import Study
from mstar.spectra.solver_choice import needs_dense

# Kind of work, as named in the cost model, and its size.
Sized = tuple[str, Size]
SizeOf = Callable[[Any, Any], Sized]
# Assumed speed of downloads, in megabytes per second.
DOWNLOAD = 10
# Spectra that a comparison of two texts computes: 2 of all features, 86 of 43 labellings, and 44 of
# the jackknife (mstar.prediction.comparison).
SPECTRA_COMPARED = 132
# Upper bounds on the CPU time that a word takes to find, against 0.05 microseconds for one of the
# letters a to z in the sample of the tests. Measured on it: 20 for unicode, 7 for whitespace with
# case folding, 97 for a byte-pair tokenizer of 2,000 tokens; on words drawn at random, so that
# no result is used again: 279 for jieba and 697 for janome.
SLOWER = {"unicode": 25, "whitespace": 8, "tokenizer": 150, "jieba": 300, "janome": 700}


def bytes_of(files: Iterable[str]) -> int | None:
    """Return the total bytes of ``files``, or None if one does not exist yet."""
    try:
        return sum(os.path.getsize(file) for file in files)
    except FileNotFoundError:
        return None


def encoded(files: Iterable[str]) -> list[str]:
    """Return those of ``files`` that hold tokens."""
    return [file for file in files if file.endswith("tokens.npy")]


@dataclass(frozen=True)
class Work:
    """Sizes of the work of a study's rules.

    Attributes:
        study: the study.
        text: the files of its text.
    """

    study: Study
    text: Text

    def encoding(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of encoding text files.

        It is an upper bound: files are compressed at most to a quarter, and a word takes at least
        two letters and a space.
        """
        size = bytes_of(files)
        if size is None:
            share = min(1, len(files) / len(self.text.sizes))
            return "encode", Size(tokens=self.text.tokens * share)
        return "encode", Size(tokens=4 * size / 3)

    def finding_words(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of encoding text files for the time it takes, by the kind of words."""
        kind, size = self.encoding(wildcards, files)
        return kind, replace(size, tokens=size.tokens * self._slower)

    def reading_text(self, wildcards: Any, files: Any) -> Sized:
        """Return the expected size of encoding text files, likewise."""
        share = min(1, len(files) / len(self.text.sizes))
        return "encode", Size(tokens=self.text.tokens * share * self._slower)

    @property
    def _slower(self) -> float:
        """How many times as long as by default it takes to find words."""
        corpus = self.text.corpus
        return SLOWER.get(corpus.words.segmenter or corpus.normaliser, 1)

    def merging(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of merging vocabularies, each byte of which takes as much as a token."""
        size: float | None = bytes_of(files.vocabulary)
        if size is None:
            size = vocabulary_bytes(self.text.tokens, len(self.text.parts))
        return "encode", Size(tokens=size)

    def tokens(self, files: Any) -> float:
        """Return the tokens of an encoded text, or part of it: at most one for two bytes."""
        size = bytes_of(encoded(files))
        return self.text.tokens if size is None else size / 2

    def drawing(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of drawing random subsets of the text."""
        return "encode", Size(tokens=self.tokens(files))

    def counting(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of counting pairs in the whole text, or in one of its shards."""
        tokens = self.tokens(files)
        if (shard := wildcards.get("shard", None)) is not None:
            unknown = bytes_of(encoded(files)) is None
            tokens /= self.text.shards if unknown else self.text.shard(int(shard))[2]
        return "count", Size(tokens, int(wildcards.V), int(wildcards.L))

    def counting_in_turn(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of counting one part of the text, for the memory to count all in turn."""
        kind, size = self.counting(wildcards, files)
        return kind, replace(size, tokens=size.tokens / len(encoded(files)))

    def choosing(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of choosing kappa, for which both halves of the text are counted."""
        return "kappa", self.counting(wildcards, files)[1]

    def adding(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of adding two files of counts, with eight bytes per pair."""
        window = self.study.config.window
        stored = self._stored(files)
        return "add", Size(self.text.tokens, int(wildcards.V), window, stored=stored)

    def eigenpairs(self, vocabulary: int, rank: int, stored: float | None) -> Sized:
        """Return the size of computing ``rank`` eigenpairs.

        It is that of the dense matrix if (nearly) all eigenpairs are wanted, else that of the pairs
        seen, ``stored``. If these are unknown (None) they are taken to be as many as the text
        allows.
        """
        if needs_dense(vocabulary, rank):
            return "complete", Size(vocabulary=vocabulary, dim=rank)
        window = self.study.config.window
        return "leading", Size(self.text.tokens, vocabulary, window, rank, stored=stored)

    def spectrum(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of computing the spectrum of a target at one V."""
        vocabulary = int(wildcards.V)
        rank = self.study.rank(vocabulary, wildcards.target)
        return self.eigenpairs(vocabulary, rank, self._stored(files))

    def prediction(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of computing the prediction's eigenpairs, of the text or its halves."""
        vocabulary, window = int(wildcards.V), self.study.config.window
        stored = window * self.tokens(files) if files.get("text") else self._stored(files)
        if stored is not None:
            stored = min(stored, vocabulary**2 / 2)
        return self.eigenpairs(vocabulary, self.study.prediction_rank, stored)

    def differences(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of multiplying vectors by the difference of two halves of a text."""
        vocabulary, window = int(wildcards.V), self.study.config.window
        stored = min(window * self.tokens(files), vocabulary**2 / 2)
        # The difference is kept with both its triangles.
        return "leading", Size(self.text.tokens, vocabulary, window, FEATURES, stored=2 * stored)

    def comparing(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of comparing two texts: eigenpairs of parts of them, many times."""
        settings, window = self.study.config.comparison, self.study.config.window
        size = bytes_of([*encoded(files.here), *encoded(files.there)])
        tokens = self.text.tokens if size is None else size / 4
        stored = min(window * tokens / 2, settings.vocabulary**2 / 2)
        work, one = self.eigenpairs(settings.vocabulary, settings.features, stored)
        return work, replace(one, repeats=SPECTRA_COMPARED)

    def shuffled(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of computing the spectrum of shuffled text, with its counts."""
        vocabulary, window = int(wildcards.V), self.study.config.window
        stored = min(window * self.tokens(files), vocabulary**2 / 2)
        return self.eigenpairs(vocabulary, self.study.shuffled_rank, stored)

    def training(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of a training run: V, d, recorded times and saved embeddings."""
        dynamics = self.study.config.dynamics
        kept = len(dynamics.snapshots)
        return "population", Size(
            vocabulary=int(wildcards.V),
            dim=int(wildcards.dim),
            times=dynamics.points + kept,
            snapshots=kept,
        )

    def sparse(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of a training run without a V x V array: also the pairs seen."""
        stored = self._stored(files.counts)
        return "sparse", replace(self.training(wildcards, files)[1], stored=stored)

    def flow(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of a run in closed form."""
        return "exact", self.training(wildcards, files)[1]

    def gensim(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of gensim's training: its tokens, and the vectors that a pair changes."""
        settings = self.study.gensim(wildcards.get("variant", ""))
        passes = settings["epochs"] * (1 + settings["negative"])
        vocabulary, window, dim = int(wildcards.V), int(wildcards.L), int(wildcards.dim)
        return "gensim", Size(self.tokens(files), vocabulary, window, dim, passes)

    def untied(self, wildcards: Any, files: Any) -> Sized:
        """Return the size of predicting gensim's vectors: its dense matrices are as in training."""
        return "complete", Size(vocabulary=int(wildcards.V), dim=int(wildcards.dim))

    def reading(self, wildcards: Any, files: Any) -> Sized:
        """Return an upper bound on work on results: computing the largest spectrum read."""
        return self.eigenpairs(self.study.static[0], self.study.reading_rank, stored=0)

    def read(self, wildcards: Any, files: Any) -> Sized:
        """Return the expected size of work on results: the largest spectrum, if it is read."""
        vocabulary = self.study.static[0]
        largest = f"/v{vocabulary}-l{self.study.config.window}/mstar/spectrum.npz"
        if any(file.endswith(largest) for file in files):
            return "read", Size(vocabulary=vocabulary, dim=self.study.reading_rank)
        return "read", Size()

    @staticmethod
    def _stored(files: Any) -> float | None:
        """Return the pairs in files of counts, eight bytes each; None if a file does not exist."""
        size = bytes_of(files)
        return None if size is None else size / 8


@dataclass(frozen=True)
class Requests:
    """Resources that rules request, as functions that Snakemake calls.

    Attributes:
        costs: cost model, from config/costs.tsv.
        work: sizes of the work.
    """

    costs: CostModel
    work: Work

    def memory(self, size_of: SizeOf) -> Callable[..., int]:
        """Return a function for the MB of memory to request, more after each failed attempt."""

        def megabytes(wildcards: Any, input: Any, attempt: int) -> int:
            return attempt * self._request(size_of, wildcards, input)[0]

        return megabytes

    def runtime(self, size_of: SizeOf) -> Callable[..., int]:
        """Return a function for the minutes to request, more after each failed attempt."""

        def minutes(wildcards: Any, input: Any, attempt: int) -> int:
            return attempt * self._request(size_of, wildcards, input)[1]

        return minutes

    def _request(self, size_of: SizeOf, wildcards: Any, input: Any) -> tuple[int, int]:
        """Return the MB and minutes to request; for a part of the text, those for the largest.

        The jobs of an array get what one of them requests.
        """
        work, size = size_of(wildcards, input)
        part, shard = (wildcards.get(name, None) for name in ("part", "shard"))
        times = self.work.text.largest(part and int(part), shard and int(shard))
        return self.costs.request(work, replace(size, tokens=times * size.tokens))

    def seconds(self, size_of: SizeOf) -> Callable[..., int]:
        """Return a function for the processor seconds that the work is expected to take.

        `mstar.running.plan` adds them up; schedulers ignore them.
        """

        def seconds(wildcards: Any, input: Any) -> int:
            return max(1, round(self.costs.predict(*size_of(wildcards, input)).seconds))

        return seconds

    def disk(self, size_of: SizeOf) -> Callable[..., int]:
        """Return a function for the MB that the work adds to the results."""

        def megabytes(wildcards: Any, input: Any) -> int:
            work, size = size_of(wildcards, input)
            return ceil(size.written(work) / 1e6)

        return megabytes

    def sampled_memory(self, wildcards: Any, input: Any, attempt: int) -> int:
        """Return the MB of memory for a sampled run, which may hold the text to draw pairs."""
        expected = 4 * self.work.text.tokens
        text = (bytes_of(input.text) or expected) / 2**20 if input.text else 0
        return self.memory(self.work.training)(wildcards, input, attempt) + attempt * ceil(text)

    def download(self, wildcards: Any) -> int:
        """Return the MB of a file to fetch."""
        return ceil(self.work.text.bytes_of(wildcards.file) / 1e6)

    def download_seconds(self, wildcards: Any) -> int:
        """Return the seconds that fetching a file is expected to take."""
        return ceil(self.download(wildcards) / DOWNLOAD)

    def download_time(self, wildcards: Any, attempt: int) -> int:
        """Return the minutes to request for fetching a file."""
        seconds = self.download(wildcards) / DOWNLOAD
        return attempt * (LEAST_MINUTES + ceil(SPARE_TIME * seconds / 60))
