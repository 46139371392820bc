"""The tutorial runs as it stands, API pages build, and the examples on them are right."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml

from mstar import library
from mstar.dynamics import theory
from tests.support.workflow import ROOT
from tools import config_mistakes, tutorial

LEFT_OUT = ("sgd_cuda", "sgd_kernels")  # of Triton, which only machines with a GPU have


def test_the_tutorial_runs_and_shows_what_it_shows() -> None:
    stored = nbformat.read(tutorial.NOTEBOOK, as_version=4)
    nbformat.validate(stored)
    ran = tutorial.executed()  # its own assertions hold theory against training
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


def test_readme_counts_what_there_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    mistakes = len(config_mistakes.CASES) + len(config_mistakes.CORPORA)
    assert f"[{mistakes} of them](docs/config-errors.md)" in readme
    claims = yaml.safe_load((ROOT / "config" / "claims.yaml").read_text(encoding="utf-8"))
    ours = sum(claim.get("by") == "ours" for claim in claims)
    assert f"Of {len(claims) - ours} claims of the paper" in readme
    assert ours == 12 and "We add twelve claims" in readme
