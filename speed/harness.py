"""Shared parts of the benchmarks: a corpus, a stopwatch with peak memory, and a table row."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.catalogue import load_corpora
from mstar.corpus.corpora import Corpus, find_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import EncodedCorpus
from mstar.counts.counting import count
from mstar.counts.targets import Probabilities, dense, probabilities
from mstar.evaluation.benchmarks import packaged_benchmark, read_benchmark
from mstar.evaluation.coverage import as_in_text
from mstar.evaluation.question_files import Sections, parse_questions
from mstar.machine.cores import usable
from mstar.spectra.decomposition import decompose

DIM = 200
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Row:
    """One row of the table of results.

    Attributes:
        work: task.
        baseline: alternative that it is compared with.
        seconds: wall-clock seconds (baseline, ours), the best of several runs if they are short.
        target: smallest speed-up required; nan for none.
        check: which results were compared, and how they agree.
    """

    work: str
    baseline: str
    seconds: tuple[float, float]
    target: float
    check: str
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.seconds[0] / self.seconds[1]


@dataclass(frozen=True)
class Measured:
    """The seconds, peak resident memory (MB) and result of a call in its own process."""

    seconds: float
    peak_mb: float
    result: Any


@dataclass
class Context:
    """The corpus that the benchmarks share; derived values are computed once.

    Attributes:
        folder: downloaded files of a package corpus.
        window: L of every benchmark.
    """

    corpus: Corpus
    folder: Path | None = None
    window: int = 16
    threads: int = field(default_factory=usable)

    @classmethod
    def of(cls, name: str, documents: str | None = None) -> Context:
        """Return the context of a corpus in config/corpora.yaml, or of a text given by path.

        Raises:
            UserError: see `mstar.corpus.corpora.find_corpus`.
        """
        corpora = load_corpora(ROOT / "config" / "corpora.yaml")
        corpus = find_corpus(name, corpora, documents)
        return cls(corpus, ROOT / "resources" / "corpora" / corpus.name)

    @cached_property
    def encoded(self) -> EncodedCorpus:
        return encode_corpus(CorpusText(self.corpus, self.folder))

    @property
    def tokens(self) -> NDArray[Any]:
        return self.encoded.tokens

    @property
    def offsets(self) -> NDArray[np.int64]:
        return self.encoded.document_offsets

    @property
    def vocabulary(self) -> int:
        """Return the 10,000 commonest words, as in the paper, or all words of a smaller corpus."""
        return min(10_000, len(self.encoded.words))

    @property
    def words(self) -> list[str]:
        return self.encoded.words[: self.vocabulary]

    @cached_property
    def probabilities(self) -> Probabilities:
        counts = count(
            self.tokens, self.offsets, self.vocabulary, self.window, threads=self.threads
        )
        return probabilities(counts)

    @cached_property
    def eigenvalues(self) -> NDArray[np.float64]:
        """Return all eigenvalues of M*, descending."""
        return np.linalg.eigvalsh(dense("mstar", self.probabilities))[::-1]

    @cached_property
    def embedding(self) -> NDArray[np.float64]:
        """Return the embedding svd(M*) of dimension `DIM`."""
        return decompose("mstar", self.probabilities, DIM, threads=self.threads).embedding(DIM)

    @cached_property
    def sections(self) -> Sections:
        """Return the Google analogy questions."""
        text = read_benchmark("google", packaged_benchmark("google"))
        return as_in_text(parse_questions(text), "text8")


def best_of(runs: int, function: Callable[[], Any]) -> tuple[float, Any]:
    """Return the shortest time of ``runs`` calls in seconds, and the last result."""
    best, result = float("inf"), None
    for _ in range(runs):
        began = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - began)
    return best, result


def in_child(function: Callable[..., Any], *arguments: Any) -> Measured:
    """Call a module-level function in a fresh process; its result must be small."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return Measured(*pool.apply(_measured, (function, arguments)))


def _measured(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[float, float, Any]:
    began = time.perf_counter()
    result = function(*arguments)
    seconds = time.perf_counter() - began
    return seconds, _peak_mb(), result


def _peak_mb() -> float:
    """Return the peak resident memory of this process in MB.

    ``getrusage`` would not do: on Linux its maximum is inherited from the parent process.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(x.split()[1]) for x in lines if x.startswith("VmHWM:")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
