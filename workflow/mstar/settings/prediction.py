"""The settings of the prediction without training: ``prediction`` in the configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mstar.files.mistakes import Expected
from mstar.settings import kinds
from mstar.settings.kinds import Section


class Prediction(Section):
    """What embeddings will learn, predicted without training (`snakemake predict`)."""

    rank: kinds.Count = Field(
        512, description="eigenpairs of M* found, at most vocabulary: the largest d looked at"
    )
    compared: kinds.Count = Field(
        256, description="features that halves of the text are compared by, at most rank"
    )
    init: kinds.Positive = Field(1e-12, description="scale of the random start")
    learning_rate: kinds.Positive = Field(
        5.0, description="learning rate by which times become minibatch steps of QWEM"
    )
    drops: kinds.Drops = Field(
        (), description="steps at which that learning rate is multiplied by a factor"
    )
    points: kinds.Size = Field(40, description="times at which analogies are asked")
    words: kinds.Count = Field(10, description="words listed at each end of a feature")
    runs: Annotated[
        tuple[kinds.NameOfRun, ...], kinds.List, kinds.Distinct, Expected("a list of runs")
    ] = Field(
        (),
        description="runs scored against the prediction beside those that Figures 1 and 2 draw,"
        " such as sampled_qwem (results/tables/CORPUS/prediction_scores.tsv)",
    )
    seed: kinds.Seed = Field(1, description="of the random start, and of the split into halves")
