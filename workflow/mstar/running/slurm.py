"""Checks of a SLURM cluster before the first job is submitted, and causes of refused jobs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mstar.files.writing import UserError
from mstar.files.yaml_files import read_yaml

PROFILE = "profiles/slurm/config.yaml"
# Patterns of sbatch's messages when it refuses a job, and the setting that each is about.
REFUSALS = {
    r"account": f"slurm_account under default-resources in {PROFILE}",
    r"partition name|partition specified": "the names in {partitions}",
    r"time limit": "max_runtime in {partitions}",
    r"memory specification": "max_mem_mb in {partitions}",
    r"node configuration|cpu count|processors": (
        f"max_threads, max_mem_mb and max_gpu in {{partitions}}, or set-threads in {PROFILE}"
    ),
    r"qos": f"slurm-qos in {PROFILE}",
}


def partitions_here() -> list[str]:
    """Return the names of this cluster's partitions, from sinfo.

    Raises:
        UserError: sinfo does not exist or fails, so jobs cannot be submitted from this machine.
    """
    command = ["sinfo", "--noheader", "--format=%R"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        reason = "there is no sinfo on PATH"
    except subprocess.CalledProcessError as error:
        reason = f"sinfo fails ({error.stderr.strip()})"
    else:
        return sorted(set(done.stdout.split()))
    raise UserError(
        f"{reason}: submit from a login node of a SLURM cluster, or run on this machine"
        " without --workflow-profile profiles/slurm"
    )


def check(path: str | Path | None, here: Sequence[str], gpu: bool) -> None:
    """Check the file of partitions against the cluster and the needs of the jobs.

    Args:
        path: YAML with ``partitions: {name: {max_gpu: ...}}``; None if the profile names no file.
        here: names of the cluster's partitions.
        gpu: whether some jobs need a GPU.

    Raises:
        UserError: a partition does not exist, or none has a GPU and a job needs one.
    """
    if path is None:
        return
    listed = _partitions(path)
    for name in listed:
        if name not in here:
            raise UserError(
                f'{path}: "{name}": no partition of this cluster: expected one of {", ".join(here)}'
            )
    if gpu and not any(limits.get("max_gpu") for limits in listed.values()):
        raise UserError(
            f"{path}: dynamics.device is cuda, but no partition has max_gpu: give max_gpu: 1 to one"
            " with GPUs, or set dynamics.device to cpu"
        )


def refusal(text: str, partitions: str | Path | None) -> str | None:
    """Explain in one line the last refusal by sbatch in Snakemake's log; None if there is none."""
    reasons = re.findall(r"sbatch failed\. The error message was '(?:sbatch: error: )*(.+)'", text)
    if not reasons:
        return None
    said = reasons[-1].replace("sbatch: error: ", "")
    for pattern, setting in REFUSALS.items():
        if re.search(pattern, said, re.IGNORECASE):
            setting = setting.format(partitions=partitions or "the partition's limits")
            return f"sbatch refused a job ({said}): change {setting}"
    return f"sbatch refused a job ({said}): see docs/cluster.md"


def _partitions(path: str | Path) -> dict[str, Mapping[str, Any]]:
    try:
        found: Any = read_yaml(path)
        return {str(name): dict(limits) for name, limits in found["partitions"].items()}
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise UserError(
            f"{path}: expected partitions, by name, each with its limits: {error}"
        ) from None
