"""Running the workflow in copies of its sources: never where the user runs it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("Snakefile", "workflow", "config", "envs", "profiles", "tests/data")
SMOKE = "config/smoke.yaml"
FIGURES = (
    "fig1",
    "fig2",
    "fig3a",
    "fig3b",
    "fig4",
    "fig5",
    "fig6",
    "fig7",
    "fig8",
    "spectra",
    "participation",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what needs the smoke run, so that other workers have the rest to do meanwhile."""
    items.sort(key=lambda item: "smoke" not in getattr(item, "fixturenames", ()))


def offline() -> dict[str, str]:
    """Environment of a Snakemake that is nobody's: no profile, one thread a library, no network."""
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
    """Return how many jobs of each rule a dry run announces; none if there is nothing to do."""
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
    """Copy what the workflow needs to run; compiled code comes along and stays valid."""
    for name in SOURCES:
        source, target = ROOT / name, to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))
        else:
            shutil.copy2(source, target)
    return to


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which nothing is ever made."""
    return copy_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which the smoke workflow has run; do not change it.

    It runs once, whichever of pytest's workers asks first.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder of its own in it
    directory, record = base / "smoke", base / "smoke.json"
    with (base / "smoke.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            copy_sources(directory)
            done = run_snakemake(directory, "--benchmark-extended", configfiles=(SMOKE,))
            record.write_text(json.dumps([done.returncode, done.stdout]), encoding="utf-8")
    code, output = json.loads(record.read_text(encoding="utf-8"))
    assert code == 0, output
    return directory


@pytest.fixture
def smoke_copy(smoke: Path, tmp_path: Path) -> Iterator[Path]:
    """The finished smoke workflow, to be changed at will."""
    directory = tmp_path / "copy"
    shutil.copytree(smoke, directory)
    yield directory
    shutil.rmtree(directory)
