"""Fixtures that run the workflow in copies of its sources, never in the working tree."""

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
    """Run tests that need a run of the workflow first, so that other workers stay busy."""
    slow = {"smoke", "every_key"}
    items.sort(key=lambda item: slow.isdisjoint(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources in which the workflow never runs."""
    return copy_sources(tmp_path_factory.mktemp("sources"))


def run_once(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    configfiles: tuple[str, ...],
    prepare: Callable[[Path], None] = lambda directory: None,
) -> Path:
    """Return a copy of the sources, called ``name``, in which the workflow has run.

    The first pytest worker to ask runs it. ``prepare`` adds to the copy the inputs that the
    configuration needs besides the sources.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # the parent is shared by all workers
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
    """Return a copy in which the smoke workflow has run; do not change it."""
    return run_once(tmp_path_factory, "smoke", (SMOKE,))


@pytest.fixture
def smoke_copy(smoke: Path, tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the finished smoke workflow that a test may change."""
    directory = tmp_path / "copy"
    shutil.copytree(smoke, directory)
    yield directory
    shutil.rmtree(directory)
