"""Paths of a study's results.

Snakemake replaces ``<results>`` by the folder of the results of the setting, and ``<shared>`` by
that of what all settings share: the text and the counts of its pairs (`mstar.settings.naming`).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mstar.corpus.shards import halves
from mstar.settings.figures import Figure, shown_figures
from mstar.settings.kinds import BASELINES
from mstar.settings.study import TARGET_OF, Study


@dataclass(frozen=True)
class Results:
    """Paths of the results of a study, as patterns for rules.

    Attributes:
        study: the study.
    """

    study: Study

    def at(self, vocabulary: int, file: str) -> str:
        """Return the path of a file that depends on vocabulary and window."""
        window = self.study.config.window
        return f"<results>/{self.study.corpus.name}/v{vocabulary}-l{window}/{file}"

    def static(self, file: str) -> str:
        """Return the path of a file at the V of the factorisations, ``vocabulary``."""
        return self.at(self.study.static[0], file)

    def dynamic(self, file: str) -> str:
        """Return the path of a file at the V of the training runs, ``dynamics.vocabulary``."""
        return self.at(self.study.dynamic[0], file)

    def vocabulary(self) -> str:
        """Return the path of the words of the text and their counts."""
        return f"<shared>/{self.study.corpus.name}/vocabulary.tsv"

    def counts(self, vocabulary: int) -> str:
        """Return the path of the counts of pairs at this V."""
        window = self.study.config.window
        return f"<shared>/{self.study.corpus.name}/v{vocabulary}-l{window}/cooccurrence.npz"

    def table(self, file: str) -> str:
        """Return the path of a table of the whole study."""
        return f"<results>/tables/{self.study.corpus.name}/{file}"

    def benchmark(self, name: str) -> str:
        """Return the path of a benchmark's questions in the words of the text.

        Subsets of a text share those of the whole.
        """
        corpus = self.study.corpus.name.split("/")[0]
        return f"<results>/{corpus}/benchmarks/{quote(name, safe='')}.tsv"

    def followed(self) -> str:
        """Return the path of the analogies that are followed over training."""
        return self.benchmark(self.study.config.benchmarks.followed)

    def page(self, file: str) -> str:
        """Return the path of a page, or of a file beside it."""
        return f"<results>/report/{self.study.corpus.name}/{file}"

    def compared_page(self) -> str | None:
        """Return the path of the page of the comparison with another text; None without one."""
        if self.study.other is None:
            return None
        names = f"{self.study.corpus.name}/{self.study.other.name}"
        return f"<results>/comparisons/{names}/comparison.html"

    # --- models ---

    def model(
        self, model: str, vocabulary: int, dim: int, file: str, seed: int | None = None
    ) -> str:
        """Return the path of a file of a run or factorisation, by default at its first seed."""
        seed = self.study.seeds(model)[0] if seed is None else seed
        return self.at(vocabulary, f"d{dim}/{model}/seed{seed}/{file}")

    def trained(self, model: str, file: str) -> str:
        """Return the path of a file of a model at the size of the training runs."""
        return self.model(model, *self.study.dynamic, file)

    def over_seeds(self, file: str, *runs: str) -> list[str]:
        """Return the paths of a file of training runs at each of their seeds, in order."""
        return [
            self.model(run, *self.study.dynamic, file, seed)
            for run, seed in self.study.seeded(runs)
        ]

    def compared(self, file: str, every_seed: bool = False) -> dict[str, str]:
        """Return the path of a file of each model that Figure 3b compares, by "model V d seed".

        Args:
            file: name of the file.
            every_seed: whether to include all seeds, not only the first.
        """
        study, table = self.study, {}
        for vocabulary, dim in study.sizes:
            models = {model: model for model in study.compared}
            if (vocabulary, dim) == study.dynamic:
                models = {**study.trained, **models}
            for name, model in models.items():
                for seed in study.seeds(model)[: None if every_seed else 1]:
                    label = f"{name} {vocabulary} {dim} {seed}"
                    table[label] = self.model(model, vocabulary, dim, file, seed)
        return table

    def evaluations_at(self, vocabulary: int) -> list[str]:
        """Return the paths of the scores of the models compared at this V, at their first seeds."""
        models = self.study.compared_at(vocabulary)
        return [self.model(model, vocabulary, dim, "evaluation.tsv") for model, dim in models]

    def claimed(self, file: str) -> list[str]:
        """Return the path of a file of each model that claims concern, in order of roles."""
        return [self.trained(run, file) for run in self.study.claimed.values()]

    def vectors(self) -> list[str]:
        """Return the paths of QWEM's embedding, svd(M*), in the formats of programs and viewers."""
        endings = ("word2vec.bin", "word2vec.txt", "parquet", "tsv", "metadata.tsv")
        files = (f"embedding.{ending}" for ending in endings)
        return [self.model("svd_mstar", *self.study.static, file) for file in files]

    def exported(self) -> list[str]:
        """Return the paths, in both word2vec formats, of all embeddings made by default."""
        runs = self.study.config.dynamics.runs.items()
        trained = [n for n, run in runs if run.estimator not in ("sampled", "sparse")]
        files = {
            path
            for ending in ("bin", "txt")
            for path in (
                *self.compared(f"embedding.word2vec.{ending}", every_seed=True).values(),
                *self.over_seeds(f"embedding.word2vec.{ending}", *trained),
            )
        }
        return sorted(files)

    # --- word2vec from counts ---

    def word2vec_models(self) -> list[str]:
        """Return the models of the word2vec figure: runs, and gensim's vectors at each k."""
        settings = self.study.config.figures.word2vec
        untied = (f"{name}_k{k}" for k in settings.negatives for name in BASELINES)
        return [*settings.runs, *untied]

    def word2vec(self, file: str, second: bool = False) -> list[str]:
        """Return the path of a file of each of these models, at the first or the second seed."""
        seed = self.study.config.figures.word2vec.seeds[second]
        return [
            self.model(model, *self.study.dynamic, file, seed) for model in self.word2vec_models()
        ]

    def word2vec_recursions(self, file: str) -> dict[str, str]:
        """Return the path of a file of the recursion that predicts a run of these, by the run."""
        known, runs = self.study.recursions, self.study.config.figures.word2vec.runs
        return {run: self.trained(known[run], file) for run in runs if run in known}

    def untied(self, file: str) -> str:
        """Return the path of a file of what is predicted of gensim's word2vec."""
        return self.dynamic(f"d{self.study.dynamic[1]}/untied/{file}")

    # --- counts and spectra ---

    def counts_of_shards(self, first: int, last: int) -> str:
        """Return the path of the counts of shards ``first`` to ``last``, inclusive."""
        run = first if first == last else f"{first}-{last}"
        shards = self.study.config.shards
        return f"<shared>/{{corpus}}/v{{V}}-l{{L}}/shards/{run}-of-{shards}.npz"

    def counts_of_halves(self, first: int, last: int) -> list[str]:
        """Return the paths of the counts of the two halves of shards ``first`` to ``last``."""
        return [self.counts_of_shards(*half) for half in halves(first, last)]

    def factorised(self, model: str) -> str:
        """Return the path of the spectrum whose eigenpairs a factorisation uses."""
        return f"<results>/{{corpus}}/v{{V}}-l{{L}}/{TARGET_OF[model]}/spectrum.npz"

    def chosen_kappa(self, target: str) -> list[str]:
        """Return the path of the kappa that a target matrix depends on, if halves choose it."""
        chosen = self.study.kappa_is_chosen(target)
        return ["<results>/{corpus}/v{V}-l{L}/mstar_kappa/kappa.tsv"] if chosen else []

    def scaled(self, file: str) -> list[str]:
        """Return the path of a file at each vocabulary of the scaling figure."""
        return [self.at(size, file) for size in self.study.config.figures.scaling.vocabularies]

    def subset(self, name: str) -> Results:
        """Return the results of a subset of the corpus, or these if ``name`` is the corpus."""
        return self if name == self.study.corpus.name else Results(self.study.subset(name))

    def of_sizes(self, plan: str) -> dict[str, list[str]]:
        """Return the paths of claims and counts, by name, of each subset, then of the whole text.

        Args:
            plan: path of the table of subsets, of which those omitted are left out.
        """
        with open(plan, encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t"))
        name = self.study.corpus.name
        kept = [
            f"{name}/subsets/{row['parts']}-{row['draw']}" for row in rows if not row["omitted"]
        ]
        texts = [*(self.subset(subset) for subset in kept), self]
        return {
            "claimed": [text.table("claims.tsv") for text in texts],
            "static": [text.counts(self.study.static[0]) for text in texts],
            "dynamic": [text.counts(self.study.dynamic[0]) for text in texts],
        }

    # --- claims ---

    def evidence(self) -> dict[str, str | list[str]]:
        """Return the paths of the files on which claims are measured, by name."""
        files: dict[str, str | list[str]] = {
            "vocabulary": self.vocabulary(),
            "corpus": f"<shared>/{self.study.corpus.name}/corpus.json",
            "counts": self.counts(self.study.static[0]),
            "counts_dynamic": self.counts(self.study.dynamic[0]),
            "mstar": self.static("mstar/spectrum.npz"),
            "mstar_dynamic": self.dynamic("mstar/spectrum.npz"),
            **{
                name: self.static(f"task_vectors/{name}.tsv")
                for name in ("gram", "fits", "modes", "curves")
            },
            **{
                f"null_{name}": self.static(f"task_vectors/nulls/{name}.parquet")
                for name in ("gram", "fits", "modes", "curves")
            },
            "comparisons": self.table("comparisons.tsv"),
            "scores": list(self.compared("evaluation.tsv").values()),
            "answers": list(self.compared("answers.parquet").values()),
            "role_answers": self.claimed("answers.parquet"),
            "traces": self.claimed("trace.parquet"),
            "embeddings": self.claimed("embedding.npz"),
        }
        if not self.study.of_subset:
            for name in ("prediction_scores", "learning_times"):
                files[name] = self.table(f"{name}.tsv")
        return files

    def trends(self) -> dict[str, str]:
        """Return the path of the claims' trends with the size of the text, if it is asked for."""
        return {"trends": self.table("trends.tsv")} if "size" in self.study.config.extras else {}

    # --- final files ---

    def figure(self, figure: Figure, ending: str) -> str:
        """Return the path of the file of a figure with this ending."""
        return f"<results>/figures/{self.study.corpus.name}/{figure.name}.{ending}"

    def picture(self, figure: Figure) -> str:
        """Return the path of the picture of a figure."""
        return self.figure(figure, figure.picture)

    def numbers(self, figure: Figure) -> str:
        """Return the path of the numbers that a figure draws."""
        return self.table(f"{figure.name}.tsv") if figure.table else self.figure(figure, "csv")

    def files_of(self, figure: Figure) -> dict[str, list[str]]:
        """Return the paths of a figure's inputs, by name."""
        return {name: reading.listed for name, reading in figure.reads(self).items()}

    def headings(self) -> list[dict[str, Any]]:
        """Return name, title, section, claims and module of each figure of the report."""
        keys = ("name", "title", "section", "claims", "module")
        return [{key: getattr(figure, key) for key in keys} for figure in self.shown()]

    def shown(self) -> list[Figure]:
        """Return the figures of the report: the default ones and those among the extras."""
        return shown_figures(self.study.config.extras)

    def summaries(self) -> list[str]:
        """Return the path of the summary at each V of the models."""
        sizes = sorted({vocabulary for vocabulary, _ in self.study.sizes})
        return [self.at(vocabulary, "summary.json") for vocabulary in sizes]

    def extras(self) -> list[str]:
        """Return the paths of the extras in the configuration."""
        figures = [self.picture(figure) for figure in self.shown() if not figure.default]
        return [*figures, *(self.page(file) for file in self.study.pages.values())]
