"""Models are scored on the published questions, or not at all."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from mstar.evaluation.benchmarks import packaged_benchmark
from tests.support.workflow import ROOT

SCRIPT = ROOT / "workflow" / "scripts" / "translate_benchmark.py"


def test_edited_questions_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "questions-words.txt"
    published = packaged_benchmark("google").read_text(encoding="utf-8")
    questions.write_text(published.replace("Athens Greece", "Athens Rome", 1), encoding="utf-8")
    params = SimpleNamespace(name="google", own=None)
    given = SimpleNamespace(
        log=[tmp_path / "log"], input=SimpleNamespace(file=questions), params=params
    )
    with pytest.raises(SystemExit):
        runpy.run_path(str(SCRIPT), init_globals={"snakemake": given})
    said = (tmp_path / "log").read_text(encoding="utf-8")
    assert f"{questions} is not questions-words.txt as published (sha256" in said
    assert said in capfd.readouterr().err
