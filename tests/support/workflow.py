"""Run the workflow in copies of its sources, never in the working tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from mstar.settings.figures import FIGURES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("Snakefile", "workflow", "config", "envs", "profiles", "tests/data")
SMOKE = "config/smoke.yaml"
DEFAULT_FIGURES = tuple(name for name, figure in FIGURES.items() if figure.default)


def offline() -> dict[str, str]:
    """Return the environment for Snakemake: no profile, one thread per library, no network."""
    own = ("PYTHONPATH", "SNAKEMAKE_PROFILE")
    environment = {key: value for key, value in os.environ.items() if key not in own}
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        environment[f"{library}_NUM_THREADS"] = "1"
    for protocol in ("http_proxy", "https_proxy"):
        environment[protocol] = environment[protocol.upper()] = "http://127.0.0.1:9"
    return environment


def run_snakemake(
    directory: Path, *arguments: str, configfiles: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run Snakemake on one core in ``directory``, without a network; stderr goes to stdout."""
    layers = ["--configfile", *configfiles] if configfiles else []
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", *arguments, *layers],
        cwd=directory,
        env=offline(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def planned(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Return how many jobs of each rule a dry run announces; empty if there is nothing to do."""
    assert done.returncode == 0, done.stdout
    table = re.search(r"^job +count\n-+ +-+\n(.*?)^total +(\d+)$", done.stdout, re.M | re.S)
    if table is None:
        assert "Nothing to be done" in done.stdout, done.stdout
        return {}
    rows = [line.split() for line in table[1].splitlines() if line.strip()]
    jobs = {rule: int(count) for rule, count in rows}
    assert sum(jobs.values()) == int(table[2])
    return jobs


def copy_sources(to: Path) -> Path:
    """Copy what the workflow needs to run, including compiled code, which stays valid."""
    for name in SOURCES:
        source, target = ROOT / name, to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))
        else:
            shutil.copy2(source, target)
    return to
