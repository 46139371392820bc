"""Messages and checks before the first job of a run, and explanations after a failed one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mstar.fetch import announce
from mstar.files.writing import UserError
from mstar.machine import gpus
from mstar.running import slurm


@dataclass(frozen=True)
class Planned:
    """A planned job: its rule, the files that it makes, and the number of GPUs it requests."""

    rule: str
    outputs: tuple[str, ...]
    gpus: int


def announcement(jobs: Sequence[Planned], sizes: Mapping[str, int]) -> str:
    """Return a line on the files that jobs will download; empty if there are none.

    Args:
        jobs: planned jobs.
        sizes: bytes of each file that can be fetched, by name; 0 if unknown.

    Raises:
        UserError: the disk is too small.
    """
    files: dict[str | Path, int] = {
        path: sizes[os.path.basename(path)]
        for job in jobs
        if job.rule.endswith("fetch_file")
        for path in job.outputs
    }
    return f"{announce.plan(files)}\n" if files else ""


def check_machines(
    jobs: Sequence[Planned], device: str, executor: str, partitions: str | Path | None
) -> None:
    """Check that the machines that will run the jobs have what the jobs need.

    Args:
        jobs: planned jobs.
        device: ``dynamics.device`` of the configuration.
        executor: Snakemake's executor: ``local``, ``slurm`` or another.
        partitions: file of SLURM's partitions, if the profile names one.

    Raises:
        UserError: a job needs a GPU and none can be used here; or a partition does not exist on
            this cluster, or none has a GPU.
    """
    gpu = any(job.gpus for job in jobs)
    if gpu and device == "cuda" and executor == "local" and not gpus.usable():
        raise UserError(
            f"dynamics.device is cuda, but {gpus.why_none()}: set it to auto or cpu (--config"
            " 'dynamics={device: cpu}'), or submit the workflow to machines that have one"
        )
    if executor == "slurm":
        slurm.check(partitions, slurm.partitions_here(), gpu)


def explain(logs: Sequence[str | Path], executor: str, partitions: str | Path | None) -> str:
    """Return the setting to change after SLURM refused a job, from Snakemake's logs; else ""."""
    if executor != "slurm":
        return ""
    text = "".join(Path(log).read_text(encoding="utf-8", errors="replace") for log in logs)
    return slurm.refusal(text, partitions) or ""
