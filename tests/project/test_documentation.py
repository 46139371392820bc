"""The tutorial and examples run; generated tables are current; pages name only what exists."""

from __future__ import annotations

import doctest
import importlib.util
import pkgutil
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml

from mstar import library
from mstar.dynamics import theory
from mstar.settings.config import Config
from mstar.settings.figures import FIGURES
from tests.support.rules import rules
from tests.support.workflow import ROOT
from tools import figure_table, results_page, tutorial
from tools import pages as generated

LEFT_OUT = ("sgd_cuda", "sgd_kernels")  # they need Triton, which only machines with a GPU have
PAGES = tuple(
    path.relative_to(ROOT).as_posix()
    for pattern in ("README.md", "docs/*.md", "envs/README.md", "results/README.md")
    for path in sorted(ROOT.glob(pattern))
)
CLAIMS = yaml.safe_load((ROOT / "config" / "claims.yaml").read_text(encoding="utf-8"))
# Columns of each generated table; {} stands for models and runs named by the configuration.
COLUMNS = {
    "tally": "outcome | of the paper | ours | by construction",
    "not-reproduced": "claim | where | statement | value | 95 % interval | null | expected",
    "undecided": "claim | where | statement | value | 95 % interval | null | expected",
    "claims": "claim | statement | value | 95 % interval | null | expected | the paper's | kind"
    " | outcome | note",
    "fig3b": "V | d | benchmark | questions | {}",
    "agreement": "run | quantity | value | expected | note",
    "figure-numbers": "figure | quantity | of | value | 95 % interval",
    "drawing": "job | seconds | peak memory, GB",
    "costs": "job | seconds | peak memory, GB",
    "prediction-scores": "quantity | {}",
}


def test_the_tutorial_runs_and_shows_what_it_shows() -> None:
    stored = nbformat.read(tutorial.NOTEBOOK, as_version=4)
    nbformat.validate(stored)
    ran = tutorial.executed()  # assertions in the notebook compare theory with training
    assert [cell.source for cell in ran.cells] == [cell.source for cell in stored.cells]
    for now, then in zip(ran.cells, stored.cells, strict=True):
        kinds = [
            [(output.output_type, sorted(output.get("data", {}))) for output in cell.outputs]
            for cell in (now, then)
            if cell.cell_type == "code"
        ]
        assert not kinds or kinds[0] == kinds[1], now.source
    shown = [out for cell in stored.cells for out in cell.get("outputs", ())]
    assert not any(out.output_type == "error" or out.get("name") == "stderr" for out in shown)
    assert any("image/png" in out.get("data", {}) for out in shown)


def test_examples_in_docstrings_are_right() -> None:
    for module, least in ((library, 3), (theory, 5)):
        failed, tried = doctest.testmod(module)
        assert not failed and tried >= least, module.__name__


def test_every_module_has_an_api_page(tmp_path: Path) -> None:
    given = (f"API={tmp_path}", f"BIN={Path(sys.executable).parent}")
    done = subprocess.run(
        ["make", "--silent", "--assume-old=.venv/ready", "api", *given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == f"API pages: {tmp_path}/index.html\n"
    package = ROOT / "workflow" / "mstar"
    modules = {path.relative_to(package).with_suffix("") for path in package.rglob("*.py")}
    pages = tmp_path / "mstar"
    made = {path.relative_to(pages).with_suffix("") for path in pages.rglob("*.html")}
    named = {module for module in modules if module.name not in ("__init__", *LEFT_OUT)}
    assert named <= made
    page = (pages / "library.html").read_text(encoding="utf-8")
    assert "count_words" in page and "a pair at distance j counts L + 1 - j times" in page


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def cells(table: str) -> list[list[str]]:
    """Return the rows of a Markdown table, header first, without the line below the header."""
    lines = [re.split(r" (?<!\\)\| ", line[2:-2]) for line in table.strip().splitlines()]
    assert set(lines[1]) == {"---"}
    return [lines[0], *lines[2:]]


def block(page: str, name: str) -> list[list[str]]:
    """Return the rows of a generated table as they are on a page."""
    found = [match for match in generated.BLOCK.finditer(read(page)) if match["name"] == name]
    assert len(found) == 1
    return cells("\n".join(found[0][0].splitlines()[1:-1]))


def test_generated_tables_of_a_run(smoke: Path) -> None:
    tables = results_page.blocks(smoke / "results", "smoke")
    assert list(tables) == list(COLUMNS)
    for name, table in tables.items():
        header, *rows = cells(table)
        assert re.fullmatch(re.escape(COLUMNS[name]).replace(r"\{\}", ".+"), " | ".join(header))
        assert rows and {len(row) for row in rows} == {len(header)}, name
    assert [row[0].strip("`") for row in cells(tables["claims"])[1:]] == [c["id"] for c in CLAIMS]
    drawn = {row[0] for row in cells(tables["drawing"])[1:]}
    assert drawn == {path.stem for path in (smoke / "results/figures/smoke").glob("*.png")}
    for page in results_page.PAGES:
        once = generated.filled(read(page), tables)
        assert once == generated.filled(once, tables) != read(page)


def test_every_generated_table_stands_on_one_page() -> None:
    pages = "".join(map(read, results_page.PAGES))
    assert sorted(match["name"] for match in generated.BLOCK.finditer(pages)) == sorted(COLUMNS)


def test_results_page_has_a_row_for_each_claim() -> None:
    shown = block("docs/results.md", "claims")[1:]
    assert [row[0].strip("`") for row in shown] == [claim["id"] for claim in CLAIMS]
    for outcome in ("not reproduced", "undecided"):
        found = [row[0] for row in shown if row[-3:-1] == ["world", outcome]]
        rows = block("docs/results.md", outcome.replace(" ", "-"))[1:]
        assert [row[0] for row in rows] == found
    groups = Counter(
        "construction" if claim.get("kind") == "construction" else claim.get("by", "paper")
        for claim in CLAIMS
    )
    *_, total = block("docs/results.md", "tally")
    assert total == ["all", *(str(groups[name]) for name in ("paper", "ours", "construction"))]


def test_readme_shows_the_tally_of_the_results_page() -> None:
    line = r"^ {4}(\w[\w ]+?) +(\d+) +(\d+) +(\d+)$"
    printed = re.findall(line, read("README.md"), re.MULTILINE)
    assert [list(row) for row in printed] == block("docs/results.md", "tally")[1:-1]


def test_time_at_which_a_mode_is_half_learned() -> None:
    time = np.linspace(0.5, 3, 200)
    square = 4 / (1 + np.exp(-40 * (time - 1.5)))
    curves = pd.DataFrame({"time": time, "singular_value_1": np.sqrt(square)})
    assert results_page.half_time(curves, 1) == pytest.approx(1.5, abs=1e-3)
    assert np.isnan(results_page.half_time(curves[time > 2], 1))  # learned before the first time


def test_readme_is_one_that_people_read() -> None:
    text = read("README.md")
    assert len(text.splitlines()) <= 120 and len(text) <= 12_000


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def code(page: str) -> Iterator[str]:
    """Yield lines of code blocks and code spans in text, without comments and prompts."""
    text = re.sub(r"\\\n\s*", " ", read(page))
    yield from re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE)
    yield from (
        line
        for fenced in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
        for line in fenced.splitlines()
    )
    yield from re.findall(r"`([^`\n]+)`", text)


def commands(page: str) -> Iterator[list[str]]:
    """Yield the words of each command of make, snakemake or python on a page, program first."""
    for line in code(page):
        for command in line.split(" && "):
            try:
                words = shlex.split(command, comments=True)
            except ValueError:  # a message, or code of another language
                continue
            while words and re.match(r"[A-Z_]+=", words[0]):
                words.pop(0)
            if words and Path(words[0]).name in ("make", "snakemake", "python", "python3"):
                yield [Path(words[0]).name, *words[1:]]


def rule_names() -> set[str]:
    return set(rules())


def check_make(words: list[str]) -> None:
    makefile = read("Makefile")
    targets = set(re.findall(r"^([\w./-]+):", makefile, re.MULTILINE))
    settings = set(re.findall(r"\b([A-Z]+)=", "\n".join(re.findall("^#.*$", makefile, re.M))))
    for word in words:
        name, given, _ = word.partition("=")
        assert word == "…" or (name in settings if given else word in targets), word


def check_python(words: list[str]) -> None:
    if words[:1] == ["-m"]:
        assert importlib.util.find_spec(words[1]) is not None, words[1]


def check_snakemake(words: list[str]) -> None:
    """Check that requested rules, keys given by --config, and files of the project exist."""
    several = ("--config", "--configfile", "--set-threads")
    single = ("--cores", "--workflow-profile", "--report", "--resources")
    single += ("--default-storage-provider", "--default-storage-prefix")
    option = ""
    for word in words:
        if word.startswith("-"):
            option = word
            continue
        if option == "--config":
            assert word.partition("=")[0] in Config.model_fields, word
        elif word.startswith(("config/", "profiles/")):
            assert (ROOT / word).exists(), word
        elif option not in (*several, *single) and re.fullmatch(r"\w+", word):
            assert word in rule_names(), word
        if option in single:
            option = ""


@pytest.mark.parametrize("page", PAGES)
def test_commands_name_what_exists(page: str) -> None:
    checks = {"make": check_make, "snakemake": check_snakemake}
    for program, *words in commands(page):
        checks.get(program, check_python)(words)


def test_a_command_that_names_nothing_is_found() -> None:
    assert {words[0] for words in commands("README.md")} == {"make", "snakemake"}
    for check, *words in (
        (check_make, "tests"),
        (check_make, "VOCABULARY=5"),
        (check_python, "-m", "no_such_module"),
        (check_snakemake, "--config", "vocabularies=5"),
        (check_snakemake, "--configfile", "config/none.yaml", "--", "predict"),
        (check_snakemake, "--cores", "2", "predicted"),
    ):
        with pytest.raises(AssertionError):
            check(words)


@pytest.mark.parametrize("page", PAGES)
def test_code_named_on_pages_exists(page: str) -> None:
    folders = "tests|tools|speed|workflow|config|docs|envs|profiles"
    for span in re.findall(r"`([^`\n]+)`", read(page)):
        if re.fullmatch(rf"(?:{folders})/[\w/.-]+", span):
            assert (ROOT / span).exists(), span
        if re.fullmatch(r"mstar(?:\.\w+)+", span):
            pkgutil.resolve_name(span)


def test_the_readme_lists_the_figures_of_the_registry() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert figure_table.filled(readme) == readme, "run: python -m tools.figure_table"
    assert readme.count("| [") >= len(FIGURES)
