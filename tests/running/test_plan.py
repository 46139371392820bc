"""`make plan` adds up every job of a dry run, with all jobs known in advance."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path

import pytest

from mstar.running.cost_model import PATH, TERMS, Size
from mstar.running.plan import jobs, main, sentence, table
from mstar.running.schedule import duration, longest_chain, wall_seconds
from mstar.training.record import PATH_RANK
from tests.support.workflow import SMOKE, planned, run_snakemake

RUN = """\
rule encode:
    input: t.txt
    output: a, b
    resources: tmpdir=/tmp, runtime=9, seconds=120, mem_mb=1500, mem=1.5 GB, disk_mb=40, disk=40 MB

[a date]
localrule fetch:
    output: t.txt
    resources: tmpdir=/tmp, seconds=60
rule encode:
    output: c
    resources: runtime=<TBD>, seconds=90, mem_mb=3000, disk_mb=2
rule draw:
    input: b, c
    output: d
    resources: seconds=30
Job stats: rule encode:
"""
# One job after the other of the default run, and the run on two cores without set-up.
DEFAULT, DEFAULT_RUN = 434, 230


def test_jobs_are_added_up_by_rule() -> None:
    assert [job.rule for job in jobs(RUN)] == ["encode", "fetch", "encode", "draw"]
    found = table(jobs(RUN)).set_index("rule")
    assert found.loc["encode"].tolist() == pytest.approx([2, 3.5, 2.0, 3.0, 0.042])
    assert found.loc["fetch"].tolist() == pytest.approx([1, 1, 1, 0, 0])
    assert found.loc["total"].tolist() == pytest.approx([4, 5.0, 2.0, 3.0, 0.042])
    assert jobs("Nothing to be done") == []


def test_jobs_run_side_by_side_but_not_before_their_files_are_there() -> None:
    planned = jobs(RUN)
    assert longest_chain(planned) == 60 + 120 + 30
    assert [wall_seconds(planned, cores) for cores in (1, 2, 8)] == [300, 210, 210]
    assert wall_seconds([], 2) == 0
    assert sentence(planned, 2).startswith("about 3.5 min on 2 cores (1.8 min to 7.0 min, where")
    assert [duration(s) for s in (9.6, 90, 720, 5400, 1e6)] == [
        "10 s", "1.5 min", "12 min", "1.5 h", "278 h",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (RUN, 0, "about 5.0 min on 1 core ("),
        ("...\nNothing to be done (all requested files are present).\n", 0, "nothing to do: "),
        ("", 1, "the dry run failed"),
    ],
)
def test_the_plan_says_what_there_is_to_do(
    text: str,
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["1"]) == status
    assert said in "".join(capsys.readouterr())


def test_the_default_run_takes_what_is_planned(sources: Path) -> None:
    """The text of the encyclopedia has its number of words in config/corpora.yaml."""
    planned = jobs(run_snakemake(sources, "-n").stdout)
    assert 0.5 < sum(job.seconds for job in planned) / DEFAULT < 2
    assert 0.5 < wall_seconds(planned, 2) / DEFAULT_RUN < 2


def test_every_kind_of_work_leaves_something() -> None:
    assert PATH == 4 * PATH_RANK
    size = Size(1e6, 1000, 16, 100, 10)
    assert all(size.written(work) > 0 for work in TERMS if work not in ("kappa", "read"))


def test_a_plan_is_whole_before_anything_is_made(sources: Path) -> None:
    done = run_snakemake(sources, "-n", configfiles=(SMOKE,))
    assert "<TBD>" not in done.stdout
    assert Counter(job.rule for job in jobs(done.stdout)) == Counter(planned(done))


def test_the_disk_that_is_planned_is_used(sources: Path, smoke: Path) -> None:
    """Rules that write arrays use at most the planned disk, and in total not much less."""
    done = run_snakemake(sources, "-n", configfiles=(SMOKE,))
    rule = r"^rule (\w+):\n(.*?)^ +resources: .*?disk_mb=(\d+)"
    blocks = re.findall(rule, done.stdout, re.S | re.M)
    written = stated = 0.0
    for name, block, megabytes in blocks:
        (outputs,) = re.findall(r"^ +output: (.*)$", block, re.M)
        files = [smoke / file for file in outputs.split(", ")]
        size = sum(file.stat().st_size for file in files if file.suffix in {".npy", ".npz"}) / 1e6
        assert size < float(megabytes) + 0.2, (name, size, megabytes)
        written, stated = written + size, stated + float(megabytes)
    assert len(blocks) > 10 and written > 0.2 * stated
