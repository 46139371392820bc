"""The typed settings of training runs, and the default runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mstar.dynamics.losses import LOSSES
from mstar.dynamics.weightings import WEIGHTINGS
from mstar.settings import kinds
from mstar.settings.kinds import Section


class Sgd(Section):
    """Settings of minibatch training, as in the authors' code."""

    learning_rate: kinds.Positive = Field(
        description="the authors' η: a step of QWEM covers 2(1 + k)η/(mV²) of flow time,"
        " m = mean(M*²)"
    )
    loss_scale: kinds.Positive | None = Field(
        None, description="m, by which the authors divide the loss; by default mean(M*²)"
    )
    batch: kinds.Count = Field(
        50_000, description="positive pairs per step; as many negative pairs are drawn"
    )
    drops: kinds.Drops = Field(
        (), description="steps at which the learning rate is multiplied by a factor"
    )
    steps: kinds.Count | None = Field(
        None, description="number of steps; by default enough to reach dynamics.horizon"
    )
    sampler: Literal["counts", "text"] = Field(
        "counts",
        description="source of the pairs, with equal distributions: counts, or positions of the"
        " text (CPU only)",
    )


class Run(Section):
    """Settings of one training run."""

    estimator: kinds.Estimator = Field(
        description="population: integrate the expected gradient; sparse: the same without a V x V"
        " array, for word2vec's weights; exact: the closed-form flow from the same random start;"
        " sigmoid: the aligned solution (Lemma 3.1); saddles: the saddle-to-saddle recursion, under"
        " any weighting; sampled: minibatches of pairs, as the authors train"
    )
    loss: kinds.Loss = Field(
        description="; ".join(f"{name}: {loss.about}" for name, loss in LOSSES.items())
    )
    weighting: kinds.Weighting = Field(
        description="; ".join(f"{name}: {one.about}" for name, one in WEIGHTINGS.items())
    )
    init: kinds.Positive = Field(
        description="scale s of the random start: entries are N(0, s²/d), so that W(0) has size"
        " about s along each eigenvector of M*"
    )
    negative: kinds.Positive | None = Field(
        None, description="k of this run; by default the key negative of the configuration"
    )
    sgd: Sgd | None = Field(None, description="minibatch settings of a sampled run")
    untied: Literal["input", "mean"] | None = Field(
        None,
        description="for input vectors W and output vectors C that are not tied, as gensim trains"
        " them: input: W is the embedding; mean: (W + C)/2 (population and exact runs)",
    )


def default_runs() -> dict[str, Run]:
    """Return the default runs, equal to those of config/config.yaml."""
    settings: tuple[tuple[str, kinds.Estimator, kinds.Loss, kinds.Weighting], ...] = (
        ("sgns", "population", "sgns", "word2vec"),
        ("qwem", "population", "quartic", "setting31"),
        ("exact", "exact", "quartic", "setting31"),
        ("lemma", "sigmoid", "quartic", "setting31"),
        ("saddles", "saddles", "sgns", "word2vec"),
    )
    ablations: tuple[tuple[str, kinds.Estimator, kinds.Loss, kinds.Weighting], ...] = (
        ("sgns", "population", "sgns", "word2vec"),
        ("quartic", "population", "quartic", "word2vec"),
        ("setting31", "population", "sgns", "setting31"),
        ("qwem", "population", "quartic", "setting31"),
        ("saddles", "saddles", "quartic", "word2vec"),
    )
    sampled = {
        "sampled_qwem": Run(
            estimator="sampled",
            loss="quartic",
            weighting="setting31",
            init=1e-1,
            sgd=Sgd(learning_rate=2),
        ),
        "sampled_sgns": Run(
            estimator="sampled",
            loss="sgns",
            weighting="word2vec",
            init=1e-1,
            sgd=Sgd(learning_rate=2, loss_scale=0.12),
        ),
    }
    sparse: tuple[tuple[str, kinds.Loss, float], ...] = (
        ("small", "sgns", 1e-12),
        ("large", "sgns", 1e-1),
        ("quartic", "quartic", 1e-12),
    )
    return (
        sampled
        | {
            f"sparse_{name}": Run(estimator="sparse", loss=loss, weighting="word2vec", init=init)
            for name, loss, init in sparse
        }
        | {
            f"{name}_{size}": Run(estimator=estimator, loss=loss, weighting=weighting, init=init)
            for name, estimator, loss, weighting in settings
            for size, init in (("large", 1e-1), ("small", 1e-12))
        }
        | {
            f"ablation_{name}": Run(
                estimator=estimator, loss=loss, weighting=weighting, init=1e-3, negative=2
            )
            for name, estimator, loss, weighting in ablations
        }
    )
