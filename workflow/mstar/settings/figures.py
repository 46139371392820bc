"""The settings of each figure: ``figures`` in the configuration."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from mstar.files.mistakes import Expected
from mstar.settings import kinds
from mstar.settings.kinds import Section
from mstar.settings.runs import Run

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
        description="principal components listed, counted from 1; those above d are left out",
    )
    words: kinds.Count = Field(8, description="words listed for each component")
    candidates: kinds.Count = Field(4000, description="most frequent words that may be listed")


class Fig4(Section):
    """Figure 4: task vectors against the spectrum of M*."""

    family: kinds.Family = Field("gram7-past-tense", description="analogy family on the left")
    histogram_dims: kinds.Counts = Field(
        (128, 256, 512, 1024),
        description="d of the histograms; those not below vocabulary are left out",
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
        description="d of the curves; those not below vocabulary are left out",
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

    def below(self, vocabulary: int) -> Fig4:
        """Return these settings without the d that a vocabulary of this size does not allow."""
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
    """Figure 7: quartic loss and Setting 3.1, each alone and together."""

    sgns: RunName = Field("ablation_sgns", description="run with neither")
    quartic: RunName = Field("ablation_quartic", description="run with the quartic loss only")
    setting31: RunName = Field("ablation_setting31", description="run under Setting 3.1 only")
    qwem: RunName = Field("ablation_qwem", description="run with both, which is QWEM")


class SpectraFigure(Section):
    """Eigenvalue spectra of M*, PMI and PPMI, with fitted power laws."""

    modes: kinds.Size = Field(200, description="eigenvalues drawn, below vocabulary")
    fit_from: kinds.Count = Field(10, description="first mode that the power law is fitted to")


class Scaling(Section):
    """Accuracy and spectrum against the vocabulary (one of the extras)."""

    vocabularies: kinds.Counts = Field(
        (1000, 3000, 10_000, 30_000, 100_000),
        description="V, in increasing order, each above dim and within the text's types",
    )
    among: kinds.Count = Field(
        3000,
        description="the fixed questions are those with all words among so many commonest ones",
    )


class Movie(Section):
    """The learning movie."""

    frames: kinds.Size = Field(90, description="frames, evenly spaced in log time")
    frames_per_second: kinds.Count = Field(12, description="speed")
    labels: kinds.Count = Field(16, description="words labelled in each latent space")


class Explorer(Section):
    """The explorer page."""

    modes: kinds.Size = Field(100, description="features that can be looked at, at most dim")
    words: kinds.Count = Field(1000, description="most frequent words drawn in the latent space")


class Small(Section):
    """How small a start Lemma 3.1 needs (one of the extras)."""

    inits: Annotated[
        tuple[kinds.Positive, ...], kinds.List, kinds.Increasing, Expected("increasing numbers > 0")
    ] = Field(
        (1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        description="scales of the random start",
    )
    modes: kinds.Counts = Field(
        (1, 3, 10, 30, 60, 90), description="modes drawn against the scale, those up to d"
    )


class Noise(Section):
    """What minibatch noise does to QWEM (one of the extras)."""

    base: kinds.NameOfRun = Field(
        "sampled_qwem", description="sampled run of QWEM whose rate and batch are varied"
    )
    learning_rates: Annotated[
        tuple[kinds.Positive, ...], kinds.List, kinds.Increasing, Expected("increasing numbers > 0")
    ] = Field((8.0, 16.0), description="learning rates, each with each of batches")
    batches: kinds.Counts = Field((8000, 16_000, 64_000), description="pairs of a step")
    drop: kinds.Drop = Field(
        (1200, 0.1),
        description="the noisiest of these runs is made once more, its learning rate multiplied by"
        " the second number after so many steps, fewer than it takes",
    )
    horizon: kinds.Positive = Field(
        6.0, description="time until which these runs are followed (τ₁), above dynamics.start"
    )
    points: kinds.Size = Field(60, description="recorded times, evenly spaced in log time")
    modes: kinds.Counts = Field(
        (1, 3, 10, 30, 50), description="singular values drawn against time, those up to d"
    )

    def settings(self) -> dict[str, tuple[float, int, tuple[tuple[int, float], ...]]]:
        """Return learning rate, batch and drops of the sampled runs, by their names."""
        grid = itertools.product(self.learning_rates, self.batches)
        runs = {f"noise_lr{_spelt(rate)}_batch{batch}": (rate, batch, ()) for rate, batch in grid}
        noisiest = (self.learning_rates[-1], self.batches[0], (self.drop,))
        return {**runs, "noise_dropped": noisiest}

    def runs(self, base: Run) -> dict[str, Run]:
        """Return the runs of the figure by name: exact, expected gradient, and the sampled ones."""
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
    """Return a number as a part of a run's name."""
    return f"{number:g}".replace(".", "p").replace("+", "").replace("-", "m")


class Figures(Section):
    """What each figure draws."""

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
    noise: Noise = Field(Noise(), description="what minibatch noise does to QWEM")
    small: Small = Field(Small(), description="how small a start Lemma 3.1 needs")

    def task_vectors(self, vocabulary: int) -> dict[str, Any]:
        """Return what Figures 4, 6 and 8 and the participation figure ask of the task vectors, as
        arguments of `linear_structure.analyse`, without the d that Figure 4 leaves out."""
        fig4, fig6 = self.fig4.below(vocabulary), self.fig6
        histograms = {family: [fig6.dim] for family in fig6.families}
        histograms[fig4.family] = sorted({*fig4.histogram_dims, *histograms.get(fig4.family, ())})
        return {
            "histograms": histograms,
            "scored": list(fig4.families),
            "dims": list(fig4.dims),
            "modes": max(fig4.modes, fig6.modes),
        }

    def rank_of_task_vectors(self, vocabulary: int) -> int:
        """Return the largest rank in `task_vectors`."""
        asked = self.task_vectors(vocabulary)
        return max(asked["modes"], *asked["dims"], *map(max, asked["histograms"].values()))

    def runs(self, noise: bool = True) -> Iterator[tuple[str, str]]:
        """Yield (key path, run name) of each run that figures draw; ``noise``: that figure too."""
        columns = {"fig1": self.fig1, "fig2.large": self.fig2.large, "fig2.small": self.fig2.small}
        for where, column in columns.items():
            for role in ("word2vec", "qwem", "theory"):
                yield f"figures.{where}.{role}", getattr(column, role)
        for role in Fig7.model_fields:
            yield f"figures.fig7.{role}", getattr(self.fig7, role)
        if noise:
            yield "figures.noise.base", self.noise.base
