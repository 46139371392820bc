"""What a run will take, before it: the jobs of Snakemake's dry run, added up.

    snakemake -n ... | python -m mstar.running.plan

Hours are those of the cost model (config/costs.tsv), for one job after the other on a machine like
the one measured, and of downloads at 10 MB/s; memory is what jobs ask for. Jobs that read results
count as long and as large as the largest spectrum that there is to read, so both are bounds.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

import pandas as pd

from mstar.running.cost_model import LEAST_MINUTES, SPARE_TIME

_JOB = re.compile(r"^(?:local)?rule (\w+):$(.*?)(?=^(?:local)?rule |\Z)", re.S | re.M)
_RESOURCE = re.compile(r"\b(runtime|mem_mb|disk_mb)=(\d+)")
COLUMNS = ("rule", "jobs", "hours", "longest_hours", "memory_gb", "disk_gb")


@dataclass(frozen=True)
class Job:
    """A job planned: its rule, and the hours, gigabytes of memory and of disk that it takes."""

    rule: str
    hours: float
    memory: float
    disk: float


def jobs(dry_run: str) -> list[Job]:
    """The jobs that the output of ``snakemake -n`` lists; what it does not state counts as 0."""
    found = []
    for rule, block in _JOB.findall(dry_run):
        stated = {name: int(value) for name, value in _RESOURCE.findall(block)}
        # What is asked for is a multiple of what is predicted, and at least a few minutes.
        minutes = max(0.0, stated.get("runtime", 0) - LEAST_MINUTES) / SPARE_TIME
        memory, disk = (stated.get(name, 0) / 1e3 for name in ("mem_mb", "disk_mb"))
        found.append(Job(rule, minutes / 60, memory, disk))
    return found


def table(planned: list[Job]) -> pd.DataFrame:
    """One row for each rule, longest first, and ``total``; columns as `COLUMNS`.

    jobs: how many; hours: of all of them one after the other; longest_hours: of the longest;
    memory_gb: that the largest asks for; disk_gb: that all of them leave.
    """
    rows = pd.DataFrame([vars(job) for job in planned], columns=["rule", "hours", "memory", "disk"])
    grouped = rows.groupby("rule").agg(
        jobs=("hours", "size"),
        hours=("hours", "sum"),
        longest_hours=("hours", "max"),
        memory_gb=("memory", "max"),
        disk_gb=("disk", "sum"),
    )
    grouped = grouped.sort_values(["hours", "jobs"], ascending=False)
    total = grouped.agg(
        {"jobs": "sum", "hours": "sum", "longest_hours": "max", "memory_gb": "max",
         "disk_gb": "sum"}
    )  # fmt: skip
    grouped.loc["total"] = total
    return grouped.astype({"jobs": int}).rename_axis("rule").reset_index()[list(COLUMNS)]


def main() -> int:
    planned = jobs(sys.stdin.read())
    if not planned:
        print("no job is planned: either everything is made, or the dry run failed")
        return 1
    print("at most, one job after the other:")
    print(table(planned).to_string(index=False, float_format=lambda value: f"{value:.2f}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
