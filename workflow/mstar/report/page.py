"""The report: one self-contained HTML page with the text, figures, claims and costs of a run."""

from __future__ import annotations

import ast
import base64
import gzip
import html
import json
import math
import os
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import yaml
from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined

from mstar.claims.outcomes import FAILED, OUTCOMES, REPRODUCED, UNDECIDED, UNTESTED
from mstar.files.tables import read_table
from mstar.report import figure_tables
from mstar.report.captions import caption_settings
from mstar.report.mathematics import maths, maths_in
from mstar.report.stylesheet import stylesheet
from mstar.statistics.digits import decimals, number, printed

# Headings of the tables shown, and names of their files.
TABLES = {
    "Claims": "claims",
    "Training against the closed form": "agreement",
    "Paired tests between models": "comparisons",
    "Benchmarks: questions with all words in the vocabulary": "coverage",
}
OWN = "Scores on benchmarks of your own"
SCORES = ["vocabulary", "dim", "label", "benchmark", "variant", "questions", "score", "low", "high"]
MARKS = {REPRODUCED: "yes", FAILED: "no", UNDECIDED: "maybe", UNTESTED: "open"}
PICTURES = {".png": "image/png", ".gif": "image/gif"}
ORDER = (FAILED, UNDECIDED, REPRODUCED, UNTESTED)  # of the claims beside a figure
# Stands before and after the corpus name while a caption is rendered, so that no name is a formula.
EDGE = "\ue000"
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Attributes:
        name, title, section, claims: as in its entry in `mstar.settings.figures`.
        picture, data, caption: paths of its files.
        sources: paths of the code that made it.
        link: address of its picture as a file of its own, from the folder of the page.
    """

    name: str
    title: str
    section: str
    claims: tuple[str, ...]
    picture: Path
    data: Path
    caption: Path
    sources: tuple[Path, ...]
    link: str


def figures(
    headings: Sequence[Mapping[str, Any]],
    pictures: Sequence[str | Path],
    data: Sequence[str | Path],
    captions: Sequence[str | Path],
    folder: str | Path,
) -> list[Figure]:
    """Return the figures of a run; the folder of a caption locates the module of its figure.

    Args:
        headings: name, title, section, claims and module of each figure.
        pictures, data, captions: paths of each figure's files, in the order of ``headings``.
        folder: of the page.
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
                Path(os.path.relpath(Path(picture), folder)).as_posix(),
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
    config = caption_settings({**config, "corpus": config["corpus"].replace(EDGE, "")})
    config["corpus"] = f"{EDGE}{config['corpus']}{EDGE}"
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    rendered = environment.from_string(text).render(snakemake=SimpleNamespace(config=config))
    settings = {"report_level": 3, "halt_level": 3, "file_insertion_enabled": False}
    settings |= {"raw_enabled": False, "initial_header_level": 3}
    parts = publish_parts(rendered, writer="html5", settings_overrides=settings)
    pieces = str(parts["body"]).split(EDGE)
    return "".join(piece if i % 2 else maths_in(piece) for i, piece in enumerate(pieces))


def _tally(claims: pd.DataFrame) -> list[tuple[str, str, dict[str, int]]]:
    """Return each outcome with its mark and its claims of the paper, ours, and by construction."""
    group = claims["by"].where(claims["kind"] == "world", "construction")
    return [
        (outcome, MARKS[outcome], Counter(group[claims["outcome"] == outcome]))
        for outcome in OUTCOMES
    ]


def _records(claims: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the claims as rows, each with its ``mark`` and what is ``printed`` of its null."""
    rows = claims.fillna({"note": "", "why": "", "null": ""}).to_dict("records")
    found = [{str(key): value for key, value in row.items()} for row in rows]
    for row in found:
        places = decimals(row["low"], row["high"])
        ends = (printed(row[key], places) for key in ("null_low", "null_high"))
        row |= {"mark": MARKS[row["outcome"]], "null_range": " to ".join(ends)}
    return found


@cache
def measure_source(source: str, measure: str) -> str:
    """Return the code of the measure of a claim, from its columns ``source`` and ``measure``."""
    text = (ROOT / source).read_text(encoding="utf-8")
    name = measure.split("(")[0]
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return "\n".join(text.splitlines()[first - 1 : node.end_lineno])
    return ""


def linked(where: str, names: Collection[str]) -> str:
    """Return where a claim is stated as HTML, with links to the figures of the page."""

    def figure(found: re.Match[str]) -> str:
        number = found[0]
        return f'<a href="#fig{number}">{number}</a>' if f"fig{number}" in names else number

    listed = r"Figures? \d+[ab]?(?:(?:, | and )\d+[ab]?)*"
    return re.sub(
        listed,
        lambda found: re.sub(r"\d+[ab]?", figure, found[0]),
        html.escape(where, quote=False),
    )


def grouped(claims: pd.DataFrame, figures: Sequence[Figure]) -> dict[str, list[dict[str, Any]]]:
    """Return the claims about each figure, by its name; those about none under "".

    Within a group those not reproduced come first, then the undecided; every claim stands once.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(_records(claims), key=lambda row: ORDER.index(row["outcome"])):
        about = (
            figure.name
            for figure in figures
            if row["id"].startswith((f"{figure.name}.", *figure.claims))
        )
        groups.setdefault(next(about, ""), []).append(row)
    return groups


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
    groups = grouped(claims, figures)
    for figure in figures:
        shown = _shown(figure, config, groups.get(figure.name, []))
        sections.setdefault(figure.section, []).append(shown)
    names = [figure.name for figure in figures]
    moving = pd.DataFrame(columns=["id"]) if trends is None else trends.fillna({"note": ""})
    environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True)
    environment.filters |= {"number": number, "maths": maths}
    environment.filters["linked"] = lambda where: linked(where, names)
    return environment.from_string(template).render(
        sections=list(sections.items()),
        introduction=caption_html(introduction, config),
        config=config,
        config_text=yaml.safe_dump(provenance["config"], sort_keys=False, allow_unicode=True),
        corpus=corpus,
        left_out=left_out(corpus),
        style=stylesheet(),
        tally=_tally(claims),
        others=groups.get("", []),
        source=measure_source,
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


def _shown(
    figure: Figure, config: Mapping[str, Any], claims: list[dict[str, Any]]
) -> dict[str, Any]:
    caption = figure.caption.read_text(encoding="utf-8")
    lead = re.match(r"\*\*(.+?)\*\*", caption)
    outcomes = Counter(row["outcome"] for row in claims)
    counts = [f"{outcomes[one]} {one}" for one in OUTCOMES if outcomes[one]]
    result = f" Claims: {', '.join(counts)}." if counts else ""
    moving = figure.picture.suffix == ".gif"
    as_table = figure_tables.TABLES.get(figure.name)
    return {
        "name": figure.name,
        "title": figure.title,
        "alt": f"{figure.title}: {lead[1] if lead else figure.name}{result}",
        "table": as_table(figure.data) if as_table else "",
        "picture": "" if as_table else _picture(figure.picture.with_suffix(".png")),
        "movie": _picture(figure.picture) if moving else "",
        "link": figure.link,
        "data": data_uri(figure.data, "application/gzip", compress=True),
        "data_name": f"{figure.data.name}.gz",
        "caption": caption_html(caption, config),
        "claims": claims,
        "sources": [(path.as_posix(), path.read_text(encoding="utf-8")) for path in figure.sources],
    }


def _picture(path: Path) -> str:
    return data_uri(path, PICTURES[path.suffix])


def _table(table: pd.DataFrame) -> str:
    """Return a small table as HTML, with its text escaped."""
    head = "".join(f"<th scope='col'>{html.escape(str(name))}</th>" for name in table.columns)
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
    folder: str | Path,
) -> str:
    """Return the page as HTML, from files.

    Args:
        files: paths by name; ``pictures``, ``data`` and ``captions`` are lists in the order of
            ``headings``. ``trends`` may be missing.
        headings: name, title, section, claims and module of each figure.
        config, links, costs: see `render`.
        folder: of the page.
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
        figures(headings, files["pictures"], files["data"], files["captions"], folder),
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
