"""The configuration, typed: every key with its range, default and meaning.

``load`` turns what Snakemake read (``config/config.yaml``, files layered on it, ``--config``) into
a ``Config``, or reports all mistakes at once. The defaults here equal ``config/config.yaml``, and
``config/README.md`` is written from this file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from mstar.corpus.sources import OwnReader
from mstar.corpus.wording import WordRules, problems
from mstar.corpus.words import Convention
from mstar.files.mistakes import Expected, Problem, choice, shown
from mstar.settings import kinds
from mstar.settings.benchmarks import Benchmarks, benchmark_checks
from mstar.settings.comparison import Comparison
from mstar.settings.figures import EXTRAS, Figures, Noise
from mstar.settings.kinds import Section
from mstar.settings.mistakes import validate
from mstar.settings.prediction import Prediction
from mstar.settings.runs import Run, default_runs

# The type checker cannot know what the registry holds.
if TYPE_CHECKING:
    Extra = str
else:
    Extra = Literal[EXTRAS]


# Arguments of gensim's ``Word2Vec`` that have one value here, and what the other ones would be.
SKIP_GRAM: dict[str, tuple[int | bool, str]] = {
    "sg": (1, "CBOW, whose input is a mean of vectors"),
    "hs": (0, "hierarchical softmax, whose outputs are no words"),
    "shrink_windows": (True, "windows of fixed size"),
}


class Gensim(Section):
    """Word2vec as used in practice: gensim's skip-gram, with its defaults."""

    epochs: kinds.Count = Field(5, description="passes of gensim's word2vec over the text")
    negative: kinds.Count = Field(5, description="negative samples of gensim per pair")
    subsample: Annotated[kinds.Number, Field(ge=0)] = Field(
        1e-3, description="frequency above which gensim subsamples words; 0 keeps all"
    )
    negative_power: Annotated[kinds.Number, Field(ge=0)] = Field(
        0.75, description="power of the unigram distribution from which gensim draws negatives"
    )
    learning_rate: kinds.Positive = Field(
        0.025, description="initial learning rate of gensim, which falls to 1e-4 by the end"
    )
    workers: kinds.Count = Field(
        1, description="threads of gensim; with more than one, results differ between runs"
    )

    @model_validator(mode="before")
    @classmethod
    def _skip_gram(cls, given: Any) -> Any:
        """Refuse models that the theory does not cover, by the names that gensim gives them."""
        if not isinstance(given, Mapping):
            return given
        for key, (covered, other) in SKIP_GRAM.items():
            if given.get(key, covered) != covered:
                raise ValueError(
                    f"{key} = {shown(given[key])}: {other}, is neither trained nor predicted:"
                    f" expected {key} = {shown(covered)}"
                )
        return {key: value for key, value in given.items() if key not in SKIP_GRAM}


class Dynamics(Section):
    """Training over time, on the most frequent words (Figures 1 to 3, 5, 7, the movie)."""

    vocabulary: kinds.Size = Field(1000, description="V of the training runs")
    dim: kinds.Count = Field(100, description="d of the training runs, below dynamics.vocabulary")
    start: kinds.Positive = Field(0.3, description="first recorded time, in τ₁ of each run")
    horizon: kinds.Positive = Field(30.0, description="last recorded time, in τ₁ of each run")
    points: kinds.Size = Field(160, description="recorded times, evenly spaced in log time")
    snapshots: kinds.Times = Field(
        (0.5, 1.3, 3.0),
        description="times (τ₁), from start to horizon, at which the whole embedding is saved",
    )
    tolerance: Annotated[kinds.Positive, Field(lt=1)] = Field(
        1e-2, description="relative local error per step of each singular direction"
    )
    dtype: Literal["float32", "float64"] = Field("float32", description="precision of training")
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto",
        description="device for spectra, the closed form and training; auto takes a GPU if there "
        "is one (with conda: the CPU)",
    )
    subsample: kinds.Positive = Field(
        1e-5, description="frequency above which word2vec subsamples words (its -sample)"
    )
    negative_power: Annotated[kinds.Number, Field(ge=0)] = Field(
        0.75, description="power of the unigram distribution from which negatives are drawn"
    )
    runs: Annotated[dict[kinds.RunName, Run], Expected("names of runs, each with its settings")] = (
        Field(
            default_factory=default_runs,
            description="training runs, by name (lower-case letters, digits and _). Set one to null"
            " to omit it",
        )
    )


class Config(Section):
    """The whole configuration."""

    corpus: Annotated[
        kinds.Text, Expected("the name of a corpus or the path of a text, on one line")
    ] = Field(
        "encyclopedia", description="a name in config/corpora.yaml, or the path of your own text"
    )
    against: (
        Annotated[kinds.Text, Expected("the name of a corpus or the path of a text, on one line")]
        | None
    ) = Field(
        None,
        description="text that corpus is compared with (`snakemake compare`): a name in"
        " config/corpora.yaml, or a path, which is read as a corpus given by path is",
    )
    documents: kinds.Documents | None = Field(
        None,
        description="what a document is; windows never cross documents. By default a named corpus"
        " follows its entry, and a text given by path has one document per line",
    )
    normaliser: Convention | None = Field(
        None,
        description="how a text given by path is split into words. text8 (the default): lower-case"
        " a-z, digits spelled out; paper: lower-case a-z, digits separate; unicode: words of every"
        " script by Unicode's rules (UAX 29), in NFC and case-folded; whitespace: what stands"
        " between white space, unchanged; tokenizer: tokens of words.tokenizer. A named corpus"
        " follows its entry",
    )
    words: WordRules = Field(
        WordRules(), description="words of a text given by path. A named corpus follows its entry"
    )
    field: kinds.Text | None = Field(
        None,
        description="column or key of the text, in tables and records of a text given by path; text"
        " by default",
    )
    reader: OwnReader | None = Field(
        None,
        description="how the files of a text given by path are read: plain (as they are); jsonl,"
        " json, csv, tsv, parquet (the key or column field of each record); wiki (WikiExtractor's"
        " output); dump (a MediaWiki dump, without markup). By default what a file is, by its first"
        " bytes or else its name, decides",
    )
    name: kinds.FolderName | None = Field(
        None,
        description="name of the results folder of a text given by path; by default that of the"
        " file or folder",
    )
    setting: kinds.FolderName | None = Field(
        None,
        description="name that keeps the results of these settings beside those of others, in"
        " results/settings/NAME; all settings share the encoded text and the counts of its pairs."
        " null: in results itself",
    )
    deduplicate: kinds.Switch | None = Field(
        None,
        description="whether a text given by path is read without the sentences (of 8 words or"
        " more) that repeat an earlier one; no by default. A named corpus follows its entry",
    )
    vocabulary: kinds.Size = Field(10000, description="V, the most frequent words kept")
    window: kinds.Count = Field(
        16, description="L, words on each side; a pair at distance j counts L + 1 - j times"
    )
    dim: kinds.Count = Field(200, description="d of the factorisations, below vocabulary")
    negative: kinds.Positive = Field(1, description="k, weight of the negative samples, also in M*")
    out_of_vocabulary: Literal["removed", "gap"] = Field(
        "removed",
        description="removed: words outside the vocabulary are removed before windows are formed;"
        " gap: they keep their places in windows",
    )
    shards: kinds.Count = Field(
        1,
        description="parts in which the text is read and counted, each in its own job; at most the"
        " number of documents (for reading, also of files). Results do not depend on it",
    )
    pmi_floor: kinds.Positive = Field(
        1e-25, description="added to P_ij/(P_i P_j) before the logarithm of PMI"
    )
    mstar_kappa: kinds.Kappa = Field(
        "auto",
        description="κ of M*_κ = 2(n − kμ)/(n + kμ + κ), the target of svd_mstar_kappa: the number"
        " of independent pairs below which a count says little. auto: chosen by letting halves of"
        " the text predict each other",
    )
    seeds: kinds.Seeds = Field(
        (1,),
        description="seeds of the random starts; figures draw the first, and the range of all if"
        " there are several",
    )
    factorisations: Annotated[
        tuple[kinds.Factorisation, ...],
        kinds.List,
        kinds.Unique,
        Expected("a list of factorisations"),
    ] = Field(
        ("svd_mstar", "svd_mstar_kappa", "svd_prop2", "svd_ppmi", "svd_pmi"),
        description="factorisations to compare; svd_prop2 is the paper's Proposition 2 with the"
        " pair weights of word2vec (dynamics.subsample, dynamics.negative_power)",
    )
    baselines: Annotated[
        tuple[kinds.Baseline, ...], kinds.List, kinds.Distinct, Expected("a list of baselines")
    ] = Field(
        (),
        description="gensim's word2vec, compared with the other models at the same V, d and window:"
        " gensim, its input vectors; gensim_sum, input plus output vectors",
    )
    gensim: Gensim = Field(Gensim(), description="gensim's word2vec")
    probe_pairs: Annotated[
        tuple[kinds.Pair, ...], kinds.List, Expected("a list of pairs of words")
    ] = Field(
        kinds.PROBE_PAIRS, description="word pairs whose counts summary.json lists, for checks"
    )
    benchmarks: Benchmarks = Field(Benchmarks(), description="word benchmarks")
    dynamics: Dynamics = Field(Dynamics(), description="training over time")
    extras: Annotated[
        tuple[Extra, ...], kinds.List, kinds.Distinct, Expected("a list of extras")
    ] = Field(
        ("movie", "explorer"),
        description="what is made besides the default figures, tables and report:"
        f" {', '.join(EXTRAS)}; [] for none",
    )
    prediction: Prediction = Field(
        Prediction(), description="what embeddings will learn, predicted without training"
    )
    comparison: Comparison = Field(
        Comparison(), description="comparison with the text that against names"
    )
    figures: Figures = Field(Figures(), description="figures")


def cross_checks(config: Config) -> Iterator[Problem]:
    """Yield the mistakes that concern several keys."""
    c, d = config, config.dynamics
    for section, prefix in ((c, ""), (d, "dynamics.")):
        if section.dim >= section.vocabulary:
            words = f"an integer below {prefix}vocabulary ({section.vocabulary})"
            yield Problem(f"{prefix}dim", section.dim, words, (f"{prefix}vocabulary",))
    for key in ("histogram_dims", "dims"):
        dims = getattr(config.figures.fig4, key)
        if dims[0] >= c.vocabulary:
            words = f"at least one d below vocabulary ({c.vocabulary})"
            yield Problem(f"figures.fig4.{key}", dims, words, ("vocabulary",))
    if c.baselines and c.out_of_vocabulary != "removed":
        words = "none, since gensim knows no out_of_vocabulary but removed"
        yield Problem("baselines", c.baselines, words, ("out_of_vocabulary",))
    if "word2vec" in c.extras and c.out_of_vocabulary != "removed":
        words = "none called word2vec, since gensim knows no out_of_vocabulary but removed"
        yield Problem("extras", c.extras, words, ("out_of_vocabulary",))
    yield from problems(c.words, c.normaliser or "text8")
    if c.words.chooses and c.out_of_vocabulary != "removed":
        words = "removed, since the words that words.stop_words, words.word_list and"
        words += " words.min_count leave out of the text leave no gap"
        yield Problem("out_of_vocabulary", c.out_of_vocabulary, words, ("words",))
    first, modes = config.figures.spectra.fit_from, config.figures.spectra.modes
    if first >= modes:
        words = f"an integer below figures.spectra.modes ({modes})"
        yield Problem("figures.spectra.fit_from", first, words, ("figures.spectra.modes",))
    smallest = config.figures.scaling.vocabularies[0]
    if "scaling" in c.extras and smallest <= c.dim:
        words = f"vocabularies above dim ({c.dim})"
        yield Problem("figures.scaling.vocabularies", smallest, words, ("dim",))
    if d.start >= d.horizon:
        words = f"a number below dynamics.horizon ({d.horizon:g})"
        yield Problem("dynamics.start", d.start, words, ("dynamics.horizon",))
    elif not d.start <= d.snapshots[0] <= d.snapshots[-1] <= d.horizon:
        words = f"times from dynamics.start ({d.start:g}) to dynamics.horizon ({d.horizon:g})"
        reads = ("dynamics.start", "dynamics.horizon")
        yield Problem("dynamics.snapshots", d.snapshots, words, reads)
    for name, run in d.runs.items():
        path = f"dynamics.runs.{name}"
        if (run.sgd is None) == (run.estimator == "sampled"):
            words = "settings such as {learning_rate: 5}, since the estimator is sampled"
            words = words if run.sgd is None else f"none, since the estimator is {run.estimator}"
            yield Problem(
                f"{path}.sgd", run.sgd and run.sgd.model_dump(exclude_unset=True), words, (path,)
            )
        if run.untied and run.estimator not in ("population", "exact"):
            words = f"none, since the estimator is {run.estimator}"
            yield Problem(f"{path}.untied", run.untied, words, (path,))
        steps = [step for step, _ in run.sgd.drops] if run.sgd else []
        if run.sgd and run.sgd.steps and steps and steps[-1] >= run.sgd.steps:
            words = f"steps below those to make ({run.sgd.steps})"
            yield Problem(f"{path}.sgd.drops", steps, words, (path,))
        if run.estimator == "sparse" and run.weighting != "word2vec":
            others = "exact or population" if run.weighting == "setting31" else "population"
            words = (
                f"word2vec, since the estimator is sparse; the estimator {others} takes"
                f" {run.weighting}"
            )
            yield Problem(f"{path}.weighting", run.weighting, words, (path,))
        if run.estimator in ("exact", "sigmoid"):
            for key, value in (("loss", "quartic"), ("weighting", "setting31")):
                if getattr(run, key) != value:
                    words = f"{value}, since the estimator is {run.estimator}"
                    yield Problem(f"{path}.{key}", getattr(run, key), words, (path,))
            if run.negative not in (None, c.negative):
                words = (
                    f"the top-level negative ({c.negative:g}), since the estimator"
                    f" {run.estimator} reads the spectrum of M*: set the top-level"
                    f" negative: {run.negative:g}, or give the run estimator: population"
                )
                yield Problem(f"{path}.negative", run.negative, words, (path, "negative"))
    if d.dim < 3:
        words = "an integer >= 3, since Figure 1 shows the third principal direction"
        yield Problem("dynamics.dim", d.dim, words)
    for i, name in enumerate(c.prediction.runs):
        if name in d.runs and d.runs[name].negative not in (None, c.negative):
            words = f"a run with no other than negative ({c.negative:g}), as M* has"
            yield Problem(f"prediction.runs[{i}]", name, words, (f"dynamics.runs.{name}",))
    if "noise" in c.extras:
        yield from noise_checks(config.figures.noise, d.runs, d.start, c.negative)
    yield from benchmark_checks(c.benchmarks)
    named = [*c.figures.runs(c.extras)]
    named += [(f"prediction.runs[{i}]", name) for i, name in enumerate(c.prediction.runs)]
    for path, name in named:
        if name not in d.runs:
            words = f"one of dynamics.runs ({', '.join(d.runs)})"
            words = choice(name, tuple(d.runs), words)
            yield Problem(path, name, words, (f"dynamics.runs.{name}",))


def noise_checks(
    noise: Noise, runs: Mapping[str, Run], start: float, negative: float
) -> Iterator[Problem]:
    """Yield the mistakes in the settings of the noise figure.

    Args:
        noise: settings of the figure.
        runs: ``dynamics.runs``.
        start: ``dynamics.start``, in tau_1.
        negative: k of the configuration.
    """
    base = runs.get(noise.base)
    path = f"dynamics.runs.{noise.base}"
    if base is not None:
        wanted = {"estimator": "sampled", "loss": "quartic", "weighting": "setting31"}
        for key, value in wanted.items():
            if getattr(base, key) != value:
                words = f"a run with {key} {value}, which that one has not"
                yield Problem("figures.noise.base", noise.base, words, (path,))
        if base.negative not in (None, negative):
            words = f"a run with no other than negative ({negative:g}), as the spectrum of M* has"
            yield Problem("figures.noise.base", noise.base, words, (path, "negative"))
    if noise.horizon <= start:
        words = f"a number above dynamics.start ({start:g})"
        yield Problem("figures.noise.horizon", noise.horizon, words, ("dynamics.start",))
    for name in runs:
        if name.startswith("noise_"):
            words = "another name, since those of the noise figure's runs begin with noise_"
            yield Problem(f"dynamics.runs.{name}", name, words)


def load(raw: object, source: str = "config") -> Config:
    """Return the validated configuration.

    Args:
        raw: mapping read by YAML or Snakemake; a key that is null or empty takes its default.
        source: prefix of each line of the message.

    Raises:
        UserError: one line for each mistake: key path, value, what was expected, and the nearest
            valid choice.
    """
    return validate(Config, raw, source, cross_checks)
