"""The line of progress: what it says of events, and a run with and without a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mstar.running.progress import Progress, Running, detail, line
from mstar.running.schedule import Job
from tests.support.workflow import ROOT, offline

TOY = """
rule all:
    input: "b.txt", "c.txt"
rule first:
    output: "{name}.txt"
    resources: seconds=40
    log: "{name}.log"
    shell: "echo why > {log}; [ {wildcards.name} != bad ] && touch {output}"
onstart:
    for handler in workflow.logger_manager.get_log_handlers():
        handler.plan(workflow.dag.needrun_jobs(), log)
"""


def run(folder: Path, *arguments: str, terminal: bool) -> tuple[int, str]:
    """Run the toy workflow with the logger; return its status and what it printed."""
    (folder / "Snakefile").write_text(TOY, encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--logger", "progress", "--cores", "1"]
    environment = offline() | {"PYTHONPATH": f"{ROOT}/workflow", "TERM": "xterm", "COLUMNS": "70"}
    inner, outer = pty.openpty() if terminal else os.pipe()
    with subprocess.Popen(
        [*command, "--show-failed-logs", *arguments], cwd=folder, env=environment, stderr=outer
    ) as process:
        os.close(outer)
        said = b""
        try:
            while part := os.read(inner, 4096):
                said += part
        except OSError:  # a terminal that nobody writes to any more
            pass
    os.close(inner)
    return process.returncode, said.decode()


def test_the_line_follows_the_jobs() -> None:
    jobs = {
        1: Job("count", 60, outputs=frozenset("a")),
        2: Job("train", 90, inputs=frozenset("a")),
        3: Job("draw", 30, inputs=frozenset("a")),
    }
    run = Progress(planned=jobs, total=3, cores=2)
    assert run.left(0) is None
    assert line(run, 5) == "0 of 3 jobs done"
    run.start(1, Running("count", "1000", 0))
    # 60 s, then 90 s beside which the rest fits.
    assert line(run, 0) == "0 of 3 jobs done: count (1000) 0 s; about 2.5 min left"
    assert run.left(40) == pytest.approx(110)
    # A run half as fast as planned: 120 s for what was to last 60 s, less so at first.
    run.finish(1)
    assert run.left(120) == pytest.approx(90 * 150 / 90)
    assert line(run, 120) == "1 of 3 jobs done"
    run.start(2, Running("train", "", 120))
    run.start(3, Running("draw", "", 120))
    run.fail(3)
    assert line(run, 150).startswith("1 of 3 jobs done, 1 failed: train 30 s; about ")
    run.start(3, Running("draw", "", 150))
    assert "failed" not in line(run, 150)


def test_a_pace_beyond_belief_is_not_believed() -> None:
    run = Progress(planned={1: Job("fetch", 1), 2: Job("rest", 100)}, cores=1)
    run.start(1, Running("fetch", "", 0))
    run.finish(1)
    assert run.left(10_000) == pytest.approx(400)


def test_without_a_plan_no_time_is_promised() -> None:
    run = Progress(total=2)
    run.start(1, Running("count", "", 0))
    assert line(run, 3) == "0 of 2 jobs done: count 3 s"


def test_the_line_keeps_within_its_width() -> None:
    run = Progress(planned={9: Job("rest", 100)}, total=9)
    for number in range(4):
        run.start(number, Running(f"rule_{number}", "with wildcards", number))
    whole = line(run, 10)
    shortest = "0 of 9 jobs done: 4 running; about "
    for width in range(1, len(whole) + 1):
        text = line(run, 10, width)
        assert len(text) <= width
        assert width < 60 or (text.startswith(shortest[:17]) and text.endswith("left"))
    assert line(run, 10, len(whole)) == whole
    assert "rule_0 10 s, 3 more; about" in line(run, 10, 60)


def test_wildcards_are_told_by_their_values() -> None:
    assert detail({"corpus": "text8", "V": "1000", "target": "mstar"}) == "1000 mstar"


def test_plain_lines_where_there_is_no_terminal(tmp_path: Path) -> None:
    status, said = run(tmp_path, terminal=False)
    first, *_, last, log = said.splitlines()
    assert status == 0 and "\x1b" not in said and "\r" not in said
    assert re.fullmatch(r"0 of 3 jobs done: first \([bc]\) 0 s; about 1\.3 min left", first)
    assert re.fullmatch(r"3 of 3 jobs done in \d+ s", last)
    # All that Snakemake says is kept.
    assert "rule first:" in Path(log.removeprefix("Snakemake's log: ")).read_text("utf-8")
    assert run(tmp_path, terminal=False)[1].startswith("Nothing to be done")


def test_one_line_on_a_terminal_and_the_log_of_a_failed_job(tmp_path: Path) -> None:
    status, said = run(tmp_path, "b.txt", "bad.txt", "--keep-going", terminal=True)
    assert status != 0
    drawn = re.findall(r"\r\x1b\[K([^\r]*)", said)
    assert any(text.startswith("0 of 2 jobs done: first (b") for text in drawn)
    assert all(len(text.splitlines()[0]) < 70 for text in drawn if "jobs done" in text)
    assert "Error in rule first:" in said and "Logfile bad.log:" in said and "\nwhy\r" in said
    assert "1 of 2 jobs done, 1 failed in " in said


def test_quiet_is_quiet(tmp_path: Path) -> None:
    assert run(tmp_path, "--quiet", "all", terminal=False) == (0, "")
