"""Settings of the comparison of two texts: the section ``comparison``."""

from __future__ import annotations

from pydantic import Field

from mstar.settings import kinds
from mstar.settings.kinds import Section


class Comparison(Section):
    """Settings of the comparison of two texts (`snakemake compare`)."""

    vocabulary: kinds.Size = Field(3000, description="V, the shared words kept")
    features: kinds.Count = Field(
        32,
        description="R, features of each text that are compared; no more than a quarter of"
        " comparison.vocabulary",
    )
    moved: kinds.Count = Field(50, description="words listed that moved most")
    seed: kinds.Seed = Field(1, description="seed of the random parts of each text")
