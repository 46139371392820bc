"""Every figure there is: its name, title, place in the report, what it reads and what it is given.

The figure rules, `rule all`, the report, the extras of the configuration, the table in the README
and the tests follow from `FIGURES`. A figure is a module ``mstar.figures.<name>`` with ``table``
and ``draw``, a caption ``workflow/report/<name>.rst``, its settings (`mstar.settings.figures`), and
one entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from mstar.figures import inputs

if TYPE_CHECKING:
    from mstar.settings.results import Results

# Headings of the report, in the paper's order.
LEARNED, FEATURES, SCORES, LINEAR, ABLATION = SECTIONS = (
    "Features are learned one at a time",
    "What is learned",
    "How good the embeddings are",
    "How analogies become linear",
    "What the two approximations change",
)


class Reading(NamedTuple):
    """One input of a figure: its kind (`mstar.figures.inputs`), and its path or paths."""

    kind: inputs.Kind
    paths: str | Sequence[str] | Mapping[str, str]

    @property
    def listed(self) -> list[str]:
        """The paths in order."""
        if isinstance(self.paths, str):
            return [self.paths]
        return list(self.paths.values() if isinstance(self.paths, Mapping) else self.paths)

    @property
    def labels(self) -> list[str]:
        """Labels of the paths, if they have any."""
        return list(self.paths) if isinstance(self.paths, Mapping) else []


Reads = Callable[["Results"], Mapping[str, Reading]]
Given = Callable[["Results"], Mapping[str, Any]]


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes:
        name: of its module, rule, caption, settings and files.
        title: what pages call it.
        shows: what it shows, in a line.
        section: its heading in the report; None for a figure of another page.
        reads: what ``table`` and ``draw`` read, by name of their arguments.
        settings: their other arguments.
        default: whether it is made without being asked for by ``extras``.
        claims: beginnings of further claims that bear on it, beside those of its name.
        local: whether it takes a few seconds only, and is drawn where Snakemake runs.
        picture, other: endings of its picture, and of the same in another form.
        table: whether its numbers are a table of the study's, not a file beside the picture.
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
        """Name of the module that makes its numbers and draws them."""
        return f"mstar.figures.{self.name}"

    def handed(self, results: Results) -> dict[str, Any]:
        """Return kind and labels of what it reads, by name, as plain values for a rule."""
        readings = self.reads(results).items()
        return {name: [list(reading.kind), reading.labels] for name, reading in readings}

    def loaders(self, results: Results) -> list[str]:
        """Return the modules that load what it reads."""
        return inputs.modules(reading.kind for reading in self.reads(results).values())

    def path(self, ending: str) -> str:
        """Return the path of one of its files beside its picture, for any corpus."""
        return f"<results>/figures/{{corpus}}/{self.name}.{ending}"

    @property
    def numbers(self) -> str:
        """Path of the numbers that it draws, for any corpus."""
        return f"<results>/tables/{{corpus}}/{self.name}.tsv" if self.table else self.path("csv")


def own(name: str) -> Given:
    """Return a function that gives a figure the settings of its section, and no others."""
    return lambda results: getattr(results.study.config.figures, name).model_dump(mode="json")


def families(results: Results) -> dict[str, Any]:
    """Return families and d of Figure 4's curves, which two other figures draw too."""
    fig4 = results.study.config.figures.fig4.below(results.study.config.vocabulary)
    return fig4.model_dump(mode="json", include={"families", "dims"})


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
        "vocabulary": Reading(inputs.WORDS, results.vocabulary()),
    }


def _fig2(results: Results) -> dict[str, Reading]:
    fig2 = results.study.config.figures.fig2
    return {
        f"{size}_{role}": Reading(inputs.TRACES, results.over_seeds("trace.parquet", run))
        for size, column in (("large", fig2.large), ("small", fig2.small))
        for role, run in column
    }


def _fig2_settings(results: Results) -> dict[str, Any]:
    """Initial scale of each column; times from 0.5 tau_1 as in the paper, if runs reach beyond."""
    config = results.study.config
    columns = {"large": config.figures.fig2.large, "small": config.figures.fig2.small}
    start, horizon = config.dynamics.start, config.dynamics.horizon
    return {
        "inits": {size: config.dynamics.runs[c.word2vec].init for size, c in columns.items()},
        "start": max(0.5, start) if horizon > 0.5 else start,
        "horizon": horizon,
    }


def _embeddings(results: Results) -> dict[str, Reading]:
    """word2vec, QWEM and svd(PPMI), as Figures 3a and 5 compare them."""
    models = {**results.study.trained, "ppmi": "svd_ppmi"}
    return {
        role: Reading(inputs.EMBEDDING, results.trained(model, "embedding.npz"))
        for role, model in models.items()
    }


def _task_vectors(results: Results) -> dict[str, Reading]:
    files = {"gram": "gram", "fits": "fits", "shares": "modes", "curves": "curves"}
    return {
        name: Reading(inputs.TABLE, results.static(f"task_vectors/{file}.tsv"))
        for name, file in files.items()
    }


def _curves(results: Results) -> dict[str, Reading]:
    return {"curves": _task_vectors(results)["curves"]}


def _fig7(results: Results) -> dict[str, Reading]:
    runs = dict(results.study.config.figures.fig7)
    return {
        f"{role}_{name}": Reading(kind, results.over_seeds(file, run))
        for role, run in runs.items()
        for name, kind, file in (
            ("traces", inputs.TRACES, "trace.parquet"),
            ("scores", inputs.TABLES, "evaluation.tsv"),
        )
    }


def _fig7_settings(results: Results) -> dict[str, Any]:
    runs = dict(results.study.config.figures.fig7)
    return {"negative": {role: results.study.negative(run) for role, run in runs.items()}}


def _movie(results: Results) -> dict[str, Reading]:
    files = ("embedding.npz", "trace.parquet")
    return {
        **{
            role: Reading(inputs.TRAINING, [results.trained(run, file) for file in files])
            for role, run in results.study.filmed.items()
        },
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


_ALL = (
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
        "overlaps of word2vec's features with QWEM's and svd(PPMI)'s",
        FEATURES,
        _embeddings,
        own("fig5"),
    ),
    Figure(
        "spectra",
        "Spectra",
        "eigenvalues of M*, PMI and PPMI, with fitted exponents (unpublished)",
        FEATURES,
        lambda results: {
            target: Reading(inputs.EIGENVALUES, results.static(f"{target}/spectrum.npz"))
            for target in ("mstar", "pmi", "ppmi")
        },
        own("spectra"),
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
        claims=("order.",),
        table=True,
    ),
    Figure(
        "fig4",
        "Figure 4",
        "task vectors: spectra, localisation, signal-to-noise and accuracy against d",
        LINEAR,
        _task_vectors,
        lambda results: results.study.config.figures.fig4.below(
            results.study.config.vocabulary
        ).model_dump(mode="json"),
    ),
    Figure(
        "fig6", "Figure 6", "task vectors of four more families", LINEAR, _task_vectors, own("fig6")
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
)

FIGURES: dict[str, Figure] = {figure.name: figure for figure in _ALL}
# What ``extras`` may ask for beside the figures that are not made by default.
PAGES = ("explorer",)
EXTRAS = (*(name for name, figure in FIGURES.items() if not figure.default), *PAGES)


def shown(extras: Sequence[str]) -> list[Figure]:
    """Return the figures of the report in its order: the default ones, and extras asked for."""
    return [
        figure
        for figure in FIGURES.values()
        if figure.section and (figure.default or figure.name in extras)
    ]
