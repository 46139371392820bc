"""Checks of style, types and the workflow's formatting, each as a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def snakefiles() -> list[str]:
    found = [ROOT / "Snakefile", *(ROOT / "workflow").rglob("*.smk")]
    return [str(file.relative_to(ROOT)) for file in sorted(found)]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["snakefmt", "--check", *snakefiles()],
        ["snakemake", "--lint", "--configfile", "config/smoke.yaml"],
        ["hadolint", "Dockerfile"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_style(command: list[str]) -> None:
    tool, *arguments = command
    done = subprocess.run([BIN / tool, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"\n{done.stdout}\n{done.stderr}"
