"""Predict the cost of a run by adding up the jobs of Snakemake's dry run.

    snakemake -n ... | python -m mstar.running.plan

Hours follow from the cost model (config/costs.tsv) for jobs run one after another on a machine like
the one measured, with downloads at 10 MB/s. Memory is what jobs request. Both are upper bounds,
since jobs that read results are taken to read the largest spectrum.
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
    """A planned job: its rule, hours, and gigabytes of memory and disk."""

    rule: str
    hours: float
    memory: float
    disk: float


def jobs(dry_run: str) -> list[Job]:
    """Parse the jobs in the output of ``snakemake -n``; resources not stated count as 0."""
    found = []
    for rule, block in _JOB.findall(dry_run):
        stated = {name: int(value) for name, value in _RESOURCE.findall(block)}
        # Inverts CostModel.request: requests add minutes and a factor to predictions.
        minutes = max(0.0, stated.get("runtime", 0) - LEAST_MINUTES) / SPARE_TIME
        memory, disk = (stated.get(name, 0) / 1e3 for name in ("mem_mb", "disk_mb"))
        found.append(Job(rule, minutes / 60, memory, disk))
    return found


def table(planned: list[Job]) -> pd.DataFrame:
    """Tabulate the jobs of each rule, longest first, and a ``total``, with `COLUMNS`.

    jobs: their number; hours: their sum; longest_hours: of the longest job; memory_gb: request of
    the largest job; disk_gb: total size of their files.
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
