"""Messages say how to set a setting on the command line that was used."""

from __future__ import annotations

import re

import pytest

from mstar.settings.commands import VARIABLES, by_make, with_commands
from mstar.settings.config import Config
from tests.support.workflow import ROOT


@pytest.mark.parametrize(
    ("line", "make", "snakemake"),
    [
        ('config: vocabulary: "few": expected', "make V=...", "--config vocabulary=..."),
        ("corpus: 'x' is neither", "make CORPUS=...", "--config corpus=..."),
        (
            "config: dynamics.runs.mine.init: 0: expected",
            "make CONFIG=my.yaml, with dynamics: {runs: {mine: {init: ...}}} in that file",
            "--config 'dynamics={runs: {mine: {init: ...}}}'",
        ),
        (
            'config: seeds[1]: "b": expected',
            "make CONFIG=my.yaml, with seeds: ... in that file",
            "--config seeds=...",
        ),
    ],
)
def test_each_line_ends_with_its_command(line: str, make: str, snakemake: str) -> None:
    assert with_commands(line, make=True) == f"{line} ({make})"
    assert with_commands(f"{line}\n{line}", make=False) == "\n".join([f"{line} ({snakemake})"] * 2)


@pytest.mark.parametrize("line", ["config: vocabluary: unknown key", "config/a.yaml: b: c", "no"])
def test_other_lines_stay(line: str) -> None:
    assert with_commands(line, make=True) == with_commands(line, make=False) == line


def test_variables_are_those_of_make() -> None:
    assert set(VARIABLES) <= set(Config.model_fields)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert dict(re.findall(r"\$\(call setting,(\w+),(\w+)\)", makefile)) == VARIABLES
    assert by_make([ROOT / "results" / ".settings-12.yaml"]) and not by_make([ROOT / "my.yaml"])
