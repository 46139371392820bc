"""Predict the time of a run, and its memory and disk, from Snakemake's dry run.

    snakemake -n ... | python -m mstar.running.plan [CORES]

Each job states the processor seconds that the cost model (config/costs.tsv) expects of it. Jobs run
side by side on CORES (by default, all here) take at least their sum divided by the cores, and at
least the longest chain of jobs of which each needs the files of the one before.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import pandas as pd

from mstar.machine.cores import usable
from mstar.running.schedule import Job, duration, wall_seconds

_JOB = re.compile(r"^(?:local)?rule (\w+):$(.*?)(?=^(?:local)?rule |\Z)", re.S | re.M)
_RESOURCE = re.compile(r"\b(seconds|mem_mb|disk_mb)=(\d+)")
_FILES = re.compile(r"^ +(input|output): (.*)$", re.M)
COLUMNS = ("rule", "jobs", "minutes", "longest", "memory_gb", "disk_gb")
# Runs took from 1/RANGE to RANGE times what was predicted.
RANGE = 2.0
NOTHING = "Nothing to be done"


def jobs(dry_run: str) -> list[Job]:
    """Parse the jobs in the output of ``snakemake -n``; resources not stated count as 0."""
    found = []
    for rule, block in _JOB.findall(dry_run):
        stated = {name: int(value) for name, value in _RESOURCE.findall(block)}
        files = {name: frozenset(listed.split(", ")) for name, listed in _FILES.findall(block)}
        memory, disk = (stated.get(name, 0) / 1e3 for name in ("mem_mb", "disk_mb"))
        both = (files.get(name, frozenset()) for name in ("input", "output"))
        found.append(Job(rule, stated.get("seconds", 0), memory, disk, *both))
    return found


def table(planned: Sequence[Job]) -> pd.DataFrame:
    """Tabulate the jobs of each rule, longest first, and a ``total``, with `COLUMNS`.

    jobs: their number; minutes: the sum of one processor's; longest: those of the longest job;
    memory_gb: request of the largest job; disk_gb: total size of their files.
    """
    rows = pd.DataFrame(
        [(job.rule, job.seconds / 60, job.memory, job.disk) for job in planned],
        columns=["rule", "minutes", "memory", "disk"],
    )
    grouped = rows.groupby("rule").agg(
        jobs=("minutes", "size"),
        minutes=("minutes", "sum"),
        longest=("minutes", "max"),
        memory_gb=("memory", "max"),
        disk_gb=("disk", "sum"),
    )
    grouped = grouped.sort_values(["minutes", "jobs"], ascending=False)
    total = grouped.agg(
        {"jobs": "sum", "minutes": "sum", "longest": "max", "memory_gb": "max", "disk_gb": "sum"}
    )
    grouped.loc["total"] = total
    return grouped.astype({"jobs": int}).rename_axis("rule").reset_index()[list(COLUMNS)]


def sentence(planned: Sequence[Job], cores: int) -> str:
    """Return how long the jobs take, with its range."""
    seconds = wall_seconds(planned, cores)
    low, high = duration(seconds / RANGE), duration(seconds * RANGE)
    memory = max(job.memory for job in planned)
    return (
        f"about {duration(seconds)} on {cores} core{'s' * (cores != 1)} ({low} to {high}, where"
        f" nothing else runs), at most {memory:.1f} GB of memory for a job,"
        f" {sum(job.disk for job in planned):.1f} GB of disk"
    )


def main(arguments: Sequence[str]) -> int:
    dry_run = sys.stdin.read()
    planned = jobs(dry_run)
    if not planned and NOTHING in dry_run:
        print("nothing to do: everything is made")
        return 0
    if not planned:
        print("no job is planned: the dry run failed", file=sys.stderr)
        return 1
    (given,) = arguments or ("all",)
    cores = int(given) if given.isdigit() and int(given) else usable()
    print("minutes of one processor, expected; memory and disk at most:")
    print(table(planned).to_string(index=False, float_format=lambda value: f"{value:.2f}"))
    print(f"\n{sentence(planned, cores)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
