"""The report: one self-contained HTML page with the text, figures, claims and costs of a run."""

from __future__ import annotations

import base64
import gzip
import html
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import yaml
from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined

from mstar.claims.outcomes import FAILED, OUTCOMES, REPRODUCED, UNDECIDED, UNTESTED
from mstar.files.tables import read_table
from mstar.report.captions import caption_settings

# Headings of the tables shown, and names of their files.
TABLES = {
    "Claims": "claims",
    "Training against the closed form": "agreement",
    "Paired tests between models": "comparisons",
    "Benchmarks: questions with all words in the vocabulary": "coverage",
}
OWN = "Scores on benchmarks of your own"
SCORES = ["vocabulary", "dim", "label", "benchmark", "variant", "questions", "score", "low", "high"]
SIGNS = {"lambda": "λ", "sigma": "σ", "tau": "τ", "sum": "Σ", "sqrt": "√"}
# Formulas as claims write them: tau_k, s_k^2, d^-0.58, sqrt(lambda_k), ||M*||^2.
NAMED = re.compile(r"(?<!\w)(lambda|sigma|tau|sum|sqrt)(?=_|\(| [a-z]+_)")
INDEXED = re.compile(r"(?<!\w)([A-Za-zλστ])_(eff|[a-z]{1,2}|\d+)(?!\w)")
POWER = re.compile(r"(?<=[\w)>|‖])\^(-?\d+(?:\.\d+)?|T\b)")
MARKS = {REPRODUCED: "yes", FAILED: "no", UNDECIDED: "maybe", UNTESTED: "open"}
PICTURES = {".png": "image/png", ".gif": "image/gif"}


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Attributes:
        name, title, section, claims: as in its entry in `mstar.settings.figures`.
        picture, data, caption: paths of its files.
        sources: paths of the code that made it.
    """

    name: str
    title: str
    section: str
    claims: tuple[str, ...]
    picture: Path
    data: Path
    caption: Path
    sources: tuple[Path, ...]


def figures(
    headings: Sequence[Mapping[str, Any]],
    pictures: Sequence[str | Path],
    data: Sequence[str | Path],
    captions: Sequence[str | Path],
) -> list[Figure]:
    """Return the figures of a run; the folder of a caption locates the module of its figure.

    Args:
        headings: name, title, section, claims and module of each figure.
        pictures, data, captions: paths of each figure's files, in the order of ``headings``.
    """
    found = []
    for heading, picture, numbers, caption in zip(headings, pictures, data, captions, strict=True):
        module = Path(*str(heading["module"]).split(".")).with_suffix(".py")
        found.append(
            Figure(
                heading["name"],
                heading["title"],
                heading["section"],
                tuple(heading["claims"]),
                Path(picture),
                Path(numbers),
                Path(caption),
                (Path(caption).parents[1] / module,),
            )
        )
    return found


def data_uri(path: Path, kind: str, compress: bool = False) -> str:
    """Return the file as a data: URI, gzipped (reproducibly) if ``compress``."""
    content = path.read_bytes()
    if compress:
        content = gzip.compress(content, mtime=0)
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def caption_html(text: str, config: Mapping[str, Any]) -> str:
    """Render a caption (reStructuredText with Jinja over ``snakemake.config``) as HTML.

    ``config`` is the validated configuration, whose text is escaped.
    """
    config = caption_settings(config)
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    rendered = environment.from_string(text).render(snakemake=SimpleNamespace(config=config))
    settings = {"report_level": 3, "halt_level": 3, "file_insertion_enabled": False}
    settings |= {"raw_enabled": False, "initial_header_level": 3}
    parts = publish_parts(rendered, writer="html5", settings_overrides=settings)
    return str(parts["body"])


def claims_about(
    claims: pd.DataFrame, name: str, further: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return the claims about a figure, in the order of the file.

    Args:
        claims: columns of `mstar.claims.outcomes.COLUMNS`.
        name: of the figure; the ids of its claims begin with it.
        further: other prefixes of ids.
    """
    prefixes = (f"{name}.", *further)
    return [row for row in _records(claims) if row["id"].startswith(prefixes)]


def _tally(claims: pd.DataFrame) -> list[tuple[str, str, int]]:
    """Return each outcome with its mark and its number of claims."""
    outcomes = Counter(claims["outcome"])
    return [(outcome, MARKS[outcome], outcomes.get(outcome, 0)) for outcome in OUTCOMES]


def _records(claims: pd.DataFrame) -> list[dict[str, Any]]:
    rows = claims.fillna({"note": "", "why": "", "null": ""}).to_dict("records")
    named = ({str(key): value for key, value in row.items()} for row in rows)
    return [{**row, "mark": MARKS[row["outcome"]]} for row in named]


def number(value: object) -> str:
    """Format a number with four significant digits (two in scientific notation); "" for NaN."""
    if not isinstance(value, int | float) or math.isnan(value):
        return ""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}"
    return f"{value:.1e}"


def maths(text: object) -> str:
    """Return text as HTML with its formulas set: Greek letters, subscripts, powers and roots."""
    shown = NAMED.sub(lambda found: SIGNS[found[1]], str(text)).replace("||", "‖")
    shown = INDEXED.sub(r"<i>\1</i><sub>\2</sub>", html.escape(shown, quote=False))
    return POWER.sub(lambda found: f"<sup>{found[1].replace('-', '−')}</sup>", shown)


def render(
    template: str,
    figures: Sequence[Figure],
    config: Mapping[str, Any],
    corpus: Mapping[str, Any],
    introduction: str,
    claims: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    costs: pd.DataFrame,
    provenance: Mapping[str, Any],
    links: Mapping[str, str],
    trends: pd.DataFrame | None = None,
) -> str:
    """Return the page as HTML.

    Args:
        template: a Jinja template of the page.
        figures: figures made, in the order of the page.
        config: the validated configuration.
        corpus: title, tokens, documents, … of the text (``corpus.json``).
        introduction: reStructuredText of ``workflow.rst``.
        claims: columns of `mstar.claims.outcomes.COLUMNS`.
        tables: further tables to show, by heading.
        costs: columns of `mstar.report.job_costs.COLUMNS`.
        provenance: from `mstar.report.provenance.gather`.
        links: other pages in the folder, {title: file name}.
        trends: columns of `mstar.claims.trends.TRENDS`; None if subsets were not studied.
    """
    sections: dict[str, list[dict[str, Any]]] = {}
    for figure in figures:
        sections.setdefault(figure.section, []).append(_shown(figure, config, claims))
    moving = pd.DataFrame(columns=["id"]) if trends is None else trends.fillna({"note": ""})
    environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True)
    environment.filters |= {"number": number, "maths": maths}
    return environment.from_string(template).render(
        sections=list(sections.items()),
        introduction=caption_html(introduction, config),
        config=config,
        config_text=yaml.safe_dump(provenance["config"], sort_keys=False, allow_unicode=True),
        corpus=corpus,
        left_out=left_out(corpus),
        claims=_records(claims),
        tally=_tally(claims[(claims["by"] == "paper") & (claims["kind"] == "world")]),
        construction=_tally(claims[claims["kind"] == "construction"]),
        own=[row for row in _records(claims) if row["by"] == "ours"],
        tables={heading: _table(table) for heading, table in tables.items()},
        costs=costs.to_dict("records"),
        total=float(costs["seconds"].sum()),
        peak=float(costs["peak_mb"].max()) if len(costs) else math.nan,
        provenance=provenance,
        links=links,
        trends=moving.set_index("id").to_dict("index"),
    )


def left_out(corpus: Mapping[str, Any]) -> str:
    """Return what was left out of a text, with its numbers, from ``corpus.json``; "" if nothing."""
    numbers = Counter[str]()
    for source in corpus["sources"]:
        numbers["null_texts"] += source.get("null_texts", 0)
        numbers.update(source.get("left_out", {}))
    numbers["empty_documents"] = corpus["empty_documents"]
    numbers["short_documents"] = corpus.get("short_documents", 0)
    names = {
        "other_namespaces": "pages of other namespaces",
        "not_wikitext": "pages that are not wikitext",
        "without_key": "records without the key",
        "without_column": "rows without the column",
        "empty_documents": "documents without a word",
        "short_documents": f"documents of fewer than {corpus.get('min_tokens', 0):,} words",
    }
    return ", ".join(
        f"{number:,} {names.get(key, key.replace('_', ' '))}"
        for key, number in sorted(numbers.items())
        if number
    )


def _shown(figure: Figure, config: Mapping[str, Any], claims: pd.DataFrame) -> dict[str, Any]:
    caption = figure.caption.read_text(encoding="utf-8")
    lead = re.match(r"\*\*(.+?)\*\*", caption)
    return {
        "name": figure.name,
        "title": figure.title,
        "alt": f"{figure.title}: {lead[1] if lead else figure.name}",
        "picture": data_uri(figure.picture, PICTURES[figure.picture.suffix]),
        "data": data_uri(figure.data, "application/gzip", compress=True),
        "data_name": f"{figure.data.name}.gz",
        "caption": caption_html(caption, config),
        "claims": claims_about(claims, figure.name, figure.claims),
        "sources": [(path.as_posix(), path.read_text(encoding="utf-8")) for path in figure.sources],
    }


def _table(table: pd.DataFrame) -> str:
    """Return a small table as HTML, with its text escaped."""
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in table.columns)
    rows = []
    for row in table.itertuples(index=False):
        cells = (number(v) if isinstance(v, float) else html.escape(str(v)) for v in row)
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f"<table>{body}</table>"


def from_files(
    files: Mapping[str, Any],
    headings: Sequence[Mapping[str, Any]],
    config: Mapping[str, Any],
    links: Mapping[str, str],
    costs: pd.DataFrame,
) -> str:
    """Return the page as HTML, from files.

    Args:
        files: paths by name; ``pictures``, ``data`` and ``captions`` are lists in the order of
            ``headings``. ``trends`` may be missing.
        headings: name, title, section, claims and module of each figure.
        config, links, costs: see `render`.
    """
    text = {
        key: Path(files[key]).read_text(encoding="utf-8")
        for key in ("template", "introduction", "provenance", "corpus")
    }
    tables = {heading: read_table(files[key]) for heading, key in TABLES.items()}
    if own := config["benchmarks"]["own"]:
        scores = read_table(files["scores"])
        tables[OWN] = scores.loc[scores["benchmark"].isin(list(own)), SCORES]
    return render(
        text["template"],
        figures(headings, files["pictures"], files["data"], files["captions"]),
        config,
        json.loads(text["corpus"]),
        text["introduction"],
        tables.pop("Claims"),
        tables,
        costs,
        json.loads(text["provenance"]),
        links,
        read_table(files["trends"]) if "trends" in files else None,
    )
