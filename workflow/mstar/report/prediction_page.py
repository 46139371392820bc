"""The prediction page: features in learning order, categories, reproducible features."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from mstar.files.tables import read_table
from mstar.prediction import reproducibility
from mstar.prediction.recommended import recommend
from mstar.report.mathematics import maths
from mstar.report.page import data_uri
from mstar.report.stylesheet import stylesheet
from mstar.statistics.digits import number

# Features on the page; the table for download has all.
SHOWN = 200
FIRST = 30  # of them, not folded
# Share of a mode, explained by word frequency, above which it is about frequency, not a subject.
MOSTLY_FREQUENCY = 0.5
TABLES = ("features", "word2vec", "curves", "categories", "reproducibility")


def significant(value: float, digits: int = 2) -> str:
    """Format a large number with ``digits`` significant digits, such as 1,200,000."""
    return (
        f"{float(f'{value:.{digits}g}'):,.0f}" if math.isfinite(value) else "an unknown number of"
    )


def marked(features: pd.DataFrame, halves: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the features as rows for the page.

    Each row also has ``held`` (q_k, NaN if unknown), ``beyond`` (past the last reproducible
    feature), ``weak`` (q_k below its threshold) and ``mostly_frequency``.
    """
    extent = reproducibility.extent(halves)
    own = halves[halves["parts"] == 2].set_index("rank")
    found = []
    for row in _rows(features):
        known = row["rank"] in own.index
        held = float(own.loc[row["rank"], "feature"]) if known else math.nan
        threshold = float(own.loc[row["rank"], "threshold"]) if known else math.nan
        found.append(
            row
            | {
                "held": held,
                "beyond": extent.rank is not None and row["rank"] > extent.rank,
                "weak": held < threshold,
            }
        )
    return found


def _rows(features: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the features on the page as rows, with whether each is ``mostly_frequency``."""
    rows = features.head(SHOWN).fillna({"positive": "", "negative": ""}).to_dict("records")
    return [
        {str(key): value for key, value in row.items()}
        | {"mostly_frequency": row["frequency"] > MOSTLY_FREQUENCY}
        for row in rows
    ]


def render(
    template: str,
    corpus: Mapping[str, Any],
    settings: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    advice: pd.DataFrame,
    picture: str,
    downloads: Mapping[str, str],
    links: Mapping[str, tuple[str, str]] | None = None,
) -> str:
    """Return the page as HTML.

    Args:
        template: a Jinja template of the page, which escapes its values.
        corpus: title, tokens, documents of the text (``corpus.json``).
        settings: vocabulary, window, dim, negative, the analogies ``followed`` and the
            configuration's section ``prediction``.
        tables: features, word2vec, curves, categories and reproducibility.
        advice: from `recommended`.
        picture: data: URI of the figure.
        downloads: data: URIs of the tables, by file name.
        links: file and the command that makes it, of other pages in the folder, by title.
    """
    extent = reproducibility.extent(tables["reproducibility"])
    curves = tables["curves"]
    loss = curves[(curves["quantity"] == "loss") & (curves["model"] == "exact")]
    environment = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": number, "significant": significant, "maths": maths}
    return environment.from_string(template).render(
        style=stylesheet(),
        links=links or {},
        first_rows=FIRST,
        corpus=corpus,
        settings=settings,
        features=marked(tables["features"], tables["reproducibility"]),
        total=len(tables["features"]),
        word2vec=_rows(tables["word2vec"]),
        learned=min(settings["dim"], len(tables["features"])),
        last=tables["features"].iloc[min(settings["dim"], len(tables["features"])) - 1],
        loss=float(loss["value"].iloc[-1]),
        categories=tables["categories"].to_dict("records"),
        extent=extent,
        needed=extent.tokens_for(settings["dim"]),
        advice=advice.to_dict("records"),
        one_document=reproducibility.TOO_FEW,
        picture=picture,
        downloads=downloads,
    )


def template() -> str:
    """Return the Jinja template of the page."""
    return files("mstar.report").joinpath("templates/prediction.html.j2").read_text("utf-8")


def recommended(tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table of the recommended d (see `mstar.prediction.recommended`)."""
    halves, curves, categories = (tables[n] for n in ("reproducibility", "curves", "categories"))
    return recommend(halves, curves, categories, settings["dim"], settings["followed"])


def read_tables(paths: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the tables of ``paths``, by name."""
    return {name: read_table(paths[name]) for name in TABLES}


def from_files(
    paths: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    advice: pd.DataFrame,
    settings: Mapping[str, Any],
) -> str:
    """Return the page from ``paths`` of tables, picture, corpus and template by name.

    Args:
        paths: by name.
        tables: from `read_tables`.
        advice, settings: see `render`.
    """
    kind = "application/gzip"
    return render(
        Path(paths["template"]).read_text(encoding="utf-8"),
        json.loads(Path(paths["corpus"]).read_text(encoding="utf-8")),
        settings,
        tables,
        advice,
        data_uri(Path(paths["picture"]), "image/png"),
        {f"{name}.tsv.gz": data_uri(Path(paths[name]), kind, compress=True) for name in TABLES},
        {"The report": ("report.html", "make"), "the explorer": ("explorer.html", "make explorer")},
    )
