"""The page of what gensim's word2vec will learn: features by epoch, and analogies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from mstar.files.tables import read_table
from mstar.report.mathematics import maths
from mstar.report.page import data_uri
from mstar.report.prediction_page import FIRST, MOSTLY_FREQUENCY
from mstar.report.stylesheet import stylesheet
from mstar.statistics.digits import number

VECTORS = {"input": "Input vectors", "sum": "Input plus output vectors"}
# Analogies of the category of this name are all of them.
TOTAL = "total"


def render(
    template: str,
    corpus: Mapping[str, Any],
    settings: Mapping[str, Any],
    features: pd.DataFrame,
    curves: pd.DataFrame,
    picture: str,
    downloads: Mapping[str, str],
) -> str:
    """Return the page as HTML.

    Args:
        template: a Jinja template of the page, which escapes its values.
        corpus: title, tokens, documents of the text (``corpus.json``).
        settings: vocabulary, dim, the analogies ``followed`` and the section ``gensim``.
        features: with `mstar.prediction.gensim_flow.COLUMNS`.
        curves: with `mstar.prediction.gensim_flow.CURVES`.
        picture: data: URI of the figure.
        downloads: data: URIs of the tables, by file name.
    """
    environment = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": number, "maths": maths}
    filled = features.fillna({"positive": "", "negative": "", "name": ""})
    kinds = {
        kind: {
            "title": title,
            "rows": filled[filled["embedding"] == kind].to_dict("records"),
            "accuracy": _accuracy(curves, kind),
            "last": float(filled.loc[filled["embedding"] == kind, "epochs"].max()),
        }
        for kind, title in VECTORS.items()
    }
    return environment.from_string(template).render(
        style=stylesheet(),
        first_rows=FIRST,
        mostly=MOSTLY_FREQUENCY,
        corpus=corpus,
        settings=settings,
        kinds=kinds,
        picture=picture,
        downloads=downloads,
    )


def _accuracy(curves: pd.DataFrame, kind: str) -> dict[str, float] | None:
    """Return the accuracy on all analogies at the end, and the best over d; None without any."""
    own = curves[
        (curves["embedding"] == kind)
        & (curves["quantity"] == "accuracy")
        & (curves["name"] == TOTAL)
    ]
    if own.empty:
        return None
    end = own[own["axis"] == "epochs"].iloc[-1]
    over_dims = own[own["axis"] == "dim"]
    best = int(over_dims["value"].to_numpy(float).argmax())
    return {
        "end": float(end["value"]),
        "low": float(end["low"]),
        "high": float(end["high"]),
        "best_d": float(over_dims["x"].iloc[best]),
    }


def from_files(paths: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return the page from ``paths`` of features, curves, picture, corpus and template.

    Args:
        paths: by name.
        settings: see `render`.
    """
    kind = "application/gzip"
    return render(
        Path(paths["template"]).read_text(encoding="utf-8"),
        json.loads(Path(paths["corpus"]).read_text(encoding="utf-8")),
        settings,
        read_table(paths["features"]),
        read_table(paths["curves"]),
        data_uri(Path(paths["picture"]), "image/png"),
        {
            f"{name}.tsv.gz": data_uri(Path(paths[name]), kind, compress=True)
            for name in ("features", "curves")
        },
    )
