"""One text under one configuration: its models with their sizes, seeds, ranks and roles."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from mstar.corpus.corpora import Corpus
from mstar.dynamics.weightings import WEIGHTINGS
from mstar.settings.config import Config
from mstar.settings.kinds import BASELINES
from mstar.settings.runs import Run

# The matrix whose leading eigenpairs each factorisation uses.
TARGET_OF = {
    "svd_mstar": "mstar",
    "svd_mstar_kappa": "mstar_kappa",
    "svd_prop2": "prop2",
    "svd_ppmi": "ppmi",
    "svd_pmi": "pmi",
}
TARGETS = ("mstar", "mstar_kappa", "prop2", "pmi", "ppmi")
SHUFFLED_MODES = 20
# A pattern that matches no wildcard, for a rule that this study does not use.
NEVER = "(?!)"


@dataclass(frozen=True)
class Study:
    """One text under one configuration.

    Attributes:
        config: the validated configuration.
        corpus: the text that the configuration names.
        other: the text that it is compared with, if the configuration names one.
    """

    config: Config
    corpus: Corpus
    other: Corpus | None = None

    # --- sizes ---

    @property
    def static(self) -> tuple[int, int]:
        """(V, d) of the factorisations."""
        return self.config.vocabulary, self.config.dim

    @property
    def dynamic(self) -> tuple[int, int]:
        """(V, d) of the training runs."""
        return self.config.dynamics.vocabulary, self.config.dynamics.dim

    @cached_property
    def sizes(self) -> list[tuple[int, int]]:
        """All (V, d) at which models are made, smallest first."""
        return sorted({self.static, self.dynamic})

    @property
    def scaled(self) -> tuple[int, ...]:
        """Vocabularies of the scaling figure, if it is made."""
        extras = self.config.extras
        return self.config.figures.scaling.vocabularies if "scaling" in extras else ()

    @cached_property
    def vocabularies(self) -> list[int]:
        """Every V for which there are results, smallest first."""
        return sorted({*self.scaled, *(vocabulary for vocabulary, _ in self.sizes)})

    # --- runs and models ---

    @cached_property
    def noise_runs(self) -> dict[str, Run]:
        """Runs that the noise figure adds, by name; empty unless it is made."""
        noise = self.config.figures.noise
        made = "noise" in self.config.extras
        return noise.runs(self.config.dynamics.runs[noise.base]) if made else {}

    @cached_property
    def runs(self) -> dict[str, Run]:
        """All training runs by name: configured runs and those of the noise figure."""
        return {**self.config.dynamics.runs, **self.noise_runs}

    @property
    def compared(self) -> tuple[str, ...]:
        """Factorisations and baselines compared at every size."""
        return (*self.config.factorisations, *self.config.baselines)

    def run_pattern(self, *estimators: str) -> str:
        """Return a regular expression for the names of runs with one of these estimators."""
        return "|".join(n for n, run in self.runs.items() if run.estimator in estimators) or NEVER

    def corpus_pattern(self, condition: bool, subsets: bool = False) -> str:
        """Return a pattern that matches the corpus if ``condition`` holds, else nothing.

        Args:
            condition: whether a rule applies to this corpus.
            subsets: whether it then also applies to subsets of it.
        """
        if not condition:
            return NEVER
        return f"{self.corpus.name}|{self.subset_pattern}" if subsets else self.corpus.name

    def warned(self, corpus: str) -> bool:
        """Return whether counts may warn of short documents.

        They may of the whole text, and not of a named corpus, which has documents of its own.
        """
        return corpus == self.corpus.name and self.corpus.path is not None

    @property
    def folders(self) -> list[str]:
        """Folders of results at its sizes: v<V>-l<L>, and those of models in them."""
        at = [f"v{vocabulary}-l{self.config.window}" for vocabulary in self.vocabularies]
        dims = {dim for _, dim in self.sizes}
        return [*at, *(f"{folder}/d{dim}" for folder in at for dim in sorted(dims))]

    # --- subsets of the text ---

    @property
    def subset_pattern(self) -> str:
        """Pattern of the names of the subsets of the corpus, if the size figure is made."""
        made = "size" in self.config.extras
        return rf"{self.corpus.name}/subsets/\d+-\d+" if made else NEVER

    @property
    def other_pattern(self) -> str:
        """Pattern of the name of the text that the corpus is compared with."""
        return re.escape(self.other.name) if self.other else NEVER

    def subset(self, name: str) -> Study:
        """Return the study of a subset, whose ``name`` matches `subset_pattern`."""
        return replace(self, corpus=self.corpus.model_copy(update={"name": name}))

    @property
    def of_subset(self) -> bool:
        """Whether the text is a subset of a corpus."""
        return "/" in self.corpus.name

    def seeds(self, model: str) -> tuple[int, ...]:
        """Return the configured seeds of a random model, or (0,) for a deterministic one."""
        run = self.runs.get(model)
        random = run.estimator not in ("sigmoid", "saddles") if run else model in BASELINES
        return self.config.seeds if random else (0,)

    def seeded(self, runs: Iterable[str]) -> list[tuple[str, int]]:
        """Return (run, seed) for every seed of each run, in order."""
        return [(run, seed) for run in runs for seed in self.seeds(run)]

    def negative(self, run: str) -> float:
        """Return k of a run: its own if set, else that of the configuration."""
        return self.runs[run].negative or self.config.negative

    def settings_of(self, run: str) -> dict[str, Any]:
        """Return exactly the settings on which a training run depends, as plain values."""
        settings = self.runs[run]
        plain = settings.model_dump(mode="json")
        kept = {"start", "horizon", "points", "snapshots"}
        if settings.estimator in ("population", "sparse"):
            kept.add("tolerance")
        if settings.estimator == "population":
            kept.add("dtype")
        kept |= set(WEIGHTINGS[settings.weighting].options)
        if settings.untied is None:
            del plain["untied"]
        if settings.sgd is None:
            del plain["sgd"]
        elif settings.sgd.sampler == "text":
            plain["out_of_vocabulary"] = self.config.out_of_vocabulary
        dynamics = self.config.dynamics.model_dump(mode="json", include=kept)
        if run in self.noise_runs:
            noise = self.config.figures.noise
            dynamics |= {"horizon": noise.horizon, "points": noise.points, "snapshots": []}
        return {**dynamics, **plain, "negative": self.negative(run)}

    def gensim(self, variant: str) -> dict[str, Any]:
        """Return gensim's settings, with the number of negatives of a ``variant`` such as "_k1"."""
        own = self.config.gensim.model_dump(mode="json")
        given = {"negative": int(variant.removeprefix("_k"))} if variant else {}
        return {"window": self.config.window, **own, **given}

    def draws_from_text(self, run: str) -> bool:
        """Return whether a run draws its pairs from the text rather than from counts."""
        sgd = self.runs[run].sgd
        return sgd is not None and sgd.sampler == "text"

    # --- roles ---

    @property
    def trained(self) -> dict[str, str]:
        """Runs whose embeddings are compared on benchmarks, by role: those of Figure 1."""
        return {
            "word2vec": self.config.figures.fig1.word2vec,
            "qwem": self.config.figures.fig1.qwem,
        }

    @property
    def drawn(self) -> list[str]:
        """Runs that Figure 2 draws, in order."""
        columns = (self.config.figures.fig2.large, self.config.figures.fig2.small)
        return [run for c in columns for run in (c.word2vec, c.qwem, c.theory)]

    @cached_property
    def counterparts(self) -> dict[str, str]:
        """Population runs, each with the exact (closed-form) run that has equal settings."""
        runs = self.config.dynamics.runs
        return {
            name: other
            for name, run in runs.items()
            for other, exact in runs.items()
            if run.estimator == "population"
            and exact == run.model_copy(update={"estimator": "exact"})
        }

    @cached_property
    def recursions(self) -> dict[str, str]:
        """Trained runs, each with the run of the recursion (estimator saddles) that predicts it.

        That run has equal settings, except the loss if there is none with the same.
        """
        runs = self.config.dynamics.runs
        found = {}
        for name, run in runs.items():
            wanted = run.model_copy(update={"estimator": "saddles"})
            equal = {
                other: one.loss
                for other, one in runs.items()
                if one.model_copy(update={"loss": run.loss}) == wanted
            }
            if run.estimator in ("population", "sparse") and equal:
                found[name] = min(equal, key=lambda other: equal[other] != run.loss)
        return found

    @property
    def filmed(self) -> dict[str, str]:
        """Runs of the movie, by role: those of Figure 1, or QWEM's exact counterpart if any."""
        qwem = self.trained["qwem"]
        return self.trained | {"qwem": self.counterparts.get(qwem, qwem)}

    @property
    def claimed(self) -> dict[str, str]:
        """Models whose training claims concern, by role; for subsets only the small-start runs."""
        figures = self.config.figures
        fig1, fig7, large = figures.fig1, figures.fig7, figures.fig2.large
        roles = {"qwem": fig1.qwem, "word2vec": fig1.word2vec, "theory": fig1.theory}
        if fig1.word2vec in self.recursions:
            roles["recursion"] = self.recursions[fig1.word2vec]
        factorised = {"svd_ppmi": "svd_ppmi", "svd_prop2": "svd_prop2"}
        if self.of_subset:
            return roles | factorised
        roles |= {"qwem_large": large.qwem, "word2vec_large": large.word2vec}
        roles |= {"sgns": fig7.sgns, "quartic": fig7.quartic, "setting31": fig7.setting31}
        return roles | {"ablation_qwem": fig7.qwem, **factorised}

    @property
    def scored(self) -> dict[str, float]:
        """Initial scales of the runs that are scored against the prediction, by name.

        These are the trained runs of Figures 1 and 2 and those of ``prediction.runs``, if their k
        is that of M*.
        """
        figures = self.config.figures
        columns = (figures.fig2.large, figures.fig2.small, figures.fig1)
        drawn = [run for column in columns for run in (column.word2vec, column.qwem)]
        names = dict.fromkeys((*drawn, *self.config.prediction.runs))
        same = (None, self.config.negative)
        return {name: self.runs[name].init for name in names if self.runs[name].negative in same}

    @property
    def minibatch_noise(self) -> dict[str, dict[str, Any]]:
        """Learning rate, batch and drop [step, factor] of the noise figure's sampled runs."""
        return {
            name: {
                "learning_rate": run.sgd.learning_rate,
                "batch": run.sgd.batch,
                "drop": list(*run.sgd.drops),
            }
            for name, run in self.noise_runs.items()
            if run.sgd
        }

    @property
    def noise_base(self) -> dict[str, Any]:
        """Settings shared by the sampled runs of the noise figure."""
        name = self.config.figures.noise.base
        run = self.runs[name].model_dump(mode="json")
        kept = {"loss": run["loss"], "weighting": run["weighting"]}
        sgd = {"loss_scale": run["sgd"]["loss_scale"]}
        return {**kept, "sgd": sgd, "negative": self.negative(name)}

    def compared_at(self, vocabulary: int) -> list[tuple[str, int]]:
        """Return (model, d) of the models compared at this V, trained runs included."""
        return [
            (model, dim)
            for size, dim in self.sizes
            if size == vocabulary
            for model in (
                *self.compared,
                *(self.trained.values() if (size, dim) == self.dynamic else ()),
            )
        ]

    # --- spectra ---

    def target_settings(self, target: str) -> dict[str, float]:
        """Return the settings on which a target matrix depends."""
        config = self.config
        mstar, pmi = {"negative": config.negative}, {"pmi_floor": config.pmi_floor}
        given = {} if config.mstar_kappa == "auto" else {"kappa": config.mstar_kappa}
        options = WEIGHTINGS["word2vec"].options
        prop2 = {**mstar, **config.dynamics.model_dump(include=set(options))}
        known = {"mstar": mstar, "mstar_kappa": {**mstar, **given}, "prop2": prop2, "pmi": pmi}
        return known.get(target, {})

    def kappa_is_chosen(self, target: str) -> bool:
        """Return whether a target matrix depends on the kappa that halves of the text choose."""
        return target == "mstar_kappa" and self.config.mstar_kappa == "auto"

    def rank(self, vocabulary: int, target: str) -> int:
        """Return the number of eigenpairs of a target needed at this V.

        The exact flow needs all eigenpairs of M* at the V of the training runs. Otherwise it is the
        largest d of the models and figures that read the spectrum.
        """
        figures = self.config.figures
        if target == "mstar" and vocabulary == self.dynamic[0]:
            return vocabulary
        rank = max((dim for size, dim in self.sizes if size == vocabulary), default=0)
        if vocabulary in self.scaled:
            rank = max(rank, self.config.dim, figures.spectra.modes)
        if vocabulary == self.config.vocabulary:
            rank = max(rank, figures.spectra.modes)
            if target == "mstar":
                rank = max(rank, figures.rank_of_task_vectors(vocabulary))
        return min(rank, vocabulary)

    @property
    def shuffled_rank(self) -> int:
        """Number of eigenpairs of shuffled text: after the first they are nearly equal."""
        return min(self.config.vocabulary, SHUFFLED_MODES)

    @property
    def prediction_rank(self) -> int:
        """Number of eigenpairs of M* that the prediction uses."""
        return min(self.config.vocabulary, max(self.config.prediction.rank, self.config.dim))

    def leading_rank(self, target: str, vocabulary: int) -> int:
        """Return the number of eigenpairs of a target that predictions use at this V."""
        needed = self.prediction_rank if target == "mstar" else self.config.dim
        if vocabulary == self.dynamic[0]:  # the word2vec figure
            needed = max(needed, self.dynamic[1])
        return min(vocabulary, needed)

    @property
    def reading_rank(self) -> int:
        """Largest rank of a spectrum in jobs that only read results."""
        vocabulary, dim = self.static
        figures = self.config.figures
        return max(dim, figures.spectra.modes, figures.rank_of_task_vectors(vocabulary))

    # --- machines ---

    @property
    def torch_build(self) -> str:
        """Name of the conda environment with torch.

        It depends only on the configuration, since the machines of jobs are unknown when planning.
        """
        return "torch-cuda" if self.config.dynamics.device == "cuda" else "torch"

    @cached_property
    def gpus(self) -> int:
        """GPUs requested by a job that can use one: by the configuration, or if one is here."""
        here = {"cpu": False, "cuda": True, "auto": shutil.which("nvidia-smi") is not None}
        return int(here[self.config.dynamics.device])

    def gpus_of(self, run: str) -> int:
        """Return the GPUs that a sampled run requests: none if it draws pairs from the text."""
        return 0 if self.draws_from_text(run) else self.gpus

    # --- pages ---

    @property
    def label(self) -> str:
        """Name of the text, with that of the setting if it has one."""
        setting = self.config.setting
        return self.corpus.name if setting is None else f"{self.corpus.name}, setting {setting}"

    @property
    def small_start(self) -> float:
        """Initial scale of Figure 1's theory run."""
        return self.config.dynamics.runs[self.config.figures.fig1.theory].init

    @property
    def explorer(self) -> dict[str, Any]:
        """Arguments for the explorer page other than the spectrum and the words."""
        explorer, prediction = self.config.figures.explorer, self.config.prediction
        return {
            "init": self.small_start,
            "dim": self.config.dim,
            "modes": explorer.modes,
            "drawn": explorer.words,
            "known": self.prediction_rank,
            **prediction.model_dump(mode="json", include={"learning_rate", "drops"}),
            "negative": self.config.negative,
        }

    @property
    def prediction(self) -> dict[str, Any]:
        """Settings shown on the prediction page."""
        keys = {"setting", "vocabulary", "window", "dim", "negative"}
        return {
            **self.config.model_dump(mode="json", include=keys),
            **self.config.prediction.model_dump(mode="json"),
            "followed": self.config.benchmarks.followed,
        }

    @property
    def gensim_flow(self) -> dict[str, Any]:
        """Settings of the flow that predicts gensim's training."""
        own = self.config.prediction
        tolerance = self.config.dynamics.tolerance
        return {
            "points": own.points, "shown": own.words, "seed": own.seed, "tolerance": tolerance,
        }  # fmt: skip

    @property
    def of_gensim(self) -> dict[str, Any]:
        """Settings shown on the page of what gensim will learn."""
        vocabulary, dim = self.dynamic
        followed = self.config.benchmarks.followed
        return {"vocabulary": vocabulary, "dim": dim, "followed": followed, **self.gensim("")}

    @property
    def comparison(self) -> dict[str, Any]:
        """Settings of the comparison with another text."""
        own = self.config.comparison
        return {
            **own.model_dump(mode="json"),
            "features": max(1, min(own.features, own.vocabulary // 4)),
            **self.config.model_dump(mode="json", include={"window", "negative"}),
            "init": self.config.prediction.init,
        }

    @property
    def pages(self) -> Mapping[str, str]:
        """Pages that are made besides the report, {title: file name}."""
        titles = {
            "Prediction": "prediction",
            "Prediction of gensim": "gensim_epochs",
            "Explorer": "explorer",
        }
        return {t: f"{page}.html" for t, page in titles.items() if page in self.config.extras}

    @property
    def beside_explorer(self) -> dict[str, str]:
        """Pages to which the explorer links, {title: file name}."""
        others = {title: file for title, file in self.pages.items() if title != "Explorer"}
        return {"The report": "report.html", **others}
