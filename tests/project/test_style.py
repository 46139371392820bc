"""Checks of style, types and the workflow's formatting, each as a test."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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


def test_conda_environments_have_the_versions_of_the_lock() -> None:
    required = (ROOT / "envs" / "requirements.in").read_text(encoding="utf-8")
    locked = (ROOT / "envs" / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"^torch==", locked, re.MULTILINE)
    versions = dict(re.findall(r"^([\w.-]+)==([\w.]+)", f"{locked}\n{required}", re.MULTILINE))
    for file in sorted((ROOT / "envs").glob("*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert set(content) == {"channels", "dependencies"}, file.name
        assert content["channels"] == ["conda-forge"], file.name
        assert "python =3.11" in content["dependencies"], file.name
        for dependency in content["dependencies"]:
            name, version = dependency.split(" =")
            if name == "pip":  # without conda, pip is the version that the venv was made with
                continue
            expected = {"python": "3.11"}.get(name) or versions[
                re.sub("^pytorch-(cpu|gpu)$", "torch", name)
            ]
            assert version == expected, f"{file.name}: {dependency}"


def test_the_makefile_and_requirements_name_the_same_torch() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    required = (ROOT / "envs" / "requirements.in").read_text(encoding="utf-8")
    torch = re.search(r"^torch==\S+", required, re.MULTILINE)
    assert torch and f"TORCH ?= {torch[0]}\n" in makefile
