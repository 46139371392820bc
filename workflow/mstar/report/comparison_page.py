"""The page of two texts: features of each that the other has, when, and words that moved."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from mstar.files.tables import read_table
from mstar.prediction.verdicts import LEVEL, OWN, SHARED, differing
from mstar.report.page import data_uri
from mstar.report.stylesheet import stylesheet
from mstar.statistics.digits import number

TABLES = ("features", "words", "texts")


def render(
    template: str,
    tables: Mapping[str, pd.DataFrame],
    settings: Mapping[str, Any],
    picture: str,
    downloads: Mapping[str, str],
) -> str:
    """Return the page as HTML.

    Args:
        template: a Jinja template of the page, which escapes its values.
        tables: features, words and texts (`mstar.prediction.verdicts`).
        settings: of the section ``comparison``, and window, negative and init.
        picture: data: URI of the figure.
        downloads: data: URIs of the tables, by file name.
    """
    features, words = tables["features"], tables["words"]
    environment = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = number
    texts = []
    for row in tables["texts"].to_dict("records"):
        own = features[features["text"] == row["text"]]
        verdicts = own["verdict"].value_counts().to_dict()
        texts.append({**row, "features": own.to_dict("records"), "verdicts": verdicts})
    listed = words.head(settings["moved"]).fillna({"near_a": "", "near_b": ""})
    return environment.from_string(template).render(
        style=stylesheet(),
        settings=settings,
        texts=texts,
        words=listed[listed["p"] <= LEVEL].to_dict("records"),
        moved=int((words["p"] <= LEVEL).sum()),
        total=len(words),
        differing=differing(features, words),
        level=LEVEL,
        shared=SHARED,
        own=OWN,
        picture=picture,
        downloads=downloads,
    )


def template() -> str:
    """Return the Jinja template of the page."""
    return files("mstar.report").joinpath("templates/comparison.html.j2").read_text("utf-8")


def from_files(
    template: str, paths: Mapping[str, Any], picture: str | Path, settings: Mapping[str, Any]
) -> str:
    """Return the page from the ``paths`` of its tables by name and that of its picture."""
    kind = "application/gzip"
    return render(
        template,
        {name: read_table(path) for name, path in paths.items()},
        settings,
        data_uri(Path(picture), "image/png"),
        {f"{name}.tsv.gz": data_uri(Path(p), kind, compress=True) for name, p in paths.items()},
    )
