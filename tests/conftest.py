"""Fixtures that run the workflow in copies of its sources: never where the user runs it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.properties import pytest_runtest_makereport as pytest_runtest_makereport
from tests.support.workflow import SMOKE, copy_sources, run_snakemake


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what needs a run of the workflow, so that other workers have the rest to do."""
    slow = {"smoke", "every_key"}
    items.sort(key=lambda item: slow.isdisjoint(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which nothing is ever made."""
    return copy_sources(tmp_path_factory.mktemp("sources"))


def run_once(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    configfiles: tuple[str, ...],
    prepare: Callable[[Path], None] = lambda directory: None,
) -> Path:
    """Return a copy of the sources, called ``name``, in which the workflow has run.

    It runs once, whichever of pytest's workers asks first. ``prepare`` adds to the copy what the
    configuration wants beside the sources.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder of its own in it
    directory, record = base / name, base / f"{name}.json"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            prepare(copy_sources(directory))
            done = run_snakemake(directory, "--benchmark-extended", configfiles=configfiles)
            record.write_text(json.dumps([done.returncode, done.stdout]), encoding="utf-8")
    code, output = json.loads(record.read_text(encoding="utf-8"))
    assert code == 0, output
    return directory


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which the smoke workflow has run; do not change it."""
    return run_once(tmp_path_factory, "smoke", (SMOKE,))


@pytest.fixture
def smoke_copy(smoke: Path, tmp_path: Path) -> Iterator[Path]:
    """The finished smoke workflow, to be changed at will."""
    directory = tmp_path / "copy"
    shutil.copytree(smoke, directory)
    yield directory
    shutil.rmtree(directory)
