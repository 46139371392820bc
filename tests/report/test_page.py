"""The report page and the cost table."""

from __future__ import annotations

import base64
import gzip
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jinja2 import UndefinedError

from mstar.claims.outcomes import COLUMNS, FAILED, OUTCOMES, REPRODUCED, UNDECIDED, UNTESTED
from mstar.claims.trends import AGREES, TRENDS
from mstar.report.job_costs import cost_table
from mstar.report.page import (
    caption_html,
    claims_about,
    figures,
    left_out,
    maths,
    number,
    render,
)
from mstar.settings.config import Config
from mstar.settings.figures import EXTRAS, FIGURES, SECTIONS, shown_figures
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
    return table.reindex(columns=list(COLUMNS)).assign(**same)


def trend(claim: str) -> dict[str, object]:
    found = {"extrapolated": 0.5, "low": 0.25, "high": 0.75, "trend": AGREES, "note": math.nan}
    return {**dict.fromkeys(TRENDS), "id": claim, **found}


@pytest.fixture
def page(tmp_path: Path) -> str:
    picture, data = tmp_path / "fig1.png", tmp_path / "fig1.csv"
    picture.write_bytes(b"\x89PNG picture")
    data.write_text("x,y\n1,2\n", encoding="utf-8")
    captions = [ROOT / "workflow" / "report" / f"{name}.rst" for name in ("fig1", "fig4")]
    keys = ("name", "title", "section", "claims", "module")
    headings = [{key: getattr(FIGURES[name], key) for key in keys} for name in ("fig1", "fig4")]
    made = figures(headings, [picture] * 2, [data] * 2, captions)
    costs = pd.DataFrame([("train", 12.0, 500.0, "NVIDIA H100"), ("draw", 0.1, 90.0, "CPU")])
    costs.columns = ["job", "seconds", "peak_mb", "device"]
    return render(
        TEMPLATE,
        made,
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
                "https://arxiv.org/abs/2502.09863",
            ) or re.match(r"https://arxiv\.org/", link)


def test_the_page_tells_what_it_was_given(page: str) -> None:
    assert "A &amp; B: 1,234,567 tokens in\n12 documents" in page
    assert page.index('id="fig1"') < page.index('id="fig4"')  # the paper's order
    assert "it &lt;steps&gt;." in page and "<steps>" not in page
    assert "reproduced: 0.01" in page and "3<br>[2.5, 3.5]" in page
    # Neither the project's own claims nor those that hold by construction are counted here.
    assert all(f"<b>1</b> {outcome}" in page for outcome in OUTCOMES) and "<b>2</b>" not in page
    assert "are 1 statements\nthat should hold by construction" in page and "(1 reproduced)" in page
    assert "undecided: 4.5; random words 2.5 to 4.75" in page
    assert "<td>random words: 2.5 to 4.75; 87 % pass</td>" in page
    # A trend is told of claims that this text cannot test.
    assert page.count("trend agrees: 0.25 to 0.75 at 2 · 10⁹ tokens") == 2
    own = page[page.index('id="ours"') : page.index('id="claims"')]
    assert "it is so.</span> not reproduced: 0.7" in own and "expected about 0: so" in own
    assert "NVIDIA H100" in page and ">draw<" not in page  # shorter than half a second
    assert "<th>a&lt;b</th>" in page and "<td>x&amp;y</td>" in page and "<td>0.1235</td>" in page
    assert "<td>numpy</td><td>1.2</td><td>not here</td>" in page and "vocabulary: 10000" in page
    assert "(1.5 %) are not kept by its normaliser (text8)" in page
    assert "take 0.25 GB on disk" in page and "<td>results/mine/</td>" in page
    assert ".../text.txt" in page and "f" * 64 in page and "4 cores (A chip)" in page
    data = re.search(r'href="data:application/gzip;base64,([^"]+)" download="fig1.csv.gz"', page)
    assert data and gzip.decompress(base64.b64decode(data[1])) == b"x,y\n1,2\n"
    assert "workflow/mstar/figures/fig1.py</summary>" in page


def test_the_contents_list_every_section_and_figure_once(page: str) -> None:
    contents = page[page.index("<nav") : page.index("</nav>")]
    links = re.findall(r'href="(?:#)?([^"]+)"', contents)
    shown = ["s1", "fig1", "s2", "fig4"]
    assert links == ["tally", *shown, "ours", "claims", "costs", "settings", "explorer.html"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "tau_k = ln(lambda_k/s^2)",
            "<i>τ</i><sub>k</sub> = ln(<i>λ</i><sub>k</sub>/s<sup>2</sup>)",
        ),
        ("1 - sum lambda_j^2", "1 - Σ <i>λ</i><sub>j</sub><sup>2</sup>"),
        ("||M*||^2, sqrt(2), d^-0.58", "‖M*‖<sup>2</sup>, √(2), d<sup>−0.58</sup>"),
        ("v_k^T W", "<i>v</i><sub>k</sub><sup>T</sup> W"),
        ("d_eff of <b>svd_mstar</b>", "<i>d</i><sub>eff</sub> of &lt;b&gt;svd_mstar&lt;/b&gt;"),
        ("what some lambda sums to", "what some lambda sums to"),
    ],
)
def test_formulas_are_set(text: str, shown: str) -> None:
    assert maths(text) == shown


def test_claims_stand_beside_the_figures_they_bear_on() -> None:
    about = {
        name: [row["id"] for row in claims_about(claims(), name, FIGURES[name].claims)]
        for name in ("fig1", "fig2", "fig5")
    }
    assert about == {"fig1": ["fig1.steps"], "fig2": ["theory.x", "theory.y"], "fig5": []}


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, ""),
        (0.0, "0"),
        (0.12345, "0.1235"),
        (1e-9, "1.0e-09"),
        (123456.0, "1.2e+05"),
        ("x", ""),
    ],
)
def test_numbers_are_short(value: object, text: str) -> None:
    assert number(value) == text


def test_costs_come_from_the_benchmarks(tmp_path: Path) -> None:
    head = "s\th:m:s\tmax_rss\n"
    files = {
        "mine/v5/train.tsv": f"{head}9.5\t0:00:09\t700.5\n",
        "mine/draw.tsv": f"{head}20\t0:00:20\t90\n",
        "all.tsv": f"{head}1\t0:00:01\t50\n",
        "other/train.tsv": f"{head}99\t0:01:39\t50\n",
        "mine/broken.tsv": "s\tmax_rss\n-\n",
    }
    for name, text in files.items():
        (tmp_path / "costs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "costs" / name).write_text(text, encoding="utf-8")
    log = tmp_path / "logs" / "mine" / "v5" / "train.log"
    log.parent.mkdir(parents=True)
    log.write_text("step 1\ndevice: cuda (a card)\n", encoding="utf-8")
    table = cost_table(tmp_path / "costs", tmp_path / "logs", "mine")
    assert table["job"].tolist() == ["draw", "v5/train", "all"]
    assert table["seconds"].tolist() == [20, 9.5, 1]
    assert table["device"].tolist() == ["CPU", "cuda (a card)", "CPU"]
    assert cost_table(tmp_path / "no", tmp_path / "no", "mine").empty


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
