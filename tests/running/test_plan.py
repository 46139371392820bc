"""`make plan` adds up every job of a dry run, with all jobs known in advance."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from mstar.running.cost_model import LEAST_MINUTES, PATH, SPARE_TIME, TERMS, Size
from mstar.running.plan import jobs, table
from mstar.training.record import PATH_RANK
from tests.support.workflow import SMOKE, planned, run_snakemake

RUN = """\
rule encode:
    output: a
    resources: tmpdir=/tmp, runtime={}, mem_mb=1500, mem=1.5 GB, disk_mb=40, disk=40 MB

[a date]
localrule fetch:
    resources: tmpdir=/tmp
rule encode:
    resources: runtime=<TBD>, mem_mb=3000, disk_mb=2
Job stats: rule encode:
"""


def test_jobs_are_added_up_by_rule() -> None:
    text = RUN.format(LEAST_MINUTES + round(SPARE_TIME * 120))
    assert [job.rule for job in jobs(text)] == ["encode", "fetch", "encode"]
    found = table(jobs(text)).set_index("rule")
    assert found.loc["encode"].tolist() == pytest.approx([2, 2.0, 2.0, 3.0, 0.042])
    assert found.loc["fetch"].tolist() == pytest.approx([1, 0, 0, 0, 0])
    assert found.loc["total"].tolist() == pytest.approx([3, 2.0, 2.0, 3.0, 0.042])
    assert jobs("Nothing to be done") == []


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
