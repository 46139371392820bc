"""Settings of the prediction without training: the section ``prediction``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mstar.files.mistakes import Expected
from mstar.settings import kinds
from mstar.settings.kinds import Section


class Prediction(Section):
    """Settings of the prediction of what embeddings learn (`snakemake predict`)."""

    rank: kinds.Count = Field(
        512, description="eigenpairs of M* computed, at most vocabulary; the largest d considered"
    )
    compared: kinds.Count = Field(
        256, description="features compared between halves of the text, at most rank"
    )
    init: kinds.Positive = Field(1e-12, description="scale of the random start")
    learning_rate: kinds.Positive = Field(
        5.0, description="learning rate by which times are converted to minibatch steps of QWEM"
    )
    drops: kinds.Drops = Field(
        (), description="steps at which the learning rate is multiplied by a factor"
    )
    points: kinds.Size = Field(40, description="times at which analogies are scored")
    words: kinds.Count = Field(10, description="words listed at each end of a feature")
    runs: Annotated[
        tuple[kinds.NameOfRun, ...], kinds.List, kinds.Distinct, Expected("a list of runs")
    ] = Field(
        (),
        description="runs scored against the prediction besides those that Figures 1 and 2 draw,"
        " such as sampled_qwem (results/tables/CORPUS/prediction_scores.tsv)",
    )
    seed: kinds.Seed = Field(1, description="seed of the random start and of the split into halves")
