"""Measure the cost of each task at several sizes and fit `mstar.running.cost_model` to it.

    .venv/bin/python -m tools.fit_costs CORPUS \
        [--only WORK ...] [--output config/costs.tsv]
    .venv/bin/python -m tools.fit_costs --runs RESULTS ... [--output config/costs.tsv]

The second form fits the model to the jobs of whole runs of the workflow, whose processor seconds
and memory Snakemake measured. For kinds of work that the first form measures, it fits the constant
and one factor for the other terms, so that requests for larger work keep their shape.

Every measurement runs in a process of its own. The fit minimises relative errors over coefficients
>= 0. Measured and fitted values are printed side by side.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from mstar.corpus.corpora import Corpus
from mstar.files.writing import UserError, atomic
from mstar.running.cost_model import TERMS, CostModel, Size, load, vocabulary_bytes
from mstar.settings.config import load as load_config
from mstar.settings.study import Study
from mstar.settings.work import Work
from speed.__main__ import machine
from speed.harness import ROOT, Context, in_child

# Kinds of work that only whole runs measure.
OF_RUNS = ("kappa", "read")
WINDOW = 16
SHARES = (0.125, 0.25, 0.5, 1.0)
RUN = {
    "init": 1e-12, "start": 0.3, "horizon": 30.0, "points": 60, "snapshots": [], "negative": 1.0,
    "tolerance": 1e-2, "subsample": 1e-5, "negative_power": 0.75, "dtype": "float32",
}  # fmt: skip


def encode(folder: str, share: float) -> float:
    from mstar.corpus.corpora import Corpus
    from mstar.corpus.encode import CorpusText, encode_corpus

    corpus = Corpus(name="x", title="", document_rule="line", path=f"{folder}/{share}.txt")
    return float(encode_corpus(CorpusText(corpus)).tokens.size)


def tokens_of(folder: str, share: float) -> tuple[Any, Any]:
    tokens = np.load(f"{folder}/tokens.npy")
    tokens = tokens[: int(share * tokens.size)]
    return tokens, np.array([0, tokens.size])


def count(folder: str, share: float, vocabulary: int) -> float:
    from mstar.counts import cooccurrence, counting

    counts = counting.count(*tokens_of(folder, share), vocabulary, WINDOW, threads=2)
    cooccurrence.save(f"{folder}/{share}-{vocabulary}.npz", counts)
    return float(counts.counts.size)


def add(folder: str, vocabulary: int) -> float:
    from mstar.counts import cooccurrence, merge

    path = f"{folder}/1.0-{vocabulary}.npz"
    merged = merge.add(cooccurrence.load(path), cooccurrence.load(path))
    cooccurrence.save(f"{folder}/merged.npz", merged)
    return float(merged.counts.size)


def probabilities(folder: str, vocabulary: int) -> Any:
    from mstar.counts import cooccurrence, targets

    return targets.probabilities(cooccurrence.load(f"{folder}/1.0-{vocabulary}.npz"))


def leading(folder: str, vocabulary: int, rank: int) -> float:
    from mstar.spectra import eigensolvers
    from mstar.spectra.operators import matrix_free

    p = probabilities(folder, vocabulary)
    eigensolvers.top_eigenpairs(matrix_free("mstar", p, threads=2), rank)
    return float(p.joint.size)


def complete(folder: str, vocabulary: int) -> float:
    from mstar.counts import targets
    from mstar.spectra import eigensolvers, spectrum

    p = probabilities(folder, vocabulary)
    spectrum.save(
        f"{folder}/spectrum-{vocabulary}.npz",
        eigensolvers.all_eigenpairs(targets.dense("mstar", p)),
    )
    return float(p.joint.size)


def population(folder: str, vocabulary: int, dim: int) -> float:
    from mstar.training import population as training

    p = probabilities(folder, vocabulary)
    settings = {**RUN, "loss": "sgns", "weighting": "word2vec"}
    training.train(p, settings, "cpu", dim, 0, lambda _: 0.0)
    return float(p.joint.size)


def sparse(folder: str, vocabulary: int, dim: int) -> float:
    from mstar.training import sparse as training

    p = probabilities(folder, vocabulary)
    settings = {**RUN, "loss": "quartic", "weighting": "word2vec"}
    kept = f"{folder}/sparse-{vocabulary}-{dim}"
    training.train(p, settings, "cpu", dim, 0, lambda _: 0.0, kept, threads=2)
    return float(p.joint.size)


def exact(folder: str, vocabulary: int, dim: int) -> float:
    from mstar.spectra import spectrum
    from mstar.training import closed_form

    values = spectrum.load(f"{folder}/spectrum-{vocabulary}.npz")
    closed_form.follow(values, {**RUN, "estimator": "exact"}, dim, 0, lambda _: 0.0)
    return 0.0


def gensim(folder: str, share: float, vocabulary: int, dim: int, negative: int) -> float:
    from mstar.corpus.encoded_text import EncodedText
    from mstar.training import gensim_baseline

    tokens, offsets = tokens_of(folder, share)
    counts = np.maximum(1, np.bincount(tokens, minlength=vocabulary))
    words = [str(number) for number in range(counts.size)]
    settings = {
        "window": WINDOW, "negative": negative, "epochs": 1, "subsample": 1e-3,
        "negative_power": 0.75, "learning_rate": 0.025, "workers": 1,
    }  # fmt: skip
    words, counts = words[:vocabulary], counts[:vocabulary]
    text = EncodedText.of(tokens, offsets)
    gensim_baseline.train(text, words, counts, settings, dim, 0, lambda _: 0.0)
    return 0.0


def measured(context: Context, folder: str, only: set[str]) -> pd.DataFrame:
    """Return a row for each measurement of the given tasks: work, its size, seconds, megabytes."""
    rows: list[dict[str, Any]] = []
    counts = only - {"encode", "gensim"}  # tasks other than these two need the counts

    def measure(work: str, function: Callable[..., float], *given: Any, **size: Any) -> float:
        if work not in only and not (work == "count" and counts):
            return 0.0
        result = in_child(function, folder, *given)
        if work == "encode":
            size["tokens"] = result.result
        elif result.result:
            size["stored"] = result.result
        cost = {"seconds": result.seconds, "megabytes": result.peak_mb}
        rows.append({"work": work, "size": Size(window=WINDOW, **size), **cost})
        print(f"{work} {size}: {result.seconds:.2f} s, {result.peak_mb:.0f} MB", flush=True)
        return float(result.result)

    tokens, words = context.tokens, context.encoded.words
    np.save(f"{folder}/tokens.npy", tokens)
    # numba compiles at first use; Snakemake's jobs find the compiled code in their cache
    in_child(count, folder, 0.01, 100)
    for share in SHARES:
        part = tokens[: int(share * tokens.size)]
        Path(f"{folder}/{share}.txt").write_text(" ".join(words[i] for i in part), "utf-8")
        measure("encode", encode, share)
    top = min(40_000, len(words))
    for vocabulary in (1000, 2500, 5000, 10_000, top):
        for share in SHARES if vocabulary in (2500, 10_000) else (1.0,):
            number = share * tokens.size
            measure("count", count, share, vocabulary, tokens=number, vocabulary=vocabulary)
        measure("add", add, vocabulary, vocabulary=vocabulary)
    for vocabulary, rank in ((2500, 100), (5000, 100), (5000, 200), (10_000, 200), (top, 200)):
        measure("leading", leading, vocabulary, rank, vocabulary=vocabulary, dim=rank)
    for vocabulary in (500, 1000, 2500, 5000):
        if vocabulary == 500 and counts:
            in_child(count, folder, 1.0, 500)
        measure("complete", complete, vocabulary, vocabulary=vocabulary)
    for vocabulary, dim in ((500, 50), (1000, 50), (1000, 100), (2500, 50)):
        size = {"vocabulary": vocabulary, "dim": dim, "times": RUN["points"]}
        measure("population", population, vocabulary, dim, **size)
        measure("exact", exact, vocabulary, dim, **size)
    for vocabulary, dim in ((1000, 50), (1000, 100), (2500, 50), (5000, 50), (10_000, 50)):
        size = {"vocabulary": vocabulary, "dim": dim, "times": RUN["points"]}
        measure("sparse", sparse, vocabulary, dim, **size)
    if "gensim" in only:
        in_child(gensim, folder, 0.001, 100, 50, 1)  # reads gensim's libraries from disk
    for share, vocabulary, dim, negative in (
        (1 / 64, 1000, 100, 1), (1 / 16, 1000, 100, 5), (1 / 16, 10_000, 100, 1),
        (1 / 8, 10_000, 200, 1), (1 / 8, 10_000, 200, 5), (1 / 64, top, 200, 1),
    ):  # fmt: skip
        size = {"vocabulary": vocabulary, "dim": dim, "times": 1 + negative}
        number = share * tokens.size
        measure("gensim", gensim, share, vocabulary, dim, negative, tokens=number, **size)
    return pd.DataFrame(rows)


def fitted(rows: pd.DataFrame, known: CostModel | None = None) -> CostModel:
    """Fit coefficients >= 0 by least squares of relative errors.

    Tasks that were not measured keep their ``known`` coefficients.
    """
    coefficients: dict[str, Mapping[str, tuple[float, float]]] = {}
    for work, terms in TERMS.items():
        here = rows[rows["work"] == work]
        if here.empty and known is not None:
            coefficients[work] = known.coefficients[work]
            continue
        design = np.array([[size.term(name) for name in terms] for size in here["size"]])
        both = []
        for column in ("seconds", "megabytes"):
            observed = here[column].to_numpy()
            both.append(nnls(design / observed[:, None], np.ones(len(here)))[0])
        coefficients[work] = dict(zip(terms, zip(*both, strict=True), strict=True))
    return CostModel(coefficients)


def of_runs(folders: Sequence[Path]) -> pd.DataFrame:
    """Return a row for each job of runs: work, its size as planned, seconds and megabytes.

    Args:
        folders: folders of results; corpora without the record of their settings (of runs that are
            not complete) are taken to have the defaults.
    """
    rows: list[dict[str, Any]] = []
    for folder in folders:
        for place in sorted(folder.glob("*/corpus.json")):
            name = place.parent.name
            record = folder / "report" / name / "provenance.json"
            given = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
            config = load_config(given.get("config", {}))
            described = json.loads((folder / name / "corpus.json").read_text(encoding="utf-8"))
            corpus = Corpus(
                name=name,
                title="",
                document_rule="line",
                path="-",
                tokens=described["tokens"],
                normaliser=described["normaliser"],
                words=described.get("words", {}),
            )
            study = Study(config, corpus)
            text: Any = SimpleNamespace(tokens=described["tokens"], sizes=[1], corpus=corpus)
            work = Work(study, text)
            for file in sorted((folder / "costs" / name).rglob("*.tsv")):
                job = file.relative_to(folder / "costs" / name).as_posix()
                sized = _sized(job, work, study)
                measured = pd.read_csv(file, sep="\t").iloc[0]
                if sized is None or not measured["max_rss"] > 0:
                    continue
                cost = {"seconds": measured["cpu_time"], "megabytes": measured["max_rss"]}
                rows.append({"work": sized[0], "size": sized[1], **cost})
    return pd.DataFrame(rows)


# Jobs by the file of their cost, and the size of their work; the first that matches counts.
JOBS = (
    (r"fetch/|parts/|shards/|subsets/|d\d+/(gensim|sampled_|noise_)", None),
    (r"encode_corpus", Work.reading_text),
    (r"v(?P<V>\d+)-l(?P<L>\d+)/count_pairs", Work.counting),
    (r"v(?P<V>\d+)-l(?P<L>\d+)/choose_kappa", Work.choosing),
    (r"v(?P<V>\d+)-l\d+/decompose/shuffled", Work.shuffled),
    (r"v(?P<V>\d+)-l\d+/decompose/(?P<target>\w+)", Work.spectrum),
    (r"v(?P<V>\d+)-l\d+/d(?P<dim>\d+)/(?P<run>\w+)/seed", Work.training),
    (r"", Work.read),
)
# Jobs that read the largest spectrum.
LARGEST = ("analyse_", "check_claims", "explorer", "spectra", "svd_mstar/seed")


def _sized(job: str, work: Work, study: Study) -> tuple[str, Size] | None:
    """Return the kind and size of a job as the plan of a new run knows it; None to leave it out."""
    pattern, size_of = next(entry for entry in JOBS if re.match(entry[0], job))
    if size_of is None:
        return None
    found = re.match(pattern, job)
    assert found is not None
    wildcards: Any = SimpleNamespace(get=lambda key, default: default, **found.groupdict())
    estimator = getattr(study.runs.get(found.groupdict().get("run", "")), "estimator", None)
    if estimator in ("exact", "sigmoid"):
        size_of = Work.flow
    elif estimator == "sparse":
        size_of = Work.sparse
    elif size_of is Work.training and estimator is None:
        size_of = Work.read
    inputs: Any = _Absent(any(name in job for name in LARGEST), study)
    return size_of(work, wildcards, inputs)


class _Absent(list[str]):
    """Inputs of a job that do not exist yet, with the largest spectrum among them or not."""

    tokens = counts = "/no such file"

    def __init__(self, largest: bool, study: Study) -> None:
        vocabulary, window = study.static[0], study.config.window
        name = f"{vocabulary}-l{window}/mstar/spectrum.npz" if largest else "other"
        super().__init__([f"/no such folder/v{name}"])


def calibrated(rows: pd.DataFrame, known: CostModel) -> CostModel:
    """Fit the seconds of ``known`` to whole jobs, and `OF_RUNS` altogether.

    Errors are relative, except of ``read``: its jobs are many and small, and their sum counts.
    """
    coefficients = dict(known.coefficients)
    for work, terms in TERMS.items():
        here = rows[rows["work"] == work]
        if here.empty:
            continue
        if work in OF_RUNS:
            design = np.array([[size.term(name) for name in terms] for size in here["size"]])
            both = []
            for column in ("seconds", "megabytes"):
                observed = here[column].to_numpy()
                scale = np.ones(len(here)) if work == "read" else observed
                both.append(nnls(design / scale[:, None], observed / scale)[0])
            coefficients[work] = dict(zip(terms, zip(*both, strict=True), strict=True))
            continue
        before = known.coefficients[work]
        rest = [
            sum(before[name][0] * size.term(name) for name in terms if name != "constant")
            for size in here["size"]
        ]
        observed = here["seconds"].to_numpy()
        design = np.column_stack([np.ones(len(here)), rest]) / observed[:, None]
        constant, factor = nnls(design, np.ones(len(here)))[0]
        coefficients[work] = {
            name: (constant if name == "constant" else factor * seconds, megabytes)
            for name, (seconds, megabytes) in before.items()
        }
    return CostModel(coefficients)


def residuals(rows: pd.DataFrame, model: CostModel) -> pd.DataFrame:
    """Return the measured and fitted values side by side."""
    lines = []
    for _, row in rows.iterrows():
        cost, size = model.predict(row["work"], row["size"]), row["size"]
        lines.append(
            {
                "work": row["work"],
                "tokens": f"{size.tokens:.3g}",
                "V": size.vocabulary,
                "d": size.dim,
                "seconds": row["seconds"],
                "fitted": cost.seconds,
                "MB": row["megabytes"],
                "MB fitted": cost.megabytes,
            }
        )
    return pd.DataFrame(lines)


def predictions(model: CostModel) -> pd.DataFrame:
    """Return predictions for the paper's corpus and one 500 times as large.

    Their shards hold 5e7 and 2e9 tokens.
    """
    lines = []
    corpora = ((2.0e9, 41, 10_000), (1e12, 500, 10_000), (1e12, 500, 100_000))
    for tokens, shards, vocabulary in corpora:
        shard = Size(tokens / shards, vocabulary, WINDOW)
        whole = Size(tokens, vocabulary, WINDOW, 200)
        words = Size(vocabulary_bytes(tokens, shards))
        for task, work, size, jobs in (
            ("encode", "encode", shard, shards),
            ("merge vocabularies", "encode", words, 1),
            ("count", "count", shard, shards),
            ("add", "add", whole, shards - 1),
            ("leading", "leading", whole, 1),
        ):
            cost = model.predict(work, size)
            lines.append(
                {
                    "tokens": f"{tokens:.0e}",
                    "V": vocabulary,
                    "work": task,
                    "jobs": jobs,
                    "hours each": cost.seconds / 3600,
                    "GB each": cost.megabytes / 1000,
                    "hours in all": jobs * cost.seconds / 3600,
                }
            )
    return pd.DataFrame(lines)


def save(path: Path, model: CostModel) -> None:
    """Write config/costs.tsv."""
    lines = ["work\tterm\tseconds\tmegabytes\n"]
    for work, terms in model.coefficients.items():
        lines += [f"{work}\t{name}\t{s:.4g}\t{mb:.4g}\n" for name, (s, mb) in terms.items()]
    with atomic(path) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "corpus", nargs="?", help="a corpus of config/corpora.yaml, or the path of a text"
    )
    parser.add_argument("--runs", nargs="+", type=Path, help="folders of results, instead")
    tasks = [work for work in TERMS if work not in OF_RUNS]
    parser.add_argument("--only", nargs="+", choices=tasks, default=tasks, metavar="WORK")
    parser.add_argument("--output", type=Path, default=ROOT / "config" / "costs.tsv")
    given = parser.parse_args(arguments)
    if (given.corpus is None) == (given.runs is None):
        parser.error("expected either a corpus or --runs")
    if given.runs is not None:
        rows = of_runs(given.runs)
        model = calibrated(rows, load(given.output))
        save(given.output, model)
        print(residuals(rows, model).to_string(index=False, float_format="%.3g"))
        return 0
    try:
        only = set(given.only)
        known = load(given.output)
        context = Context.of(given.corpus)
        print(f"{context.corpus.title}; {context.threads} threads of {machine()}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            rows = measured(context, folder, only)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    model = fitted(rows, known)
    save(given.output, model)
    for table in (residuals(rows, model), predictions(model)):
        print(table.to_string(index=False, float_format="%.3g"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
