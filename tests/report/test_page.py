"""The report page and the cost table."""

from __future__ import annotations

import base64
import gzip
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jinja2 import UndefinedError

from mstar.claims.outcomes import COLUMNS, FAILED, OUTCOMES, REPRODUCED, UNDECIDED, UNTESTED
from mstar.claims.trends import AGREES, TRENDS
from mstar.report.job_costs import cost_table
from mstar.report.mathematics import maths, maths_in
from mstar.report.page import (
    Figure,
    caption_html,
    figures,
    grouped,
    left_out,
    linked,
    measure_source,
    render,
)
from mstar.settings.config import Config
from mstar.settings.figures import EXTRAS, FIGURES, SECTIONS, shown_figures
from mstar.statistics.digits import with_interval
from tests.support.workflow import ROOT

CONFIG = Config().model_dump(mode="json")
TEMPLATE = (ROOT / "workflow/mstar/report/templates/report.html.j2").read_text(encoding="utf-8")
CORPUS = {
    "title": "A & B",
    "tokens": 1234567,
    "documents": 12,
    "normaliser": "text8",
    "letters": 200,
    "empty_documents": 0,
    "sources": [{"left_out": {"redirects": 7}}],
    "letters_dropped": 3,
}
PROVENANCE = {
    "recorded": "2026-01-02T03:04:05+00:00",
    "config": CONFIG,
    "host": {
        "system": "Linux",
        "processor": "A chip",
        "cores": 4,
        "memory_gb": 8.0,
        "python": "3.11.9",
    },
    "code": {"all": "0123456789ab"},
    "inputs": [{"file": ".../text.txt", "bytes": 5, "sha256": "f" * 64}],
    "versions": {"numpy": {"asked": "1.2", "installed": None}},
    "disk": {"folders": {"results/mine/": 250_000_000}, "bytes": 250_000_000},
}
R_D = "<var>R</var><sub>d</sub>"
VOID = {"meta", "link", "img", "input", "br", "hr"}


class Checker(HTMLParser):
    """Collects ids and links, and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [str(given["id"])] if "id" in given else []
        self.links += [str(given[k]) for k in ("href", "src") if k in given]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def claims() -> pd.DataFrame:
    rows = [
        ("fig1.steps", "Figure 1", "it <steps>", "paper", REPRODUCED, 0.01, math.nan, math.nan),
        ("theory.x", "Eq. 5", "it is bounded", "paper", FAILED, 3.0, 2.5, 3.5),
        ("theory.y", "Eq. 6", "it is equal", "paper", REPRODUCED, 0.0, math.nan, math.nan),
        ("fig4.x", "Figure 4", "it is large", "paper", UNDECIDED, 4.5, math.nan, math.nan),
        ("fig4.y", "Figure 4", "it peaks", "paper", UNTESTED, math.nan, math.nan, math.nan),
        ("ours.z", "counts", "it is so", "ours", FAILED, 0.7, math.nan, math.nan),
    ]
    names = ("id", "where", "statement", "by", "outcome", "value", "low", "high")
    table = pd.DataFrame(rows, columns=names)
    table["kind"] = np.where(table["id"] == "theory.y", "construction", "world")
    table.loc[table["id"] == "fig4.x", ["null", "null_pass", "null_low", "null_high"]] = [
        "random words",
        0.87,
        2.5,
        4.75,
    ]
    same = {"relation": "about", "expected": 0.0, "tolerance": 0.0, "why": "so"}
    same |= {"quantity": "largest |t_k - 1|", "unit": "share of tau_k"}
    same |= {"measure": "step_times(modes=10)", "source": "workflow/mstar/claims/dynamics.py"}
    ends = table[["value", "low", "high"]].itertuples(index=False)
    shown = [with_interval(*row) or math.nan for row in ends]  # as it is read from a file
    return table.reindex(columns=list(COLUMNS)).assign(**same, shown=shown)


def made(folder: Path) -> list[Figure]:
    """Return Figures 1 and 4 with toy files, and the movie."""
    names = ("fig1", "movie", "fig4")
    for name, ending in ((name, FIGURES[name].picture) for name in (*names, "movie")):
        (folder / f"{name}.{ending}").write_bytes(b"picture of " + name.encode())
    (folder / "movie.png").write_bytes(b"still")
    data = folder / "fig1.csv"
    data.write_text("x,y\n1,2\n", encoding="utf-8")
    keys = ("name", "title", "section", "claims", "module")
    headings = [{key: getattr(FIGURES[name], key) for key in keys} for name in names]
    pictures = [folder / f"{name}.{FIGURES[name].picture}" for name in names]
    captions = [ROOT / "workflow" / "report" / f"{name}.rst" for name in names]
    return figures(headings, pictures, [data] * 3, captions, folder / "report")


def trend(claim: str) -> dict[str, object]:
    found = {"extrapolated": 0.5, "low": 0.25, "high": 0.75, "trend": AGREES, "note": math.nan}
    return {**dict.fromkeys(TRENDS), "id": claim, **found}


@pytest.fixture
def page(tmp_path: Path) -> str:
    costs = pd.DataFrame([("train", 12.0, 500.0, "NVIDIA H100"), ("draw", 0.1, 90.0, "CPU")])
    costs.columns = ["job", "seconds", "peak_mb", "device"]
    return render(
        TEMPLATE,
        made(tmp_path),
        CONFIG,
        CORPUS,
        "Hello *there*",
        claims(),
        {"A table": pd.DataFrame({"a<b": ["x&y"], "v": [0.123456]})},
        costs,
        PROVENANCE,
        {"Explorer": "explorer.html"},
        pd.DataFrame([trend("fig4.y"), trend("fig4.x")]),
    )


def test_the_page_is_whole_and_needs_nothing_else(page: str) -> None:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert len(set(checker.ids)) == len(checker.ids)
    for link in checker.links:
        if link.startswith("#"):
            assert link[1:] in checker.ids
        elif not link.startswith("data:"):
            assert link in (
                "explorer.html",
                "provenance.json",
                "../fig1.png",
                "../movie.gif",
                "../fig4.png",
                "https://arxiv.org/abs/2502.09863",
            ) or re.match(r"https://arxiv\.org/", link)


def test_the_page_tells_what_it_was_given(page: str) -> None:
    assert "A &amp; B: 1,234,567 tokens in\n12 documents" in page
    assert page.index('id="fig1"') < page.index('id="fig4"')  # the paper's order
    assert "it &lt;steps&gt;: " in page and "<steps>" not in page
    # Own claims and those that hold by construction are counted apart.
    assert all(f"</b> {outcome}<small>" in page for outcome in OUTCOMES)
    assert '<b class="yes">1</b> reproduced<small>0 ours, 1 by construction<' in page
    assert '<b class="no">1</b> not reproduced<small>1 ours, 0 by construction<' in page
    assert "<dd>random words: 2.500 to 4.750; 87 % pass</dd>" not in page
    assert "<dd>random words: 2.5 to 4.75; 87 % pass</dd>" in page
    # A trend is told of claims that this text cannot test.
    assert page.count("trend agrees: 0.25 to 0.75 at 2 · 10⁹ tokens") == 1
    assert 'id="claim-ours.z"' in page[page.index('id="ours"') :]
    assert "NVIDIA H100" in page and ">draw<" not in page  # shorter than half a second
    assert ">a&lt;b</th>" in page and "<td>x&amp;y</td>" in page and "<td>0.1235</td>" in page
    assert "<td>numpy</td><td>1.2</td><td>not here</td>" in page and "vocabulary: 10000" in page
    assert "(1.5 %) are not kept by its normaliser (text8)" in page
    assert "take 0.25 GB on disk" in page and ">results/mine/</td>" in page
    assert ".../text.txt" in page and "f" * 64 in page and "4 cores (A chip)" in page
    data = re.search(r'href="data:application/gzip;base64,([^"]+)" download="fig1.csv.gz"', page)
    assert data and gzip.decompress(base64.b64decode(data[1])) == b"x,y\n1,2\n"
    assert "workflow/mstar/figures/fig1.py</summary>" in page


def test_the_contents_list_every_section_and_figure_once(page: str) -> None:
    contents = page[page.index("<nav") : page.index("</nav>")]
    links = re.findall(r'href="(?:#)?([^"]+)"', contents)
    shown = ["s1", "fig1", "movie", "s2", "fig4"]
    assert links == ["tally", *shown, "ours", "tables", "costs", "settings", "explorer.html"]


def test_a_claim_stands_once_and_open_if_it_failed(page: str) -> None:
    table = claims()
    assert re.findall(r'<details class="claim \w+" id="claim-([^"]+)"', page) == [
        "fig1.steps",
        "fig4.x",
        "fig4.y",
        "theory.x",
        "ours.z",
        "theory.y",
    ]
    opened = re.findall(r'id="claim-([^"]+)" open', page)
    assert opened == table.loc[table["outcome"] == FAILED, "id"].tolist()
    told = page[page.index('id="claim-theory.x"') : page.index('id="claim-ours.z"')]
    assert 'it is bounded: <span class="found">3.0 [2.5, 3.5]</span>' in told
    assert "largest |<var>t</var><sub>k</sub> - 1|: <b>3.0 [2.5, 3.5]</b> (share of" in told
    assert "<code>step_times(modes=10)</code>" in told and "def step_times(" in told
    assert "about 0: so" in told and '<a href="#claim-theory.x">theory.x</a>' in told


def test_figures_and_claims_link_to_each_other(page: str) -> None:
    steps = page[page.index('id="claim-fig1.steps"') :]
    assert '<dd>Figure <a href="#fig1">1</a></dd>' in steps
    assert linked("Figures 1 and 3b, <b>", {"fig1"}) == (
        'Figures <a href="#fig1">1</a> and 3b, &lt;b&gt;'
    )
    assert 'alt="Figure 1: Features are learned one at a time. Claims: 1 reproduced."' in page


def test_the_movie_stands_still_until_it_is_asked_for(page: str) -> None:
    still, moving = (base64.b64encode(text).decode() for text in (b"still", b"picture of movie"))
    movie = page[page.index('<details class="movie"><summary>') :]
    folded = movie.index("</summary>")
    assert f"image/png;base64,{still}" in movie[:folded]
    assert folded < movie.index(f"image/gif;base64,{moving}") < movie.index("</details>")


def test_the_source_of_a_measure_is_its_function() -> None:
    source = measure_source("workflow/mstar/claims/linear.py", "d_eff(family='family', dim=9)")
    assert source.startswith('@gives("effective dimension') and "\ndef d_eff(" in source
    assert source.count("\ndef ") == 1 and source.endswith("note, nulls)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "tau_k = ln(lambda_k/s^2)",
            "<var>τ</var><sub>k</sub> = ln(<var>λ</var><sub>k</sub>/s<sup>2</sup>)",
        ),
        ("1 - sum lambda_j^2", "1 - Σ <var>λ</var><sub>j</sub><sup>2</sup>"),
        ("||M*||^2, sqrt(2), d^-0.58", "‖M*‖<sup>2</sup>, √(2), d<sup>−0.58</sup>"),
        ("v_k^T W", "<var>v</var><sub>k</sub><sup>T</sup> W"),
        ("d_eff of <b>svd_mstar</b>", "<var>d</var><sub>eff</sub> of &lt;b&gt;svd_mstar&lt;/b&gt;"),
        ("τ_k = τ₁, s²", "<var>τ</var><sub>k</sub> = <var>τ</var><sub>1</sub>, s<sup>2</sup>"),
        ("R_d R_dᵀ, k^(−0.6)", f"{R_D} {R_D}<sup>T</sup>, k<sup>−0.6</sup>"),
        ("s'_k, M*_ij", "<var>s'</var><sub>k</sub>, <var>M*</var><sub>ij</sub>"),
        ("what some lambda sums to", "what some lambda sums to"),
    ],
)
def test_formulas_are_set(text: str, shown: str) -> None:
    assert maths(text) == shown


def test_code_and_tags_hold_no_formula() -> None:
    page = '<a href="#s_k">s_k</a> <code>s_k</code> <pre>s_k</pre> &#64;_k'
    assert maths_in(page) == page.replace(">s_k</a>", "><var>s</var><sub>k</sub></a>")


def test_claims_stand_beside_the_figures_they_bear_on(tmp_path: Path) -> None:
    figures = [replace(made(tmp_path)[0], name="fig2", claims=("theory.",)), *made(tmp_path)]
    groups = grouped(claims(), figures)
    about = {name: [row["id"] for row in rows] for name, rows in groups.items()}
    assert about == {
        "fig2": ["theory.x", "theory.y"],  # not reproduced before reproduced
        "": ["ours.z"],
        "fig4": ["fig4.x", "fig4.y"],
        "fig1": ["fig1.steps"],
    }


def test_figures_stand_in_the_order_of_the_sections() -> None:
    placed = [SECTIONS.index(str(figure.section)) for figure in shown_figures(EXTRAS)]
    assert placed == sorted(placed) and set(placed) == set(range(len(SECTIONS)))


@pytest.mark.parametrize("name", ["workflow", *FIGURES])
def test_captions_render(name: str) -> None:
    text = (ROOT / "workflow" / "report" / f"{name}.rst").read_text(encoding="utf-8")
    shown = caption_html(text, CONFIG)
    assert "{{" not in shown and "**" not in shown and "system-message" not in shown


def test_a_caption_that_names_an_unknown_setting_is_refused() -> None:
    with pytest.raises(UndefinedError):
        caption_html("{{ snakemake.config['vocabluary'] }}", CONFIG)


def test_costs_come_from_the_benchmarks(tmp_path: Path) -> None:
    head = "s\th:m:s\tmax_rss\n"
    files = {
        "mine/v5-l2/d8/qwem.tsv": f"{head}9.5\t0:00:09\t700.5\n",
        "mine/v6-l2/count.tsv": f"{head}7\t0:00:07\t50\n",
        "mine/v5-l2/d9/qwem.tsv": f"{head}8\t0:00:08\t50\n",
        "mine/draw.tsv": f"{head}20\t0:00:20\t90\n",
        "all.tsv": f"{head}1\t0:00:01\t50\n",
        "other/train.tsv": f"{head}99\t0:01:39\t50\n",
        "mine/broken.tsv": "s\tmax_rss\n-\n",
    }
    for name, text in files.items():
        (tmp_path / "costs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "costs" / name).write_text(text, encoding="utf-8")
    log = tmp_path / "logs" / "mine" / "v5-l2" / "d8" / "qwem.log"
    log.parent.mkdir(parents=True)
    log.write_text("step 1\ndevice: cuda (a card)\n", encoding="utf-8")
    folders = {"v5-l2", "v5-l2/d8"}
    table = cost_table(tmp_path / "costs", tmp_path / "logs", "mine", folders)
    assert table["job"].tolist() == ["draw", "v5-l2/d8/qwem", "all"]
    assert table["seconds"].tolist() == [20, 9.5, 1]
    assert table["device"].tolist() == ["CPU", "cuda (a card)", "CPU"]
    assert cost_table(tmp_path / "no", tmp_path / "no", "mine", folders).empty


def test_what_was_left_out_of_a_text_is_listed() -> None:
    sources = [
        {"left_out": {"redirects": 1200, "other_namespaces": 3}},
        {"null_texts": 2, "left_out": {"redirects": 1}},
    ]
    corpus = {"sources": sources, "empty_documents": 0, "short_documents": 4, "min_tokens": 500}
    assert left_out(corpus) == (
        "2 null texts, 3 pages of other namespaces, 1,201 redirects, "
        "4 documents of fewer than 500 words"
    )
    assert left_out({"sources": [{}], "empty_documents": 0}) == ""
