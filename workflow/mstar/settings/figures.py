"""All figures: their settings, places in the report, inputs and arguments.

The figure rules, `rule all`, the report, the extras of the configuration, the table in the README
and the tests follow from `FIGURES`. A figure consists of a module ``mstar.figures.<name>`` with
``table`` and ``draw``, a caption ``workflow/report/<name>.rst``, and in this module one entry and,
if it has settings, their class.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field

from mstar.figures import inputs
from mstar.files.mistakes import Expected
from mstar.settings import kinds
from mstar.settings.kinds import Section
from mstar.settings.runs import Run

if TYPE_CHECKING:
    from mstar.settings.results import Results

RunName = kinds.NameOfRun
Families = Annotated[
    tuple[kinds.Family, ...], kinds.List, kinds.Unique, Expected("a list of families")
]


class Fig1(Section):
    """Figure 1: loss, singular values and embeddings over time."""

    word2vec: RunName = Field("sgns_small", description="run drawn as word2vec")
    qwem: RunName = Field("qwem_small", description="run drawn as QWEM")
    theory: RunName = Field("lemma_small", description="run drawn dotted, as the theory")
    modes: kinds.Count = Field(20, description="singular values drawn, at most dynamics.dim")
    labels: kinds.Count = Field(24, description="words labelled in each scatter plot")


class Fig2Column(Section):
    """One column of Figure 2."""

    word2vec: RunName = Field(description="run in the first row")
    qwem: RunName = Field(description="run in the second row")
    theory: RunName = Field(description="run in the third row")


class Fig2(Section):
    """Figure 2: singular values from word2vec to theory, for two initial scales."""

    large: Fig2Column = Field(
        Fig2Column(word2vec="sgns_large", qwem="qwem_large", theory="lemma_large"),
        description="runs from a large start",
    )
    small: Fig2Column = Field(
        Fig2Column(word2vec="sgns_small", qwem="qwem_small", theory="lemma_small"),
        description="runs from a small start",
    )


class Fig3a(Section):
    """Figure 3a: words at the ends of principal components."""

    components: kinds.Counts = Field(
        (1, 2, 3, 11, 12, 13, 100),
        description="principal components listed, counted from 1; those above d are omitted",
    )
    words: kinds.Count = Field(8, description="words listed for each component")
    candidates: kinds.Count = Field(4000, description="most frequent words that may be listed")


class Fig4(Section):
    """Figure 4: task vectors against the spectrum of M*."""

    family: kinds.Family = Field("gram7-past-tense", description="analogy family on the left")
    histogram_dims: kinds.Counts = Field(
        (128, 256, 512, 1024),
        description="d of the histograms; those not below vocabulary are omitted",
    )
    dims: kinds.Counts = Field(
        (
            4,
            5,
            8,
            11,
            16,
            22,
            32,
            45,
            64,
            90,
            128,
            181,
            256,
            362,
            512,
            724,
            1024,
            1448,
            2048,
            2896,
            4096,
        ),
        description="d of the curves; those not below vocabulary are omitted",
    )
    modes: kinds.Count = Field(100, description="leading modes shown in the bar chart")
    families: Families = Field(
        (
            "gram6-nationality-adjective",
            "family",
            "gram7-past-tense",
            "gram1-adjective-to-adverb",
            "gram2-opposite",
        ),
        description="analogy families drawn as curves (sections of questions-words.txt)",
    )
    null_draws: kinds.Count = Field(
        200,
        description="draws of each null (random words, shuffled partners) of each family, for"
        " Figures 4, 6 and 8, participation, and the claims",
    )

    def below(self, vocabulary: int) -> Fig4:
        """Return these settings with only the d below ``vocabulary``."""
        kept = {
            key: tuple(d for d in getattr(self, key) if d < vocabulary)
            for key in ("histogram_dims", "dims")
        }
        return self.model_copy(update=kept)


class Fig5(Section):
    """Figure 5: overlaps of the features of two models."""

    modes: kinds.Count = Field(64, description="leading features compared, at most dynamics.dim")


class Fig6(Section):
    """Figure 6: task vectors of further families."""

    families: Families = Field(
        ("family", "gram1-adjective-to-adverb", "gram8-plural", "gram3-comparative"),
        description="analogy families, one row each",
    )
    dim: kinds.Count = Field(256, description="d of the histograms, below vocabulary")
    modes: kinds.Count = Field(100, description="leading modes shown in the bar charts")


class Fig7(Section):
    """Figure 7: quartic loss and Setting 3.1, separately and together."""

    sgns: RunName = Field(
        "ablation_sgns", description="run with neither the quartic loss nor Setting 3.1"
    )
    quartic: RunName = Field("ablation_quartic", description="run with the quartic loss only")
    setting31: RunName = Field("ablation_setting31", description="run under Setting 3.1 only")
    qwem: RunName = Field(
        "ablation_qwem", description="run with the quartic loss under Setting 3.1 (QWEM)"
    )


class SpectraFigure(Section):
    """Eigenvalue spectra of M*, PMI and PPMI, with fitted power laws."""

    modes: kinds.Size = Field(200, description="eigenvalues drawn, below vocabulary")
    fit_from: kinds.Count = Field(10, description="first mode of the fit of the power law")


class PmiFigure(Section):
    """Scores of svd(PMI) against the share of pairs seen, and its floor (one of the extras)."""

    kept: Annotated[
        tuple[Annotated[kinds.Positive, Field(le=1)], ...],
        kinds.List,
        kinds.Increasing,
        Expected("a list of increasing numbers > 0 and at most 1"),
    ] = Field(
        (0.01, 0.03, 0.1, 0.3, 0.6, 1.0),
        description="shares of the pairs kept at random",
    )
    draws: kinds.Count = Field(3, description="draws of each share")
    floors: Annotated[
        tuple[kinds.Positive, ...], kinds.List, kinds.Increasing, Expected("increasing numbers > 0")
    ] = Field(
        (1e-20, 1e-15, 1e-10, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        description="floors of PMI tried besides pmi_floor, on all counts",
    )


Sequences = Annotated[
    dict[kinds.FolderName, Annotated[tuple[kinds.Word, ...], kinds.List]],
    Expected("lists of words by name, such as {days: [monday, tuesday]}"),
]
MONTHS = "january february march april may june july august september october november december"
DAYS = "monday tuesday wednesday thursday friday saturday sunday"
NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty"
)
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)


class Geometry(Section):
    """Words that have an order, as rings and lines (one of the extras)."""

    rings: Sequences = Field(
        {"months": tuple(MONTHS.split()), "days": tuple(DAYS.split())},
        description="sequences whose last word is followed by the first, by name",
    )
    lines: Sequences = Field(
        {"numbers": tuple(NUMBERS.split()), "ordinals": tuple(ORDINALS.split())},
        description="sequences with two ends, by name",
    )
    apart: Annotated[tuple[kinds.Word, ...], kinds.List, Expected("a list of words")] = Field(
        ("may",),
        description="words that mostly mean something else, and do not fit the plane drawn",
    )
    draws: kinds.Count = Field(2000, description="permutations of the labels of each sequence")
    random_draws: kinds.Count = Field(200, description="sets of random words of like frequency")


class Scaling(Section):
    """Accuracy and spectrum against the vocabulary (one of the extras)."""

    vocabularies: kinds.Counts = Field(
        (1000, 3000, 10_000, 30_000, 100_000),
        description="V, increasing, each above dim and at most the number of distinct words",
    )
    among: kinds.Count = Field(
        3000,
        description="the fixed questions have all words among this many most frequent words",
    )


class SizeOfText(Section):
    """Claims on random subsets of the text (one of the extras)."""

    parts: kinds.Counts = Field(
        (2, 4, 8, 16),
        description="subsets have 1/2, 1/4, … of the tokens; at least three give a trend",
    )
    draws: kinds.Count = Field(3, description="random subsets of each size")


class Word2vecFigure(Section):
    """What counts tell of word2vec, tied and as gensim trains it (one of the extras)."""

    runs: Annotated[
        tuple[RunName, ...], kinds.List, kinds.Unique, Expected("a list of names of runs")
    ] = Field(
        ("sparse_small", "sparse_large", "sparse_quartic"),
        description="training runs with word2vec's weights that are compared with predictions",
    )
    negatives: kinds.Counts = Field(
        (1, 5), description="numbers of negative samples with which gensim is trained"
    )
    seeds: Annotated[
        tuple[kinds.Seed, kinds.Seed],
        kinds.List,
        kinds.Distinct,
        Expected("two different seeds, such as [1, 2]"),
    ] = Field((1, 2), description="seeds of each run and of the second run beside it")


class Movie(Section):
    """The learning movie."""

    frames: kinds.Size = Field(90, description="frames, evenly spaced in log time")
    frames_per_second: kinds.Count = Field(12, description="frames shown per second")
    labels: kinds.Count = Field(16, description="words labelled in each latent space")


class Explorer(Section):
    """The explorer page."""

    modes: kinds.Size = Field(100, description="features on the page, at most dim")
    words: kinds.Count = Field(1000, description="most frequent words drawn in the latent space")


class Small(Section):
    """The error of Lemma 3.1 against the scale of the random start (one of the extras)."""

    inits: Annotated[
        tuple[kinds.Positive, ...], kinds.List, kinds.Increasing, Expected("increasing numbers > 0")
    ] = Field(
        (1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        description="scales of the random start",
    )
    modes: kinds.Counts = Field(
        (1, 3, 10, 30, 60, 90),
        description="modes drawn against the scale; those above d are omitted",
    )


class Noise(Section):
    """The effect of minibatch noise on QWEM (one of the extras)."""

    base: kinds.NameOfRun = Field(
        "sampled_qwem", description="sampled run of QWEM whose learning rate and batch are varied"
    )
    learning_rates: Annotated[
        tuple[kinds.Positive, ...], kinds.List, kinds.Increasing, Expected("increasing numbers > 0")
    ] = Field((8.0, 16.0), description="learning rates, each combined with all batches")
    batches: kinds.Counts = Field((8000, 16_000, 64_000), description="pairs per step")
    drop: kinds.Drop = Field(
        (1200, 0.1),
        description="[step, factor]: the noisiest of these runs is repeated with its learning rate"
        " multiplied by the factor after that step, before the end of the run",
    )
    horizon: kinds.Positive = Field(
        6.0, description="last recorded time of these runs (τ₁), above dynamics.start"
    )
    points: kinds.Size = Field(60, description="recorded times, evenly spaced in log time")
    modes: kinds.Counts = Field(
        (1, 3, 10, 30, 50),
        description="singular values drawn against time; those above d are omitted",
    )

    def settings(self) -> dict[str, tuple[float, int, tuple[tuple[int, float], ...]]]:
        """Return learning rate, batch and drops of each sampled run, by name."""
        grid = itertools.product(self.learning_rates, self.batches)
        runs = {f"noise_lr{_spelt(rate)}_batch{batch}": (rate, batch, ()) for rate, batch in grid}
        noisiest = (self.learning_rates[-1], self.batches[0], (self.drop,))
        return {**runs, "noise_dropped": noisiest}

    def runs(self, base: Run) -> dict[str, Run]:
        """Return the figure's runs by name: exact flow, expected gradient, and sampled runs.

        Args:
            base: the sampled run that the others vary.
        """
        assert base.sgd is not None
        noiseless: dict[str, kinds.Estimator] = {
            "noise_exact": "exact",
            "noise_population": "population",
        }
        runs = {
            name: base.model_copy(update={"estimator": estimator, "sgd": None})
            for name, estimator in noiseless.items()
        }
        for name, (rate, batch, drops) in self.settings().items():
            varied = {"learning_rate": rate, "batch": batch, "drops": drops, "steps": None}
            runs[name] = base.model_copy(update={"sgd": base.sgd.model_copy(update=varied)})
        return runs


def _spelt(number: float) -> str:
    """Format a number for use in the name of a run."""
    return f"{number:g}".replace(".", "p").replace("+", "").replace("-", "m")


class Figures(Section):
    """Settings of every figure."""

    fig1: Fig1 = Field(Fig1(), description="Figure 1")
    fig2: Fig2 = Field(Fig2(), description="Figure 2")
    fig3a: Fig3a = Field(Fig3a(), description="Figure 3a")
    fig4: Fig4 = Field(Fig4(), description="Figure 4")
    fig5: Fig5 = Field(Fig5(), description="Figure 5")
    fig6: Fig6 = Field(Fig6(), description="Figure 6")
    fig7: Fig7 = Field(Fig7(), description="Figure 7")
    spectra: SpectraFigure = Field(SpectraFigure(), description="eigenvalue spectra")
    movie: Movie = Field(Movie(), description="the learning movie")
    explorer: Explorer = Field(Explorer(), description="the explorer page")
    scaling: Scaling = Field(Scaling(), description="accuracy and spectrum against V")
    word2vec: Word2vecFigure = Field(
        Word2vecFigure(), description="what counts tell of word2vec, tied and as gensim trains it"
    )
    size: SizeOfText = Field(SizeOfText(), description="claims on random subsets of the text")
    geometry: Geometry = Field(Geometry(), description="words that have an order")
    pmi: PmiFigure = Field(PmiFigure(), description="svd(PMI) against pairs seen and floor")
    noise: Noise = Field(Noise(), description="effect of minibatch noise on QWEM")
    small: Small = Field(Small(), description="error of Lemma 3.1 against the initial scale")

    def task_vectors(self, vocabulary: int) -> dict[str, Any]:
        """Return what Figures 4, 6 and 8 and the participation figure need of task vectors.

        The result holds arguments of `mstar.features.linear_structure.analyse`, without the d that
        Figure 4 omits.
        """
        fig4, fig6 = self.fig4.below(vocabulary), self.fig6
        histograms = {family: [fig6.dim] for family in fig6.families}
        histograms[fig4.family] = sorted({*fig4.histogram_dims, *histograms.get(fig4.family, ())})
        return {
            "histograms": histograms,
            "scored": list(fig4.families),
            "dims": list(fig4.dims),
            "modes": max(fig4.modes, fig6.modes),
        }

    def null_families(self, vocabulary: int) -> dict[str, Any]:
        """Return the arguments of `mstar.features.null_statistics.analyse`, likewise."""
        return {**self.task_vectors(vocabulary), "draws": self.fig4.null_draws}

    def rank_of_task_vectors(self, vocabulary: int) -> int:
        """Return the largest rank that `task_vectors` needs."""
        asked = self.task_vectors(vocabulary)
        return max(asked["modes"], *asked["dims"], *map(max, asked["histograms"].values()))

    def runs(self, extras: Sequence[str] = ("noise", "word2vec")) -> Iterator[tuple[str, str]]:
        """Yield (key path, run name) of each run that figures draw.

        Args:
            extras: the figures that are made besides the default ones.
        """
        columns = {"fig1": self.fig1, "fig2.large": self.fig2.large, "fig2.small": self.fig2.small}
        for where, column in columns.items():
            for role in ("word2vec", "qwem", "theory"):
                yield f"figures.{where}.{role}", getattr(column, role)
        for role in Fig7.model_fields:
            yield f"figures.fig7.{role}", getattr(self.fig7, role)
        if "noise" in extras:
            yield "figures.noise.base", self.noise.base
        for name in self.word2vec.runs if "word2vec" in extras else ():
            yield "figures.word2vec.runs", name


# --- entries of the figures ---

# Headings of the report, in the paper's order.
LEARNED, FEATURES, SCORES, LINEAR, ABLATION = SECTIONS = (
    "Features are learned one at a time",
    "What is learned",
    "How good the embeddings are",
    "How analogies become linear",
    "What the two approximations change",
)


class Reading(NamedTuple):
    """One input of a figure: its kind (`mstar.figures.inputs`) and its paths.

    Several paths may be labelled, as keys of a mapping.
    """

    kind: inputs.Kind
    paths: str | Sequence[str] | Mapping[str, str]

    @property
    def listed(self) -> list[str]:
        """Paths in order."""
        if isinstance(self.paths, str):
            return [self.paths]
        return list(self.paths.values() if isinstance(self.paths, Mapping) else self.paths)

    @property
    def labels(self) -> list[str]:
        """Labels of the paths; empty if they have none."""
        return list(self.paths) if isinstance(self.paths, Mapping) else []


Reads = Callable[["Results"], Mapping[str, Reading]]
Given = Callable[["Results"], Mapping[str, Any]]


@dataclass(frozen=True)
class Figure:
    """The entry of a figure.

    Attributes:
        name: name of its module, rule, caption, settings and files.
        title: title on pages.
        shows: one line on its content.
        section: heading in the report; None for a figure of another page.
        reads: gives the inputs of ``table`` and ``draw``, by name of the argument.
        settings: gives the other arguments of ``table`` and ``draw``.
        default: whether it is made even if ``extras`` does not name it.
        claims: further prefixes of ids of claims about it, besides its name.
        local: whether it takes only seconds and is drawn on the machine that runs Snakemake.
        picture: file name extension of its picture.
        other: file name extension of its second format.
        table: whether its numbers are one of the study's tables, not a file beside the picture.
    """

    name: str
    title: str
    shows: str
    section: str | None
    reads: Reads
    settings: Given
    default: bool = True
    claims: tuple[str, ...] = ()
    local: bool = True
    picture: str = "png"
    other: str = "pdf"
    table: bool = False

    @property
    def module(self) -> str:
        """Name of the module that computes its numbers and draws them."""
        return f"mstar.figures.{self.name}"

    def handed(self, results: Results) -> dict[str, Any]:
        """Return kind and labels of each input, by name, as plain values for a rule."""
        readings = self.reads(results).items()
        return {name: [list(reading.kind), reading.labels] for name, reading in readings}

    def loaders(self, results: Results) -> list[str]:
        """Return the modules that load its inputs."""
        return inputs.modules(reading.kind for reading in self.reads(results).values())


def own(name: str) -> Given:
    """Return a function that gives the settings of the section ``name`` of ``figures``."""
    return lambda results: getattr(results.study.config.figures, name).model_dump(mode="json")


def families(results: Results) -> dict[str, Any]:
    """Return families and d of Figure 4's curves, for the two other figures that draw them."""
    fig4 = results.study.config.figures.fig4.below(results.study.config.vocabulary)
    return fig4.model_dump(mode="json", include={"families", "dims"})


def _recursion(results: Results, name: str, run: str) -> dict[str, Reading]:
    """Return the trace of the recursion that predicts a run, as input ``name``, if there is one."""
    recursions = results.study.recursions
    if run not in recursions:
        return {}
    return {name: Reading(inputs.TRACE, results.trained(recursions[run], "trace.parquet"))}


def _fig1(results: Results) -> dict[str, Reading]:
    fig1 = results.study.config.figures.fig1
    rows = {
        name: (run, results.trained(run, "embedding.npz"))
        for name, run in (("qwem", fig1.qwem), ("word2vec", fig1.word2vec))
    }
    return {
        **{
            name: Reading(inputs.TRAINING, [path, results.trained(run, "trace.parquet")])
            for name, (run, path) in rows.items()
        },
        **{
            f"{name}_traces": Reading(inputs.TRACES, results.over_seeds("trace.parquet", run))
            for name, (run, _) in rows.items()
        },
        "theory": Reading(inputs.TRACE, results.trained(fig1.theory, "trace.parquet")),
        **_recursion(results, "recursion", fig1.word2vec),
        "vocabulary": Reading(inputs.WORDS, results.vocabulary()),
    }


def _fig2(results: Results) -> dict[str, Reading]:
    fig2 = results.study.config.figures.fig2
    columns = {"large": fig2.large, "small": fig2.small}
    return {
        f"{size}_{role}": Reading(inputs.TRACES, results.over_seeds("trace.parquet", run))
        for size, column in columns.items()
        for role, run in column
    } | {
        name: reading
        for size, column in columns.items()
        for name, reading in _recursion(results, f"{size}_recursion", column.word2vec).items()
    }


def _fig2_settings(results: Results) -> dict[str, Any]:
    """Return initial scales and times of Figure 2.

    Times start at 0.5 tau_1, as in the paper, unless the runs are shorter.
    """
    config = results.study.config
    columns = {"large": config.figures.fig2.large, "small": config.figures.fig2.small}
    start, horizon = config.dynamics.start, config.dynamics.horizon
    return {
        "inits": {size: config.dynamics.runs[c.word2vec].init for size, c in columns.items()},
        "start": max(0.5, start) if horizon > 0.5 else start,
        "horizon": horizon,
    }


def _embeddings(results: Results) -> dict[str, Reading]:
    """Return the embeddings that Figures 3a and 5 compare: word2vec, QWEM and svd(PPMI)."""
    models = {**results.study.trained, "ppmi": "svd_ppmi"}
    return {
        role: Reading(inputs.EMBEDDING, results.trained(model, "embedding.npz"))
        for role, model in models.items()
    }


def _fig5(results: Results) -> dict[str, Reading]:
    prop2 = results.trained("svd_prop2", "embedding.npz")
    return {**_embeddings(results), "prop2": Reading(inputs.EMBEDDING, prop2)}


def _task_vectors(results: Results) -> dict[str, Reading]:
    files = {"gram": "gram", "fits": "fits", "shares": "modes", "curves": "curves"}
    nulls = ("gram", "fits", "modes", "curves")
    return {
        **{
            name: Reading(inputs.TABLE, results.static(f"task_vectors/{file}.tsv"))
            for name, file in files.items()
        },
        "null_families": Reading(inputs.TABLE, results.static("task_vectors/nulls/families.tsv")),
        **{
            f"null_{name}": Reading(
                inputs.NULLS, results.static(f"task_vectors/nulls/{name}.parquet")
            )
            for name in nulls
        },
    }


def _curves(results: Results) -> dict[str, Reading]:
    names = ("curves", "null_curves", "null_families")
    return {name: reading for name, reading in _task_vectors(results).items() if name in names}


def _spectra_of_families(results: Results) -> dict[str, Reading]:
    every = _task_vectors(results).items()
    return {name: reading for name, reading in every if name != "null_curves"}


def _fig7(results: Results) -> dict[str, Reading]:
    runs = dict(results.study.config.figures.fig7)
    return {
        f"{role}_{name}": Reading(kind, results.over_seeds(file, run))
        for role, run in runs.items()
        for name, kind, file in (
            ("traces", inputs.TRACES, "trace.parquet"),
            ("scores", inputs.TABLES, "evaluation.tsv"),
        )
    } | {
        name: reading
        for role in ("sgns", "quartic")
        for name, reading in _recursion(results, f"{role}_recursion", runs[role]).items()
    }


def _fig7_settings(results: Results) -> dict[str, Any]:
    runs = dict(results.study.config.figures.fig7)
    return {"negative": {role: results.study.negative(run) for role, run in runs.items()}}


def _word2vec_settings(results: Results) -> dict[str, Any]:
    """Return the names of the models in the word2vec figure."""
    runs, labels = results.study.config.dynamics.runs, {}
    for model in results.word2vec_models():
        if model in runs:
            loss = {"sgns": "word2vec"}.get(runs[model].loss, f"{runs[model].loss} loss")
            labels[model] = f"{loss}, s = {runs[model].init:g}"
        else:
            name, _, negative = model.partition("_k")
            part = {"gensim": "input vectors", "gensim_sum": "input + output"}[name]
            labels[model] = f"gensim, k = {negative}, {part}"
    return {"labels": labels}


def _movie(results: Results) -> dict[str, Reading]:
    files = ("embedding.npz", "trace.parquet")
    return {
        **{
            role: Reading(inputs.TRAINING, [results.trained(run, file) for file in files])
            for role, run in results.study.filmed.items()
        },
        **_recursion(results, "recursion", results.study.filmed["word2vec"]),
        "vocabulary": Reading(inputs.WORDS, results.vocabulary()),
    }


def _noise(results: Results) -> dict[str, Reading]:
    trace = {
        name: Reading(inputs.TRACE, results.trained(f"noise_{name}", "trace.parquet"))
        for name in ("exact", "population")
    }
    sampled = [results.trained(run, "trace.parquet") for run in results.study.minibatch_noise]
    predicted = results.trained("noise_exact", "noise.tsv")
    return {
        **trace,
        "sampled": Reading(inputs.TRACES, sampled),
        "predicted": Reading(inputs.TABLE, predicted),
    }


def _scaling(results: Results) -> dict[str, Reading]:
    answers = f"d{results.study.config.dim}/svd_mstar/seed0/answers.parquet"
    return {
        "spectra": Reading(inputs.SPECTRA, results.scaled("mstar/spectrum.npz")),
        "answers": Reading(inputs.ANSWERS, results.scaled(answers)),
        "vocabulary": Reading(inputs.VOCABULARY, results.vocabulary()),
    }


def _scaling_settings(results: Results) -> dict[str, Any]:
    config = results.study.config
    return {
        "sizes": list(config.figures.scaling.vocabularies),
        "among": config.figures.scaling.among,
        "window": config.window,
        "negative": config.negative,
        "fit_from": config.figures.spectra.fit_from,
        "modes": config.figures.spectra.modes,
    }


ENTRIES = (
    Figure(
        "fig1",
        "Figure 1",
        "loss, singular values and latent space over time, QWEM and word2vec",
        LEARNED,
        _fig1,
        lambda results: results.study.config.figures.fig1.model_dump(include={"modes", "labels"}),
    ),
    Figure(
        "fig2",
        "Figure 2",
        "all singular values: word2vec, QWEM, theory; large and small start",
        LEARNED,
        _fig2,
        _fig2_settings,
        claims=("theory.",),
    ),
    Figure(
        "movie",
        "The learning movie",
        "loss, singular values and latent space as they unfold",
        LEARNED,
        _movie,
        lambda results: {
            **results.study.config.figures.movie.model_dump(),
            "modes": results.study.config.figures.fig1.modes,
        },
        default=False,
        local=False,
        picture="gif",
        other="png",
    ),
    Figure(
        "noise",
        "Minibatch noise",
        "minibatch runs against the exact flow, over batch and learning rate",
        LEARNED,
        _noise,
        lambda results: {
            "runs": results.study.minibatch_noise,
            "modes": list(results.study.config.figures.noise.modes),
        },
        default=False,
    ),
    Figure(
        "small",
        "Small starts",
        "errors of Lemma 3.1's times against the exact flow, over the initial scale",
        LEARNED,
        lambda results: {
            "spectrum": Reading(inputs.SPECTRUM, results.dynamic("mstar/spectrum.npz"))
        },
        lambda results: {
            **own("small")(results),
            "dim": results.study.dynamic[1],
            "seed": results.study.config.seeds[0],
        },
        default=False,
        local=False,
    ),
    Figure(
        "fig3a",
        "Figure 3a",
        "words of the principal components of word2vec, QWEM and svd(PPMI)",
        FEATURES,
        lambda results: {
            **_embeddings(results),
            "vocabulary": Reading(inputs.WORDS, results.vocabulary()),
        },
        own("fig3a"),
    ),
    Figure(
        "fig5",
        "Figure 5",
        "overlaps of word2vec's features with QWEM's, Proposition 2's and svd(PPMI)'s",
        FEATURES,
        _fig5,
        own("fig5"),
    ),
    Figure(
        "word2vec",
        "word2vec from counts",
        "three predictors of word2vec, tied and as gensim trains it, against training",
        FEATURES,
        lambda results: {"scores": Reading(inputs.TABLE, results.table("word2vec_scores.tsv"))},
        _word2vec_settings,
        default=False,
    ),
    Figure(
        "spectra",
        "Spectra",
        "eigenvalues of M*, PMI, PPMI and of shuffled text, local slopes (unpublished)",
        FEATURES,
        lambda results: {
            **{
                target: Reading(inputs.EIGENVALUES, results.static(f"{target}/spectrum.npz"))
                for target in ("mstar", "pmi", "ppmi", "shuffled")
            },
            "vocabulary": Reading(inputs.VOCABULARY, results.vocabulary()),
        },
        lambda results: {
            **own("spectra")(results),
            "size": results.study.config.vocabulary,
            "window": results.study.config.window,
            "negative": results.study.config.negative,
        },
    ),
    Figure(
        "scaling",
        "Scaling",
        "accuracy, spectrum and the first mode's meaning against V",
        FEATURES,
        _scaling,
        _scaling_settings,
        default=False,
        local=False,
    ),
    Figure(
        "geometry",
        "Geometry of sequences",
        "months and days as rings, numbers as lines, and the same without their joint windows",
        FEATURES,
        lambda results: {"measured": Reading(inputs.TABLE, results.static("geometry.tsv"))},
        lambda results: {},
        default=False,
    ),
    Figure(
        "noise_edge",
        "Noise of counts",
        "the edge of the noise of counts, and the features that stand out of it",
        FEATURES,
        lambda results: {"measured": Reading(inputs.TABLE, results.static("count_noise.tsv"))},
        lambda results: {},
        default=False,
    ),
    Figure(
        "pmi",
        "PMI's collapse",
        "svd(PMI) against the share of pairs seen, and against its floor",
        SCORES,
        lambda results: {"scores": Reading(inputs.TABLE, results.dynamic("seen_pairs.tsv"))},
        lambda results: {"pmi_floor": results.study.config.pmi_floor},
        default=False,
    ),
    Figure(
        "fig3b",
        "Figure 3b",
        "benchmarks of word2vec, QWEM and factorisations, intervals, paired tests",
        SCORES,
        lambda results: {
            "evaluations": Reading(
                inputs.SCORES, results.compared("evaluation.tsv", every_seed=True)
            ),
            "comparisons": Reading(inputs.TABLE, results.table("comparisons.tsv")),
        },
        lambda results: {},
        claims=("order.", "text."),
        table=True,
    ),
    Figure(
        "size",
        "Size of the text",
        "values of claims on random subsets of the text, extrapolated to the paper's text",
        SCORES,
        lambda results: {
            name: Reading(inputs.TABLE, results.table(f"{file}.tsv"))
            for name, file in (("sizes", "sizes"), ("lines", "trend_lines"), ("trends", "trends"))
        },
        lambda results: {},
        default=False,
    ),
    Figure(
        "fig4",
        "Figure 4",
        "task vectors: spectra, localisation, signal-to-noise and accuracy against d",
        LINEAR,
        _task_vectors,
        lambda results: results.study.config.figures.fig4.below(
            results.study.config.vocabulary
        ).model_dump(mode="json", exclude={"null_draws"}),
    ),
    Figure(
        "fig6",
        "Figure 6",
        "task vectors of four more families",
        LINEAR,
        _spectra_of_families,
        own("fig6"),
    ),
    Figure(
        "fig8",
        "Figure 8",
        "analogies by cosine, plain and relative to the best rival",
        LINEAR,
        _curves,
        families,
    ),
    Figure(
        "participation",
        "Participation",
        "inverse participation ratio of task vectors against d (unpublished)",
        LINEAR,
        _curves,
        families,
    ),
    Figure(
        "fig7",
        "Figure 7",
        "ablation: quartic loss and Setting 3.1, each alone and together",
        ABLATION,
        _fig7,
        _fig7_settings,
    ),
    Figure(
        "prediction",
        "Prediction",
        "what will be learned, when, and what of it halves of the text share",
        None,
        lambda results: {
            name: Reading(inputs.TABLE, results.static(f"prediction/{name}.tsv"))
            for name in ("curves", "reproducibility")
        },
        lambda results: {},
        default=False,
    ),
    Figure(
        "gensim_epochs",
        "gensim's word2vec",
        "what gensim's word2vec will learn, and in which epoch",
        None,
        lambda results: {"curves": Reading(inputs.TABLE, results.untied("curves.tsv"))},
        lambda results: {},
        default=False,
    ),
)

FIGURES: dict[str, Figure] = {figure.name: figure for figure in ENTRIES}
# Names that ``extras`` may have besides figures that are not made by default.
PAGES = ("explorer",)
EXTRAS = (*(name for name, figure in FIGURES.items() if not figure.default), *PAGES)


def shown_figures(extras: Sequence[str]) -> list[Figure]:
    """Return the figures of the report in order of sections: default figures and ``extras``."""
    made = (figure for figure in FIGURES.values() if figure.default or figure.name in extras)
    placed = ((SECTIONS.index(figure.section), figure) for figure in made if figure.section)
    return [figure for _, figure in sorted(placed, key=lambda pair: pair[0])]
