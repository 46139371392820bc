"""One round of the fault harness; ``python -m tools.faults`` runs all of it."""

from __future__ import annotations

import random
from pathlib import Path

from tools import faults


def test_a_killed_run_is_mended_by_the_next(smoke: Path, tmp_path: Path) -> None:
    bench = faults.Bench(tmp_path, smoke, random.Random(5))
    outcome = faults.killed(bench, "all", from_share=0.97)
    assert outcome.struck and outcome.wrong == []


def test_losses_are_seen(tmp_path: Path) -> None:
    result = tmp_path / "results" / "x" / "a.npy"
    result.parent.mkdir(parents=True)
    result.write_bytes(b"1")
    timed = [tmp_path / "results" / name for name in ("costs/a.tsv", "report/x/report.html")]
    expected = faults.results(tmp_path)
    assert list(expected) == ["x/a.npy"] and faults.differences(tmp_path, expected) == []
    for path in (*timed, result.with_name(".a.half.npy")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"2")
    assert faults.differences(tmp_path, expected) == ["left over: x/.a.half.npy"]
    result.write_bytes(b"3")
    assert faults.differences(tmp_path, expected)[1:] == ["different: x/a.npy"]
    result.unlink()
    assert faults.differences(tmp_path, expected)[1:] == ["missing: x/a.npy"]


def test_a_download_goes_on_when_the_network_is_back(smoke: Path, tmp_path: Path) -> None:
    outcome = faults.unplugged(faults.Bench(tmp_path, smoke, random.Random(3)))
    assert outcome.struck and outcome.wrong == []
    assert "error: smoke.txt.xz cannot be fetched" in outcome.said
